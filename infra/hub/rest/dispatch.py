"""From a request to an answer: who, how often, where, may they, and what then."""

import hashlib
import json
import re
from dataclasses import dataclass, replace

from infra.hub.rest.actors import Actor, AsInstallation, Nobody, identify
from infra.hub.rest.areas import find
from infra.hub.rest.call import Answer, Call, moved_to
from infra.hub.rest.limits import Limits
from infra.hub.rest.needs import check_access
from infra.hub.rest.refusal import Refusal, not_found
from infra.hub.rest.routes import Route
from infra.hub.state.repositories import Repository
from infra.hub.state.world import World

_VERSIONS = {"2022-11-28", "2026-03-10"}
_CONTENT = ("/comments", "/issues", "/pulls", "/reviews", "/replies")


@dataclass(frozen=True)
class Request:
    method: str
    path: str  # below the API's base
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    cookies: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Response:
    status: int
    headers: dict[str, str]
    body: bytes
    value: object
    actor: str
    route: Route | None


def dispatch(world: World, limits: Limits, request: Request) -> Response:
    """Runs under the world's lock: a request sees one state and leaves one."""
    with world.lock:
        request = replace(request, path=_canonical(world, request.path))
        actor: Actor = Nobody()
        match = find(request.method, request.path)
        route = match[0] if match else None
        try:
            actor = _identify(world, request)
            _spend(limits, request, actor)
            answer = _serve(world, limits, request, actor)
        except Refusal as refusal:
            answer = Answer(refusal.status, refusal.body(), refusal.headers)
        return _respond(limits, request, actor, route, answer)


def _canonical(world: World, path: str) -> str:
    """`/repositories/{id}/...` is where a renamed repository's redirects lead."""
    match = re.match(r"/repositories/(\d+)(?=/|$)", path)
    repo = world.repositories.get(int(match[1])) if match else None
    return (
        path if match is None or repo is None else f"/repos/{repo.full_name}{path[match.end() :]}"
    )


def _identify(world: World, request: Request) -> Actor:
    if not request.headers.get("user-agent"):
        raise Refusal(403, "Request forbidden by administrative rules: send a User-Agent.")
    version = request.headers.get("x-github-api-version")
    if version is not None and version not in _VERSIONS:
        raise Refusal(400, f"API version {version} is not supported")
    return identify(world, request.headers, request.cookies)


def _spend(limits: Limits, request: Request, actor: Actor) -> None:
    if request.path != "/rate_limit":
        limits.spend(actor)
    if request.method == "POST" and request.path.endswith(_CONTENT):
        limits.spend_content(actor)


def _serve(world: World, limits: Limits, request: Request, actor: Actor) -> Answer:
    match = find(request.method, request.path)
    if match is None:
        raise not_found()
    if request.path == "/rate_limit":
        return Answer(200, limits.overview(actor))
    route, params = match
    call = Call(
        world,
        actor,
        request.method,
        request.path,
        params,
        request.query,
        request.headers,
        request.body,
    )
    if route.need is not None:
        call.found = _repository(world, call)
        check_access(world, actor, call.found, route.need)
    if request.headers.get("x-hub-quiet"):
        with world.quietly():
            return route.handler(call)
    return route.handler(call)


def _repository(world: World, call: Call) -> Repository:
    full_name = f"{call.params['owner']}/{call.params['repo']}"
    found = world.repository(full_name)
    if found is not None:
        return found
    moved = world.moved_to(full_name)
    if moved is None:
        raise not_found()
    tail = call.path.split("/", 4)[4:]
    raise moved_to(call.method, "/".join([f"{world.urls.api}/repositories/{moved.id}", *tail]))


def _respond(
    limits: Limits, request: Request, actor: Actor, route: Route | None, answer: Answer
) -> Response:
    body = answer.raw
    if body is None:
        body = b"" if answer.value is None else json.dumps(answer.value).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-GitHub-Media-Type": "github.v3; format=json",
        "X-GitHub-Request-Id": f"HUB:{limits.window(actor).used}",
        "Vary": "Accept, Authorization, Cookie, X-GitHub-OTP",
    }
    if isinstance(actor, AsInstallation) and route and route.need:
        headers["X-Accepted-GitHub-Permissions"] = route.need.accepted
    headers |= answer.headers
    status, value = answer.status, answer.value
    if request.method == "GET" and status == 200:
        tag = _etag(request, body)
        headers |= {"ETag": tag, "Cache-Control": "private, max-age=60, s-maxage=60"}
        if tag in request.headers.get("if-none-match", ""):
            limits.refund(actor)
            status, body, value = 304, b"", None
    headers |= limits.headers(actor)
    return Response(status, headers, body, value, actor.name, route)


def _etag(request: Request, body: bytes) -> str:
    """GitHub varies by Authorization: the same page under a new token has a new tag."""
    seed = f"{request.headers.get('authorization')} {request.headers.get('accept')} ".encode()
    return f'W/"{hashlib.sha256(seed + body).hexdigest()}"'
