"""Uniting stories loses nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from llm.routing import Tier
from planner import graph
from planner.folding import folded, united
from planner.plan import Story
from tests.planner.builders import a_story, stories

WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=3, unique=True)


@st.composite
def dags(draw: st.DrawFn) -> tuple[Story, ...]:
    """Any DAG of up to nine stories, listed in any order."""
    made = list[Story]()
    for n in range(draw(st.integers(1, 9))):
        earlier = [story.id for story in made]
        needs = draw(st.lists(st.sampled_from(earlier), unique=True)) if earlier else []
        made.append(
            a_story(
                f"s{n}",
                " ".join(needs),
                [f"src/{word}.py" for word in draw(WORDS)],
                acceptance=" ".join(f"c{word}" for word in draw(WORDS)),
                tier=draw(st.sampled_from(Tier)),
            )
        )
    return tuple(draw(st.permutations(made)))


@settings(max_examples=200, deadline=None)
@given(dags())
def test_a_united_story_has_everything_its_parts_had(parts: tuple[Story, ...]) -> None:
    one = united(parts)
    assert set(one.writes) == {glob for story in parts for glob in story.writes}
    assert set(one.acceptance) == {c for story in parts for c in story.acceptance}
    assert one.tier == max((story.tier for story in parts), key=list(Tier).index)
    assert one.needs == ()
    assert all(story.goal in one.goal for story in parts)


@settings(max_examples=200, deadline=None)
@given(dags(), st.integers(1, 9))
def test_folding_keeps_scope_order_and_the_cap(parts: tuple[Story, ...], cap: int) -> None:
    fewer = folded(parts, cap)
    assert len(fewer) == min(cap, len(parts))
    assert not graph.cycle(fewer)
    home = {part.id: whole.id for whole in fewer for part in parts if part.goal in whole.goal}
    assert home.keys() == {part.id for part in parts}
    for part in parts:
        for need in part.needs:
            inside = home[need] == home[part.id]
            assert inside or home[need] in graph.ancestors(fewer, home[part.id])


def test_small_neighbours_are_united_before_a_big_one_grows() -> None:
    fewer = folded(stories(s1="", s2="s1", s3="", s4="s3"), 2)
    assert [(story.id, story.title) for story in fewer] == [
        ("s1", "Build s1 + Build s2"),
        ("s3", "Build s3 + Build s4"),
    ]
