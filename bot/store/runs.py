"""Runs: executions of approved plans, one at a time per change."""

import secrets
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import claims, journal
from bot.store.engine import Store
from bot.store.ids import ChangeId, PlanId
from bot.store.plans import PlanRow
from bot.store.rows import Stored, changed, every, one
from bot.store.states import ChangeState, PlanState, RunRowState
from bot.store.tables import changes, plans, runs
from executor.events import CancelRequested, Outcome, RunId, Sha


class Run(Stored):
    """`expected_head` is what we pushed last, so what the next push must find there."""

    id: RunId
    change_id: ChangeId
    plan_id: PlanId
    number: int
    state: RunRowState
    branch: str
    expected_head: Sha | None
    outcome: Outcome | None
    lease_owner: str | None
    lease_until: datetime | None
    cancelled_by: str | None
    created_at: datetime
    finished_at: datetime | None


# A pull request may be merged before its run has said its last word.
ENDED = (ChangeState.merged, ChangeState.closed)


class NotApproved(Exception):
    """Nothing runs that nobody approved, whatever a job was told."""


async def start(store: Store, plan: PlanRow, branch: str, *, retry: bool = False) -> Run:
    """The run of that plan: the one the change is in, else the plan's last, else a new one.

    With `retry` a plan whose run is over gets another.
    """
    async with store.writing() as connection:
        locked = select(changes.c.id).where(changes.c.id == plan.change_id).with_for_update()
        await connection.execute(locked)
        if (running := await _running(connection, plan.change_id)) is not None:
            return running
        last = await one(connection, Run, _newest(runs.c.plan_id == plan.id))
        if last is not None and not retry:
            return last
        state = select(plans.c.state).where(plans.c.id == plan.id)
        if (await connection.execute(state)).scalar_one() != PlanState.approved:
            raise NotApproved(f"plan r{plan.revision} of change {plan.change_id} is not approved")
        return await _add(connection, store.clock(), plan, branch)


async def get(store: Store, run: RunId) -> Run | None:
    return await _find(store, runs.c.id == run)


async def active_of(store: Store, change: ChangeId) -> Run | None:
    async with store.reading() as connection:
        return await _running(connection, change)


async def latest_of(store: Store, change: ChangeId) -> Run | None:
    return await _find(store, runs.c.change_id == change)


async def every_of(store: Store, change: ChangeId) -> tuple[Run, ...]:
    return await _every(store, runs.c.change_id == change)


async def finish(store: Store, run: RunId, outcome: Outcome, change_state: ChangeState) -> bool:
    """Close the run once its last words are said; False when it was closed before."""
    now = store.clock()
    async with store.writing() as connection:
        closed = await one(
            connection,
            Run,
            update(runs)
            .where(runs.c.id == run, runs.c.state == RunRowState.running)
            .values(state=RunRowState.finished, outcome=outcome, finished_at=now, **claims.NO_LEASE)
            .returning(runs),
        )
        if closed is None:
            return False
        await connection.execute(
            update(changes)
            .where(changes.c.id == closed.change_id, changes.c.state.not_in(ENDED))
            .values(state=change_state, updated_at=now)
        )
        return True


async def cancel(store: Store, run: RunId, by: str) -> bool:
    """Ask the run to stop: heartbeats see the flag, the conductor the event. Once is enough."""
    async with store.writing() as connection:
        flagged = await changed(
            connection,
            update(runs)
            .where(
                runs.c.id == run,
                runs.c.state == RunRowState.running,
                runs.c.cancelled_by.is_(None),
            )
            .values(cancelled_by=by),
        )
        if flagged:
            await journal.append(connection, store, run, CancelRequested(by=by), None, None)
        return flagged == 1


async def unowned(store: Store) -> tuple[Run, ...]:
    """Running, and nobody conducts them."""
    return await _every(
        store, (runs.c.state == RunRowState.running) & claims.free(runs, store.clock())
    )


async def _add(connection: AsyncConnection, now: datetime, plan: PlanRow, branch: str) -> Run:
    before = select(func.count()).where(runs.c.change_id == plan.change_id)
    number: int = (await connection.execute(before)).scalar_one()
    run = RunId(secrets.token_hex(5))
    await connection.execute(
        insert(runs).values(
            id=run,
            change_id=plan.change_id,
            plan_id=plan.id,
            number=number + 1,
            state=RunRowState.running,
            branch=branch,
            created_at=now,
        )
    )
    await connection.execute(
        update(changes)
        .where(changes.c.id == plan.change_id)
        .values(state=ChangeState.running, note="", updated_at=now)
    )
    added = await one(connection, Run, select(runs).where(runs.c.id == run))
    assert added is not None
    return added


async def _running(connection: AsyncConnection, change: ChangeId) -> Run | None:
    running = (runs.c.change_id == change) & (runs.c.state == RunRowState.running)
    return await one(connection, Run, select(runs).where(running))


async def _find(store: Store, condition: ColumnElement[bool]) -> Run | None:
    async with store.reading() as connection:
        return await one(connection, Run, _newest(condition))


async def _every(store: Store, condition: ColumnElement[bool]) -> tuple[Run, ...]:
    ordered = select(runs).where(condition).order_by(runs.c.created_at, runs.c.number)
    async with store.reading() as connection:
        return await every(connection, Run, ordered)


def _newest(condition: ColumnElement[bool]) -> Select[*tuple[object, ...]]:
    return select(runs).where(condition).order_by(runs.c.number.desc()).limit(1)
