"""Pure questions about a DAG of stories. A need that names no story of the plan is ignored."""

from collections.abc import Callable, Mapping, Sequence

from planner.plan import Story, StoryId

Edges = Mapping[StoryId, frozenset[StoryId]]


def waves(stories: Sequence[Story]) -> tuple[tuple[StoryId, ...], ...]:
    """Stories by the longest way to them: a wave needs only earlier ones."""
    needs, depth = edges(stories), dict[StoryId, int]()
    for story in in_order(stories):
        depth[story.id] = max((depth[need] + 1 for need in needs[story.id]), default=0)
    return tuple(
        tuple(story.id for story in stories if depth[story.id] == level)
        for level in range(max(depth.values(), default=-1) + 1)
    )


def width(stories: Sequence[Story]) -> int:
    """The size of the widest wave; 1 exactly when the stories form one chain."""
    return max((len(wave) for wave in waves(stories)), default=0)


def in_order(stories: Sequence[Story]) -> tuple[Story, ...]:
    """What is needed comes first, otherwise as listed. Raises ValueError on a cycle."""
    if stuck := cycle(stories):
        raise ValueError(f"{', '.join(stuck)} wait for each other")
    needs, ordered = edges(stories), dict[StoryId, Story]()
    while len(ordered) < len(stories):
        ready = (s for s in stories if s.id not in ordered and needs[s.id] <= ordered.keys())
        story = next(ready)
        ordered[story.id] = story
    return tuple(ordered.values())


def plan_order(stories: Sequence[Story]) -> tuple[StoryId, ...]:
    """The ids of the same order: one commit per story stands in it."""
    return tuple(story.id for story in in_order(stories))


def cycle(stories: Sequence[Story]) -> tuple[StoryId, ...]:
    """The stories on a way back to themselves, or between two such ways; () when there is none."""
    stuck = _peeled(_turned(_peeled(edges(stories))))
    return tuple(story.id for story in stories if story.id in stuck)


def ancestors(stories: Sequence[Story], story: StoryId) -> frozenset[StoryId]:
    """All that must be done before it."""
    return _reachable(edges(stories), story)


def descendants(stories: Sequence[Story], story: StoryId) -> frozenset[StoryId]:
    """All that waits for it, directly or not."""
    return _reachable(_turned(edges(stories)), story)


def are_ordered(stories: Sequence[Story], a: StoryId, b: StoryId) -> bool:
    """Whether the DAG alone keeps the two from running at the same time."""
    return a in ancestors(stories, b) or b in ancestors(stories, a)


def critical_path(
    stories: Sequence[Story], weight: Callable[[Story], float]
) -> tuple[StoryId, ...]:
    """The chain of needs that takes longest: no number of agents makes a run shorter than it."""
    longest = dict[StoryId, tuple[float, tuple[StoryId, ...]]]()
    for story in in_order(stories):
        before = [longest[need] for need in story.needs if need in longest]
        length, path = max(before, key=_length, default=(0.0, ()))
        longest[story.id] = (length + weight(story), (*path, story.id))
    return max(longest.values(), key=_length, default=(0.0, ()))[1]


def _length(path: tuple[float, tuple[StoryId, ...]]) -> float:
    return path[0]


def edges(stories: Sequence[Story]) -> Edges:
    """From each story to what it needs, as far as it is in the plan."""
    known = {story.id for story in stories}
    return {story.id: frozenset(known.intersection(story.needs)) for story in stories}


def _turned(edges: Edges) -> Edges:
    return {
        story: frozenset(other for other, ends in edges.items() if story in ends) for story in edges
    }


def _reachable(edges: Edges, start: StoryId) -> frozenset[StoryId]:
    found, frontier = set[StoryId](), set(edges[start])
    while frontier:
        found |= frontier
        frontier = {end for story in frontier for end in edges[story]} - found
    return frozenset(found)


def _peeled(edges: Edges) -> Edges:
    """What is left when stories that wait for nothing left are taken away, again and again."""
    while any(not ends for ends in edges.values()):
        left = {story for story, ends in edges.items() if ends}
        edges = {story: edges[story] & left for story in left}
    return edges
