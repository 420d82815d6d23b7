"""Questions about a DAG of stories."""

import pytest

from planner import graph
from planner.plan import StoryId
from tests.planner.builders import stories


def test_a_wave_needs_only_earlier_waves() -> None:
    plan = stories(s1="", s2="s1", s3="s1", s4="s2 s3", s5="")
    assert graph.waves(plan) == (("s1", "s5"), ("s2", "s3"), ("s4",))
    assert graph.width(plan) == 2


def test_a_chain_is_one_wide_and_nothing_is_zero_wide() -> None:
    assert graph.width(stories(s1="", s2="s1", s3="s2")) == 1
    assert graph.width(()) == 0


def test_what_is_needed_comes_first_and_the_rest_stays_as_listed() -> None:
    ordered = graph.in_order(stories(ui="api", docs="", api=""))
    assert [story.id for story in ordered] == ["docs", "api", "ui"]


def test_a_cycle_is_named_without_what_only_waits_for_it() -> None:
    plan = stories(s1="", s2="s1 s3", s3="s2", s4="s3")
    assert graph.cycle(plan) == ("s2", "s3")
    with pytest.raises(ValueError, match="s2, s3 wait for each other"):
        graph.in_order(plan)


def test_no_cycle_is_found_in_a_dag() -> None:
    assert graph.cycle(stories(s1="", s2="s1", s3="s1 s2")) == ()


def test_ancestors_and_descendants_reach_through() -> None:
    plan = stories(s1="", s2="s1", s3="s2", s4="")
    assert graph.ancestors(plan, StoryId("s3")) == {"s1", "s2"}
    assert graph.descendants(plan, StoryId("s1")) == {"s2", "s3"}
    assert graph.are_ordered(plan, StoryId("s3"), StoryId("s1"))
    assert not graph.are_ordered(plan, StoryId("s4"), StoryId("s1"))


def test_the_critical_path_is_the_longest_by_weight_not_by_count() -> None:
    plan = stories(s1="", s2="s1", s3="s2", long="", last="s3 long")
    weight = {"long": 10.0}
    assert graph.critical_path(plan, lambda story: weight.get(story.id, 1.0)) == ("long", "last")


def test_a_need_outside_the_plan_is_ignored() -> None:
    assert graph.waves(stories(s1="gone")) == (("s1",),)
