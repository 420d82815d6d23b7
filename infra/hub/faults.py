"""Faults switched on for requests: a status, a delay, a dropped answer, a hold at a point."""

import asyncio
import itertools
import re
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict

When = Literal["before", "after"]


class FaultForm(BaseModel):
    """Which requests are hit, and how; regular expressions are searched for, not anchored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str = ".*"
    path: str = ".*"
    ref: str = ""  # a ref that a push moves
    sent: str = ""  # something in the request's body
    actor: str = ""
    times: int | None = 1  # None: until it is removed
    skip: int = 0  # so many matching requests go through first
    when: When = "before"
    status: int | None = None
    headers: dict[str, str] = {}
    body: str = ""
    delay: float = 0
    drop: bool = False
    hold: bool = False


@dataclass(frozen=True)
class Subject:
    """What a fault looks at."""

    method: str
    path: str
    refs: tuple[str, ...]
    sent: bytes
    actor: str


@dataclass(eq=False)
class Fault:
    id: int
    form: FaultForm
    seen: int = 0
    hits: int = 0
    holding: int = 0
    abandon: bool = False
    reached: "Future[None]" = field(default_factory=Future)
    released: "Future[None]" = field(default_factory=Future)
    left: "Future[None]" = field(default_factory=Future)

    def matches(self, subject: Subject) -> bool:
        form = self.form
        return (
            re.fullmatch(form.method, subject.method) is not None
            and re.search(form.path, subject.path) is not None
            and (not form.ref or any(re.search(form.ref, ref) for ref in subject.refs))
            and (not form.sent or re.search(form.sent.encode(), subject.sent) is not None)
            and (not form.actor or re.search(form.actor, subject.actor) is not None)
        )


class Faults:
    """Asked from the hub's loop, changed from tests in any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._active: dict[int, Fault] = {}

    def add(self, form: FaultForm) -> Fault:
        with self._lock:
            fault = Fault(next(self._ids), form)
            self._active[fault.id] = fault
            return fault

    def get(self, fault_id: int) -> Fault | None:
        return self._active.get(fault_id)

    def every(self) -> list[Fault]:
        return list(self._active.values())

    def remove(self, fault: Fault) -> None:
        self.release(fault)
        with self._lock:
            self._active.pop(fault.id, None)

    def clear(self) -> None:
        for fault in self.every():
            self.remove(fault)

    def take(self, subject: Subject) -> Fault | None:
        """The first fault this request falls to; it is counted as hit."""
        with self._lock:
            for fault in self._active.values():
                if not fault.matches(subject):
                    continue
                fault.seen += 1
                spent = fault.form.times is not None and fault.hits >= fault.form.times
                if spent or fault.seen <= fault.form.skip:
                    continue
                fault.hits += 1
                return fault
        return None

    def release(self, fault: Fault, *, abandon: bool = False) -> None:
        """Held requests go on; with `abandon` their connections are dropped instead."""
        with self._lock:
            fault.abandon = abandon
            if not fault.released.done():
                fault.released.set_result(None)

    async def hold(self, fault: Fault) -> None:
        with self._lock:
            fault.holding += 1
            if not fault.reached.done():
                fault.reached.set_result(None)
        try:
            await asyncio.shield(asyncio.wrap_future(fault.released))
        finally:
            with self._lock:
                fault.holding -= 1
                if not fault.left.done():
                    fault.left.set_result(None)


async def reached(fault: Fault, seconds: float = 10) -> None:
    """Wait until a request is held by this fault."""
    async with asyncio.timeout(seconds):
        await asyncio.shield(asyncio.wrap_future(fault.reached))


async def left(fault: Fault, seconds: float = 10) -> None:
    """Wait until a request is held no more, be it that its caller has gone."""
    async with asyncio.timeout(seconds):
        await asyncio.shield(asyncio.wrap_future(fault.left))
