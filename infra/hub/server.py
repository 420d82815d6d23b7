"""One ASGI application: REST, git over HTTP, the controls for tests, the pages."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Receive, Scope, Send

from infra.hub.faults import Faults, Subject
from infra.hub.gate import Gate, Reply, Visit
from infra.hub.git.http import GitCall, serve_git, unzipped
from infra.hub.graphql import run_query
from infra.hub.openapi.checks import Checks
from infra.hub.rest.actors import Actor, identify, identify_git
from infra.hub.rest.dispatch import Request, dispatch
from infra.hub.rest.limits import Limits
from infra.hub.rest.refusal import Refusal
from infra.hub.state.world import World
from infra.hub.traffic import Traffic

API_PREFIX = "/api/v3"
GRAPHQL = "/api/graphql"
_GIT = re.compile(
    r"/([^/]+)/([^/]+?)(?:\.git)?/(info/refs|git-upload-pack|git-receive-pack|HEAD|objects/.*)"
)


@dataclass
class Server:
    world: World
    faults: Faults
    traffic: Traffic
    gate: Gate
    controls: ASGIApp
    pages: ASGIApp
    checks: Checks
    limits: Limits = field(init=False)

    def __post_init__(self) -> None:
        self.limits = Limits(self.world)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        with self.checks.crashes(f"{scope['method']} {scope['path']}"):
            await self._go(scope, receive, send)

    async def _go(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path.startswith(f"{API_PREFIX}/"):
            await self._rest(scope, receive, send)
        elif path == GRAPHQL:
            await self._graphql(scope, receive, send)
        elif path.startswith("/_hub/"):
            await self.controls(scope, receive, send)
        elif match := _GIT.fullmatch(path):
            await self._git(match, scope, receive, send)
        else:
            await self.pages(scope, receive, send)

    async def _rest(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        cookies = {key: each.value for key, each in SimpleCookie(headers.get("cookie", "")).items()}
        request = Request(
            method=scope["method"],
            path=scope["path"].removeprefix(API_PREFIX),
            query=dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True)),
            headers=headers,
            cookies=cookies,
            body=await _body(receive),
        )

        async def serve() -> Reply:
            response = dispatch(self.world, self.limits, request)
            self.checks.call(request, response)
            return Reply(response.status, response.headers, response.body)

        name = self._name(lambda: identify(self.world, headers, cookies))
        subject = Subject(request.method, request.path, (), request.body, name)
        await self.gate.pass_through(Visit("rest", subject, serve), scope, receive, send)

    async def _graphql(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers, body = _headers(scope), await _body(receive)

        async def serve() -> Reply:
            with self.world.lock:
                try:
                    value = run_query(self.world, identify(self.world, headers, {}), body)
                except Refusal as refusal:
                    return Reply(refusal.status, {}, json.dumps(refusal.body()).encode())
            kind = {"Content-Type": "application/json; charset=utf-8"}
            return Reply(200, kind, json.dumps(value).encode())

        name = self._name(lambda: identify(self.world, headers, {}))
        subject = Subject(scope["method"], "/graphql", (), body, name)
        await self.gate.pass_through(Visit("rest", subject, serve), scope, receive, send)

    async def _git(self, match: re.Match[str], scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        call = GitCall(
            owner=match[1],
            name=match[2],
            tail=match[3],
            method=scope["method"],
            query=scope["query_string"].decode(),
            headers=headers,
            body=unzipped(headers, await _body(receive)),
        )

        async def serve() -> Reply:
            return await serve_git(self.world, self._git_actor(headers), call)

        name = self._name(lambda: identify_git(self.world, headers))
        refs = tuple(move.ref for move in call.moves)
        path = f"{scope['path']}?{call.query}" if call.query else scope["path"]
        subject = Subject(call.method, path, refs, b"", name)
        await self.gate.pass_through(Visit("git", subject, serve), scope, receive, send)

    def _git_actor(self, headers: dict[str, str]) -> Actor | Refusal:
        try:
            with self.world.lock:
                return identify_git(self.world, headers)
        except Refusal as refusal:
            return refusal

    def _name(self, who: Callable[[], Actor]) -> str:
        try:
            with self.world.lock:
                return who().name
        except Refusal:
            return "refused"


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]}


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
