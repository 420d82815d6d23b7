"""Every call is a row; a cap holds against everybody at once; unknown is never zero."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from bot.store import ledger
from bot.store.engine import Store
from bot.store.ledger import Account, SqlMeter
from bot.store.runs import Run
from bot.store.states import CallState
from llm.errors import CapReached
from llm.meter import CallId, CallLabel, Caps, Finish, Intent, Settled
from llm.pricing import Cost, Priced, Usd
from llm.routing import Phase, Route
from llm.usage import Usage
from planner.plan import StoryId
from tests.support.clock import TestClock
from tests.support.stored import REPOSITORY, a_request, a_run

ROUTE = Route(backend="scripted", model="prepared", script=Path("/replies.yaml"))
ONE_DOLLAR = Caps(usd=Usd(Decimal("1.00")))


async def test_a_settled_call_keeps_every_class_of_token(store: Store) -> None:
    run = await a_run(store)
    meter = SqlMeter(store, account(run), ONE_DOLLAR)
    call = await meter.reserve(intent("0.50"))
    used = Usage(input=10, cache_read=900, cache_write=30, output=40, reasoning=15)
    await meter.settle(call, settled(used, "0.0000000028"))
    (row,) = await ledger.calls_of_run(store, run.id)
    assert (row.state, row.usage, row.usd) == (
        CallState.settled,
        used,
        Decimal("0.0000000028"),
    )
    assert (row.story, row.attempt, row.model_asked, row.model_resolved) == (
        "api",
        2,
        "prepared",
        "prepared-2025-11",
    )
    assert await ledger.tokens_of_run(store, run.id) == used


async def test_the_last_dollar_is_reserved_once(store: Store) -> None:
    run = await a_run(store)
    meter = SqlMeter(store, account(run), ONE_DOLLAR)
    results = await asyncio.gather(
        *(meter.reserve(intent("0.30")) for _ in range(8)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, CapReached)]
    assert len(refused) == 5
    assert refused[0].cap == "usd"
    assert "the cap of $1.00 has $0.10" in str(refused[0])


async def test_what_a_call_did_not_use_is_free_again(store: Store) -> None:
    run = await a_run(store)
    meter = SqlMeter(store, account(run), ONE_DOLLAR)
    call = await meter.reserve(intent("0.90"))
    with pytest.raises(CapReached):
        await meter.reserve(intent("0.20"))
    await meter.settle(call, settled(Usage(input=100, output=1), "0.01"))
    await meter.reserve(intent("0.90"))


async def test_a_call_is_settled_once(store: Store) -> None:
    run = await a_run(store)
    meter = SqlMeter(store, account(run), ONE_DOLLAR)
    call = await meter.reserve(intent("0.50"))
    await meter.settle(call, settled(Usage(input=100), "0.10"))
    await meter.settle(call, settled(Usage(input=200), "0.20"))
    assert await ledger.cost_of_run(store, run.id) == Cost(known=Usd(Decimal("0.10")), tokens=100)


async def test_a_dead_workers_call_is_charged_at_its_worst(store: Store) -> None:
    run = await a_run(store)
    meter = SqlMeter(store, account(run), ONE_DOLLAR)
    call = await meter.reserve(intent("0.50"))
    assert await ledger.close_lost(store, run=run.id, story=StoryId("api"), attempt=1) == 0
    assert await ledger.close_lost(store, run=run.id, story=StoryId("api"), attempt=2) == 1
    assert await ledger.close_lost(store, run=run.id) == 0
    (row,) = await ledger.calls_of_run(store, run.id)
    assert (row.state, row.usd, row.usage.total) == (
        CallState.unmeasured,
        Decimal("0.50"),
        3000,
    )
    # It was only slow: the real figure is better than the estimate.
    await meter.settle(call, settled(Usage(input=100), "0.10"))
    assert await ledger.cost_of_run(store, run.id) == Cost(known=Usd(Decimal("0.10")), tokens=100)


async def test_a_cut_stream_is_unmeasured_and_counted(store: Store) -> None:
    run = await a_run(store)
    meter = SqlMeter(store, account(run), ONE_DOLLAR)
    call = await meter.reserve(intent("0.50"))
    await meter.settle(call, settled(None, "0.05"))
    (row,) = await ledger.calls_of_run(store, run.id)
    assert (row.state, row.usd, row.usage) == (
        CallState.unmeasured,
        Decimal("0.05"),
        Usage(input=700, output=7),
    )


async def test_an_unknown_price_is_never_zero(store: Store) -> None:
    run = await a_run(store)
    meter = SqlMeter(store, account(run), Caps(usd=Usd(Decimal("1.00")), tokens=5000))
    for price in ("0.10", None):
        call = await meter.reserve(intent(price))
        await meter.settle(call, settled(Usage(input=1000, output=200), price))
    cost = await ledger.cost_of_run(store, run.id)
    assert cost == Cost(
        known=Usd(Decimal("0.10")),
        tokens=2400,
        unpriced_tokens=1200,
        reasons=frozenset({"no list price"}),
    )
    assert cost.amount is None
    with pytest.raises(CapReached, match="has 2,600 left"):
        await meter.reserve(intent(None))


async def test_a_day_is_shared_by_all_runs_of_a_repository(store: Store, clock: TestClock) -> None:
    day = Caps(usd=Usd(Decimal("1.00")))
    one, other = await a_run(store), await a_run(store, "comment:9", number=13)
    call = await SqlMeter(store, account(one), Caps(), day).reserve(intent("0.80"))
    second = SqlMeter(store, account(other), Caps(), day)
    with pytest.raises(CapReached, match=r"for this repository today, .* cap of \$1.00"):
        await second.reserve(intent("0.80"))
    await SqlMeter(store, account(one), Caps()).settle(call, settled(Usage(input=9), "0.80"))
    today = clock().date()
    clock.tick(24 * 3600)
    await second.reserve(intent("0.80"))
    assert (await ledger.cost_of_day(store, REPOSITORY, today)).known == Decimal("0.80")
    assert (await ledger.cost_of_day(store, REPOSITORY, clock().date())).tokens == 0


async def test_a_runs_minutes_start_with_the_run(store: Store, clock: TestClock) -> None:
    run = await a_run(store)
    meter = SqlMeter(store, account(run), Caps(minutes=60))
    clock.tick(59 * 60)
    await meter.reserve(intent("0.10"))
    clock.tick(60)
    with pytest.raises(CapReached, match="60 minutes"):
        await meter.reserve(intent("0.10"))


async def test_planning_is_charged_to_the_request_and_the_change(store: Store) -> None:
    request = await a_request(store)
    planning = Account(request.change_id, REPOSITORY, request=request.id)
    meter = SqlMeter(store, planning, ONE_DOLLAR)
    call = await meter.reserve(intent("0.60", story=None))
    with pytest.raises(CapReached):
        await meter.reserve(intent("0.60", story=None))
    await meter.settle(call, settled(Usage(input=5), "0.02"))
    run = await a_run(store)
    running = SqlMeter(store, account(run), ONE_DOLLAR)
    await running.settle(await running.reserve(intent("0.99")), settled(Usage(input=5), "0.03"))
    assert (await ledger.cost_of_request(store, request.id)).known == Decimal("0.02")
    assert (await ledger.cost_of_run(store, run.id)).known == Decimal("0.03")
    assert (await ledger.cost_of_change(store, run.change_id)).known == Decimal("0.05")
    assert len(await ledger.calls_of_change(store, run.change_id)) == 2


async def test_reservations_that_nobody_settled_are_found(store: Store, clock: TestClock) -> None:
    run = await a_run(store)
    call = await SqlMeter(store, account(run), ONE_DOLLAR).reserve(intent("0.50"))
    assert await ledger.stale_reservations(store, clock()) == ()
    found: list[CallId] = [row.id for row in await ledger.stale_reservations(store, clock.tick(60))]
    assert found == [call]


def account(run: Run) -> Account:
    return Account(run.change_id, REPOSITORY, run=run.id)


def intent(price: str | None, story: str | None = "api") -> Intent:
    attempt = None if story is None else 2
    return Intent(
        label=CallLabel(phase=Phase.story, story=story, attempt=attempt),
        route=ROUTE,
        worst=Usage(input=2000, output=1000),
        priced=priced(price),
    )


def settled(usage: Usage | None, price: str | None) -> Settled:
    return Settled(
        usage=usage,
        estimate=Usage(input=700, output=7),
        model="prepared-2025-11",
        priced=priced(price),
        seconds=1.5,
        finish=Finish.stop,
    )


def priced(price: str | None) -> Priced:
    if price is None:
        return Priced(amount=None, source="none", reason="no list price")
    return Priced(amount=Usd(Decimal(price)), source="list 2025-11")
