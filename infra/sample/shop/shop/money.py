"""Amounts in whole cents, so that no sum ever loses a fraction."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation


@dataclass(frozen=True, order=True)
class Money:
    cents: int

    @classmethod
    def parse(cls, text: str) -> Money:
        try:
            amount = Decimal(text)
            cents = int(amount * 100)
        except (InvalidOperation, OverflowError, ValueError) as error:
            raise ValueError(f"{text!r} is not an amount") from error
        if cents != amount * 100:
            raise ValueError(f"{text!r} has more than two decimals")
        return cls(cents)

    def percent_off(self, percent: int) -> Money:
        """Less a discount, rounded half up to a whole cent."""
        left = Decimal(self.cents) * (100 - percent) / 100
        return Money(int(left.quantize(Decimal(1), rounding=ROUND_HALF_UP)))

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + other.cents)

    def __mul__(self, times: int) -> Money:
        return Money(self.cents * times)

    def __str__(self) -> str:
        sign = "-" if self.cents < 0 else ""
        return f"{sign}{abs(self.cents) // 100}.{abs(self.cents) % 100:02}"


ZERO = Money(0)
