"""One owner for a list that several stories would each add their line to.

A barrel or a route table claimed by unordered stories goes to the one claimant that the DAG
already orders against all others; the others lose it, and are told. Without such a claimant nobody
loses anything: the contract then orders the claimants by an edge, like any overlap.
"""

from collections.abc import Sequence
from itertools import combinations

from planner import graph
from planner.hubs import hub
from planner.plan import Enforcement, Rule, Story
from planner.shape import Shape, replaced


def with_one_owner_per_hub(shape: Shape) -> Shape:
    for path in _movable(shape.stories):
        claimants = [story for story in shape.stories if path in story.writes]
        if owner := _owner(shape.stories, claimants):
            losers = [story for story in claimants if story.id != owner.id]
            shape = _given(shape, path, owner, losers)
    return shape


def _movable(stories: Sequence[Story]) -> tuple[str, ...]:
    paths = (path for story in stories for path in story.writes)
    return tuple(dict.fromkeys(path for path in paths if (at := hub(path)) and at.can_move))


def _owner(stories: Sequence[Story], claimants: Sequence[Story]) -> Story | None:
    """None also where every claimant is ordered already, or a loser would have nothing left."""
    ids = [story.id for story in claimants]
    if all(graph.are_ordered(stories, a, b) for a, b in combinations(ids, 2)):
        return None
    for one in reversed(claimants):
        others = [story for story in claimants if story.id != one.id]
        ordered = all(graph.are_ordered(stories, one.id, other.id) for other in others)
        if ordered and all(len(other.writes) > 1 for other in others):
            return one
    return None


def _given(shape: Shape, path: str, owner: Story, losers: Sequence[Story]) -> Shape:
    names = ", ".join(story.id for story in losers)
    stories = replaced(
        shape.stories,
        _told(owner, f"`{path}` is yours alone: make the changes in it that {names} need."),
    )
    for story in losers:
        less = tuple(glob for glob in story.writes if glob != path)
        told = _told(story, f"`{path}` belongs to {owner.id}: do not change it.")
        stories = replaced(stories, told.model_copy(update={"writes": less}))
    return shape.corrected(
        stories,
        Enforcement(
            rule=Rule.hub_owned,
            stories=(owner.id, *(story.id for story in losers)),
            paths=(path,),
            before=f"{owner.id}, {names}",
            after=owner.id,
        ),
    )


def _told(story: Story, sentence: str) -> Story:
    return story.model_copy(update={"goal": f"{story.goal}\n{sentence}"})
