"""A process that works off leased rows, and can be made to die in the middle of all of them.

python -m tests.support.leased_work REDIS_URL_OR_EMPTY DATABASE hang|work
"""

import asyncio
import json
import os
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

from bot.queue import Queue
from bot.worker import Job, Tick, Worker

LEASE_SECONDS = 1.0
UNITS = 5


class Units:
    """Rows with a lease, in plain SQL: the worker is under test here, not the store."""

    def __init__(self, database: Path) -> None:
        self._database = database
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS units (name PRIMARY KEY, attempt, until, done)"
            )
            for number in range(UNITS):
                connection.execute(
                    "INSERT INTO units VALUES (?, 0, 0, 0) ON CONFLICT DO NOTHING", (f"u{number}",)
                )

    def claim(self, name: str) -> bool:
        return self._execute(
            "UPDATE units SET attempt = attempt + 1, until = ? "
            "WHERE name = ? AND NOT done AND until < ?",
            time.time() + LEASE_SECONDS,
            name,
            time.time(),
        )

    def finish(self, name: str) -> bool:
        return self._execute("UPDATE units SET done = 1 WHERE name = ?", name)

    def attempts(self, *, open_only: bool) -> dict[str, int]:
        where = "WHERE NOT done AND until < ?" if open_only else "WHERE until < ? OR 1"
        with closing(sqlite3.connect(self._database)) as connection:
            return dict(
                connection.execute(f"SELECT name, attempt FROM units {where}", (time.time(),))
            )

    def _execute(self, statement: str, *values: object) -> bool:
        with closing(sqlite3.connect(self._database)) as connection, connection:
            return connection.execute(statement, values).rowcount == 1


async def main(redis_url: str, database: Path, how: str) -> None:
    units, queue = Units(database), Queue.open(redis_url or None)
    claimed, done = 0, asyncio.Event()

    async def work(name: str) -> None:
        nonlocal claimed
        if not units.claim(name):
            return
        claimed += 1
        if how == "hang":
            if claimed == UNITS:
                os.kill(os.getpid(), signal.SIGKILL)
            await asyncio.sleep(60)
        units.finish(name)
        if claimed == UNITS:
            done.set()

    async def sweep() -> None:
        for name, attempt in units.attempts(open_only=True).items():
            await queue.enqueue("work", name, job_id=f"work:{name}:{attempt}")

    worker = Worker(
        queue, [Job("work", work, 3600)], [Tick("sweep", sweep, 1, 10)], taken_seconds=1
    )
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(30):
        await done.wait()
    await worker.stop()
    await running
    await queue.close()
    sys.stdout.write(json.dumps(units.attempts(open_only=False)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
