"""Several stories made one: nothing that was asked, granted or waited for gets lost."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import TypeVar

from llm.routing import Tier
from planner import graph
from planner.plan import Story, StoryId

Group = tuple[Story, ...]
Part = TypeVar("Part", bound=Hashable)


def united(stories: Sequence[Story], title: str = "") -> Story:
    """One story with the goals, surfaces, acceptance, checks and needs of all; the highest tier.

    It has the first one's id. Pass stories in plan order: their goals are numbered in it.
    """
    if len(stories) == 1:
        return stories[0]
    inside = {story.id for story in stories}
    needs = (need for story in stories for need in story.needs if need not in inside)
    return Story(
        id=stories[0].id,
        title=title or " + ".join(dict.fromkeys(story.title for story in stories)),
        goal="\n".join(_numbered(stories)),
        writes=_union(story.writes for story in stories),
        needs=tuple(dict.fromkeys(needs)),
        acceptance=_union(story.acceptance for story in stories),
        checks=_union(story.checks for story in stories),
        tier=max((story.tier for story in stories), key=list(Tier).index),
        flags=_union(story.flags for story in stories),
    )


def folded(stories: Sequence[Story], at_most: int) -> tuple[Story, ...]:
    """At most so many stories, in plan order, by uniting some; the DAG stays a DAG."""
    groups: tuple[Group, ...] = tuple((story,) for story in graph.in_order(stories))
    while len(groups) > at_most:
        pairs = _foldable(condensed(groups))
        i, j = min(pairs, key=lambda pair: _price(groups[pair[0]], groups[pair[1]]))
        together = (*groups[i], *groups[j])
        groups = (*groups[:i], together, *groups[i + 1 : j], *groups[j + 1 :])
    return graph.in_order(condensed(groups))


def condensed(groups: Sequence[Group]) -> tuple[Story, ...]:
    """One story per group; who needed a member needs the group."""
    owner = {story.id: group[0].id for group in groups for story in group}
    return tuple(_pointed(united(group), owner) for group in groups)


def _pointed(story: Story, owner: Mapping[StoryId, StoryId]) -> Story:
    needs = (owner.get(need, need) for need in story.needs)
    return story.model_copy(
        update={"needs": tuple(dict.fromkeys(need for need in needs if need != story.id))}
    )


def _foldable(stories: Sequence[Story]) -> list[tuple[int, int]]:
    """Pairs that no third story stands between: uniting them closes no cycle."""
    after = {story.id: graph.descendants(stories, story.id) for story in stories}
    return [
        (i, j)
        for (i, a), (j, b) in combinations(enumerate(stories), 2)
        if not any(b.id in after[x] for x in after[a.id])
        and not any(a.id in after[x] for x in after[b.id])
    ]


def _price(a: Group, b: Group) -> tuple[int, bool, bool]:
    """Small ones first, so that no story grows to be the whole plan; then those that belong
    together: one waits for the other, or both write in one folder."""
    linked = any(one.id in other.needs for one in a for other in b)
    return len(a) + len(b), not linked, not _folders(a) & _folders(b)


def _folders(group: Group) -> set[str]:
    return {glob.rpartition("/")[0] for story in group for glob in story.writes}


def _numbered(stories: Sequence[Story]) -> Iterable[str]:
    return (f"{n}. {story.title}: {story.goal}" for n, story in enumerate(stories, 1))


def _union(parts: Iterable[tuple[Part, ...]]) -> tuple[Part, ...]:
    return tuple(dict.fromkeys(part for some in parts for part in some))
