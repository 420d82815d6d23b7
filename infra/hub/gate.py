"""Every request passes here: faults before and after its effect, and the record of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.types import Receive, Scope, Send

from infra.hub.faults import Fault, Faults, Subject
from infra.hub.state.clock import Clock
from infra.hub.traffic import Exchange, Traffic


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes
    actor: str = "nobody"


@dataclass(frozen=True)
class Visit:
    kind: str
    subject: Subject
    serve: Callable[[], Awaitable[Reply]]


@dataclass
class Gate:
    faults: Faults
    traffic: Traffic
    clock: Clock
    drop_connection: Callable[[Scope], None]
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def pass_through(self, visit: Visit, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()
        fault = self.faults.take(visit.subject)
        reply = await self._reply(visit, fault, receive)
        self._record(visit, reply, begun, fault)
        if reply is None:
            self.drop_connection(scope)
            await gone(receive)
            return
        await send_reply(reply, send)

    async def _reply(self, visit: Visit, fault: Fault | None, receive: Receive) -> Reply | None:
        """None: nothing is answered."""
        if fault is None:
            return await visit.serve()
        if fault.form.when == "after":
            reply = await visit.serve()
            return await self._suffer(fault, receive, reply)
        if await self._suffer(fault, receive, _EMPTY) is None:
            return None
        return _instead(fault) or await visit.serve()

    async def _suffer(self, fault: Fault, receive: Receive, reply: Reply) -> Reply | None:
        if fault.form.delay:
            await asyncio.sleep(fault.form.delay)
        if fault.form.hold and not await self._held(fault, receive):
            return None
        if fault.form.drop:
            return None
        return _instead(fault) or reply

    async def _held(self, fault: Fault, receive: Receive) -> bool:
        """False: the caller has gone, or the test lets nothing come of it."""
        held = asyncio.ensure_future(self.faults.hold(fault))
        left = asyncio.ensure_future(gone(receive))
        try:
            await asyncio.wait({held, left}, return_when=asyncio.FIRST_COMPLETED)
            return held.done() and not fault.abandon
        finally:
            for task in (held, left):
                task.cancel()
            await asyncio.gather(held, left, return_exceptions=True)

    def _record(self, visit: Visit, reply: Reply | None, begun: float, fault: Fault | None) -> None:
        subject = visit.subject
        self.traffic.append(
            Exchange(
                kind="git" if visit.kind == "git" else "rest",
                method=subject.method,
                path=subject.path,
                status=reply.status if reply else 0,
                actor=subject.actor,
                at=self.clock.now(),
                seconds=time.perf_counter() - begun,
                request=subject.sent,
                faulted=fault is not None,
            )
        )


_EMPTY = Reply(0, {}, b"")


def _instead(fault: Fault) -> Reply | None:
    form = fault.form
    if form.status is None:
        return None
    headers = {"content-type": "text/html; charset=utf-8", **form.headers}
    if form.body.startswith("{") and "content-type" not in {key.lower() for key in form.headers}:
        headers["content-type"] = "application/json; charset=utf-8"
    return Reply(form.status, headers, form.body.encode())


async def gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_reply(reply: Reply, send: Send) -> None:
    headers = {**reply.headers, "content-length": str(len(reply.body))}
    if reply.status in (204, 304):
        del headers["content-length"]
    raw = [
        (name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in headers.items()
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    await send({"type": "http.response.body", "body": reply.body})
