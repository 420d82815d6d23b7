"""A database row becomes a frozen value here, and goes no further as a row."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Executable, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


class Stored(BaseModel):
    """A row as the rest of baro sees it; columns that it does not name stay behind."""

    model_config = ConfigDict(frozen=True, extra="ignore")


Model = TypeVar("Model", bound=Stored)


async def one(
    connection: AsyncConnection, model: type[Model], statement: Executable
) -> Model | None:
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else model.model_validate(dict(row))


async def every(
    connection: AsyncConnection, model: type[Model], statement: Executable
) -> tuple[Model, ...]:
    rows = (await connection.execute(statement)).mappings()
    return tuple(model.model_validate(dict(row)) for row in rows)


async def changed(connection: AsyncConnection, statement: Executable) -> int:
    """How many rows the statement changed."""
    return (await connection.execute(statement)).rowcount


async def insert_once(
    connection: AsyncConnection, table: Table, values: Mapping[str, object]
) -> bool:
    """Insert, unless a row with the same key is there; both engines spell it alike, Core cannot."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return await changed(connection, insert(table).values(**values).on_conflict_do_nothing()) == 1


async def upsert(
    connection: AsyncConnection, table: Table, key: str, values: Mapping[str, object]
) -> None:
    """Insert, or bring the row of that key up to date."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    news = {name: value for name, value in values.items() if name != key}
    await connection.execute(
        insert(table).values(**values).on_conflict_do_update(index_elements=[key], set_=news)
    )
