"""The demo's prepared plans pass the real planner on the sample, without a correction."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.comments.plan import plan_comment
from bot.comments.views import Awaiting, PlanView
from executor.checks import detect
from infra.demo.texts import EXPORT, MERGED, ROUNDING, issue, replies, sample_files
from llm.backends import backend_for
from llm.meter import Caps, MemoryMeter
from llm.pricing import Usd
from llm.routing import Phase, Route, Routes, Tier
from planner.bounds import Bounds
from planner.facts import AlreadyMerged, PullReference, PullState, Situation
from planner.graph import waves
from planner.plan import Mode, Plan, digest
from planner.propose import Asked, Crew, Declined, Outcome, Proposed, propose
from tests.planner.builders import NOON, MemoryRepository, a_request

README = Path(__file__).resolve().parents[2] / "README.md"
CAPS = Caps(usd=Usd(Decimal(1)), tokens=4_000_000, minutes=60)
SHOP = MemoryRepository(sample_files())


class Desk:
    """The planner with the demo's words behind it."""

    def __init__(self, folder: Path) -> None:
        script = folder / "replies.yaml"
        script.write_text(replies(), "utf-8")
        route = Route(backend="scripted", model="prepared replies", script=script)
        self.routes = Routes(
            ladders={
                (phase, tier): (route,)
                for phase in (Phase.intake, Phase.draft, Phase.story)
                for tier in Tier
            }
        )
        self.meter = MemoryMeter(CAPS, lambda: NOON)

    async def ask(self, title: str, goal: str, *references: PullReference) -> Outcome:
        return await propose(
            a_request(goal, title=title),
            Situation(subject_kind="issue", number=2, references=references),
            SHOP,
            detect(SHOP),
            Bounds(revision=1, caps=CAPS),
            Crew(self.routes, backend_for, self.meter),
        )

    async def plan(self, name: str) -> Plan:
        text = issue(name)
        outcome = await self.ask(text.title, text.body)
        assert isinstance(outcome, Proposed), outcome
        return outcome.plan


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def test_the_bug_is_planned_as_one_story(desk: Desk) -> None:
    plan = await desk.plan(ROUNDING)
    assert (plan.mode, [story.id for story in plan.stories]) == (Mode.focused, ["s1"])
    assert plan.enforcements == ()


async def test_the_feature_is_planned_in_three_waves(desk: Desk) -> None:
    plan = await desk.plan(EXPORT)
    assert plan.mode is Mode.parallel
    assert waves(plan.stories) == (("s1",), ("s2", "s3", "s4"), ("s5",))
    assert plan.enforcements == ()


async def test_a_plan_takes_one_call_for_intake_and_one_for_the_draft(desk: Desk) -> None:
    await desk.plan(EXPORT)
    assert len(desk.meter.calls) == 2


async def test_the_suite_is_found_as_the_gate(desk: Desk) -> None:
    (check,) = (await desk.plan(ROUNDING)).gate
    assert " ".join(check.argv) == "python3 -m unittest discover -s tests -t ."


async def test_the_link_to_a_merged_pull_is_declined_before_any_model_is_asked(desk: Desk) -> None:
    text = issue(MERGED, pull_url="https://github.com/acme/shop/pull/4")
    merged = PullReference(number=4, state=PullState.merged, merged_sha="a" * 40, merged_at=NOON)
    outcome = await desk.ask(text.title, text.body, merged)
    assert isinstance(outcome, Declined)
    assert isinstance(outcome.reason, AlreadyMerged)
    assert desk.meter.calls == {}


async def test_a_vague_wish_is_asked_about(desk: Desk) -> None:
    assert isinstance(await desk.ask("Make it faster", "It is slow."), Asked)


async def test_the_readme_shows_the_plan_that_the_demo_posts(desk: Desk) -> None:
    plan = await desk.plan(EXPORT)
    view = PlanView(
        change=2,
        plan=plan,
        digest=digest(plan),
        state=Awaiting(),
        asked_at=NOON,
        expires_at=NOON + timedelta(days=7),
    )
    posted = {without_figures(line) for line in plan_comment(view).splitlines()}
    shown = [line[2:] for line in README.read_text("utf-8").splitlines() if line.startswith("> ")]
    assert len(shown) > 25
    assert [line for line in shown if line != "…" and without_figures(line) not in posted] == []


def without_figures(line: str) -> str:
    """Estimates and digests move with every release; the words are what must be true."""
    return re.sub(r"\d[\d.]*[kM]?|(?<=· )[0-9a-f]{4}(?= ·)", "0", line)
