"""Changes whose comments are behind: a token says so until the comments have caught up with it."""

import secrets

from sqlalchemy import select, update

from bot.store.engine import Store
from bot.store.ids import ChangeId
from bot.store.rows import changed
from bot.store.tables import changes


async def mark(store: Store, change: ChangeId) -> None:
    """Something happened that people should see; each time a new token."""
    async with store.writing() as connection:
        await connection.execute(
            update(changes).where(changes.c.id == change).values(unshown=secrets.token_hex(8))
        )


async def token(store: Store, change: ChangeId) -> str | None:
    """Read before rendering: what happens afterwards leaves another one."""
    async with store.reading() as connection:
        found = await connection.execute(select(changes.c.unshown).where(changes.c.id == change))
        value: str | None = found.scalar_one_or_none()
        return value


async def clear(store: Store, change: ChangeId, seen: str) -> bool:
    """All up to that token is shown; False where there is more to show by now."""
    async with store.writing() as connection:
        cleared = await changed(
            connection,
            update(changes)
            .where(changes.c.id == change, changes.c.unshown == seen)
            .values(unshown=None),
        )
    return cleared == 1


async def every(store: Store) -> tuple[ChangeId, ...]:
    """What the sweep has to show."""
    async with store.reading() as connection:
        found = await connection.execute(
            select(changes.c.id).where(changes.c.unshown.is_not(None)).order_by(changes.c.id)
        )
        return tuple(ChangeId(one) for one in found.scalars())
