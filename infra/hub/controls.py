"""`/_hub/...`: what a test does to the hub from another process."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from infra.hub.acts import apps as app_acts
from infra.hub.acts.accounts import delete_account
from infra.hub.acts.checks import tell_run
from infra.hub.acts.repositories import add_ruleset
from infra.hub.faults import Fault, FaultForm, Faults, reached
from infra.hub.hooks import HookFaultForm, Hooks
from infra.hub.openapi.violation import Violation
from infra.hub.seed import Seed, plant
from infra.hub.state.accounts import Account
from infra.hub.state.apps import App, Installation, Level
from infra.hub.state.issues import Comment
from infra.hub.state.repositories import Repository, Role, RuleKind
from infra.hub.state.world import Json, World
from infra.hub.traffic import Traffic


class Controlled(Protocol):
    @property
    def world(self) -> World: ...
    @property
    def faults(self) -> Faults: ...
    @property
    def traffic(self) -> Traffic: ...
    @property
    def hooks(self) -> Hooks: ...
    @property
    def violations(self) -> list[Violation]: ...
    def unread(self, author: str) -> list[Comment]: ...


def controls(hub: Callable[[], Controlled]) -> ASGIApp:
    """`hub` is asked for at each call: it and these controls hold each other."""

    def at(path: str, act: Callable[[Controlled, Request], Awaitable[object]], verb: str) -> Route:
        async def endpoint(request: Request) -> Response:
            return _answer(await act(hub(), request))

        return Route(f"/_hub/{path}", endpoint, methods=[verb])

    return Starlette(
        routes=[
            at("seed", _seed, "POST"),
            at("state", _state, "GET"),
            at("faults", _add_fault, "POST"),
            at("faults", _list_faults, "GET"),
            at("faults", _clear_faults, "DELETE"),
            at("faults/{id:int}/release", _release_fault, "POST"),
            at("faults/{id:int}/reached", _fault_reached, "GET"),
            at("faults/{id:int}", _remove_fault, "DELETE"),
            at("hook-faults", _add_hook_fault, "POST"),
            at("hook-faults", _clear_hook_faults, "DELETE"),
            at("deliveries/idle", _deliveries_idle, "POST"),
            at("traffic", _traffic, "GET"),
            at("violations", _violations, "GET"),
            at("unread", _unread, "GET"),
            at("clock", _clock, "POST"),
            at("switches", _switches, "PATCH"),
            at("apps/{slug}/hook", _hook, "PUT"),
            at("apps/{slug}/ping", _ping, "POST"),
            at("apps/{slug}/tokens", _revoke_tokens, "DELETE"),
            at("installations/{id:int}", _change_installation, "PATCH"),
            at("accounts/{login}", _delete_account, "DELETE"),
            at("repos/{owner}/{repo}", _change_repository, "PATCH"),
            at("repos/{owner}/{repo}/check-runs/{id:int}/actions", _press, "POST"),
            Route("/_hub/avatars/{id:int}", _avatar),
        ],
        exception_handlers={ValidationError: _invalid},
    )


def _answer(value: object) -> Response:
    return Response(status_code=204) if value is None else JSONResponse(value)


async def _invalid(request: Request, error: Exception) -> Response:
    del request
    return JSONResponse({"message": str(error)}, status_code=422)


class Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


async def _seed(hub: Controlled, request: Request) -> object:
    with hub.world.lock:
        return plant(hub.world, Seed.model_validate_json(await request.body())).model_dump()


async def _state(hub: Controlled, request: Request) -> object:
    del request
    world = hub.world
    with world.lock:
        return {
            "web_url": world.urls.web,
            "api_url": world.urls.api,
            "people": [each.login for each in world.accounts.values() if each.kind == "User"],
            "apps": [{"id": each.id, "slug": each.slug} for each in world.apps.values()],
            "repositories": [
                {"full_name": repo.full_name, "issues": sorted(repo.issues)}
                for repo in world.repositories.values()
            ],
        }


async def _add_fault(hub: Controlled, request: Request) -> object:
    return _fault(hub.faults.add(FaultForm.model_validate_json(await request.body())))


def _fault(fault: Fault) -> Json:
    return {
        "id": fault.id,
        "hits": fault.hits,
        "holding": fault.holding,
        **fault.form.model_dump(),
    }


async def _list_faults(hub: Controlled, request: Request) -> object:
    del request
    return [_fault(fault) for fault in hub.faults.every()]


async def _clear_faults(hub: Controlled, request: Request) -> None:
    del request
    hub.faults.clear()


def _found_fault(hub: Controlled, request: Request) -> Fault:
    fault = hub.faults.get(request.path_params["id"])
    if fault is None:
        raise HTTPException(404)
    return fault


class ReleaseForm(Form):
    abandon: bool = False


async def _release_fault(hub: Controlled, request: Request) -> object:
    form = ReleaseForm.model_validate_json(await request.body() or b"{}")
    fault = _found_fault(hub, request)
    hub.faults.release(fault, abandon=form.abandon)
    return _fault(fault)


async def _fault_reached(hub: Controlled, request: Request) -> object:
    """Answers when a request is held, or with 408 after `seconds`."""
    fault = _found_fault(hub, request)
    try:
        await reached(fault, float(request.query_params.get("seconds", "10")))
    except TimeoutError as error:
        raise HTTPException(408) from error
    return _fault(fault)


async def _remove_fault(hub: Controlled, request: Request) -> None:
    hub.faults.remove(_found_fault(hub, request))


async def _add_hook_fault(hub: Controlled, request: Request) -> object:
    fault = hub.hooks.add_fault(HookFaultForm.model_validate_json(await request.body()))
    return {"id": fault.id}


async def _clear_hook_faults(hub: Controlled, request: Request) -> None:
    del request
    hub.hooks.faults.clear()


async def _deliveries_idle(hub: Controlled, request: Request) -> None:
    await hub.hooks.idle(float(request.query_params.get("seconds", "10")))


async def _traffic(hub: Controlled, request: Request) -> object:
    query = request.query_params
    found = hub.traffic.matching(query.get("method", ".*"), query.get("path", ".*"))
    return [
        {
            "kind": each.kind,
            "method": each.method,
            "path": each.path,
            "status": each.status,
            "actor": each.actor,
            "at": each.at.isoformat(),
        }
        for each in found
    ]


async def _violations(hub: Controlled, request: Request) -> object:
    del request
    return [asdict(each) for each in hub.violations]


async def _unread(hub: Controlled, request: Request) -> object:
    found = hub.unread(request.query_params["author"])
    return [{"id": each.id, "body": each.body} for each in found]


class ClockForm(Form):
    seconds: float


async def _clock(hub: Controlled, request: Request) -> None:
    hub.world.clock.advance(ClockForm.model_validate_json(await request.body()).seconds)


async def _switches(hub: Controlled, request: Request) -> object:
    switches = hub.world.switches
    known = asdict(switches)
    sent = json.loads(await request.body())
    if unknown := set(sent) - set(known):
        raise HTTPException(422, f"no such switch: {sorted(unknown)}")
    for name, value in sent.items():
        setattr(switches, name, value)
    return asdict(switches)


def _app(hub: Controlled, request: Request) -> App:
    slug = request.path_params["slug"]
    found = next((app for app in hub.world.apps.values() if app.slug == slug), None)
    if found is None:
        raise HTTPException(404)
    return found


class HookForm(Form):
    url: str | None
    secret: str
    form: bool = False


async def _hook(hub: Controlled, request: Request) -> None:
    sent = HookForm.model_validate_json(await request.body())
    app_acts.set_hook(_app(hub, request), sent.url, sent.secret, form=sent.form)


async def _ping(hub: Controlled, request: Request) -> None:
    with hub.world.lock:
        app_acts.ping(hub.world, _app(hub, request))


async def _revoke_tokens(hub: Controlled, request: Request) -> None:
    """Every token the App holds is bad from now on."""
    app = _app(hub, request)
    for token in hub.world.tokens.values():
        token.revoked = token.revoked or token.installation.app is app


class InstallationForm(Form):
    suspended: bool | None = None
    removed: bool = False
    permissions: dict[str, Level] | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


async def _change_installation(hub: Controlled, request: Request) -> None:
    sent = InstallationForm.model_validate_json(await request.body())
    with hub.world.lock:
        found = hub.world.installations.get(request.path_params["id"])
        if found is None:
            raise HTTPException(404)
        _apply(hub.world, found, sent)


def _apply(world: World, found: Installation, sent: InstallationForm) -> None:
    owner = found.account
    if sent.suspended is True:
        app_acts.suspend(world, found, owner)
    elif sent.suspended is False:
        app_acts.unsuspend(world, found, owner)
    if sent.permissions is not None:
        app_acts.accept_permissions(world, found, sent.permissions, owner)
    if sent.add or sent.remove:
        added = tuple(_named(world, name) for name in sent.add)
        removed = tuple(_named(world, name) for name in sent.remove)
        app_acts.change_repositories(world, found, owner, added, removed)
    if sent.removed:
        app_acts.uninstall(world, found, owner)


def _named(world: World, full_name: str) -> Repository:
    found = world.repository(full_name)
    if found is None:
        raise HTTPException(404, full_name)
    return found


def _account(world: World, login: str) -> Account:
    found = world.account(login)
    if found is None:
        raise HTTPException(404, login)
    return found


async def _delete_account(hub: Controlled, request: Request) -> None:
    delete_account(_account(hub.world, request.path_params["login"]))


class RulesetForm(Form):
    pattern: str
    kinds: tuple[RuleKind, ...]


class RepositoryForm(Form):
    protect: tuple[str, ...] = ()
    unprotect: tuple[str, ...] = ()
    rulesets: tuple[RulesetForm, ...] = ()
    secret_patterns: tuple[str, ...] | None = None
    roles: dict[str, Role | Literal["none"]] = {}


async def _change_repository(hub: Controlled, request: Request) -> None:
    sent = RepositoryForm.model_validate_json(await request.body())
    world = hub.world
    with world.lock:
        repo = _named(world, "{owner}/{repo}".format(**request.path_params))
        repo.protected = (repo.protected | set(sent.protect)) - set(sent.unprotect)
        for ruleset in sent.rulesets:
            add_ruleset(world, repo, ruleset.pattern, *ruleset.kinds)
        if sent.secret_patterns is not None:
            repo.secret_patterns = list(sent.secret_patterns)
        for login, role in sent.roles.items():
            account = _account(world, login)
            if role == "none":
                repo.collaborators.pop(account.id, None)
            else:
                repo.collaborators[account.id] = role


class PressForm(Form):
    identifier: str
    user: str


async def _press(hub: Controlled, request: Request) -> None:
    """A click on one of a check run's buttons, which REST does not offer."""
    sent, world = PressForm.model_validate_json(await request.body()), hub.world
    with world.lock:
        repo = _named(world, "{owner}/{repo}".format(**request.path_params))
        run = next((r for r in repo.check_runs() if r.id == request.path_params["id"]), None)
        if run is None or sent.identifier not in {action.identifier for action in run.actions}:
            raise HTTPException(404)
        fields: Json = {"requested_action": {"identifier": sent.identifier}}
        tell_run(world, "requested_action", repo, run, _account(world, sent.user), fields)


async def _avatar(request: Request) -> Response:
    hue = request.path_params["id"] * 47 % 360
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">'
        f'<rect width="8" height="8" fill="hsl({hue} 45% 55%)"/>'
        '<circle cx="4" cy="3" r="1.5" fill="#fff"/><path d="M1 8a3 3 0 0 1 6 0" fill="#fff"/>'
        "</svg>"
    )
    return Response(svg, media_type="image/svg+xml")
