"""Turns to write to GitHub: one row per installation holds the moment of the next write."""

from datetime import datetime, timedelta

from sqlalchemy import select

from bot.store.engine import Store
from bot.store.rows import insert_once, upsert
from bot.store.tables import cursors


async def claim_turn(store: Store, installation: int, spacing: timedelta) -> datetime:
    """The moment this write may go out; whoever asks next gets a later one."""
    name, now = f"turn:{installation}", store.clock()
    async with store.writing() as connection:
        first = {"name": name, "value": now.isoformat(), "updated_at": now}
        await insert_once(connection, cursors, first)
        found = await connection.execute(
            select(cursors.c.value).where(cursors.c.name == name).with_for_update()
        )
        turn = max(datetime.fromisoformat(found.scalar_one()), now)
        values = {"name": name, "value": (turn + spacing).isoformat(), "updated_at": now}
        await upsert(connection, cursors, "name", values)
        return turn
