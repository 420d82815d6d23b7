"""Webhook deliveries: recorded once, runnable until done."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select, update

from bot.store import claims
from bot.store.engine import Store
from bot.store.ids import Guid, InstallationId, RepositoryId
from bot.store.rows import Stored, changed, every, insert_once, one
from bot.store.states import DeliveryState
from bot.store.tables import deliveries


class NewDelivery(Stored):
    """What arrived, before anybody looked at it closely."""

    guid: Guid
    event: str
    action: str | None
    repository_id: RepositoryId | None
    installation_id: InstallationId | None
    payload: bytes


class Delivery(NewDelivery):
    received_at: datetime
    state: DeliveryState
    tries: int
    note: str


class WaitingDelivery(Stored):
    """A delivery nobody works on; `tries` makes the job's id new after each claim."""

    guid: Guid
    event: str
    tries: int
    received_at: datetime


async def record(store: Store, new: NewDelivery) -> bool:
    """Keep the delivery; False when it was already handled, so that nobody need be woken."""
    async with store.writing() as connection:
        if await insert_once(connection, deliveries, values_of(new, store.clock())):
            return True
        state = select(deliveries.c.state).where(deliveries.c.guid == new.guid)
        return DeliveryState((await connection.execute(state)).scalar_one()) is not (
            DeliveryState.done
        )


async def get(store: Store, guid: Guid) -> Delivery | None:
    async with store.reading() as connection:
        return await one(connection, Delivery, select(deliveries).where(deliveries.c.guid == guid))


async def next_received(store: Store, limit: int = 100) -> tuple[WaitingDelivery, ...]:
    """What waits for a handler, oldest first."""
    wanted = (
        select(deliveries.c.guid, deliveries.c.event, deliveries.c.tries, deliveries.c.received_at)
        .where(deliveries.c.state == DeliveryState.received, claims.free(deliveries, store.clock()))
        .order_by(deliveries.c.received_at)
        .limit(limit)
    )
    async with store.reading() as connection:
        return await every(connection, WaitingDelivery, wanted)


async def claim(store: Store, guid: Guid, owner: str, seconds: float) -> Delivery | None:
    """Take it for a while; None when it is done or in somebody's hands."""
    now = store.clock()
    async with store.writing() as connection:
        return await one(
            connection,
            Delivery,
            update(deliveries)
            .where(
                deliveries.c.guid == guid,
                deliveries.c.state != DeliveryState.done,
                claims.free(deliveries, now),
            )
            .values(
                tries=deliveries.c.tries + 1,
                lease_owner=owner,
                lease_until=claims.until(now, seconds),
            )
            .returning(deliveries),
        )


async def mark(store: Store, guid: Guid, state: DeliveryState, note: str = "") -> None:
    """Say how it went; `received` gives it back."""
    async with store.writing() as connection:
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.guid == guid)
            .values(state=state, note=note, **claims.NO_LEASE)
        )


async def put_back(store: Store, guid: Guid) -> None:
    """It could not be handled now, which was no try of its own."""
    async with store.writing() as connection:
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.guid == guid)
            .values(tries=deliveries.c.tries - 1, **claims.NO_LEASE)
        )


async def latest_received_at(store: Store) -> datetime | None:
    async with store.reading() as connection:
        found = await connection.execute(select(func.max(deliveries.c.received_at)))
        latest: datetime | None = found.scalar_one()
        return latest


async def prune(store: Store, before: datetime) -> int:
    """Empty the payloads of old deliveries; the row stays, or a redelivery would run again."""
    async with store.writing() as connection:
        return await changed(
            connection,
            update(deliveries)
            .where(
                deliveries.c.received_at < before,
                deliveries.c.state == DeliveryState.done,
                func.length(deliveries.c.payload) > 0,
            )
            .values(payload=b""),
        )


def values_of(new: NewDelivery, now: datetime) -> Mapping[str, object]:
    return {
        **new.model_dump(),
        "received_at": now,
        "state": DeliveryState.received,
        "tries": 0,
        "note": "",
    }
