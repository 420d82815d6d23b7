"""A webhook is believed by its signature, kept before it is answered, and kept once."""

import asyncio
import hashlib
import hmac
import json
import sqlite3
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx
import pytest
from starlette.applications import Starlette

from bot.ingest import MAX_BODY_BYTES, BadEnvelope, envelope, verify
from bot.store import deliveries
from bot.store.deliveries import NewDelivery
from bot.store.engine import Store, sqlite_path
from bot.store.ids import Guid
from bot.store.inbox import Inbox, InboxFull, open_inbox
from bot.store.states import DeliveryState
from bot.webhooks import webhook_route

OLD, NEW = b"the old secret", b"the new secret"
GUID = Guid("8f14e45f-ceea-467f-a3c1-0f1c2d3e4f50")
BODY = json.dumps(
    {
        "action": "created",
        "repository": {"id": 2**31 + 2, "full_name": "acme/shop"},
        "installation": {"id": 2**31 + 1, "node_id": "x"},
        "comment": {"body": "/baro plan\r\n"},
    }
).encode()


class Awake:
    """Remembers who was woken, and what the database knew at that moment."""

    def __init__(self, store: Store) -> None:
        self.guids: list[Guid] = []
        self.durable: list[bool] = []
        self._store = store

    async def __call__(self, guid: Guid) -> None:
        self.guids.append(guid)
        self.durable.append(await deliveries.get(self._store, guid) is not None)


@pytest.fixture
async def inbox(store: Store) -> AsyncIterator[Inbox]:
    inbox = open_inbox(store)
    yield inbox
    await inbox.close()


@pytest.fixture
def awake(store: Store) -> Awake:
    return Awake(store)


@pytest.fixture
async def client(inbox: Inbox, awake: Awake) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=[webhook_route([OLD, NEW], inbox, awake)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://baro") as client:
        yield client


async def test_a_signed_delivery_is_kept_and_wakes_its_handler(
    client: httpx.AsyncClient, store: Store, awake: Awake
) -> None:
    assert (await post(client)).status_code == 202
    kept = await deliveries.get(store, GUID)
    assert kept is not None
    assert (kept.event, kept.action, kept.payload) == ("issue_comment", "created", BODY)
    assert (kept.repository_id, kept.installation_id) == (2**31 + 2, 2**31 + 1)
    assert kept.received_at == store.clock()
    assert (awake.guids, awake.durable) == ([GUID], [True])


@pytest.mark.parametrize("secret", [OLD, NEW])
async def test_while_secrets_rotate_either_signs(client: httpx.AsyncClient, secret: bytes) -> None:
    assert (await post(client, secret=secret)).status_code == 202


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "sha1=" + hmac.new(NEW, BODY, hashlib.sha1).hexdigest(),
        hmac.new(NEW, BODY, hashlib.sha256).hexdigest(),
        "sha256=" + hmac.new(b"another", BODY, hashlib.sha256).hexdigest(),
        "sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest(),
        "sha256=é",
    ],
)
async def test_a_forged_signature_is_refused_and_leaves_nothing(
    client: httpx.AsyncClient, store: Store, awake: Awake, signature: str
) -> None:
    answer = await post(client, signature=signature.encode())
    assert answer.status_code == 401
    assert await deliveries.get(store, GUID) is None
    assert awake.guids == []


async def test_a_body_changed_on_the_way_is_refused(client: httpx.AsyncClient) -> None:
    answer = await post(client, body=BODY + b" ", signature=signed(BODY, NEW))
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-GitHub-Delivery", None),
        ("X-GitHub-Delivery", "../etc/passwd"),
        ("X-GitHub-Delivery", "a" * 65),
        ("X-GitHub-Event", None),
        ("X-GitHub-Event", "issue comment"),
    ],
)
async def test_a_delivery_without_its_headers_is_refused(
    client: httpx.AsyncClient, header: str, value: str | None
) -> None:
    answer = await post(client, headers={header: value})
    assert answer.status_code == 400
    assert header in answer.text


async def test_what_is_not_json_is_refused(client: httpx.AsyncClient) -> None:
    assert (await post(client, body=b"hello")).status_code == 400
    assert (await post(client, body=b"\xff\xfe{}")).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b'{"action": 7}',
        b'{"action": "' + b"x" * 200 + b'"}',
        b'{"action": "\\u0000"}',
        b'{"repository": null, "installation": {"id": 99999999999999999999}}',
        b'{"repository": {"id": -1}}',
    ],
)
async def test_an_event_of_tomorrow_is_kept_and_answered(
    client: httpx.AsyncClient, store: Store, body: bytes
) -> None:
    answer = await post(client, body=body, headers={"X-GitHub-Event": "sub_issue_telepathy"})
    assert answer.status_code == 202
    kept = await deliveries.get(store, GUID)
    assert kept is not None
    assert kept.payload == body


