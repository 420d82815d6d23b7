"""From a request to an outcome, through the real model loop with prepared words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from llm.backends import backend_for
from llm.errors import BadReply, CapReached, NoRoute
from llm.meter import Caps, MemoryMeter
from llm.pricing import Usd
from llm.routing import Phase, Route, Routes, Tier
from planner.bounds import Bounds
from planner.facts import AlreadyMerged, DeclinedByIntake, PullReference, PullState, Situation
from planner.plan import Check, Mode, Origin, Plan, digest
from planner.propose import Asked, Continued, Crew, Declined, Outcome, Proposed, Refused, propose
from planner.repository import FoundChecks
from planner.request import Request
from tests.planner.builders import NOON, MemoryRepository, a_request

SUITE = Check(name="unittest", argv=("python3", "-m", "unittest"), source="tests/")
SETUP = Check(name="pip", argv=("pip", "install", "."), source="pyproject.toml")
CAPS = Caps(usd=Usd(Decimal(1)), tokens=4_000_000, minutes=60)
SHOP = MemoryRepository({"shop/csv.py": "def rows(): ...\n", "tests/test_csv.py": "", "go.mod": ""})

Call = Mapping[str, Any]
GO: Call = {"tool": "go", "args": {"mode": "parallel", "confidence": 0.84, "reason": "two files"}}


def a_plan_call(*stories: Mapping[str, Any], **more: Any) -> Call:
    whole = {"title": "Part", "goal": "Build it.", "acceptance": ["c1"]}
    args = {
        "title": "Order export",
        "summary": "CSV and JSON export.",
        "reason": "csv and json share no file",
        "criteria": [{"id": "c1", "text": "both formats", "origin": "issue", "proof": "unittest"}],
        "stories": [whole | dict(story) for story in stories],
    }
    return {"tool": "plan", "args": args | more}


CSV = {"id": "s1", "writes": ["shop/csv.py"]}
JSON = {"id": "s2", "writes": ["shop/json.py"]}


@dataclass
class Planner:
    """The door with prepared words behind it."""

    folder: Path
    caps: Caps = CAPS
    meter: MemoryMeter = field(init=False)

    def __post_init__(self) -> None:
        self.meter = MemoryMeter(self.caps, lambda: NOON)

    async def propose(
        self,
        intake: Call = GO,
        *drafts: Call,
        request: Request | None = None,
        situation: Situation | None = None,
        bounds: Bounds | None = None,
        found: FoundChecks | None = None,
    ) -> Outcome:
        return await propose(
            request or a_request(),
            situation or Situation(subject_kind="issue", number=57),
            SHOP,
            found or FoundChecks(setup=(SETUP,), gate=(SUITE,), notes=("green on base",)),
            bounds or Bounds(revision=2, caps=self.caps),
            Crew(self._routes(intake, drafts), backend_for, self.meter),
        )

    async def plan(self, *drafts: Call, intake: Call = GO, **more: Any) -> Plan:
        outcome = await self.propose(intake, *drafts, **more)
        assert isinstance(outcome, Proposed)
        return outcome.plan

    @property
    def phases(self) -> list[str]:
        return [intent.label.phase.value for intent, _ in self.meter.calls.values()]

    def _routes(self, intake: Call, drafts: tuple[Call, ...]) -> Routes:
        scenes = [
            {"phase": "intake", "turns": [{"calls": [intake]}]},
            {"phase": "draft", "turns": [{"calls": [call]} for call in drafts]},
        ]
        script = self.folder / "script.json"
        script.write_text(json.dumps({"scenes": scenes}))
        route = Route(backend="scripted", model="prepared", script=script)
        return Routes(ladders={(phase, tier): (route,) for phase in Phase for tier in Tier})


@pytest.fixture
def planner(tmp_path: Path) -> Planner:
    return Planner(tmp_path)


def rules(plan: Plan) -> list[str]:
    return [enforcement.rule.value for enforcement in plan.enforcements]


async def test_two_calls_make_a_whole_plan(planner: Planner) -> None:
    plan = await planner.plan(a_plan_call(CSV, JSON, assumptions=["UTF-8"]))
    assert planner.phases == ["intake", "draft"]
    assert (plan.revision, plan.mode, plan.confidence) == (2, Mode.parallel, 0.84)
    assert [(s.id, s.writes, s.checks) for s in plan.stories] == [
        ("s1", ("shop/csv.py",), (SUITE,)),
        ("s2", ("shop/json.py",), (SUITE,)),
    ]
    assert (plan.agents, plan.caps, plan.base) == (2, CAPS, SHOP.base)
    assert (plan.setup, plan.gate) == ((SETUP,), (SUITE,))
    assert plan.enforcements == ()
    assert plan.facts == (
        "issue #57 is open",
        "no linked pull request",
        "Python, 3 files",
        "manifests: `go.mod`",
        "checks: `unittest`",
        "green on base",
    )
    assert plan.estimate
    assert plan.estimate.proposed.usd is None
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
    assert digest(Plan.model_validate_json(plan.model_dump_json())) == digest(plan)


async def test_the_host_adds_that_the_suite_stays_green(planner: Planner) -> None:
    plan = await planner.plan(a_plan_call(CSV, JSON))
    assert [(c.id, c.origin, c.proof) for c in plan.criteria] == [
        ("c1", Origin.issue, "unittest"),
        ("always", Origin.always, "unittest"),
    ]


async def test_without_checks_nothing_is_proved_and_the_plan_says_so(planner: Planner) -> None:
    plan = await planner.plan(a_plan_call(CSV, JSON), found=FoundChecks())
    assert plan.criteria[-1].proof is None
    assert "no checks found: nothing can prove this change" in plan.facts


async def test_what_facts_decide_costs_no_call(planner: Planner) -> None:
    url = "https://github.com/acme/shop/pull/212"
    merged = PullReference(number=212, state=PullState.merged, merged_sha="a1b2c3d", merged_at=NOON)
    opened = PullReference(number=212, state=PullState.open)
    for pull, outcome in (
        (merged, Declined(AlreadyMerged(212, "a1b2c3d", NOON))),
        (opened, Continued(212)),
    ):
        situation = Situation(subject_kind="issue", number=57, references=(pull,))
        assert await planner.propose(request=a_request(url), situation=situation) == outcome
    assert planner.phases == []


async def test_a_vague_goal_is_asked_about_with_three_questions_at_most(planner: Planner) -> None:
    ask = {"tool": "ask", "args": {"questions": ["Which?", "How slow?", "Since when?", "Why?"]}}
    outcome = await planner.propose(ask, request=a_request("Make it faster"))
    assert outcome == Asked(("Which?", "How slow?", "Since when?"))
    assert planner.phases == ["intake"]


async def test_intake_may_find_nothing_to_do(planner: Planner) -> None:
    outcome = await planner.propose({"tool": "decline", "args": {"reason": "a thank-you note"}})
    assert outcome == Declined(DeclinedByIntake("a thank-you note"))


async def test_low_confidence_is_enforced_on_the_draft(planner: Planner) -> None:
    unsure = {"tool": "go", "args": {"mode": "parallel", "confidence": 0.5, "reason": "hm"}}
    plan = await planner.plan(a_plan_call(CSV, JSON), intake=unsure)
    assert (plan.mode, plan.agents, rules(plan)) == (Mode.sequential, 1, ["low_confidence"])


async def test_an_asked_mode_wins(planner: Planner) -> None:
    plan = await planner.plan(a_plan_call(CSV, JSON), request=a_request(mode=Mode.focused))
    assert (plan.mode, len(plan.stories)) == (Mode.focused, 1)
    assert rules(plan) == ["mode_asked", "collapsed"]


async def test_a_draft_that_cannot_run_is_asked_for_once_more(planner: Planner) -> None:
    lost = a_plan_call(CSV | {"needs": ["s7"]}, JSON)
    plan = await planner.plan(lost, a_plan_call(CSV, JSON))
    assert planner.phases == ["intake", "draft", "draft"]
    assert rules(plan) == ["repaired"]
    assert plan.enforcements[0].before == "s1 needs s7, which is not in the plan"


async def test_a_second_draft_over_the_cap_is_folded(planner: Planner) -> None:
    many = a_plan_call(*({"id": f"s{n}", "writes": [f"shop/m{n}.py"]} for n in range(4)))
    bounds = Bounds(revision=1, caps=CAPS, max_parallel=3)
    plan = await planner.plan(many, many, bounds=bounds)
    assert (plan.mode, len(plan.stories)) == (Mode.parallel, 3)
    assert rules(plan) == ["repaired", "folded"]


async def test_a_criterion_nobody_owns_refuses_the_plan(planner: Planner) -> None:
    lost = a_plan_call(CSV | {"acceptance": []}, JSON | {"acceptance": []})
    outcome = await planner.propose(GO, lost, lost)
    assert outcome == Refused(("c1 is owned by no story: both formats",))


async def test_a_shape_that_stays_wrong_is_a_bad_reply(planner: Planner) -> None:
    wrong = {"tool": "plan", "args": {"title": "no stories"}}
    with pytest.raises(BadReply):
        await planner.propose(GO, wrong, wrong, wrong)
    assert planner.phases == ["intake", "draft", "draft"]


async def test_a_cap_reaches_the_caller_unchanged(tmp_path: Path) -> None:
    with pytest.raises(CapReached):
        await Planner(tmp_path, Caps(tokens=100)).propose()


async def test_without_a_model_for_the_stories_nothing_is_planned() -> None:
    crew = Crew(Routes(), backend_for, MemoryMeter(CAPS, lambda: NOON))
    bounds = Bounds(revision=1, caps=CAPS)
    situation = Situation(subject_kind="issue", number=57)
    with pytest.raises(NoRoute, match="no model is configured for story"):
        await propose(a_request(), situation, SHOP, FoundChecks(), bounds, crew)
