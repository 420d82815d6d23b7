"""Bringing a database up to the schema that this version knows, and never back."""

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.engine import Store, is_sqlite, postgres_engine, sqlite_engine, sqlite_path

# Any constant does: it keeps two starting processes from migrating at once.
_LOCK = 0x6261726F
_PATIENCE_SECONDS = 30


class SchemaTooNew(Exception):
    """The database was written by a later version; the text says what to do."""


async def migrate(url: str) -> None:
    """Upgrade in one transaction; a second process waits, and finds nothing left to do."""
    parsed = make_url(url)
    if is_sqlite(parsed):
        await asyncio.to_thread(_write_ahead, sqlite_path(parsed))
    engine = _engine(parsed)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


async def schema_problem(store: Store) -> str | None:
    """What is wrong with the database, as a sentence; None when it is there and as we know it."""
    try:
        async with store.reading() as connection:
            current = await connection.run_sync(_current)
    except (SQLAlchemyError, OSError) as error:
        return f"the database cannot be reached: {type(error).__name__}"
    if current == _head():
        return None
    if current is None:
        return "the database is empty: run `baro migrate`"
    return f"the database is at schema {current}, this version needs {_head()}: run `baro migrate`"


def _write_ahead(path: Path) -> None:
    """Readers shall not wait for the writer. The file remembers it; the change itself is the one
    statement that does not wait for a lock, so we do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with closing(sqlite3.connect(path)) as connection:
        while True:
            try:
                connection.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return


def _engine(url: URL) -> AsyncEngine:
    if is_sqlite(url):
        # Batch mode drops the old copy of a table, which must not delete what refers to it.
        return sqlite_engine(url, begin="IMMEDIATE", foreign_keys=False)
    return postgres_engine(url)


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
