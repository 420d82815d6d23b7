"""Requests: what people asked, once per key, worked on under a lease."""

from datetime import datetime

from sqlalchemy import select, update

from bot.store import claims
from bot.store.engine import Store
from bot.store.fences import Pulse, RequestLease
from bot.store.ids import ChangeId, RequestId
from bot.store.rows import Stored, changed, every, insert_once, one
from bot.store.states import PlanState, RequestKind, RequestState
from bot.store.tables import plans, requests


class RequestRow(Stored):
    """`body` is JSON; whoever asked knows the model behind it."""

    id: RequestId
    change_id: ChangeId
    key: str
    kind: RequestKind
    body: str
    state: RequestState
    tries: int
    note: str
    made_at: datetime


async def add(store: Store, change: ChangeId, key: str, kind: RequestKind, body: str) -> RequestRow:
    """Write the request down; the same key gives back what is there.

    Whoever asks anew does not want what waits for approval.
    """
    async with store.writing() as connection:
        is_new = await insert_once(
            connection,
            requests,
            {
                "change_id": change,
                "key": key,
                "kind": kind,
                "body": body,
                "state": RequestState.received,
                "tries": 0,
                "note": "",
                "made_at": store.clock(),
            },
        )
        if is_new:
            await connection.execute(
                update(plans)
                .where(plans.c.change_id == change, plans.c.state == PlanState.awaiting)
                .values(state=PlanState.replaced)
            )
        found = await one(connection, RequestRow, select(requests).where(requests.c.key == key))
        assert found is not None
        return found


async def get(store: Store, request: RequestId) -> RequestRow | None:
    async with store.reading() as connection:
        return await one(connection, RequestRow, select(requests).where(requests.c.id == request))


async def latest(
    store: Store, change: ChangeId, kind: RequestKind | None = None
) -> RequestRow | None:
    wanted = select(requests).where(requests.c.change_id == change)
    if kind is not None:
        wanted = wanted.where(requests.c.kind == kind)
    async with store.reading() as connection:
        return await one(connection, RequestRow, wanted.order_by(requests.c.id.desc()).limit(1))


async def unfinished(store: Store, limit: int = 100) -> tuple[RequestRow, ...]:
    """What was asked and is in nobody's hands, oldest first."""
    wanted = (
        select(requests)
        .where(requests.c.state == RequestState.received, claims.free(requests, store.clock()))
        .order_by(requests.c.made_at, requests.c.id)
        .limit(limit)
    )
    async with store.reading() as connection:
        return await every(connection, RequestRow, wanted)


async def claim(
    store: Store, request: RequestId, owner: str, seconds: float
) -> RequestLease | None:
    """Planning costs money: one worker at a time works on a request."""
    now, mine = store.clock(), claims.fresh_owner(owner)
    async with store.writing() as connection:
        taken = await changed(
            connection,
            update(requests)
            .where(
                requests.c.id == request,
                requests.c.state == RequestState.received,
                claims.free(requests, now),
            )
            .values(
                tries=requests.c.tries + 1,
                lease_owner=mine,
                lease_until=claims.until(now, seconds),
            ),
        )
    return RequestLease(request, mine) if taken else None


async def renew(store: Store, lease: RequestLease, seconds: float) -> Pulse:
    async with store.writing() as connection:
        kept = await changed(
            connection,
            update(requests)
            .where(requests.c.id == lease.request, claims.held(requests, lease.owner))
            .values(lease_until=claims.until(store.clock(), seconds)),
        )
    return Pulse.held if kept else Pulse.lost


async def release(store: Store, lease: RequestLease) -> None:
    async with store.writing() as connection:
        await connection.execute(
            update(requests)
            .where(requests.c.id == lease.request, claims.held(requests, lease.owner))
            .values(**claims.NO_LEASE)
        )


async def mark(store: Store, request: RequestId, state: RequestState, note: str = "") -> None:
    async with store.writing() as connection:
        await connection.execute(
            update(requests)
            .where(requests.c.id == request)
            .values(state=state, note=note, **claims.NO_LEASE)
        )
