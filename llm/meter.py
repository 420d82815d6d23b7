"""Every call is reserved before it is made, settled after it, and refused at a cap."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType, Protocol

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt

from llm.errors import CapReached
from llm.pricing import Cost, Priced, Usd, cost_of
from llm.routing import Phase, Route, Tier
from llm.usage import Usage

CallId = NewType("CallId", str)
Clock = Callable[[], datetime]


class CallLabel(BaseModel):
    """What a call is for. The planner's own calls belong to no story and no attempt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    phase: Phase
    tier: Tier = Tier.standard
    story: str | None = None
    attempt: int | None = None


class Intent(BaseModel):
    """A call about to be made, at its worst."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: CallLabel
    route: Route
    worst: Usage
    priced: Priced


class Finish(StrEnum):
    """How one model request ended."""

    stop = "stop"
    tool_calls = "tool_calls"
    length = "length"
    filtered = "filtered"
    refused = "refused"
    cut = "cut"
    cancelled = "cancelled"
    unknown = "unknown"


class Settled(BaseModel):
    """What a call really took.

    `usage` is the vendor's own count. A cut, silent or cancelled stream has none: then it is None,
    and `estimate` is ours. `model` is the name the vendor says has answered.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    usage: Usage | None
    estimate: Usage
    model: str
    priced: Priced
    seconds: NonNegativeFloat
    finish: Finish

    @property
    def tokens(self) -> Usage:
        return self.estimate if self.usage is None else self.usage

    @property
    def cost(self) -> Cost:
        return cost_of(self.tokens, self.priced)


class Meter(Protocol):
    async def reserve(self, intent: Intent) -> CallId:
        """Hold the worst case, or raise CapReached; nothing is sent before it returns."""

    async def settle(self, call: CallId, settled: Settled) -> None:
        """Replace what was held by what was used. Called exactly once per reservation."""


class Caps(BaseModel):
    """Hard limits; None is no limit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    usd: Usd | None = None
    tokens: NonNegativeInt | None = None
    minutes: NonNegativeFloat | None = None


class Spent(BaseModel):
    """What counts against the caps now: settled calls, calls under way, time since the start."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    settled: Cost = Cost()
    reserved: Cost = Cost()
    minutes: NonNegativeFloat = 0


def refusal(caps: Caps, spent: Spent, intent: Intent) -> CapReached | None:
    """The cap that this call could pass, if any. A call of unknown price counts tokens only."""
    held, worst = spent.settled + spent.reserved, cost_of(intent.worst, intent.priced)
    if caps.minutes is not None and spent.minutes >= caps.minutes:
        return CapReached("minutes", f"the cap of {caps.minutes:g} minutes is reached")
    if caps.tokens is not None and held.tokens + worst.tokens > caps.tokens:
        return CapReached(
            "tokens",
            f"the next call may take {worst.tokens:,} tokens and the cap of {caps.tokens:,} "
            f"has {max(caps.tokens - held.tokens, 0):,} left",
        )
    if caps.usd is not None and worst.known and held.known + worst.known > caps.usd:
        left = max(caps.usd - held.known, Decimal(0))
        return CapReached(
            "usd",
            f"the next call may cost ${worst.known:.4f} and the cap of ${caps.usd:.2f} "
            f"has ${left:.4f} left",
        )
    return None


class MemoryMeter:
    """A meter for one process: planning by hand, benches, tests. A run's real meter is in SQL."""

    def __init__(self, caps: Caps, clock: Clock) -> None:
        self.calls: dict[CallId, tuple[Intent, Settled | None]] = {}
        self._caps = caps
        self._clock = clock
        self._started = clock()

    async def reserve(self, intent: Intent) -> CallId:
        if refused := refusal(self._caps, self.spent, intent):
            raise refused
        call = CallId(f"call-{len(self.calls) + 1}")
        self.calls[call] = (intent, None)
        return call

    async def settle(self, call: CallId, settled: Settled) -> None:
        intent, before = self.calls[call]
        if before is not None:
            raise ValueError(f"{call} is already settled")
        self.calls[call] = (intent, settled)

    @property
    def spent(self) -> Spent:
        settled, reserved = Cost(), Cost()
        for intent, result in self.calls.values():
            if result is None:
                reserved += cost_of(intent.worst, intent.priced)
            else:
                settled += result.cost
        elapsed = self._clock() - self._started
        return Spent(settled=settled, reserved=reserved, minutes=elapsed.total_seconds() / 60)
