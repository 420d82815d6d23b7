"""Transactions end whole, and concurrent writers wait instead of failing."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import StatementError

from bot.store import cursors
from bot.store.columns import PicoUsd
from bot.store.engine import Store
from bot.store.tables import cursors as table
from llm.pricing import Usd


async def test_what_fails_half_way_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.writing() as connection:
            await connection.execute(
                insert(table).values(name="half", value="", updated_at=store.clock())
            )
            _ = 1 / 0
    assert await cursors.get(store, "half") is None


async def test_many_writers_and_readers_at_once_all_succeed(store: Store) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(40):
            group.create_task(cursors.put(store, f"c{number % 10}", str(number)))
            group.create_task(cursors.get(store, f"c{number % 10}"))
    assert await cursors.get(store, "c0") in {"0", "10", "20", "30"}


async def test_two_processes_on_one_file_wait_for_each_other(sqlite_url: str) -> None:
    async with Store(sqlite_url) as one, Store(sqlite_url) as other, asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(cursors.put(one, f"a{number}", ""))
            group.create_task(cursors.put(other, f"b{number}", ""))


async def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    naive = insert(table).values(name="t", value="", updated_at=datetime(2025, 1, 1))
    with pytest.raises(StatementError, match="has no time zone"):
        async with store.writing() as connection:
            await connection.execute(naive)


async def test_times_come_back_in_utc(store: Store) -> None:
    bombay = timezone(timedelta(hours=5, minutes=30))
    given = datetime(2025, 6, 1, 1, 30, 0, 123456, tzinfo=bombay)
    async with store.writing() as connection:
        await connection.execute(insert(table).values(name="t", value="", updated_at=given))
        found = (await connection.execute(select(table.c.updated_at))).scalar_one()
    assert found == given
    assert found.tzinfo is UTC


def test_a_price_below_a_micro_dollar_is_exact() -> None:
    price, dialect = Usd(Decimal("0.0000000028")), DefaultDialect()
    stored = PicoUsd().process_bind_param(price, dialect)
    assert stored == 2800
    assert PicoUsd().process_result_value(stored, dialect) == price


async def test_sqlite_runs_in_wal_with_foreign_keys(sqlite_url: str) -> None:
    async with Store(sqlite_url) as store, store.reading() as connection:
        for pragma, value in (("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 1)):
            found = await connection.execute(text(f"PRAGMA {pragma}"))
            assert found.scalar_one() == value
