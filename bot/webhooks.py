"""The one route that GitHub calls: verify, write down, answer 202; nothing else."""

from collections.abc import Awaitable, Callable, Sequence

import structlog
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.ingest import MAX_BODY_BYTES, BadEnvelope, envelope, verify
from bot.store.ids import Guid
from bot.store.inbox import Inbox, InboxBroken, InboxFull

Wake = Callable[[Guid], Awaitable[None]]
_log = structlog.get_logger()


def webhook_route(secrets: Sequence[bytes], inbox: Inbox, wake: Wake) -> Route:
    """`wake` is called once the row is durable and the answer sent."""
    if not any(secrets):
        raise ValueError("a webhook without a secret could come from anyone")

    async def receive(request: Request) -> Response:
        return await _receive(request, secrets, inbox, wake)

    return Route("/webhook", receive, methods=["POST"])


async def _receive(
    request: Request, secrets: Sequence[bytes], inbox: Inbox, wake: Wake
) -> Response:
    try:
        body = await _body(request)
    except ClientDisconnect:
        return _said(400, "the connection was closed")
    if body is None:
        return _said(413, "the payload is larger than GitHub ever sends")
    if not verify(secrets, body, request.headers.get("x-hub-signature-256")):
        _log.warning("a webhook without a valid signature was refused")
        return _said(401, "the signature does not fit")
    try:
        new = envelope(request.headers, body)
    except BadEnvelope as error:
        return _said(400, str(error))
    try:
        runnable = await inbox.put(new)
    except InboxFull:
        return _said(503, "too much is waiting; it will be fetched later")
    except InboxBroken as error:
        _log.error("a webhook could not be written down", guid=new.guid, error=str(error))
        return _said(503, "the database does not answer; it will be fetched later")
    task = BackgroundTask(wake, new.guid) if runnable else None
    return Response(status_code=202, background=task)


async def _body(request: Request) -> bytes | None:
    """The raw bytes; None once they are too many, without having kept them."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > MAX_BODY_BYTES:
        return None
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _said(status: int, sentence: str) -> Response:
    return PlainTextResponse(f"{sentence}\n", status)
