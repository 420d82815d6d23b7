"""Which recorded command proves which criterion, on the very tree that is delivered.

A criterion names a check or a test. A check's own evidence proves it. A test is proved by a green
suite that counts its tests, if the delivered tree defines that test and does not skip it; whether
it does is read from the tree with `defines`. Everything else is *not run*.
"""

import ast
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from executor.evidence import Evidence, EvidenceState
from executor.state import RunState
from planner.plan import Criterion, Origin, Plan

Read = Callable[[str], bytes | None]


@dataclass(frozen=True)
class Proof:
    """`reason` says why a criterion's proof was not run."""

    criterion: Criterion
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""

    @property
    def state(self) -> EvidenceState:
        states = {each.state for each in self.evidence}
        if EvidenceState.failed in states:
            return EvidenceState.failed
        return EvidenceState.passed if states == {EvidenceState.passed} else EvidenceState.not_run


def proofs(plan: Plan, run: RunState, tests: Collection[str]) -> tuple[Proof, ...]:
    """One proof per criterion. `tests` are the ids, named as proofs, that the tree defines."""
    evidence = _gate_evidence(run)
    return tuple(_proof(criterion, evidence, tests) for criterion in plan.criteria)


def defined_tests(plan: Plan, read: Read) -> frozenset[str]:
    """The proofs of this plan that are tests which the delivered tree defines."""
    named = {criterion.proof for criterion in plan.criteria if criterion.proof}
    return frozenset(proof for proof in named if defines(proof, read))


def closes(proofs: Iterable[Proof]) -> bool:
    """Whether the issue is answered: it asked for something, and all of that has passed."""
    asked = [proof.state for proof in proofs if proof.criterion.origin is Origin.issue]
    return bool(asked) and all(state is EvidenceState.passed for state in asked)


def defines(test: str, read: Read) -> bool:
    """Whether a file defines the test of this id, and does not skip it.

    Ids are `path/to/test.py::TestCase::test_it` or `package.module.TestCase.test_it`.
    """
    path, _, names = test.partition("::")
    if names:
        source = read(path)
        return source is not None and _has(path, source, re.sub(r"\[.*", "", names).split("::"))
    parts = test.split(".")
    for split in range(len(parts) - 1, 0, -1):
        path = f"{'/'.join(parts[:split])}.py"
        if (source := read(path)) is not None:
            return _has(path, source, parts[split:])
    return False


def _gate_evidence(run: RunState) -> tuple[Evidence, ...]:
    """Nothing, unless it was recorded on the tree that is delivered."""
    if run.gate is None or run.reconciled is None or run.gate.tree != run.reconciled.tree:
        return ()
    return run.gate.evidence


def _proof(criterion: Criterion, evidence: Sequence[Evidence], tests: Collection[str]) -> Proof:
    if criterion.proof is None:
        return Proof(criterion, reason="no test proves it")
    by_name = {each.check: each for each in evidence}
    checks = [criterion.proof] if criterion.proof in by_name else criterion.proof.split(", ")
    if all(name in by_name for name in checks):
        return Proof(criterion, tuple(by_name[name] for name in checks))
    alone = tuple(each for each in evidence if criterion.proof in each.argv)
    suites = alone or tuple(each for each in evidence if each.counts is not None)
    if not suites:
        return Proof(criterion, reason="no check ran it")
    if not alone and criterion.proof not in tests:
        return Proof(criterion, reason="that test does not exist, or is skipped")
    return Proof(criterion, suites)


def _has(path: str, source: bytes, names: Sequence[str]) -> bool:
    if not path.endswith(".py"):
        return names[-1].encode() in source
    try:
        body: Sequence[ast.stmt] = ast.parse(source).body
    except (SyntaxError, ValueError):
        return False
    for name in names:
        found = next((each for each in body if _named(each, name)), None)
        if found is None or _is_skipped(found):
            return False
        body = getattr(found, "body", [])
    return True


def _named(statement: ast.stmt, name: str) -> bool:
    definition = isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    return definition and getattr(statement, "name", "") == name


_SKIPPING = re.compile(r"\b\w*(?:skip|xfail|expectedFailure)\w*\b", re.IGNORECASE)


def _is_skipped(definition: ast.stmt) -> bool:
    decorators: list[ast.expr] = getattr(definition, "decorator_list", [])
    return any(_SKIPPING.search(ast.unparse(each)) for each in decorators)
