"""What is worth asking the planner once more about, in words that it can act on."""

from collections.abc import Iterable

from planner import graph
from planner.bounds import Bounds
from planner.contract import cap, unowned
from planner.plan import Mode
from planner.reading import Draft
from planner.verification import only_verifies


def problems(draft: Draft, mode: Mode, bounds: Bounds) -> tuple[str, ...]:
    """Only what code would have to fold, guess or refuse; what it can put right is left to it."""
    found = (*draft.slips, *_needs(draft), *_surfaces(draft))
    if mode is Mode.focused or len(draft.stories) == 1:
        return found
    return (*found, *_count(draft, mode, bounds), *_ownership(draft))


def _needs(draft: Draft) -> Iterable[str]:
    known = {story.id for story in draft.stories}
    for story in draft.stories:
        for need in story.needs:
            if need not in known:
                yield f"{story.id} needs {need}, which is not in the plan"
    if stuck := graph.cycle(draft.stories):
        yield f"{', '.join(stuck)} wait for each other"


def _surfaces(draft: Draft) -> Iterable[str]:
    return (
        f"{story.id} names nothing it may write"
        for story in draft.stories
        if not story.writes and not only_verifies(story)
    )


def _count(draft: Draft, mode: Mode, bounds: Bounds) -> Iterable[str]:
    real = sum(not only_verifies(story) for story in draft.stories)
    if real > (at_most := cap(mode, bounds)):
        yield f"{real} stories, and {mode} allows {at_most}: fold some together, drop no criterion"


def _ownership(draft: Draft) -> Iterable[str]:
    lost = unowned(draft.stories, draft.criteria)
    return (f"{criterion.id} is in no story's acceptance" for criterion in lost)
