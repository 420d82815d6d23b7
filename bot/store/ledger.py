"""The ledger: every model call a row, reserved before it is made and settled after it."""

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.engine import Store
from bot.store.ids import ChangeId, RepositoryId, RequestId
from bot.store.rows import Stored, changed, every
from bot.store.states import CallState
from bot.store.tables import calls, repositories, requests, runs
from executor.events import RunId
from llm.errors import CapReached
from llm.meter import CallId, Caps, Finish, Intent, Settled, Spent, refusal
from llm.pricing import Cost, Priced, Usd, cost_of
from llm.routing import Phase, Tier
from llm.usage import Usage
from planner.plan import StoryId

TOKENS = calls.c.input + calls.c.cache_read + calls.c.cache_write + calls.c.output
_NO_CAPS = Caps()


@dataclass(frozen=True)
class Account:
    """Whom a call is charged to. Planning has a request and no run yet."""

    change: ChangeId
    repository: RepositoryId
    run: RunId | None = None
    request: RequestId | None = None


class CallRow(Stored):
    """One call; its tokens are the worst case until it is settled."""

    id: CallId
    change_id: ChangeId
    run_id: RunId | None
    request_id: RequestId | None
    phase: Phase
    tier: Tier
    story: StoryId | None
    attempt: int | None
    backend: str
    route: str
    model_asked: str
    model_resolved: str | None
    input: int
    cache_read: int
    cache_write: int
    output: int
    reasoning: int
    pico_usd: Usd | None
    price_source: str
    price_reason: str | None
    state: CallState
    started_at: datetime
    seconds: float | None
    finish: Finish | None

    @property
    def usage(self) -> Usage:
        return Usage(
            input=self.input,
            cache_read=self.cache_read,
            cache_write=self.cache_write,
            output=self.output,
            reasoning=self.reasoning,
        )

    @property
    def cost(self) -> Cost:
        return cost_of(
            self.usage,
            Priced(amount=self.pico_usd, source=self.price_source, reason=self.price_reason),
        )

    @property
    def usd(self) -> Usd | None:
        """Dollars; the column only counts them in small coin."""
        return self.pico_usd


class SqlMeter:
    """`llm.meter.Meter`: caps of the run, or of the request, and of the repository's day."""

    def __init__(self, store: Store, account: Account, caps: Caps, day: Caps = _NO_CAPS) -> None:
        self._store = store
        self._account = account
        self._caps = caps
        self._day = day

    async def reserve(self, intent: Intent) -> CallId:
        now = self._store.clock()
        async with self._store.writing() as connection:
            await _queue_up(connection, self._account.repository)
            spent = await _spent(connection, _scope(self._account))
            minutes = await _minutes(connection, self._account, now)
            spent = spent.model_copy(update={"minutes": minutes})
            if (refused := refusal(self._caps, spent, intent)) is not None:
                raise refused
            today = await _spent(connection, _on_day(self._account.repository, now))
            if (refused := refusal(self._day, today, intent)) is not None:
                raise CapReached(refused.cap, f"for this repository today, {refused}")
            call = CallId(secrets.token_hex(12))
            await connection.execute(
                insert(calls).values(id=call, **_reserved(self._account, intent, now))
            )
            return call

    async def settle(self, call: CallId, settled: Settled) -> None:
        """The first measured answer stands; one that comes late corrects an estimate."""
        async with self._store.writing() as connection:
            await connection.execute(
                update(calls)
                .where(calls.c.id == call, calls.c.state != CallState.settled)
                .values(**_settled(settled))
            )


async def close_lost(
    store: Store,
    *,
    run: RunId | None = None,
    story: StoryId | None = None,
    attempt: int | None = None,
    request: RequestId | None = None,
) -> int:
    """Calls whose worker died are charged at their worst: nobody will ever measure them."""
    named = {"run_id": run, "story": story, "attempt": attempt, "request_id": request}
    given = [calls.c[name] == value for name, value in named.items() if value is not None]
    if not given:
        raise ValueError("say whose calls are lost")
    async with store.writing() as connection:
        return await changed(
            connection,
            update(calls)
            .where(calls.c.state == CallState.reserved, *given)
            .values(
                state=CallState.unmeasured,
                pico_usd=calls.c.reserved_pico_usd,
                finish=Finish.unknown,
            ),
        )


async def cost_of_run(store: Store, run: RunId) -> Cost:
    return await _cost(store, calls.c.run_id == run)


async def cost_of_request(store: Store, request: RequestId) -> Cost:
    return await _cost(store, calls.c.request_id == request)


async def cost_of_change(store: Store, change: ChangeId) -> Cost:
    """Everything the change took: planning, failed attempts and all."""
    return await _cost(store, calls.c.change_id == change)


async def cost_of_day(store: Store, repository: RepositoryId, day: date) -> Cost:
    start = datetime.combine(day, time(), UTC)
    return await _cost(store, _on_day(repository, start))


