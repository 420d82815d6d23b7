"""What test runners say about themselves in their closing lines."""

import re
from collections.abc import Callable, Iterator

from executor.evidence import TestCounts

_UNITTEST = re.compile(r"^Ran (\d+) tests? in [\d.]+s\n+(?:OK|FAILED|NO TESTS RAN)(.*)$", re.M)
_PYTEST = re.compile(r"^=* ?((?:no tests ran|\d+ \w+)(?:, \d+ \w+)*) in [\d.]+s\b.*$", re.M)
_CARGO = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;", re.M)
_GO_TEST = re.compile(r"^\s*--- (PASS|FAIL|SKIP): ", re.M)
_GO_PACKAGE = re.compile(r"^(?:ok|FAIL|\?|---)\s+\S+\s+(?:\(cached\)|\[.*\]|[\d.]+s)", re.M)
_JEST = re.compile(r"^Tests:\s+(.*\b\d+ total)$", re.M)
_NAMED = re.compile(r"(\d+) ([a-z ]+?)(?=,|\)|$)")
_ASSIGNED = re.compile(r"([a-z ]+)=(\d+)")


def parsed(output: str) -> TestCounts | None:
    """The counts of all summaries of the first runner that is recognised; None: no verdict."""
    runners: tuple[Callable[[str], Iterator[TestCounts]], ...] = (
        _unittest,
        _pytest,
        _cargo,
        _go,
        _jest,
    )
    for runner in runners:
        if found := list(runner(output)):
            return TestCounts(
                passed=sum(one.passed for one in found),
                failed=sum(one.failed for one in found),
                skipped=sum(one.skipped for one in found),
            )
    return None


def _unittest(output: str) -> Iterator[TestCounts]:
    for match in _UNITTEST.finditer(output):
        told = {name.strip(): int(count) for name, count in _ASSIGNED.findall(match[2])}
        failed = sum(told.get(name, 0) for name in ("failures", "errors", "unexpected successes"))
        skipped = told.get("skipped", 0)
        ran = int(match[1])
        yield TestCounts(passed=max(ran - failed - skipped, 0), failed=failed, skipped=skipped)


def _pytest(output: str) -> Iterator[TestCounts]:
    for match in _PYTEST.finditer(output):
        told = {name: int(count) for count, name in _NAMED.findall(match[1])}
        yield TestCounts(
            passed=told.get("passed", 0) + told.get("xfailed", 0) + told.get("xpassed", 0),
            failed=sum(told.get(name, 0) for name in ("failed", "error", "errors")),
            skipped=told.get("skipped", 0),
        )


def _cargo(output: str) -> Iterator[TestCounts]:
    for passed, failed, ignored in _CARGO.findall(output):
        yield TestCounts(passed=int(passed), failed=int(failed), skipped=int(ignored))


def _go(output: str) -> Iterator[TestCounts]:
    """Only `-v` names the tests that passed; without it there is a verdict and no count."""
    if not _GO_PACKAGE.search(output):
        return
    ends = _GO_TEST.findall(output)
    if "PASS" in ends:
        yield TestCounts(
            passed=ends.count("PASS"), failed=ends.count("FAIL"), skipped=ends.count("SKIP")
        )
    elif all("[no test" in line for line in _go_packages(output)):
        yield TestCounts(passed=0, failed=0)


def _go_packages(output: str) -> list[str]:
    return [line for line in output.splitlines() if _GO_PACKAGE.match(line)]


def _jest(output: str) -> Iterator[TestCounts]:
    for line in _JEST.findall(output):
        told = {name: int(count) for count, name in _NAMED.findall(line)}
        yield TestCounts(
            passed=told.get("passed", 0),
            failed=told.get("failed", 0),
            skipped=told.get("skipped", 0) + told.get("todo", 0),
        )
