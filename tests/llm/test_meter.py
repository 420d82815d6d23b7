"""Caps that hold before the call is made."""

from datetime import timedelta
from decimal import Decimal

import pytest

from llm.errors import CapReached
from llm.meter import (
    CallLabel,
    Caps,
    Finish,
    Intent,
    MemoryMeter,
    Settled,
    Spent,
    refusal,
)
from llm.pricing import Cost, Priced, Usd
from llm.routing import Phase
from llm.usage import Usage
from tests.llm.builders import NOON, a_route


def priced(amount: str | None) -> Priced:
    value = None if amount is None else Usd(Decimal(amount))
    return Priced(amount=value, source="test", reason=None if amount else "unknown")


def an_intent(tokens: int = 100, amount: str | None = "0.10") -> Intent:
    return Intent(
        label=CallLabel(phase=Phase.story),
        route=a_route(),
        worst=Usage(input=tokens),
        priced=priced(amount),
    )


def a_settlement(tokens: int, amount: str | None) -> Settled:
    usage = Usage(input=tokens)
    return Settled(
        usage=usage,
        estimate=usage,
        model="m",
        priced=priced(amount),
        seconds=0,
        finish=Finish.stop,
    )


@pytest.mark.parametrize(
    ("caps", "sentence"),
    [
        (
            Caps(usd=Usd(Decimal("0.12"))),
            "the next call may cost $0.1000 and the cap of $0.12 has $0.0700 left",
        ),
        (Caps(tokens=149), "the next call may take 100 tokens and the cap of 149 has 99 left"),
        (Caps(minutes=5), "the cap of 5 minutes is reached"),
    ],
)
def test_a_cap_is_named_with_what_is_left_of_it(caps: Caps, sentence: str) -> None:
    spent = Spent(
        settled=Cost(known=Usd(Decimal("0.03")), tokens=20),
        reserved=Cost(known=Usd(Decimal("0.02")), tokens=30),
        minutes=5,
    )
    assert str(refusal(caps, spent, an_intent())) == sentence


def test_a_call_that_fits_exactly_is_made() -> None:
    caps = Caps(usd=Usd(Decimal("0.10")), tokens=100)
    assert refusal(caps, Spent(), an_intent()) is None


def test_an_unknown_price_is_stopped_by_the_token_cap_only() -> None:
    caps = Caps(usd=Usd(Decimal(0)), tokens=100)
    assert refusal(caps, Spent(), an_intent(100, None)) is None
    refused = refusal(caps, Spent(), an_intent(101, None))
    assert refused is not None
    assert refused.cap == "tokens"


async def test_what_is_reserved_counts_until_it_is_settled() -> None:
    meter = MemoryMeter(Caps(tokens=250), clock=lambda: NOON)
    first = await meter.reserve(an_intent())
    await meter.reserve(an_intent())
    with pytest.raises(CapReached):
        await meter.reserve(an_intent())
    await meter.settle(first, a_settlement(10, "0.01"))
    await meter.reserve(an_intent())
    assert meter.spent.settled.tokens == 10
    assert meter.spent.reserved.tokens == 200


async def test_a_call_is_settled_once() -> None:
    meter = MemoryMeter(Caps(), clock=lambda: NOON)
    call = await meter.reserve(an_intent())
    await meter.settle(call, a_settlement(1, None))
    with pytest.raises(ValueError, match="already settled"):
        await meter.settle(call, a_settlement(1, None))


async def test_minutes_run_from_the_start() -> None:
    now = [NOON]
    meter = MemoryMeter(Caps(minutes=2), clock=lambda: now[0])
    await meter.reserve(an_intent())
    now[0] += timedelta(minutes=2)
    with pytest.raises(CapReached, match="2 minutes"):
        await meter.reserve(an_intent())