async def tokens_of_run(store: Store, run: RunId) -> Usage:
    return sum((call.usage for call in await calls_of_run(store, run)), Usage())


async def calls_of_run(store: Store, run: RunId) -> tuple[CallRow, ...]:
    return await _calls(store, calls.c.run_id == run)


async def calls_of_change(store: Store, change: ChangeId) -> tuple[CallRow, ...]:
    return await _calls(store, calls.c.change_id == change)


async def stale_reservations(store: Store, before: datetime) -> tuple[CallRow, ...]:
    """Calls begun before then that nobody settled."""
    return await _calls(
        store, and_(calls.c.state == CallState.reserved, calls.c.started_at < before)
    )


async def _queue_up(connection: AsyncConnection, repository: RepositoryId) -> None:
    """Two workers must not reserve the same last dollar; on SQLite only one writes anyway."""
    await connection.execute(
        select(repositories.c.id).where(repositories.c.id == repository).with_for_update()
    )


def _scope(account: Account) -> ColumnElement[bool]:
    if account.run is not None:
        return calls.c.run_id == account.run
    if account.request is not None:
        return and_(calls.c.request_id == account.request, calls.c.run_id.is_(None))
    return and_(calls.c.change_id == account.change, calls.c.run_id.is_(None))


def _on_day(repository: RepositoryId, at: datetime) -> ColumnElement[bool]:
    start = datetime.combine(at.astimezone(UTC).date(), time(), UTC)
    return and_(
        calls.c.repository_id == repository,
        calls.c.started_at >= start,
        calls.c.started_at < start + timedelta(days=1),
    )


async def _spent(connection: AsyncConnection, condition: ColumnElement[bool]) -> Spent:
    settled, reserved = Cost(), Cost()
    price = case(
        (calls.c.state == CallState.reserved, calls.c.reserved_pico_usd), else_=calls.c.pico_usd
    )
    rows = await connection.execute(
        select(
            calls.c.state,
            func.sum(price, type_=calls.c.pico_usd.type).label("known"),
            func.sum(TOKENS).label("tokens"),
            func.sum(case((price.is_(None), TOKENS), else_=0)).label("unpriced"),
        )
        .where(condition)
        .group_by(calls.c.state)
    )
    for row in rows:
        part = Cost(
            known=row.known or Usd(Decimal(0)),
            tokens=int(row.tokens),
            unpriced_tokens=int(row.unpriced),
        )
        if row.state == CallState.reserved:
            reserved += part
        else:
            settled += part
    return Spent(settled=settled, reserved=reserved)


async def _minutes(connection: AsyncConnection, account: Account, now: datetime) -> float:
    if account.run is not None:
        begun = select(runs.c.created_at).where(runs.c.id == account.run)
    elif account.request is not None:
        begun = select(requests.c.made_at).where(requests.c.id == account.request)
    else:
        return 0
    at: datetime | None = (await connection.execute(begun)).scalar_one_or_none()
    return 0 if at is None else max((now - at).total_seconds() / 60, 0)


async def _cost(store: Store, condition: ColumnElement[bool]) -> Cost:
    over = and_(condition, calls.c.state != CallState.reserved)
    unknown = select(calls.c.price_reason).where(over, calls.c.pico_usd.is_(None)).distinct()
    async with store.reading() as connection:
        cost = (await _spent(connection, over)).settled
        reasons = (await connection.execute(unknown)).scalars()
        named = frozenset(reason or "price unknown" for reason in reasons)
    return cost.model_copy(update={"reasons": named})


async def _calls(store: Store, condition: ColumnElement[bool]) -> tuple[CallRow, ...]:
    ordered = select(calls).where(condition).order_by(calls.c.started_at, calls.c.id)
    async with store.reading() as connection:
        return await every(connection, CallRow, ordered)


def _reserved(account: Account, intent: Intent, now: datetime) -> dict[str, object]:
    return {
        "change_id": account.change,
        "run_id": account.run,
        "request_id": account.request,
        "repository_id": account.repository,
        **intent.label.model_dump(),
        "backend": intent.route.backend,
        "route": str(intent.route),
        "model_asked": intent.route.model,
        **intent.worst.model_dump(),
        "price_source": intent.priced.source,
        "price_reason": intent.priced.reason,
        "reserved_tokens": intent.worst.total,
        "reserved_pico_usd": intent.priced.amount,
        "state": CallState.reserved,
        "started_at": now,
    }


def _settled(settled: Settled) -> dict[str, object]:
    measured = settled.usage is not None
    return {
        "model_resolved": settled.model,
        **settled.tokens.model_dump(),
        "pico_usd": settled.priced.amount,
        "price_source": settled.priced.source,
        "price_reason": settled.priced.reason,
        "state": CallState.settled if measured else CallState.unmeasured,
        "seconds": settled.seconds,
        "finish": settled.finish,
    }
