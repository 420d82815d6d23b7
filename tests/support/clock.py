"""A clock that moves only when a test says so."""

from datetime import UTC, datetime, timedelta


class TestClock:
    """Call it for the time; `tick` to let some pass."""

    __test__ = False

    def __init__(self, now: datetime = datetime(2025, 11, 21, 14, 2, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def tick(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now
