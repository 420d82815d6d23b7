"""Plans: one per request, numbered within the change, at most one of them awaiting."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pydantic import model_validator
from sqlalchemy import ColumnElement, Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import claims
from bot.store.engine import Store
from bot.store.ids import ChangeId, PlanId, RequestId
from bot.store.rows import Stored, changed, every, one
from bot.store.states import ChangeState, PlanState, RequestState
from bot.store.tables import changes, plans, requests, runs
from planner.plan import Digest, Plan, digest


class PlanRow(Stored):
    """A stored plan: what will be executed is this, never text read back from a comment."""

    id: PlanId
    change_id: ChangeId
    request_id: RequestId
    revision: int
    digest: Digest
    plan: Plan
    state: PlanState
    base_sha: str
    comment_id: int | None
    posted_at: datetime | None
    created_at: datetime

    @model_validator(mode="before")
    @classmethod
    def _parsed(cls, row: dict[str, Any]) -> dict[str, Any]:
        return row if "plan" in row else {**row, "plan": Plan.model_validate_json(row["body"])}


async def next_revision(store: Store, change: ChangeId) -> int:
    async with store.reading() as connection:
        revision: int = (await connection.execute(_last_revision(change))).scalar_one()
        return revision + 1


class NotWanted(Exception):
    """The request was withdrawn while its plan was made."""


async def add(store: Store, change: ChangeId, request: RequestId, plan: Plan) -> PlanRow:
    """The request's plan, once: it replaces what was awaiting, and the request is done.

    It gets its revision here, where two proposals cannot get the same one.

    Raises:
        NotWanted: somebody cancelled the request meanwhile.
    """
    now = store.clock()
    async with store.writing() as connection:
        await connection.execute(
            select(changes.c.id).where(changes.c.id == change).with_for_update()
        )
        known = select(plans).where(plans.c.request_id == request)
        if (found := await one(connection, PlanRow, known)) is not None:
            return found
        state = select(requests.c.state).where(requests.c.id == request)
        if (await connection.execute(state)).scalar_one() != RequestState.received:
            raise NotWanted(f"request {request} was withdrawn")
        await connection.execute(
            update(plans)
            .where(plans.c.change_id == change, plans.c.state == PlanState.awaiting)
            .values(state=PlanState.replaced)
        )
        revision: int = (await connection.execute(_last_revision(change))).scalar_one() + 1
        numbered = plan.model_copy(update={"revision": revision})
        await connection.execute(insert(plans).values(**_values(change, request, numbered, now)))
        await _move(connection, change, request, now)
        added = await one(connection, PlanRow, known)
        assert added is not None
        return added


async def latest(store: Store, change: ChangeId) -> PlanRow | None:
    return await _find(store, plans.c.change_id == change)


async def by_id(store: Store, plan: PlanId) -> PlanRow | None:
    return await _find(store, plans.c.id == plan)


async def by_revision(store: Store, change: ChangeId, revision: int) -> PlanRow | None:
    return await _find(store, (plans.c.change_id == change) & (plans.c.revision == revision))


async def by_comment(store: Store, comment_id: int) -> PlanRow | None:
    """The plan that comment shows now: its newest revision."""
    return await _find(store, plans.c.comment_id == comment_id)


async def set_state(
    store: Store,
    plan: PlanId,
    state: PlanState,
    *,
    only_from: Collection[PlanState] | None = None,
) -> bool:
    """Move the plan; False when it is in none of the states it may come from."""
    allowed = plans.c.state.in_(only_from or tuple(PlanState))
    async with store.writing() as connection:
        moved = await changed(
            connection, update(plans).where(plans.c.id == plan, allowed).values(state=state)
        )
    return moved == 1


async def posted(store: Store, plan: PlanId, comment_id: int, at: datetime | None = None) -> None:
    """People can read it since `at`, or since now, and approve it: its time starts."""
    async with store.writing() as connection:
        await connection.execute(
            update(plans)
            .where(plans.c.id == plan)
            .values(comment_id=comment_id, posted_at=at or store.clock())
        )


async def awaiting(store: Store) -> tuple[PlanRow, ...]:
    """Posted and not decided: what the approval poll looks at."""
    return await _every(
        store, (plans.c.state == PlanState.awaiting) & plans.c.comment_id.is_not(None)
    )


async def unposted(store: Store) -> tuple[PlanRow, ...]:
    """Made, and not yet shown to anybody."""
    return await _every(store, (plans.c.state == PlanState.awaiting) & plans.c.comment_id.is_(None))


async def approved_unstarted(store: Store) -> tuple[PlanRow, ...]:
    """Approved, and no run has been started for it."""
    started = select(runs.c.plan_id).where(runs.c.plan_id == plans.c.id)
    return await _every(store, (plans.c.state == PlanState.approved) & ~started.exists())


def _last_revision(change: ChangeId) -> Select[int]:
    return select(func.coalesce(func.max(plans.c.revision), 0)).where(plans.c.change_id == change)


async def _move(
    connection: AsyncConnection, change: ChangeId, request: RequestId, now: datetime
) -> None:
    await connection.execute(
        update(requests)
        .where(requests.c.id == request)
        .values(state=RequestState.done, **claims.NO_LEASE)
    )
    await connection.execute(
        update(changes)
        .where(changes.c.id == change)
        .values(state=ChangeState.awaiting, note="", updated_at=now)
    )


def _values(change: ChangeId, request: RequestId, plan: Plan, now: datetime) -> dict[str, object]:
    return {
        "change_id": change,
        "request_id": request,
        "revision": plan.revision,
        "digest": digest(plan),
        "body": plan.model_dump_json(),
        "state": PlanState.awaiting,
        "base_sha": plan.base.sha,
        "created_at": now,
    }


async def _find(store: Store, condition: ColumnElement[bool]) -> PlanRow | None:
    newest = select(plans).where(condition).order_by(plans.c.revision.desc()).limit(1)
    async with store.reading() as connection:
        return await one(connection, PlanRow, newest)


async def _every(store: Store, condition: ColumnElement[bool]) -> tuple[PlanRow, ...]:
    async with store.reading() as connection:
        return await every(connection, PlanRow, select(plans).where(condition).order_by(plans.c.id))
