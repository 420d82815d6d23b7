"""Runs a repository's checks on one tree and records what they said, in three states."""

import asyncio
import re
import signal
from collections.abc import Sequence
from contextlib import nullcontext

from executor.clip import plain
from executor.counts import parsed
from executor.evidence import Evidence, EvidenceState, TestCounts
from executor.sandbox.policy import Policy
from executor.sandbox.port import Finished, Sandbox
from executor.secrets import redact
from planner.plan import Check

TAIL = 4_000
END = 100_000
"""Closing lines are near the end; patterns need not look at megabytes."""
KILLED = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGXCPU})
"""Somebody else ended it, which says nothing of the work."""
CRASHED = frozenset(
    {signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV, signal.SIGSYS}
)
"""The program ended itself."""

_NO_MODULE = re.compile(r"No module named '?([\w.]+)'?\s*$")


async def verify(
    checks: Sequence[Check],
    tree: str,
    sandbox: Sandbox,
    policy: Policy,
    alone: asyncio.Lock | None = None,
) -> tuple[Evidence, ...]:
    """One piece of evidence per check, in order. With `alone`, heavy checks never run side by side.

    Raises:
        NoSandbox, OSError: the machine could not run a command at all.
    """
    evidence = []
    for check in checks:
        limits = policy.model_copy(update={"wall_seconds": float(check.timeout_seconds)})
        async with alone or nullcontext():
            finished = await sandbox.run(check.argv, limits)
        evidence.append(judged(check, tree, finished))
    return tuple(evidence)


def is_green(evidence: Sequence[Evidence]) -> bool:
    """Something was run, and all of it passed."""
    return bool(evidence) and all(one.state is EvidenceState.passed for one in evidence)


def first_failure(evidence: Sequence[Evidence]) -> Evidence | None:
    return next((one for one in evidence if one.state is EvidenceState.failed), None)


def was_killed(evidence: Sequence[Evidence]) -> Evidence | None:
    """A check that was ended from outside: the machine's failure, never the work's."""
    codes = {128 + number for number in KILLED}
    lost = (one for one in evidence if one.state is EvidenceState.not_run)
    return next((one for one in lost if one.exit_code in codes), None)


def judged(check: Check, tree: str, finished: Finished) -> Evidence:
    """What one finished command proves."""
    output = plain(finished.output).strip()[-END:]
    counts = parsed(output)
    state, reason = _verdict(check, finished, output, counts)
    return Evidence(
        check=check.name,
        argv=check.argv,
        state=state,
        tree=tree,
        exit_code=finished.exit_code,
        seconds=round(finished.seconds, 3),
        tail=redact(output)[-TAIL:],
        counts=counts,
        reason=redact(reason),
    )


def _verdict(
    check: Check, finished: Finished, output: str, counts: TestCounts | None
) -> tuple[EvidenceState, str]:
    if finished.stopped:
        return EvidenceState.failed, finished.stopped
    if finished.signalled in KILLED:
        return EvidenceState.not_run, f"killed by {signal.Signals(finished.signalled).name}"
    if finished.signalled in CRASHED:
        return EvidenceState.failed, f"crashed with {signal.Signals(finished.signalled).name}"
    if missing := _missing(check, finished.exit_code, output):
        return EvidenceState.not_run, f"{missing} is not installed here"
    if counts and not counts.passed and not counts.failed:
        return EvidenceState.not_run, "all tests were skipped" if counts.skipped else "no tests ran"
    if finished.exit_code:
        return EvidenceState.failed, f"exit {finished.exit_code}"
    if counts and counts.failed:
        return EvidenceState.failed, f"exit 0, but {counts.failed} failed"
    return EvidenceState.passed, ""


def _missing(check: Check, exit_code: int, output: str) -> str:
    """The tool that was not there to be run; a missing tool is no verdict on the work."""
    if exit_code == 127:
        return _named(output) or check.argv[0]
    if exit_code == 126:
        return check.argv[0]
    module = check.argv[2] if check.argv[1:2] == ("-m",) and len(check.argv) > 2 else ""
    found = _NO_MODULE.search(output)
    return module if found and module and found[1] == module else ""


def _named(output: str) -> str:
    """What a shell says it has not found: `sh: 1: jest: not found`, `make: ruff: ...`."""
    found = re.search(r"([\w.+@/-]{1,80}): (?:command )?not found", output)
    return found[1] if found else ""
