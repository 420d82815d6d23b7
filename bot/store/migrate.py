"""Bringing a database up to the schema that this version knows, and never back."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.engine import Store, is_sqlite, postgres_engine, sqlite_engine

# Any constant does: it keeps two starting processes from migrating at once.
_LOCK = 0x6261726F


class SchemaTooNew(Exception):
    """The database was written by a later version; the text says what to do."""


async def migrate(url: str) -> None:
    """Upgrade in one transaction; a second process waits, and finds nothing left to do."""
    engine = _engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


async def schema_problem(store: Store) -> str | None:
    """What is wrong with the schema, as a sentence; None when it is the one we know."""
    async with store.reading() as connection:
        current = await connection.run_sync(_current)
    if current == _head():
        return None
    if current is None:
        return "the database is empty: run `baro migrate`"
    return f"the database is at schema {current}, this version needs {_head()}: run `baro migrate`"


def _engine(url: str) -> AsyncEngine:
    parsed = make_url(url)
    if is_sqlite(parsed):
        # Batch mode drops the old copy of a table, which must not delete what refers to it.
        return sqlite_engine(parsed, begin="IMMEDIATE", foreign_keys=False)
    return postgres_engine(parsed)


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    config = _config()
    current = _current(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise SchemaTooNew(
            f"the database is at schema {current}, which is newer than this version of baro "
            f"knows ({_head()}): install the version that wrote it, or a later one"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _head() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    return config
