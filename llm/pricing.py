"""What tokens cost, with the source of every figure; an unknown price is unknown, never zero."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NewType

from pydantic import BaseModel, ConfigDict, NonNegativeInt

from llm.routing import Rates, Route
from llm.usage import Usage

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation
    from genai_prices.types import Usage as Counted

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
    """What this usage costs on this route at that moment."""
    if route.backend == "scripted":
        return Priced(
            amount=None, source="prepared replies", reason="prepared replies have no price"
        )
    if usage.total == 0:
        return Priced(amount=Usd(Decimal(0)), source="no tokens")
    rates = _in_force(route.price, at)
    if rates is not None:
        return Priced(amount=_at_rates(rates, usage), source="BARO_ROUTES")
    return _list_price(route, usage, at)


def _in_force(prices: Sequence[Rates], at: datetime) -> Rates | None:
    today = at.astimezone(UTC).date()
    begun = [rates for rates in prices if rates.since is None or rates.since <= today]
    return max(begun, key=lambda rates: rates.since or date.min, default=None)


def _at_rates(rates: Rates, usage: Usage) -> Usd:
    read = rates.input if rates.cache_read is None else rates.cache_read
    write = rates.input if rates.cache_write is None else rates.cache_write
    millionths = (
        usage.input * rates.input
        + usage.cache_read * read
        + usage.cache_write * write
        + usage.output * rates.output
    )
    return Usd(millionths / 1_000_000)


def _list_price(route: Route, usage: Usage, at: datetime) -> Priced:
    # Imported here: its data costs a second and tens of megabytes.
    import genai_prices
    from genai_prices.types import Usage as Counted

    source = f"genai-prices {genai_prices.__version__}"
    counted = Counted(
        input_tokens=usage.prompt,
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_write,
        output_tokens=usage.output,
    )
    try:
        found = _calculate(route, counted, at)
    except LookupError:
        return Priced(amount=None, source=source, reason=f"no price is known for {route}")
    return Priced(amount=Usd(found.total_price), source=source)


def _calculate(route: Route, counted: Counted, at: datetime) -> PriceCalculation:
    from genai_prices import calc_price

    endpoint = route.endpoint
    if endpoint is not None and endpoint.name in ("openai", "anthropic"):
        # The vendor's own key, be it through a proxy of the operator's.
        return calc_price(
            counted, route.model, provider_id=endpoint.name, genai_request_timestamp=at
        )
    url = endpoint.base_url if endpoint else ""
    return calc_price(counted, route.model, provider_api_url=url, genai_request_timestamp=at)
