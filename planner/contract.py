"""The mode as code: whatever a model drafted, this is the shape it may run in.

Every correction is recorded. Scope is folded, never dropped; an edge is added wherever
independence is not proved; what cannot be parallel degrades instead of failing. The only draft
without a shape is one where several stories leave a criterion to nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from planner import graph, hubs
from planner.bounds import Bounds
from planner.choice import Choice
from planner.folding import folded, united
from planner.ownership import with_one_owner_per_hub
from planner.plan import Criterion, Enforcement, Mode, Rule, Story
from planner.reading import Draft
from planner.shape import Shape, replaced
from planner.surfaces import overlap
from planner.verification import without_verification

EVERYTHING = "**"


@dataclass(frozen=True)
class Enforced:
    """A shape that may run."""

    mode: Mode
    stories: tuple[Story, ...]
    agents: int
    enforcements: tuple[Enforcement, ...]


@dataclass(frozen=True)
class Broken:
    """A draft that cannot be put right without inventing who does what."""

    problems: tuple[str, ...]


def enforce(draft: Draft, choice: Choice, bounds: Bounds) -> Enforced | Broken:
    shape = without_verification(Shape(choice.mode, draft.stories, choice.enforcements))
    shape = _acyclic(_with_known_needs(shape), draft.title)
    shape = _with_lone_owner(_in_mode(shape, draft.title, bounds), draft.criteria)
    if lost := unowned(shape.stories, draft.criteria):
        return Broken(tuple(f"{one.id} is owned by no story: {one.text}" for one in lost))
    stories = tuple(_flagged(story, bounds) for story in graph.in_order(shape.stories))
    wanted = graph.width(stories) if shape.mode is Mode.parallel else 1
    return Enforced(shape.mode, stories, min(bounds.agents, wanted), shape.enforcements)


def unowned(stories: Sequence[Story], criteria: Sequence[Criterion]) -> tuple[Criterion, ...]:
    owned = {criterion for story in stories for criterion in story.acceptance}
    return tuple(criterion for criterion in criteria if criterion.id not in owned)


def cap(mode: Mode, bounds: Bounds) -> int:
    """How many stories a mode may have."""
    at_most = {
        Mode.focused: 1,
        Mode.sequential: bounds.max_sequential,
        Mode.parallel: bounds.max_parallel,
    }
    return min(at_most[mode], bounds.hard_max)


def _with_known_needs(shape: Shape) -> Shape:
    known = {story.id for story in shape.stories}
    for story in shape.stories:
        real = tuple(need for need in story.needs if need in known and need != story.id)
        if real != story.needs:
            shape = shape.corrected(
                replaced(shape.stories, story.model_copy(update={"needs": real})),
                Enforcement(
                    rule=Rule.repaired,
                    stories=(story.id,),
                    before=", ".join(story.needs),
                    after=", ".join(real),
                ),
            )
    return shape


def _acyclic(shape: Shape, title: str) -> Shape:
    """Nobody knows which edge of a cycle is wrong; one story has none."""
    if not (stuck := graph.cycle(shape.stories)):
        return shape
    return shape.corrected(
        [united(shape.stories, title)],
        Enforcement(rule=Rule.degraded, stories=stuck, before=shape.mode, after=Mode.focused),
        mode=Mode.focused,
    )


def _declared(shape: Shape) -> Shape:
    """A story that names no surface may write anywhere, and so runs beside nothing."""
    for story in shape.stories:
        if not story.writes:
            shape = shape.corrected(
                replaced(shape.stories, story.model_copy(update={"writes": (EVERYTHING,)})),
                Enforcement(
                    rule=Rule.repaired, stories=(story.id,), paths=(EVERYTHING,), after=EVERYTHING
                ),
            )
    return shape


def _in_mode(shape: Shape, title: str, bounds: Bounds) -> Shape:
    if shape.mode is Mode.focused:
        return _declared(_collapsed(shape, title))
    shape = _declared(shape)
    if shape.mode is Mode.parallel:
        shape = _demonstrated(_capped(shape, bounds))
    if shape.mode is Mode.sequential:
        shape = _capped(shape, bounds)
    if len(shape.stories) == 1 and shape.mode is not Mode.focused:
        return _degraded(shape, Mode.focused)
    return shape


def _capped(shape: Shape, bounds: Bounds) -> Shape:
    at_most = cap(shape.mode, bounds)
    if len(shape.stories) <= at_most:
        return shape
    fewer = folded(shape.stories, at_most)
    left = {story.id for story in fewer}
    return shape.corrected(
        fewer,
        Enforcement(
            rule=Rule.folded,
            stories=tuple(story.id for story in shape.stories if story.id not in left),
            before=str(len(shape.stories)),
            after=str(len(fewer)),
        ),
    )


def _collapsed(shape: Shape, title: str) -> Shape:
    if len(shape.stories) == 1:
        return shape
    return shape.corrected(
        [united(graph.in_order(shape.stories), title)],
        Enforcement(
            rule=Rule.collapsed,
            stories=tuple(story.id for story in shape.stories),
            before=str(len(shape.stories)),
            after="1",
        ),
    )


def _demonstrated(shape: Shape) -> Shape:
    """Parallel is what remains when everything unproved has been put in order."""
    shape = with_one_owner_per_hub(shape)
    for a, b in combinations(graph.plan_order(shape.stories), 2):
        if not graph.are_ordered(shape.stories, a, b):
            first, second = (next(s for s in shape.stories if s.id == id) for id in (a, b))
            if clash := _clash(first, second):
                shape = _serialised(shape, first, second, clash)
    if graph.width(shape.stories) > 1:
        return shape
    return _degraded(shape, Mode.focused if len(shape.stories) == 1 else Mode.sequential)


def _clash(a: Story, b: Story) -> tuple[str, ...]:
    return overlap(a.writes, b.writes) or hubs.shared(a.writes, b.writes)


def _serialised(shape: Shape, first: Story, second: Story, clash: tuple[str, ...]) -> Shape:
    """An edge along the plan's own order, so that it can close no cycle."""
    return shape.corrected(
        replaced(shape.stories, second.model_copy(update={"needs": (*second.needs, first.id)})),
        Enforcement(
            rule=Rule.serialised,
            stories=(first.id, second.id),
            paths=clash,
            before=f"{first.id} beside {second.id}",
            after=f"{second.id} after {first.id}",
        ),
    )


def _degraded(shape: Shape, mode: Mode) -> Shape:
    return shape.corrected(
        shape.stories,
        Enforcement(
            rule=Rule.degraded,
            stories=tuple(story.id for story in shape.stories),
            before=shape.mode,
            after=mode,
        ),
        mode=mode,
    )


def _with_lone_owner(shape: Shape, criteria: Sequence[Criterion]) -> Shape:
    """The only story answers for everything."""
    lost = [criterion.id for criterion in unowned(shape.stories, criteria)]
    if not lost or len(shape.stories) > 1:
        return shape
    story = shape.stories[0]
    return shape.corrected(
        [story.model_copy(update={"acceptance": (*story.acceptance, *lost)})],
        Enforcement(rule=Rule.criterion_assigned, stories=(story.id,), after=", ".join(lost)),
    )


def _flagged(story: Story, bounds: Bounds) -> Story:
    return story.model_copy(update={"flags": hubs.flags(story.writes, bounds.protected)})
