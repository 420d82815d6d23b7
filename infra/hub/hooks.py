"""Signed webhook deliveries: sent once, kept in a list, repeated on request."""

import asyncio
import hmac
import itertools
import json
import threading
import time
import uuid
from collections.abc import Callable
from urllib.parse import urlencode

import httpx

from infra.hub.hook_faults import HookFault, HookFaultForm
from infra.hub.render.accounts import node_id
from infra.hub.state.apps import LEVELS, App, Installation
from infra.hub.state.deliveries import Delivery
from infra.hub.state.world import Json, Notice, World

# Nobody can subscribe to these: every App receives them.
ALWAYS = {"installation", "installation_repositories", "ping"}
CHECK_EVENTS = {"check_run", "check_suite"}


class Hooks:
    """Notices come in under the world's lock from any thread; the hub's loop sends."""

    def __init__(self, world: World, checked: Callable[[Notice, Json], None]) -> None:
        self._world = world
        self._checked = checked
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._kept_back: list[Delivery] = []
        self._pending = 0
        self._idle = threading.Condition()
        self._ids = itertools.count(1)
        self.faults: list[HookFault] = []

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        # A receiver that was killed and started again must not meet a stale connection.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.AsyncClient(limits=limits, trust_env=False)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._loop = None
        if self._client is not None:
            await self._client.aclose()

    def add_fault(self, form: HookFaultForm) -> HookFault:
        fault = HookFault(next(self._ids), form)
        self.faults.append(fault)
        return fault

    def put(self, notice: Notice) -> None:
        for app in self._world.apps.values():
            installation = self._hears(app, notice)
            if installation is None and not (notice.app is app and notice.event == "ping"):
                continue
            payload = _with_installation(notice, installation)
            self._checked(notice, payload)
            if app.hook_url is not None:
                self._accept(self._delivery(app, notice, installation, payload))

    def _hears(self, app: App, notice: Notice) -> Installation | None:
        if notice.app is not None and notice.app is not app:
            return None
        if notice.installation is not None:
            return notice.installation
        repo = notice.repository
        installation = self._world.installation_on(app, repo) if repo else None
        if installation is None or installation.suspended_at is not None:
            return None
        return installation if _is_subscribed(installation, notice.event) else None

    def _delivery(
        self, app: App, notice: Notice, installation: Installation | None, payload: Json
    ) -> Delivery:
        return Delivery(
            id=self._world.next_id(),
            guid=str(uuid.uuid4()),
            app=app,
            event=notice.event,
            action=notice.action,
            installation_id=installation.id if installation else None,
            repository_id=notice.repository.id if notice.repository else None,
            body=json.dumps(payload).encode(),
            created_at=self._world.clock.now(),
        )

    def redeliver(self, delivery: Delivery) -> None:
        again = Delivery(
            id=self._world.next_id(),
            guid=delivery.guid,
            app=delivery.app,
            event=delivery.event,
            action=delivery.action,
            installation_id=delivery.installation_id,
            repository_id=delivery.repository_id,
            body=delivery.body,
            created_at=self._world.clock.now(),
            redelivery=True,
        )
        self._record_and_send(again, 0)

    def _accept(self, delivery: Delivery) -> None:
        if len(delivery.body) > self._world.switches.largest_payload_bytes:
            return
        fault = next((each for each in self.faults if each.matches(delivery)), None)
        if fault is None:
            self._record_and_send(delivery, 0)
            self._let_go()
            return
        fault.hits += 1
        match fault.form.kind:
            case "lose":
                return
            case "drop":
                self._world.deliveries.append(delivery)
                delivery.delivered_at = self._world.clock.now()
                delivery.status = "failed to connect to host"
            case "delay":
                self._record_and_send(delivery, fault.form.seconds)
            case "duplicate":
                self._record_and_send(delivery, 0)
                self.redeliver(delivery)
            case "reorder":
                self._kept_back.append(delivery)

    def _let_go(self) -> None:
        kept, self._kept_back = self._kept_back, []
        for delivery in kept:
            self._record_and_send(delivery, 0.05)

    def _record_and_send(self, delivery: Delivery, delay: float) -> None:
        self._world.deliveries.append(delivery)
        if self._loop is None:
            return
        with self._idle:
            self._pending += 1
        self._loop.call_soon_threadsafe(self._begin, delivery, delay)

    def _begin(self, delivery: Delivery, delay: float) -> None:
        task = asyncio.create_task(self._send(delivery, delay))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        with self._idle:
            self._pending -= 1
            self._idle.notify_all()

    async def idle(self, seconds: float = 10) -> None:
        """Until every delivery that is not kept back has been answered or has failed."""

        def wait() -> bool:
            with self._idle:
                return self._idle.wait_for(lambda: self._pending == 0, seconds)

        if not await asyncio.to_thread(wait):
            raise TimeoutError(f"deliveries still under way after {seconds} s")

    async def _send(self, delivery: Delivery, delay: float) -> None:
        if delay:
            await asyncio.sleep(delay)
        content = _content(delivery)
        delivery.request_headers = _headers(delivery, content)
        begun = time.perf_counter()
        try:
            await self._post(delivery, content)
        except httpx.TimeoutException:
            delivery.status = "timed out"
        except httpx.HTTPError as error:
            delivery.status = f"failed to connect to host: {type(error).__name__}"
        delivery.seconds = time.perf_counter() - begun
        delivery.delivered_at = self._world.clock.now()

    async def _post(self, delivery: Delivery, content: bytes) -> None:
        if self._client is None or delivery.app.hook_url is None:
            return
        answer = await self._client.post(
            delivery.app.hook_url,
            content=content,
            headers=delivery.request_headers,
            timeout=self._world.switches.hook_timeout_seconds,
        )
        delivery.status_code = answer.status_code
        delivery.status = (
            "OK" if answer.is_success else f"Invalid HTTP Response: {answer.status_code}"
        )
        delivery.response_headers = dict(answer.headers)
        delivery.response_body = answer.text[:1000]


def _is_subscribed(installation: Installation, event: str) -> bool:
    checks = LEVELS.get(installation.permissions.get("checks", ""), 0)
    automatic = event in CHECK_EVENTS and checks >= LEVELS["write"]
    return automatic or event in installation.events


def _with_installation(notice: Notice, installation: Installation | None) -> Json:
    """In a repository's event it is only `{id, node_id}`."""
    if installation is None or "installation" in notice.payload:
        return notice.payload
    short = {"id": installation.id, "node_id": node_id("MDI", installation.id)}
    return {**notice.payload, "installation": short}


def _content(delivery: Delivery) -> bytes:
    if not delivery.app.hook_form:
        return delivery.body
    return urlencode({"payload": delivery.body.decode()}).encode()


def _headers(delivery: Delivery, content: bytes) -> dict[str, str]:
    app = delivery.app
    kind = "application/x-www-form-urlencoded" if app.hook_form else "application/json"
    headers = {
        "Content-Type": kind,
        "User-Agent": "GitHub-Hookshot/hub",
        "X-GitHub-Delivery": delivery.guid,
        "X-GitHub-Event": delivery.event,
        "X-GitHub-Hook-ID": str(app.id),
        "X-GitHub-Hook-Installation-Target-ID": str(app.id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
    }
    if app.hook_secret:
        for name, digest in (("X-Hub-Signature", "sha1"), ("X-Hub-Signature-256", "sha256")):
            signed = hmac.new(app.hook_secret.encode(), content, digest).hexdigest()
            headers[name] = f"{digest}={signed}"
    return headers
