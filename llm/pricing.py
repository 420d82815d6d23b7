"""What tokens cost, with the source of every figure; an unknown price is unknown, never zero."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NewType

from pydantic import BaseModel, ConfigDict, NonNegativeInt

from llm.routing import Route
from llm.usage import Usage

Usd = NewType("Usd", Decimal)


class Priced(BaseModel):
    """An amount and where it comes from; without an amount, the reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: Usd | None
    source: str
    reason: str | None = None


class Cost(BaseModel):
    """A sum that remembers what it could not price: "$0.03 and 1.2M tokens at unknown price"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    known: Usd = Usd(Decimal(0))
    tokens: NonNegativeInt = 0
    unpriced_tokens: NonNegativeInt = 0
    reasons: frozenset[str] = frozenset()

    @property
    def amount(self) -> Usd | None:
        """The exact amount, or None when any part of it is unknown."""
        return None if self.unpriced_tokens else self.known

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            known=Usd(self.known + other.known),
            tokens=self.tokens + other.tokens,
            unpriced_tokens=self.unpriced_tokens + other.unpriced_tokens,
            reasons=self.reasons | other.reasons,
        )


def cost_of(usage: Usage, priced: Priced) -> Cost:
    if priced.amount is not None:
        return Cost(known=priced.amount, tokens=usage.total)
    return Cost(
        tokens=usage.total,
        unpriced_tokens=usage.total,
        reasons=frozenset({priced.reason or "price unknown"}),
    )


def price(route: Route, usage: Usage, at: datetime) -> Priced:
    raise NotImplementedError
