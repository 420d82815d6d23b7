"""Changes: one issue or pull request that baro works on, from the first command to the end."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pydantic import model_validator
from sqlalchemy import ColumnElement, and_, or_, select, update

from bot.store.engine import Store
from bot.store.ids import ChangeId, RepositoryId
from bot.store.rows import Stored, changed, every, insert_once, one
from bot.store.states import ChangeState, Subject
from bot.store.tables import changes
from planner.request import Person


class Change(Stored):
    """`number` is the subject's; `pull_number` is of the pull request that baro opened for it."""

    id: ChangeId
    repository_id: RepositoryId
    number: int
    subject: Subject
    state: ChangeState
    requester: Person
    pull_number: int | None
    branch: str | None
    note: str
    created_at: datetime
    updated_at: datetime

    @model_validator(mode="before")
    @classmethod
    def _person(cls, row: dict[str, Any]) -> dict[str, Any]:
        if "requester" in row:
            return row
        person = Person(id=row["requester_id"], login=row["requester_login"])
        return {**row, "requester": person}


async def open_change(
    store: Store, repository: RepositoryId, number: int, subject: Subject, requester: Person
) -> Change:
    """The change of that issue or pull request; the first to ask is its requester."""
    now = store.clock()
    async with store.writing() as connection:
        await insert_once(
            connection,
            changes,
            {
                "repository_id": repository,
                "number": number,
                "subject": subject,
                "state": ChangeState.asked,
                "requester_id": requester.id,
                "requester_login": requester.login,
                "note": "",
                "created_at": now,
                "updated_at": now,
            },
        )
        found = await one(connection, Change, select(changes).where(_numbered(repository, number)))
        assert found is not None
        return found


async def get(store: Store, change: ChangeId) -> Change | None:
    return await _find(store, changes.c.id == change)


async def by_issue(store: Store, repository: RepositoryId, number: int) -> Change | None:
    return await _find(store, _numbered(repository, number))


async def by_pull(store: Store, repository: RepositoryId, pull_number: int) -> Change | None:
    """The change whose pull request this is: one that baro opened, or one it was called to."""
    return await _find(
        store,
        and_(
            changes.c.repository_id == repository,
            or_(
                changes.c.pull_number == pull_number,
                and_(changes.c.number == pull_number, changes.c.subject == Subject.pull),
            ),
        ),
    )


async def in_state(store: Store, *states: ChangeState) -> tuple[Change, ...]:
    async with store.reading() as connection:
        return await every(
            connection,
            Change,
            select(changes).where(changes.c.state.in_(states)).order_by(changes.c.id),
        )


async def set_state(
    store: Store,
    change: ChangeId,
    state: ChangeState,
    note: str = "",
    *,
    only_from: Collection[ChangeState] | None = None,
) -> bool:
    """Move the change; False when it is in none of the states it may come from."""
    allowed = changes.c.state.in_(only_from or tuple(ChangeState))
    async with store.writing() as connection:
        moved = await changed(
            connection,
            update(changes)
            .where(changes.c.id == change, allowed)
            .values(state=state, note=note, updated_at=store.clock()),
        )
    return moved == 1


async def set_requester(store: Store, change: ChangeId, requester: Person) -> None:
    await _update(store, change, requester_id=requester.id, requester_login=requester.login)


async def set_pull(store: Store, change: ChangeId, pull_number: int, branch: str) -> None:
    await _update(store, change, pull_number=pull_number, branch=branch)


async def forget_pull(store: Store, change: ChangeId) -> None:
    """Its pull request was merged or closed, and the change is taken up again."""
    await _update(store, change, pull_number=None, branch=None)


async def _update(store: Store, change: ChangeId, **values: object) -> None:
    async with store.writing() as connection:
        await connection.execute(
            update(changes).where(changes.c.id == change).values(**values, updated_at=store.clock())
        )


async def _find(store: Store, condition: ColumnElement[bool]) -> Change | None:
    """The newest that fits: a pull request may answer to several of its issues."""
    newest = select(changes).where(condition).order_by(changes.c.id.desc()).limit(1)
    async with store.reading() as connection:
        return await one(connection, Change, newest)


def _numbered(repository: RepositoryId, number: int) -> ColumnElement[bool]:
    return and_(changes.c.repository_id == repository, changes.c.number == number)
