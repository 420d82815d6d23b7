"""The outbox: an outside effect is written down before it is made, and again after it."""

from datetime import datetime

from sqlalchemy import delete, select, update

from bot.store.engine import Store
from bot.store.ids import ChangeId
from bot.store.rows import Stored, every, insert_once, one
from bot.store.states import EffectState
from bot.store.tables import effects


class Effect(Stored):
    """`external_id` is GitHub's; `digest` is of the last body written there."""

    key: str
    change_id: ChangeId | None
    kind: str
    state: EffectState
    external_id: int | None
    digest: str | None
    intended_at: datetime
    done_at: datetime | None
    is_new: bool = False

    @property
    def may_have_happened(self) -> bool:
        """Intended before now and never confirmed: look before repeating it."""
        return self.state is EffectState.intended and not self.is_new


async def intend(store: Store, key: str, change: ChangeId | None, kind: str) -> Effect:
    """Say what is about to be done, and learn what is known of it already."""
    async with store.writing() as connection:
        is_new = await insert_once(
            connection,
            effects,
            {
                "key": key,
                "change_id": change,
                "kind": kind,
                "state": EffectState.intended,
                "intended_at": store.clock(),
            },
        )
        found = await one(connection, Effect, select(effects).where(effects.c.key == key))
        assert found is not None
        return found.model_copy(update={"is_new": is_new})


async def done(
    store: Store, key: str, external_id: int | None = None, digest: str | None = None
) -> None:
    """Say that it happened; what is not given stays as it was."""
    news = {"external_id": external_id, "digest": digest}
    given = {name: value for name, value in news.items() if value is not None}
    async with store.writing() as connection:
        await connection.execute(
            update(effects)
            .where(effects.c.key == key)
            .values(state=EffectState.done, done_at=store.clock(), **given)
        )


async def get(store: Store, key: str) -> Effect | None:
    async with store.reading() as connection:
        return await one(connection, Effect, select(effects).where(effects.c.key == key))


async def unfinished(store: Store, before: datetime) -> tuple[Effect, ...]:
    """What was intended before then and never confirmed."""
    wanted = (
        select(effects)
        .where(effects.c.state == EffectState.intended, effects.c.intended_at < before)
        .order_by(effects.c.intended_at)
    )
    async with store.reading() as connection:
        return await every(connection, Effect, wanted)


async def forget(store: Store, key: str) -> None:
    """It did not happen, or somebody undid it: the next one starts afresh."""
    async with store.writing() as connection:
        await connection.execute(delete(effects).where(effects.c.key == key))
