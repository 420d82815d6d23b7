"""Time in words: how long, and when. Times of day are UTC, because readers are everywhere."""

from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR

from planner.plan import Span


def duration(seconds: float) -> str:
    """`under 1s`, `8s`, `4m10s`, `1h12m`."""
    whole = max(round(seconds), 0)
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours}h{minutes:02}m"
    if minutes:
        return f"{minutes}m{whole % 60:02}s"
    return f"{whole}s" if whole else "under 1s"


def between(start: datetime, end: datetime) -> str:
    return duration((end - start).total_seconds())


def minutes(span: Span) -> str:
    """`5–7 min`; a half is rounded outwards."""
    low = int(span.low.to_integral_value(ROUND_FLOOR))
    high = max(int(span.high.to_integral_value(ROUND_CEILING)), 1)
    if low == high:
        return f"{high} min"
    return f"{low}–{high} min" if low else f"up to {high} min"


def clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%H:%M} UTC"


def day(at: datetime) -> str:
    local = at.astimezone(UTC)
    return f"{local.day} {local:%b}"


def day_and_clock(at: datetime) -> str:
    return f"{day(at)} {clock(at)}"
