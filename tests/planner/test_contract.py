"""The mode is enforced by code, whatever was drafted."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm.meter import Caps
from llm.routing import Tier
from planner import graph
from planner.bounds import Bounds
from planner.choice import Choice
from planner.contract import Broken, Enforced, enforce
from planner.plan import Criterion, CriterionId, Mode, Origin, Story
from planner.problems import problems
from planner.reading import Draft
from planner.surfaces import independent
from tests.planner.builders import a_story
from tests.planner.test_folding import dags


def a_draft(*stories: Story, criteria: str = "") -> Draft:
    wanted = criteria.split() or sorted({c for story in stories for c in story.acceptance})
    return Draft(
        title="Order export",
        summary="Export orders.",
        reason="",
        stories=stories,
        criteria=tuple(
            Criterion(id=CriterionId(id), text=f"{id} holds", origin=Origin.issue) for id in wanted
        ),
    )


def bounds(*, sequential: int = 5, parallel: int = 12, hard: int = 32) -> Bounds:
    return Bounds(1, Caps(), max_sequential=sequential, max_parallel=parallel, hard_max=hard)


def run(draft: Draft, mode: Mode, limits: Bounds | None = None) -> Enforced:
    enforced = enforce(draft, Choice(mode, 0.9, ""), limits or bounds())
    assert isinstance(enforced, Enforced)
    return enforced


def rules(enforced: Enforced) -> list[tuple[str, str, str]]:
    return [(one.rule.value, one.before, one.after) for one in enforced.enforcements]


def needs(stories: Sequence[Story]) -> dict[str, tuple[str, ...]]:
    return {story.id: story.needs for story in stories}


def test_focused_collapses_several_stories_into_one() -> None:
    enforced = run(
        a_draft(
            a_story("s1", writes=["a.py"], acceptance="c1", tier=Tier.light),
            a_story("s2", "s1", writes=["b.py"], acceptance="c2", tier=Tier.heavy),
        ),
        Mode.focused,
    )
    (story,) = enforced.stories
    assert (story.title, story.writes, story.acceptance) == (
        "Order export",
        ("a.py", "b.py"),
        ("c1", "c2"),
    )
    assert story.tier is Tier.heavy
    assert rules(enforced) == [("collapsed", "2", "1")]
    assert enforced.agents == 1


def test_independent_stories_stay_parallel() -> None:
    enforced = run(a_draft(a_story("s1"), a_story("s2"), a_story("s3", "s1 s2")), Mode.parallel)
    assert enforced.mode is Mode.parallel
    assert enforced.agents == 2
    assert rules(enforced) == []


def test_agents_are_at_most_what_the_bounds_allow() -> None:
    four = a_draft(*(a_story(f"s{n}") for n in range(4)))
    assert run(four, Mode.parallel).agents == 3
    assert run(four, Mode.sequential).agents == 1


def test_overlapping_surfaces_are_serialised_with_the_paths_named() -> None:
    enforced = run(
        a_draft(
            a_story("s1", writes=["shop/"]),
            a_story("s2", writes=["shop/csv.py"]),
            a_story("s3", writes=["docs/"]),
        ),
        Mode.parallel,
    )
    assert needs(enforced.stories) == {"s1": (), "s2": ("s1",), "s3": ()}
    assert rules(enforced) == [("serialised", "s1 beside s2", "s2 after s1")]
    assert enforced.enforcements[0].paths == ("shop/", "shop/csv.py")


def test_a_serialising_edge_follows_the_plan_even_if_stories_are_listed_backwards() -> None:
    enforced = run(
        a_draft(
            a_story("ui", "api", writes=["web/ui.py", "web/shared.py"]),
            a_story("docs", writes=["docs/a.md", "web/shared.py"]),
            a_story("api", writes=["web/api.py"]),
        ),
        Mode.parallel,
    )
    assert not graph.cycle(enforced.stories)
    assert [story.id for story in enforced.stories] == ["docs", "api", "ui"]
    assert needs(enforced.stories)["ui"] == ("api", "docs")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("pyproject.toml", "uv.lock"),
        ("shop/migrations/0007_a.py", "shop/migrations/0008_b.py"),
        (".github/workflows/a.yml", ".github/workflows/b.yml"),
    ],
)
def test_two_files_of_one_hub_are_serialised(a: str, b: str) -> None:
    draft = a_draft(a_story("s1", writes=[a]), a_story("s2", writes=[b]), a_story("s3"))
    enforced = run(draft, Mode.parallel)
    assert needs(enforced.stories)["s2"] == ("s1",)


def test_a_barrel_goes_to_the_story_that_all_claimants_lead_to() -> None:
    enforced = run(
        a_draft(
            a_story("s1", writes=["shop/csv.py", "shop/__init__.py"]),
            a_story("s2", writes=["shop/json.py", "shop/__init__.py"]),
            a_story("s3", "s1 s2", writes=["shop/api.py", "shop/__init__.py"]),
        ),
        Mode.parallel,
    )
    assert enforced.mode is Mode.parallel
    assert [story.writes for story in enforced.stories] == [
        ("shop/csv.py",),
        ("shop/json.py",),
        ("shop/api.py", "shop/__init__.py"),
    ]
    assert rules(enforced) == [("hub_owned", "s3, s1, s2", "s3")]
    assert "make the changes in it that s1, s2 need" in enforced.stories[2].goal
    assert "belongs to s3" in enforced.stories[0].goal


def test_claimants_of_a_barrel_without_an_owner_are_put_in_order() -> None:
    enforced = run(
        a_draft(
            a_story("s1", writes=["shop/csv.py", "shop/__init__.py"]),
            a_story("s2", writes=["shop/json.py", "shop/__init__.py"]),
        ),
        Mode.parallel,
    )
    assert rules(enforced) == [
        ("serialised", "s1 beside s2", "s2 after s1"),
        ("degraded", "parallel", "sequential"),
    ]


def test_a_chain_is_sequential_and_one_story_is_focused() -> None:
    chain = run(a_draft(a_story("s1"), a_story("s2", "s1")), Mode.parallel)
    assert (chain.mode, chain.agents) == (Mode.sequential, 1)
    alone = run(a_draft(a_story("s1")), Mode.parallel)
    assert alone.mode is Mode.focused
    assert rules(alone) == [("degraded", "parallel", "focused")]
    assert rules(run(a_draft(a_story("s1")), Mode.sequential)) == [
        ("degraded", "sequential", "focused")
    ]


def test_an_undeclared_surface_runs_beside_nothing() -> None:
    enforced = run(a_draft(a_story("s1"), a_story("s2", writes=[]), a_story("s3")), Mode.parallel)
    assert needs(enforced.stories) == {"s1": (), "s2": ("s1",), "s3": ("s2",)}
    assert enforced.stories[1].writes == ("**",)


def test_over_the_cap_stories_are_folded_and_nothing_is_lost() -> None:
    many = [a_story(f"s{n}", acceptance=f"c{n}") for n in range(8)]
    enforced = run(a_draft(*many), Mode.sequential)
    assert len(enforced.stories) == 5
    assert {c for story in enforced.stories for c in story.acceptance} == {
        f"c{n}" for n in range(8)
    }
    assert rules(enforced) == [("folded", "8", "5")]


def test_a_plan_that_becomes_sequential_meets_the_sequential_cap() -> None:
    many = [a_story(f"s{n}", writes=["src/one.py"]) for n in range(7)]
    enforced = run(a_draft(*many), Mode.parallel)
    assert enforced.mode is Mode.sequential
    assert len(enforced.stories) == 5


def test_the_hard_maximum_holds_over_the_repositorys_own_caps() -> None:
    many = [a_story(f"s{n}") for n in range(9)]
    enforced = run(a_draft(*many), Mode.parallel, bounds(parallel=50, hard=6))
    assert len(enforced.stories) == 6


def test_a_story_that_only_runs_the_tests_is_removed() -> None:
    enforced = run(
        a_draft(
            a_story("s1", acceptance="c1"),
            a_story("s2", acceptance="c2"),
            a_story("s3", "s1 s2", writes=[], acceptance="c3", title="Run the full test suite"),
            a_story("s4", "s3"),
        ),
        Mode.parallel,
    )
    assert needs(enforced.stories) == {"s1": (), "s2": (), "s4": ("s1", "s2")}
    assert enforced.stories[1].acceptance == ("c2", "c3")
    assert rules(enforced) == [("verify_story_removed", "Run the full test suite", "s2")]


def test_a_story_that_writes_tests_is_work() -> None:
    enforced = run(
        a_draft(a_story("s1"), a_story("s2", writes=["tests/"], title="Check exports in tests")),
        Mode.parallel,
    )
    assert len(enforced.stories) == 2


def test_a_plan_of_nothing_but_verification_stays_one_story() -> None:
    draft = a_draft(
        a_story("s1", writes=[], title="Run the tests"),
        a_story("s2", writes=[], title="Verify the build"),
    )
    assert len(run(draft, Mode.sequential).stories) == 1


def test_a_need_outside_the_plan_is_dropped_and_recorded() -> None:
    enforced = run(a_draft(a_story("s1"), a_story("s2", "s1 s9")), Mode.sequential)
    assert rules(enforced) == [("repaired", "s1, s9", "s1")]


def test_a_cycle_becomes_one_story() -> None:
    enforced = run(a_draft(a_story("s1", "s2"), a_story("s2", "s1"), a_story("s3")), Mode.parallel)
    assert (enforced.mode, len(enforced.stories)) == (Mode.focused, 1)
    assert enforced.enforcements[0].stories == ("s1", "s2")


def test_a_criterion_of_several_stories_without_an_owner_breaks_the_plan() -> None:
    draft = a_draft(a_story("s1", acceptance="c1"), a_story("s2"), criteria="c1 c2")
    assert enforce(draft, Choice(Mode.parallel, 0.9, ""), bounds()) == Broken(
        ("c2 is owned by no story: c2 holds",)
    )


def test_the_only_story_owns_what_nobody_was_given() -> None:
    enforced = run(a_draft(a_story("s1", acceptance="c1"), criteria="c1 c2"), Mode.focused)
    assert enforced.stories[0].acceptance == ("c1", "c2")
    assert rules(enforced) == [("criterion_assigned", "", "c2")]


def test_sensitive_writes_are_flagged() -> None:
    enforced = run(a_draft(a_story("s1", writes=[".github/workflows/ci.yml"])), Mode.focused)
    assert enforced.stories[0].flags == ("CI",)


def test_problems_are_told_in_words_a_model_can_act_on() -> None:
    draft = a_draft(
        a_story("s1", "s9", acceptance="c1"),
        a_story("s2", "s3", writes=[]),
        a_story("s3", "s2"),
        criteria="c1 c2",
    )
    assert problems(draft, Mode.sequential, bounds(sequential=2)) == (
        "s1 needs s9, which is not in the plan",
        "s2, s3 wait for each other",
        "s2 names nothing it may write",
        "3 stories, and sequential allows 2: fold some together, drop no criterion",
        "c2 is in no story's acceptance",
    )


def test_a_focused_draft_is_not_sent_back_for_its_number_of_stories() -> None:
    draft = a_draft(a_story("s1"), a_story("s2"), criteria="c1")
    assert problems(draft, Mode.focused, bounds()) == ()


@settings(max_examples=200, deadline=None)
@given(dags(), st.sampled_from(Mode))
def test_whatever_is_drafted_the_mode_holds(stories: tuple[Story, ...], mode: Mode) -> None:
    enforced = run(a_draft(*stories), mode)
    drafted = {c for story in stories for c in story.acceptance}
    assert {c for story in enforced.stories for c in story.acceptance} == drafted
    match enforced.mode:
        case Mode.focused:
            assert len(enforced.stories) == 1
        case Mode.sequential:
            assert 2 <= len(enforced.stories) <= 5
            assert enforced.agents == 1
        case Mode.parallel:
            assert mode is Mode.parallel
            assert graph.width(enforced.stories) > 1
            for a in enforced.stories:
                for b in enforced.stories:
                    if a.id != b.id and not graph.are_ordered(enforced.stories, a.id, b.id):
                        assert independent(a.writes, b.writes)
