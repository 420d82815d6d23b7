"""What a plan would take, per mode: tokens, dollars, minutes; low is P50, high is P90.

The model of a story: turns by tier, each reading the fixed prefix plus what has grown so far. Most
of what a turn reads, the turn before has read too, and comes from the cache. The figures in the
table are guesses to be replaced by a repository's own ledger.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from llm.pricing import price
from llm.routing import Route, Tier
from llm.usage import Usage
from planner import graph
from planner.plan import Estimate, Figures, Mode, Span, Story, StoryEstimate, StoryId

ORIENTATION_TURNS = 5
WORK_TURNS = {Tier.light: 4, Tier.standard: 7, Tier.heavy: 13}
SHARED_CONTEXT = 0.6  # of the work turns that remain when one agent has seen it all before
PREFIX_TOKENS = 5_000
GROWTH_TOKENS = 1_000
MOST_HISTORY_TOKENS = 24_000
OUTPUT_TOKENS = 350
CACHED = 0.8
SECONDS_PER_TURN = 6
SECONDS_OF_CHECKS = 15
P90 = Decimal(2)

RouteFor = Callable[[Tier], Route | None]


def estimate(
    stories: Sequence[Story], mode: Mode, agents: int, route_for: RouteFor, at: datetime
) -> Estimate:
    """The proposed mode, and every narrower one that the same stories could run in."""
    loads = {story.id: _load(story.tier, route_for, at) for story in stories}
    proposed = _figures(mode, agents, stories, loads)
    alternatives = tuple(_alternatives(mode, stories, loads, route_for, at))
    return Estimate(
        proposed=proposed,
        alternatives=alternatives,
        stories=tuple(
            StoryEstimate(
                story=story.id,
                model=loads[story.id].model,
                tokens=loads[story.id].tokens,
                usd=loads[story.id].usd,
                minutes=loads[story.id].minutes,
            )
            for story in stories
        ),
    )


@dataclass(frozen=True)
class _Load:
    """One agent's work."""

    model: str
    usage: Usage
    cost: Decimal | None
    seconds: float

    @property
    def tokens(self) -> Span:
        return _span(Decimal(self.usage.total))

    @property
    def usd(self) -> Span | None:
        return None if self.cost is None else _span(self.cost)

    @property
    def minutes(self) -> Span:
        return _span(_minutes(self.seconds))


def _load(tier: Tier, route_for: RouteFor, at: datetime, work_turns: int | None = None) -> _Load:
    turns = ORIENTATION_TURNS + (WORK_TURNS[tier] if work_turns is None else work_turns)
    usage, route = _usage(turns), route_for(tier)
    return _Load(
        model=route.model if route else "",
        usage=usage,
        cost=price(route, usage, at).amount if route else None,
        seconds=turns * SECONDS_PER_TURN + SECONDS_OF_CHECKS,
    )


def _usage(turns: int) -> Usage:
    history = sum(min(turn * GROWTH_TOKENS, MOST_HISTORY_TOKENS) for turn in range(turns))
    read = turns * PREFIX_TOKENS + history
    cached = int(read * CACHED)
    return Usage(input=read - cached, cache_read=cached, output=turns * OUTPUT_TOKENS)


def _alternatives(
    mode: Mode,
    stories: Sequence[Story],
    loads: dict[StoryId, _Load],
    route_for: RouteFor,
    at: datetime,
) -> Iterable[Figures]:
    if mode is Mode.parallel:
        yield _figures(Mode.sequential, 1, stories, loads)
    if mode is not Mode.focused:
        whole = _whole(stories, route_for, at)
        yield _summed(Mode.focused, 1, 1, [whole], whole.seconds)


def _whole(stories: Sequence[Story], route_for: RouteFor, at: datetime) -> _Load:
    """All stories by one agent of the highest tier: it finds its way only once."""
    highest = max((story.tier for story in stories), key=list(Tier).index)
    turns = [WORK_TURNS[story.tier] for story in stories]
    return _load(highest, route_for, at, max(int(sum(turns) * SHARED_CONTEXT), *turns, 1))


def _figures(
    mode: Mode, agents: int, stories: Sequence[Story], loads: dict[StoryId, _Load]
) -> Figures:
    seconds = {story.id: loads[story.id].seconds for story in stories}
    path = graph.critical_path(stories, lambda story: seconds[story.id])
    makespan = _makespan(stories, seconds, agents)
    every = [loads[story.id] for story in stories]
    return _summed(mode, agents, len(stories), every, makespan, path)


def _summed(
    mode: Mode,
    agents: int,
    stories: int,
    loads: Sequence[_Load],
    makespan: float,
    path: tuple[StoryId, ...] = (),
) -> Figures:
    costs = [load.cost for load in loads if load.cost is not None]
    in_order = sum(load.seconds for load in loads)
    return Figures(
        mode=mode,
        agents=agents,
        stories=stories,
        tokens=_span(Decimal(sum(load.usage.total for load in loads))),
        usd=_span(sum(costs, Decimal(0))) if len(costs) == len(loads) else None,
        minutes=_span(_minutes(makespan)),
        speedup=Decimal(in_order / makespan).quantize(Decimal("0.1")),
        critical_path=path,
    )


def _makespan(stories: Sequence[Story], seconds: dict[StoryId, float], agents: int) -> float:
    """When so many agents, each taking the first story that is ready, would be done."""
    needs, done = graph.edges(stories), dict[StoryId, float]()
    free = [0.0] * agents
    waiting = list(graph.in_order(stories))
    while waiting:
        startable = [story for story in waiting if needs[story.id] <= done.keys()]
        ready = {s.id: max((done[need] for need in needs[s.id]), default=0.0) for s in startable}
        story = min(startable, key=lambda one: ready[one.id])
        agent = min(range(agents), key=free.__getitem__)
        free[agent] = max(free[agent], ready[story.id]) + seconds[story.id]
        done[story.id] = free[agent]
        waiting.remove(story)
    return max(free)


def _span(low: Decimal) -> Span:
    return Span(low=low, high=low * P90)


def _minutes(seconds: float) -> Decimal:
    return Decimal(seconds / 60).quantize(Decimal("0.1"))
