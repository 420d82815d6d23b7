"""Leases on runs and attempts: claimed, kept alive by a heartbeat, given back or lost."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, select, update

from bot.store import claims, journal
from bot.store.engine import Store
from bot.store.fences import AttemptLease, Pulse, RunLease
from bot.store.journal import this_attempt
from bot.store.rows import Stored, changed, every, one
from bot.store.states import AttemptState, RunRowState
from bot.store.tables import attempts, runs
from executor.events import AttemptFailed, AttemptPassed, AttemptQueued, Entry, RunId, Sha
from planner.plan import StoryId


class Attempt(Stored):
    """One try of one story, as the queue and the sweep see it."""

    run_id: RunId
    story: StoryId
    attempt: int
    state: AttemptState
    lease_owner: str | None
    lease_until: datetime | None
    not_before: datetime | None
    rung: int
    onto: Sha
    doing: str
    bump: int
    queued_at: datetime


async def claim_run(store: Store, run: RunId, owner: str, seconds: float) -> RunLease | None:
    """Conduct the run for a while; None when it is finished or in somebody's hands."""
    now, mine = store.clock(), claims.fresh_owner(owner)
    async with store.writing() as connection:
        taken = await changed(
            connection,
            update(runs)
            .where(runs.c.id == run, runs.c.state == RunRowState.running, claims.free(runs, now))
            .values(lease_owner=mine, lease_until=claims.until(now, seconds)),
        )
    return RunLease(run, mine) if taken else None


async def renew_run(store: Store, lease: RunLease, seconds: float) -> Pulse:
    return await _renew(store, runs, _my_run(lease), lease.run, seconds)


async def release_run(store: Store, lease: RunLease) -> None:
    async with store.writing() as connection:
        await connection.execute(update(runs).where(_my_run(lease)).values(**claims.NO_LEASE))


async def queue_attempt(store: Store, run: RunId, event: AttemptQueued) -> None:
    """Make the attempt claimable; a second time changes nothing."""
    async with store.writing() as connection:
        await journal.queue(connection, store, run, event)


async def claim_attempt(
    store: Store, run: RunId, story: StoryId, attempt: int, owner: str, seconds: float
) -> AttemptLease | None:
    """Work on the story for a while; None when it is not ready, taken, or not wanted any more."""
    now, mine = store.clock(), claims.fresh_owner(owner)
    async with store.writing() as connection:
        taken = await one(
            connection,
            Attempt,
            update(attempts)
            .where(this_attempt(run, story, attempt), _is_ready(now))
            .values(
                state=AttemptState.running,
                lease_owner=mine,
                lease_until=claims.until(now, seconds),
            )
            .returning(attempts),
        )
    return (
        None if taken is None else AttemptLease(run, story, attempt, mine, taken.rung, taken.onto)
    )


async def renew_attempt(store: Store, lease: AttemptLease, seconds: float) -> Pulse:
    return await _renew(store, attempts, _my_attempt(lease), lease.run, seconds)


async def release_attempt(store: Store, lease: AttemptLease) -> None:
    """Put it back untouched, for another worker, under another job id."""
    async with store.writing() as connection:
        await connection.execute(
            update(attempts)
            .where(_my_attempt(lease))
            .values(
                state=AttemptState.queued, doing="", bump=attempts.c.bump + 1, **claims.NO_LEASE
            )
        )


async def finish_attempt(
    store: Store, lease: AttemptLease, event: AttemptPassed | AttemptFailed
) -> Entry:
    """Write the result down and end the lease, both or neither; `Stale` when it was lost."""
    async with store.writing() as connection:
        return await journal.append(connection, store, lease.run, event, None, lease)


async def set_doing(store: Store, lease: AttemptLease, doing: str) -> None:
    """What the agent is at, for the status comment; last word wins and may be lost."""
    async with store.writing() as connection:
        await connection.execute(update(attempts).where(_my_attempt(lease)).values(doing=doing))


async def ready_attempts(store: Store, now: datetime) -> tuple[Attempt, ...]:
    """Attempts that a worker could claim now."""
    return await _attempts(store, _is_ready(now))


async def expired_attempts(store: Store, now: datetime) -> tuple[Attempt, ...]:
    """Attempts whose worker has fallen silent."""
    silent = and_(attempts.c.state == AttemptState.running, attempts.c.lease_until < now)
    return await _attempts(store, silent)


async def attempts_of(store: Store, run: RunId) -> tuple[Attempt, ...]:
    return await _attempts(store, attempts.c.run_id == run)


async def bump(store: Store, run: RunId, story: StoryId, attempt: int) -> int:
    """A new number for the job's id: the queue may hold on to the old one for hours."""
    async with store.writing() as connection:
        found = await connection.execute(
            update(attempts)
            .where(this_attempt(run, story, attempt))
            .values(bump=attempts.c.bump + 1)
            .returning(attempts.c.bump)
        )
        number: int = found.scalar_one()
        return number


async def _renew(
    store: Store, table: Table, mine: ColumnElement[bool], run: RunId, seconds: float
) -> Pulse:
    later: dict[str, Any] = {"lease_until": claims.until(store.clock(), seconds)}
    async with store.writing() as connection:
        if not await changed(connection, update(table).where(mine).values(**later)):
            return Pulse.lost
        cancelled = select(runs.c.cancelled_by).where(runs.c.id == run)
        by = (await connection.execute(cancelled)).scalar_one()
        return Pulse.held if by is None else Pulse.cancelled


async def _attempts(store: Store, condition: ColumnElement[bool]) -> tuple[Attempt, ...]:
    ordered = (
        select(attempts)
        .where(condition)
        .order_by(attempts.c.queued_at, attempts.c.story, attempts.c.attempt)
    )
    async with store.reading() as connection:
        return await every(connection, Attempt, ordered)


def _my_run(lease: RunLease) -> ColumnElement[bool]:
    return and_(runs.c.id == lease.run, claims.held(runs, lease.owner))


def _my_attempt(lease: AttemptLease) -> ColumnElement[bool]:
    return and_(
        this_attempt(lease.run, lease.story, lease.attempt),
        attempts.c.state == AttemptState.running,
        claims.held(attempts, lease.owner),
    )


def _is_ready(now: datetime) -> ColumnElement[bool]:
    wanted = select(runs.c.id).where(
        runs.c.state == RunRowState.running, runs.c.cancelled_by.is_(None)
    )
    return and_(
        attempts.c.state == AttemptState.queued,
        attempts.c.run_id.in_(wanted),
        attempts.c.not_before.is_(None) | (attempts.c.not_before <= now),
    )
