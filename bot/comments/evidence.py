"""A recorded command in words. *Not run* is said as loudly as failed."""

from collections.abc import Sequence

from bot.comments.durations import duration
from bot.markdown import code, inline
from executor.evidence import Evidence, EvidenceState


def evidence(one: Evidence) -> str:
    """`pytest -q`: 431 passed, 0 failed, 44s."""
    command = code(" ".join(one.argv) or one.check, 120)
    if one.state is EvidenceState.not_run:
        return f"{command}: **not run**, {inline(one.reason, 160) or 'for no recorded reason'}"
    said = counts(one) or one.state.value
    word = "" if one.state is EvidenceState.passed else " **failed**,"
    return f"{command}:{word} {said}, {duration(one.seconds)}"


def counts(one: Evidence) -> str:
    """`12 passed, 0 failed`, as the runner said itself."""
    if one.counts is None:
        return ""
    skipped = f", {one.counts.skipped} skipped" if one.counts.skipped else ""
    return f"{one.counts.passed} passed, {one.counts.failed} failed{skipped}"


def brief(all_of_it: Sequence[Evidence]) -> str:
    """One cell: the tests passed, or what is wrong."""
    if not all_of_it:
        return "–"
    wrong = [one for one in all_of_it if one.state is not EvidenceState.passed]
    if not wrong:
        passed = sum(one.counts.passed for one in all_of_it if one.counts)
        return f"{passed} passed" if passed else "passed"
    return "; ".join(_wrong(one) for one in wrong[:3])


def _wrong(one: Evidence) -> str:
    if one.state is EvidenceState.not_run:
        return f"{code(one.check, 60)} **not run**"
    if one.counts and one.counts.failed:
        return f"**{one.counts.failed} failed**, {one.counts.passed} passed"
    return f"{code(one.check, 60)} **failed**"
