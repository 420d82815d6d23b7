"""What proves a criterion, and what does not."""

import pytest

from bot.proofs import closes, defined_tests, defines, proofs
from executor.events import Event, FinalCommit, GateRan, Reconciled, Sha
from executor.evidence import Evidence, EvidenceState
from executor.state import RunState, fold
from planner.plan import Criterion, Origin, Plan, StoryId
from tests.support.builders import TREE, a_criterion, a_plan, entries, not_run, passed, red

FILES = {
    "tests/test_api.py": b"""
import pytest, unittest

def test_formats(): ...

@pytest.mark.skip(reason="later")
def test_later(): ...

class TestOrders(unittest.TestCase):
    async def test_total(self): ...

    @unittest.skipIf(True, "not here")
    def test_there(self): ...
""",
    "tests/test_broken.py": b"def test_it(:",
    "web/orders.test.js": b"test('totals', () => {})",
}


def a_run(*gate: Evidence, tree: str = TREE) -> RunState:
    events: tuple[Event, ...] = (
        Reconciled(
            head=Sha("d" * 40),
            tree=TREE,
            commits=(FinalCommit(story=StoryId("s1"), sha=Sha("d" * 40)),),
        ),
        GateRan(tree=tree, evidence=gate),
    )
    return fold(entries(*events))


def planned(*criteria: Criterion) -> Plan:
    return a_plan().model_copy(update={"criteria": criteria})


def state(proof: str | None, *gate: Evidence, tests: frozenset[str] = frozenset()) -> EvidenceState:
    (found,) = proofs(planned(a_criterion(proof=proof)), a_run(*gate), tests)
    return found.state


def test_a_check_that_passed_proves_what_names_it() -> None:
    assert state("suite", passed()) is EvidenceState.passed
    assert state("suite", red()) is EvidenceState.failed
    assert state("suite", not_run()) is EvidenceState.not_run


def test_all_checks_that_a_criterion_names_must_pass() -> None:
    assert state("suite, lint", passed(), passed("lint")) is EvidenceState.passed
    assert state("suite, lint", passed(), red("lint")) is EvidenceState.failed
    assert state("suite, lint", passed(), not_run("lint")) is EvidenceState.not_run
    assert state("suite, lint", passed()) is EvidenceState.not_run


def test_a_test_is_proved_by_a_green_suite_if_the_tree_defines_it() -> None:
    name = "tests/test_api.py::test_formats"
    assert state(name, passed(), tests=frozenset({name})) is EvidenceState.passed
    assert state(name, red(), tests=frozenset({name})) is EvidenceState.failed
    assert state(name, passed()) is EvidenceState.not_run


def test_a_command_that_counts_no_tests_proves_no_test() -> None:
    name = "tests/test_api.py::test_formats"
    lint = passed("lint").model_copy(update={"counts": None})
    assert state(name, lint, tests=frozenset({name})) is EvidenceState.not_run


def test_a_command_that_names_the_test_itself_proves_it_alone() -> None:
    name = "tests/test_api.py::test_formats"
    alone = passed("formats").model_copy(update={"argv": ("pytest", name)})
    assert state(name, alone, red("other")) is EvidenceState.passed


def test_evidence_of_another_tree_proves_nothing() -> None:
    run = a_run(passed(), tree="f" * 40)
    (found,) = proofs(planned(a_criterion()), run, frozenset())
    assert found.state is EvidenceState.not_run


def test_what_names_no_proof_was_not_run() -> None:
    assert state(None, passed()) is EvidenceState.not_run


@pytest.mark.parametrize(
    ("test", "is_defined"),
    [
        ("tests/test_api.py::test_formats", True),
        ("tests/test_api.py::test_formats[csv]", True),
        ("tests/test_api.py::TestOrders::test_total", True),
        ("tests.test_api.TestOrders.test_total", True),
        ("tests.test_api.test_formats", True),
        ("tests/test_api.py::test_later", False),
        ("tests.test_api.TestOrders.test_there", False),
        ("tests/test_api.py::test_absent", False),
        ("tests.test_api.test_total", False),
        ("tests/absent.py::test_it", False),
        ("tests/test_broken.py::test_it", False),
        ("web/orders.test.js::totals", True),
        ("web/orders.test.js::taxes", False),
        ("suite", False),
    ],
)
def test_a_test_counts_if_the_tree_defines_it_and_does_not_skip_it(
    test: str, is_defined: bool
) -> None:
    assert defines(test, FILES.get) is is_defined


def test_the_proofs_of_a_plan_are_looked_up_in_the_tree() -> None:
    name = "tests.test_api.TestOrders.test_total"
    plan = planned(a_criterion("c1", proof=name), a_criterion("c2"), a_criterion("c3", proof=None))
    assert defined_tests(plan, FILES.get) == {name}


def test_an_issue_is_closed_only_if_all_it_asked_for_has_passed() -> None:
    asked, assumed = a_criterion("c1"), a_criterion("c2", origin=Origin.assumed, proof=None)
    assert closes(proofs(planned(asked, assumed), a_run(passed()), frozenset()))
    assert not closes(proofs(planned(asked), a_run(red()), frozenset()))
    unproved = a_criterion("c3", proof=None)
    assert not closes(proofs(planned(asked, unproved), a_run(passed()), frozenset()))
    assert not closes(proofs(planned(assumed), a_run(passed()), frozenset()))