async def test_a_form_is_kept_as_the_json_inside_it(
    client: httpx.AsyncClient, store: Store
) -> None:
    form = urlencode({"payload": BODY.decode()}).encode()
    answer = await post(
        client, body=form, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 202
    kept = await deliveries.get(store, GUID)
    assert kept is not None
    assert kept.payload == BODY


async def test_a_redelivery_runs_until_the_work_is_done(
    client: httpx.AsyncClient, store: Store, awake: Awake
) -> None:
    await post(client)
    assert (await post(client)).status_code == 202
    await deliveries.mark(store, GUID, DeliveryState.done)
    assert (await post(client)).status_code == 202
    assert awake.guids == [GUID, GUID]


async def test_a_body_beyond_githubs_limit_is_not_read(client: httpx.AsyncClient) -> None:
    answer = await post(client, headers={"Content-Length": str(MAX_BODY_BYTES + 1)})
    assert answer.status_code == 413


async def test_a_body_without_a_declared_length_is_cut_off_too(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(27):
            yield b" " * 1024 * 1024

    answer = await client.post("/webhook", content=endless())
    assert answer.status_code == 413


async def test_only_a_post_is_a_webhook(client: httpx.AsyncClient) -> None:
    assert (await client.get("/webhook")).status_code == 405


async def test_many_at_once_are_all_kept(client: httpx.AsyncClient, store: Store) -> None:
    answers = await asyncio.gather(*(post(client, guid=f"g{n}") for n in range(60)))
    assert {answer.status_code for answer in answers} == {202}
    assert len(await deliveries.next_received(store)) == 60


async def test_more_than_may_wait_is_sent_away(store: Store) -> None:
    inbox = open_inbox(store, capacity=1)
    async with blocked(store):
        puts = [asyncio.create_task(inbox.put(envelope(headers(n), BODY))) for n in range(8)]
        await asyncio.sleep(0.1)
        full = [put for put in puts if put.done() and isinstance(put.exception(), InboxFull)]
        assert full
    await asyncio.wait(puts)
    assert any(put.exception() is None for put in puts)
    await inbox.close()
    with pytest.raises(InboxFull):
        await inbox.put(envelope(headers(9), BODY))


async def test_a_full_inbox_answers_503(store: Store, awake: Awake) -> None:
    closed = open_inbox(store)
    await closed.close()
    app = Starlette(routes=[webhook_route([NEW], closed, awake)])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://baro"
    ) as client:
        assert (await post(client)).status_code == 503
    assert awake.guids == []


async def test_a_database_that_fails_answers_503_and_recovers(
    sqlite_url: str, clock: object
) -> None:
    async with Store(sqlite_url) as store:
        inbox = open_inbox(store)
        with sqlite3.connect(sqlite_path(store.url)) as connection:
            connection.execute("ALTER TABLE deliveries RENAME TO away")
        awake = Awake(store)
        app = Starlette(routes=[webhook_route([NEW], inbox, awake)])
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://baro"
        ) as client:
            assert (await post(client)).status_code == 503
            connection.execute("ALTER TABLE away RENAME TO deliveries")
            connection.close()
            assert (await post(client)).status_code == 202
        await inbox.close()


async def test_a_sender_that_hangs_up_does_not_stop_the_others(store: Store) -> None:
    inbox = open_inbox(store)
    gone = asyncio.create_task(inbox.put(a_delivery("gone")))
    await asyncio.sleep(0)
    gone.cancel()
    assert await inbox.put(a_delivery("stays"))
    await inbox.close()


def test_no_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="without a secret"):
        webhook_route([], None, None)  # type: ignore[arg-type]


def test_no_secrets_verify_nothing() -> None:
    assert not verify([], BODY, signed(BODY, NEW).decode())


def test_a_form_without_a_payload_is_refused() -> None:
    form = {**headers(1), "content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    with pytest.raises(BadEnvelope, match="no payload"):
        envelope(form, b"other=1")


class blocked:
    """Holds the writers' lock, so that whatever arrives has to wait."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def __aenter__(self) -> None:
        self._holding = self._store.writing()
        connection = await self._holding.__aenter__()
        if not self._store.is_sqlite:
            await connection.exec_driver_sql("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE")

    async def __aexit__(self, *_: object) -> None:
        await self._holding.__aexit__(None, None, None)


async def post(
    client: httpx.AsyncClient,
    *,
    body: bytes = BODY,
    secret: bytes = NEW,
    signature: bytes | None = None,
    guid: str = GUID,
    headers: dict[str, str | None] | None = None,
) -> httpx.Response:
    every: dict[str, str | bytes | None] = {
        "Content-Type": "application/json",
        "X-GitHub-Delivery": guid,
        "X-GitHub-Event": "issue_comment",
        "X-Hub-Signature-256": signed(body, secret) if signature is None else signature,
        **(headers or {}),
    }
    given = [(name, value) for name, value in every.items() if value is not None]
    pairs = [(n.encode(), v if isinstance(v, bytes) else v.encode()) for n, v in given]
    return await client.post("/webhook", content=body, headers=pairs)


def headers(number: int) -> dict[str, str]:
    return {"x-github-delivery": f"g{number}", "x-github-event": "ping"}


def signed(body: bytes, secret: bytes) -> bytes:
    return b"sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest().encode()


def a_delivery(guid: str) -> NewDelivery:
    return envelope({**headers(0), "x-github-delivery": guid}, BODY)
