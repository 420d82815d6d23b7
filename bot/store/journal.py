"""A run's journal in SQL: compare-and-append under a fence, its indexes moved along with it."""

from collections.abc import Sequence
from typing import assert_never

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, and_, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import claims
from bot.store.engine import Store
from bot.store.fences import AttemptLease, RunLease
from bot.store.rows import changed, insert_once
from bot.store.states import AttemptState
from bot.store.tables import attempts, events, runs
from executor.events import (
    AttemptFailed,
    AttemptLost,
    AttemptPassed,
    AttemptQueued,
    BranchPushed,
    Entry,
    Event,
    RunId,
)
from executor.journal import Stale
from planner.plan import StoryId

Fence = RunLease | AttemptLease | None
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


class SqlJournal:
    """`executor.journal.Journal`: what its holder appends is refused once the fence is lost."""

    def __init__(self, store: Store, fence: Fence = None) -> None:
        self._store = store
        self._fence = fence

    async def entries(self, run: RunId) -> Sequence[Entry]:
        return await entries(self._store, run)

    async def append(self, run: RunId, event: Event, *, after: int | None = None) -> Entry:
        async with self._store.writing() as connection:
            return await append(connection, self._store, run, event, after, self._fence)


async def entries(store: Store, run: RunId, after: int = 0) -> tuple[Entry, ...]:
    """The journal from there on, for whoever wants to know."""
    wanted = (
        select(events.c.seq, events.c.at, events.c.body)
        .where(events.c.run_id == run, events.c.seq > after)
        .order_by(events.c.seq)
    )
    async with store.reading() as connection:
        rows = (await connection.execute(wanted)).all()
    return tuple(Entry(seq=seq, at=at, event=_EVENT.validate_json(body)) for seq, at, body in rows)


async def append(
    connection: AsyncConnection,
    store: Store,
    run: RunId,
    event: Event,
    after: int | None,
    fence: Fence,
) -> Entry:
    """Append within a transaction that is open already."""
    await _check(connection, run, fence)
    last = select(func.coalesce(func.max(events.c.seq), 0)).where(events.c.run_id == run)
    seq: int = (await connection.execute(last)).scalar_one()
    if after is not None and seq != after:
        raise Stale(f"{run} is at {seq}, not {after}")
    entry = Entry(seq=seq + 1, at=store.clock(), event=event)
    await connection.execute(
        insert(events).values(
            run_id=run,
            seq=entry.seq,
            at=entry.at,
            kind=event.kind,
            body=_EVENT.dump_json(event).decode(),
        )
    )
    await _project(connection, store, run, event)
    return entry


def this_attempt(run: RunId, story: StoryId, attempt: int) -> ColumnElement[bool]:
    return and_(attempts.c.run_id == run, attempts.c.story == story, attempts.c.attempt == attempt)


async def queue(connection: AsyncConnection, store: Store, run: RunId, e: AttemptQueued) -> None:
    await insert_once(
        connection,
        attempts,
        {
            "run_id": run,
            "story": e.story,
            "attempt": e.attempt,
            "state": AttemptState.queued,
            "not_before": e.not_before,
            "rung": e.rung,
            "onto": e.onto,
            "doing": "",
            "bump": 0,
            "queued_at": store.clock(),
        },
    )


async def _check(connection: AsyncConnection, run: RunId, fence: Fence) -> None:
    """Lock the run, so that appends queue up, and see that the fence still stands."""
    locked = select(runs.c.lease_owner).where(runs.c.id == run).with_for_update()
    row = (await connection.execute(locked)).one_or_none()
    if row is None:
        raise Stale(f"there is no run {run}")
    match fence:
        case None:
            return
        case RunLease(owner=owner):
            if row.lease_owner != owner or fence.run != run:
                raise Stale(f"{owner} does not hold {run}")
        case AttemptLease(story=story, attempt=attempt, owner=owner):
            mine = and_(
                this_attempt(run, story, attempt),
                attempts.c.state == AttemptState.running,
                claims.held(attempts, owner),
            )
            found = await connection.execute(select(attempts.c.story).where(mine))
            if found.one_or_none() is None or fence.run != run:
                raise Stale(f"{owner} does not hold attempt {attempt} of {story} in {run}")
        case _ as never:
            assert_never(never)


async def _project(connection: AsyncConnection, store: Store, run: RunId, event: Event) -> None:
    """Leases and pushes are looked up by row; the rows change with the journal or not at all."""
    match event:
        case AttemptQueued():
            await queue(connection, store, run, event)
        case (
            AttemptPassed(story=story, attempt=attempt)
            | AttemptFailed(story=story, attempt=attempt)
        ):
            await connection.execute(
                update(attempts)
                .where(this_attempt(run, story, attempt))
                .values(state=AttemptState.done, doing="", **claims.NO_LEASE)
            )
        case AttemptLost(story=story, attempt=attempt):
            await _lose(connection, store, run, story, attempt)
        case BranchPushed(sha=sha):
            await connection.execute(update(runs).where(runs.c.id == run).values(expected_head=sha))
        case _:
            return


async def _lose(
    connection: AsyncConnection, store: Store, run: RunId, story: StoryId, attempt: int
) -> None:
    """A worker that was only slow may have renewed in between: then nothing is lost."""
    lost = await changed(
        connection,
        update(attempts)
        .where(
            this_attempt(run, story, attempt),
            attempts.c.state == AttemptState.running,
            claims.free(attempts, store.clock()),
        )
        .values(state=AttemptState.lost, doing="", **claims.NO_LEASE),
    )
    if not lost:
        raise Stale(f"attempt {attempt} of {story} in {run} is not lost")
