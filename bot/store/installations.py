"""Where the App is installed, and the repositories it may see there."""

from datetime import datetime

from sqlalchemy import func, select, update

from bot.store.engine import Store
from bot.store.ids import InstallationId, RepositoryId
from bot.store.rows import Stored, every, one, upsert
from bot.store.states import InstallationState, RepositoryState
from bot.store.tables import installations, repositories


class Installation(Stored):
    """`limited_until`: GitHub asked for a pause in writing on its behalf."""

    id: InstallationId
    account: str
    state: InstallationState
    limited_until: datetime | None


class Repository(Stored):
    id: RepositoryId
    installation_id: InstallationId
    owner: str
    name: str
    state: RepositoryState

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


async def seen(
    store: Store,
    installation: InstallationId,
    account: str,
    state: InstallationState = InstallationState.active,
) -> Installation:
    """Write down what GitHub says of it now."""
    values = {"id": installation, "account": account, "state": state}
    async with store.writing() as connection:
        await upsert(connection, installations, "id", values)
        found = select(installations).where(installations.c.id == installation)
        return Installation.model_validate(dict((await connection.execute(found)).mappings().one()))


async def get(store: Store, installation: InstallationId) -> Installation | None:
    async with store.reading() as connection:
        return await one(
            connection,
            Installation,
            select(installations).where(installations.c.id == installation),
        )


async def every_installation(store: Store) -> tuple[Installation, ...]:
    async with store.reading() as connection:
        return await every(
            connection, Installation, select(installations).order_by(installations.c.id)
        )


async def set_state(store: Store, installation: InstallationId, state: InstallationState) -> None:
    await _update(store, installation, state=state)


async def limit(store: Store, installation: InstallationId, until: datetime | None) -> None:
    """No writes for this installation before then; over the limit, work waits in the database."""
    await _update(store, installation, limited_until=until)


async def repository_seen(
    store: Store,
    repository: RepositoryId,
    installation: InstallationId,
    owner: str,
    name: str,
    state: RepositoryState = RepositoryState.active,
) -> Repository:
    """Write down what GitHub calls it now: renames and transfers keep the id."""
    seen_now = Repository(
        id=repository, installation_id=installation, owner=owner, name=name, state=state
    )
    async with store.writing() as connection:
        await upsert(connection, repositories, "id", seen_now.model_dump())
    return seen_now


async def repository(store: Store, wanted: RepositoryId) -> Repository | None:
    async with store.reading() as connection:
        return await one(
            connection, Repository, select(repositories).where(repositories.c.id == wanted)
        )


async def repository_named(store: Store, owner: str, name: str) -> Repository | None:
    """By the name people use, in any case; the newest, when an old name was taken over."""
    async with store.reading() as connection:
        return await one(
            connection,
            Repository,
            select(repositories)
            .where(
                func.lower(repositories.c.owner) == owner.lower(),
                func.lower(repositories.c.name) == name.lower(),
            )
            .order_by(repositories.c.state, repositories.c.id.desc())
            .limit(1),
        )


async def repositories_of(store: Store, installation: InstallationId) -> tuple[Repository, ...]:
    async with store.reading() as connection:
        return await every(
            connection,
            Repository,
            select(repositories)
            .where(repositories.c.installation_id == installation)
            .order_by(repositories.c.id),
        )


async def set_repository_state(store: Store, wanted: RepositoryId, state: RepositoryState) -> None:
    async with store.writing() as connection:
        await connection.execute(
            update(repositories).where(repositories.c.id == wanted).values(state=state)
        )


async def _update(store: Store, installation: InstallationId, **values: object) -> None:
    async with store.writing() as connection:
        await connection.execute(
            update(installations).where(installations.c.id == installation).values(**values)
        )
