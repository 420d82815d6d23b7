"""A recorded command: the only thing that may back a claim that something works."""

from enum import StrEnum

from planner.plan import Frozen


class EvidenceState(StrEnum):
    """Not run is its own state and is never green."""

    passed = "passed"
    failed = "failed"
    not_run = "not_run"


class TestCounts(Frozen):
    """What a test runner said about itself, parsed from its own closing lines."""

    # pytest would take the name for a class of tests.
    __test__ = False

    passed: int
    failed: int
    skipped: int = 0


class Evidence(Frozen):
    """One check's outcome on one tree. `reason` says why it was not run, `tail` how it ended."""

    check: str
    argv: tuple[str, ...]
    state: EvidenceState
    tree: str
    exit_code: int | None = None
    seconds: float = 0.0
    tail: str = ""
    counts: TestCounts | None = None
    reason: str = ""
