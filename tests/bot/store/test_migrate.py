"""The schema comes up once, on both engines, and is never taken for a newer one."""

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from bot.store.engine import Store
from bot.store.migrate import SchemaTooNew, migrate, schema_problem
from bot.store.tables import metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/data/baro.db"
    url: str = request.getfixturevalue("empty_postgresql_url")
    return url


async def test_two_starting_processes_migrate_once(empty_url: str) -> None:
    await asyncio.gather(migrate(empty_url), migrate(empty_url))
    await migrate(empty_url)
    async with Store(empty_url) as store:
        assert await schema_problem(store) is None


async def test_the_migrations_make_the_tables_that_the_code_knows(empty_url: str) -> None:
    await migrate(empty_url)
    async with Store(empty_url) as store, store.reading() as connection:
        assert await connection.run_sync(_differences) == []


async def test_an_empty_database_says_how_to_fill_it(empty_url: str) -> None:
    async with Store(empty_url) as store:
        assert await schema_problem(store) == "the database is empty: run `baro migrate`"


async def test_a_newer_schema_is_refused_in_a_sentence(empty_url: str) -> None:
    await migrate(empty_url)
    async with Store(empty_url) as store:
        async with store.writing() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(SchemaTooNew, match="at schema 9999, which is newer"):
            await migrate(empty_url)
        assert "this version needs" in (await schema_problem(store) or "")


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))
