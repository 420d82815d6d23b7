"""How far something has come, by name."""

from datetime import datetime, timedelta

from sqlalchemy import select

from bot.store.engine import Store
from bot.store.ids import PlanId
from bot.store.rows import upsert
from bot.store.tables import cursors

SWEEP = "sweep"


def early_thumbs(plan: PlanId) -> str:
    """The last thumb that was there before this plan was shown."""
    return f"early-thumbs:{plan}"


async def get(store: Store, name: str) -> str | None:
    async with store.reading() as connection:
        found = await connection.execute(select(cursors.c.value).where(cursors.c.name == name))
        value: str | None = found.scalar_one_or_none()
        return value


async def put(store: Store, name: str, value: str) -> None:
    async with store.writing() as connection:
        values = {"name": name, "value": value, "updated_at": store.clock()}
        await upsert(connection, cursors, "name", values)


async def age(store: Store, name: str) -> timedelta | None:
    """How long ago it was last put."""
    async with store.reading() as connection:
        found = await connection.execute(select(cursors.c.updated_at).where(cursors.c.name == name))
        at: datetime | None = found.scalar_one_or_none()
        return None if at is None else store.clock() - at
