"""Money and tokens in words; a price we do not know is never a number."""

from decimal import ROUND_HALF_UP, Decimal

from llm.pricing import Cost
from planner.plan import Span

_CENT = Decimal("0.01")


def usd(amount: Decimal) -> str:
    """`$0.06`; what is something and rounds to no cent is `under $0.01`."""
    if 0 < amount < _CENT / 2:
        return "under $0.01"
    return f"${amount.quantize(_CENT, ROUND_HALF_UP):,}"


def tokens(count: Decimal | int) -> str:
    """`950`, `21k`, `1.2M`."""
    if count < 1_000:
        return str(int(count))
    if count < 999_500:
        return f"{_rounded(Decimal(count) / 1_000, '1')}k"
    millions = _rounded(Decimal(count) / 1_000_000, "0.1")
    return f"{str(millions).removesuffix('.0')}M"


def cost(spent: Cost) -> str:
    """A whole sum, or what is known of it and what is not."""
    if not spent.unpriced_tokens:
        return usd(spent.known)
    unknown = f"price unknown, {tokens(spent.unpriced_tokens)} tokens"
    return f"{usd(spent.known)} and {unknown}" if spent.known else unknown


def cost_and_tokens(spent: Cost) -> str:
    """`$0.09 · 1.2M tokens`; an unknown price names its tokens already."""
    if spent.unpriced_tokens:
        return cost(spent)
    return f"{usd(spent.known)} · {tokens(spent.tokens)} tokens"


def usd_span(span: Span | None) -> str:
    if span is None:
        return "price unknown"
    low, high = usd(span.low), usd(span.high)
    if low == high:
        return high
    return f"up to {high}" if low.startswith("under") else f"{low}–{high.removeprefix('$')}"


def token_span(span: Span) -> str:
    low, high = tokens(span.low), tokens(span.high)
    if low == high:
        return high
    unit = high[-1] if not high[-1].isdigit() else ""
    return f"{low.removesuffix(unit)}–{high}"


def _rounded(amount: Decimal, to: str) -> Decimal:
    return amount.quantize(Decimal(to), ROUND_HALF_UP)
