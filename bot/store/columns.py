"""Column types that mean the same on SQLite and PostgreSQL: exact money, times in UTC."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, TypeDecorator

from llm.pricing import Usd

BigId = BigInteger().with_variant(Integer, "sqlite")
_PICO = Decimal(10) ** 12


class PicoUsd(TypeDecorator[Usd]):
    """Dollars as a whole number of 1e-12: one cached token may cost less than a micro-dollar.

    SQLite has no decimal type, and sums of floats drift; nine million dollars fit.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Usd | None, dialect: Dialect) -> int | None:
        del dialect
        return None if value is None else int((value * _PICO).to_integral_value(ROUND_HALF_EVEN))

    def process_result_value(self, value: object, dialect: Dialect) -> Usd | None:
        del dialect
        return None if value is None else Usd(Decimal(str(value)) / _PICO)


class UtcTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC; SQLite keeps text that sorts."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)
