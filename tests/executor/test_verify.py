import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from executor.counts import parsed
from executor.evidence import EvidenceState
from executor.sandbox.none import Unwalled
from executor.sandbox.policy import Policy
from executor.sandbox.port import Finished
from executor.verify import first_failure, is_green, judged, verify, was_killed
from planner.plan import Check
from tests.support.builders import not_run, passed, red

SUITE = Check(name="suite", argv=("pytest", "-q"), source="pyproject.toml")
PASSED, FAILED, NOT_RUN = EvidenceState.passed, EvidenceState.failed, EvidenceState.not_run


@pytest.mark.parametrize(
    ("finished", "state", "reason"),
    [
        (Finished(0, "3 passed in 0.10s", 1.0), PASSED, ""),
        (Finished(0, "all good", 1.0), PASSED, ""),
        (Finished(1, "1 failed, 2 passed in 0.10s", 1.0), FAILED, "exit 1"),
        (Finished(0, "1 failed, 2 passed in 0.10s", 1.0), FAILED, "exit 0, but 1 failed"),
        (Finished(2, "fail 0", 1.0), FAILED, "exit 2"),
        (Finished(5, "no tests ran in 0.01s", 1.0), NOT_RUN, "no tests ran"),
        (Finished(0, "Ran 0 tests in 0.000s\n\nOK", 1.0), NOT_RUN, "no tests ran"),
        (Finished(0, "4 skipped in 0.01s", 1.0), NOT_RUN, "all tests were skipped"),
        (Finished(127, "sh: pytest: not found", 1.0), NOT_RUN, "pytest is not installed here"),
        (Finished(127, "sh: 1: jest: not found", 1.0), NOT_RUN, "jest is not installed here"),
        (Finished(126, "", 1.0), NOT_RUN, "pytest is not installed here"),
        (Finished(137, "", 1.0, signalled=9), NOT_RUN, "killed by SIGKILL"),
        (Finished(143, "", 1.0, signalled=15), NOT_RUN, "killed by SIGTERM"),
        (Finished(139, "", 1.0, signalled=11), FAILED, "crashed with SIGSEGV"),
        (Finished(129, "usage: git", 1.0, signalled=1), FAILED, "exit 129"),
        (
            Finished(137, "", 900.0, timed_out=True, stopped="timed out after 900 s", signalled=9),
            FAILED,
            "timed out after 900 s",
        ),
    ],
)  # fmt: skip
def test_a_command_proves_one_of_three_states(
    finished: Finished, state: EvidenceState, reason: str
) -> None:
    evidence = judged(SUITE, "tree", finished)
    assert (evidence.state, evidence.reason) == (state, reason)
    assert (evidence.tree, evidence.argv) == ("tree", SUITE.argv)


def test_a_runner_that_is_a_missing_module_is_not_run() -> None:
    check = SUITE.model_copy(update={"argv": ("python3", "-m", "pytest", "-q")})
    finished = Finished(1, "/usr/bin/python3: No module named pytest", 0.1)
    evidence = judged(check, "tree", finished)
    assert (evidence.state, evidence.reason) == (NOT_RUN, "pytest is not installed here")


def test_a_missing_import_in_the_code_is_a_failure() -> None:
    check = SUITE.model_copy(update={"argv": ("python3", "-m", "unittest")})
    finished = Finished(1, "ModuleNotFoundError: No module named 'shop.export'", 0.1)
    assert judged(check, "tree", finished).state is FAILED


def test_the_tail_is_short_plain_and_without_secrets() -> None:
    secret = "ghp_" + "a" * 36
    output = "x" * 10_000 + f"\n\x1b[31mFAILED\x1b[0m {secret}"
    evidence = judged(SUITE, "tree", Finished(1, output, 1.0))
    assert len(evidence.tail) == 4_000
    assert evidence.tail.endswith("FAILED [GitHub token removed]")


@pytest.mark.parametrize(
    ("output", "counts"),
    [
        ("Ran 3 tests in 0.001s\n\nOK", (3, 0, 0)),
        ("Ran 5 tests in 0.1s\n\nFAILED (failures=1, errors=1, skipped=1)", (2, 2, 1)),
        ("Ran 2 tests in 0.1s\n\nFAILED (unexpected successes=1)", (1, 1, 0)),
        ("== 3 failed, 10 passed, 1 skipped, 2 warnings in 0.12s ==", (10, 3, 1)),
        ("== 5 passed, 1 xfailed in 61.20s (0:01:01) ==", (6, 0, 0)),
        ("=== 1 error in 0.10s ===", (0, 1, 0)),
        (
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured\n"
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured",
            (4, 2, 1),
        ),
        ("--- PASS: TestA (0.00s)\n--- FAIL: TestB (0.00s)\nFAIL\tshop\t0.01s", (1, 1, 0)),
        ("?   \tshop\t[no test files]", (0, 0, 0)),
        ("Tests:       1 failed, 4 passed, 5 total", (4, 1, 0)),
    ],
)
def test_counts_come_from_the_runners_own_closing_lines(
    output: str, counts: tuple[int, int, int]
) -> None:
    found = parsed(output)
    assert found is not None
    assert (found.passed, found.failed, found.skipped) == counts


@pytest.mark.parametrize("output", ["", "ok  \tshop\t0.01s", "3 passed", "compiled in 0.3s"])
def test_no_count_is_better_than_a_guess(output: str) -> None:
    assert parsed(output) is None


def test_not_run_is_never_green() -> None:
    assert is_green([passed()])
    assert not is_green([])
    assert not is_green([passed(), not_run()])
    assert not is_green([passed(), red()])


def test_the_first_failure_is_the_one_to_tell() -> None:
    assert first_failure([passed(), red("lint"), red("suite")]) == red("lint")
    assert first_failure([passed(), not_run()]) is None


def test_a_kill_is_told_from_a_missing_tool() -> None:
    killed = judged(SUITE, "tree", Finished(137, "", 1.0, signalled=9))
    assert was_killed([passed(), not_run(), killed]) == killed
    assert was_killed([not_run(), red()]) is None


async def test_checks_run_in_order_each_with_its_own_time(tmp_path: Path) -> None:
    slow = Check(name="slow", argv=("sleep", "5"), source="x", timeout_seconds=1)
    quick = Check(name="quick", argv=("true",), source="x")
    evidence = await verify([slow, quick], "tree", Unwalled(), Policy(workspace=tmp_path))
    assert [(one.check, one.state, one.reason) for one in evidence] == [
        ("slow", FAILED, "timed out after 1 s"),
        ("quick", PASSED, ""),
    ]


@dataclass
class Crowd:
    """A sandbox that counts how many commands are inside it at once."""

    name: str = "crowd"
    gaps: tuple[str, ...] = ()
    inside: int = 0
    most: int = field(default=0)

    async def run(self, argv: Sequence[str], policy: Policy, cwd: str = ".") -> Finished:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(0)
        self.inside -= 1
        return Finished(0, "", 0.0)


async def test_heavy_checks_take_turns_where_they_must(tmp_path: Path) -> None:
    crowd, alone, policy = Crowd(), asyncio.Lock(), Policy(workspace=tmp_path)
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(verify([SUITE, SUITE], "tree", crowd, policy, alone))
    assert crowd.most == 1
