"""What may happen to Apps, people and repositories behind their backs."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Literal

from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.requests import Request

from infra.hub.acts import accounts as account_acts
from infra.hub.acts import apps as app_acts
from infra.hub.acts.checks import tell_run
from infra.hub.acts.repositories import add_ruleset
from infra.hub.controls.controlled import Controlled, Form, named_account, named_repository
from infra.hub.state.apps import App, Installation, Level
from infra.hub.state.repositories import Role, RuleKind
from infra.hub.state.switches import Switches
from infra.hub.state.world import Json, World


class ClockForm(Form):
    seconds: float


async def move_clock(hub: Controlled, request: Request) -> None:
    hub.world.clock.advance(ClockForm.model_validate_json(await request.body()).seconds)


async def flip_switches(hub: Controlled, request: Request) -> object:
    switches = hub.world.switches
    known = asdict(switches)
    sent = json.loads(await request.body())
    if unknown := set(sent) - set(known):
        raise HTTPException(422, f"no such switch: {sorted(unknown)}")
    wanted = TypeAdapter(Switches).validate_python(known | sent)
    for name in sent:
        setattr(switches, name, getattr(wanted, name))
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


async def set_hook(hub: Controlled, request: Request) -> None:
    sent = HookForm.model_validate_json(await request.body())
    app_acts.set_hook(_app(hub, request), sent.url, sent.secret, form=sent.form)


async def ping(hub: Controlled, request: Request) -> None:
    with hub.world.lock:
        app_acts.ping(hub.world, _app(hub, request))


async def revoke_tokens(hub: Controlled, request: Request) -> None:
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


async def change_installation(hub: Controlled, request: Request) -> None:
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
        added = tuple(named_repository(world, name) for name in sent.add)
        removed = tuple(named_repository(world, name) for name in sent.remove)
        app_acts.change_repositories(world, found, owner, added, removed)
    if sent.removed:
        app_acts.uninstall(world, found, owner)


async def delete_account(hub: Controlled, request: Request) -> None:
    account_acts.delete_account(named_account(hub.world, request.path_params["login"]))


class RulesetForm(Form):
    pattern: str
    kinds: tuple[RuleKind, ...]


class RepositoryForm(Form):
    protect: tuple[str, ...] = ()
    unprotect: tuple[str, ...] = ()
    rulesets: tuple[RulesetForm, ...] = ()
    secret_patterns: tuple[str, ...] | None = None
    roles: Mapping[str, Role | Literal["none"]] = {}


async def change_repository(hub: Controlled, request: Request) -> None:
    sent = RepositoryForm.model_validate_json(await request.body())
    world = hub.world
    with world.lock:
        repo = named_repository(world, "{owner}/{repo}".format(**request.path_params))
        repo.protected = (repo.protected | set(sent.protect)) - set(sent.unprotect)
        for ruleset in sent.rulesets:
            add_ruleset(world, repo, ruleset.pattern, *ruleset.kinds)
        if sent.secret_patterns is not None:
            repo.secret_patterns = list(sent.secret_patterns)
        for login, role in sent.roles.items():
            account = named_account(world, login)
            if role == "none":
                repo.collaborators.pop(account.id, None)
            else:
                repo.collaborators[account.id] = role


class PressForm(Form):
    identifier: str
    user: str


async def press_button(hub: Controlled, request: Request) -> None:
    """A click on one of a check run's buttons, which REST does not offer."""
    sent, world = PressForm.model_validate_json(await request.body()), hub.world
    with world.lock:
        repo = named_repository(world, "{owner}/{repo}".format(**request.path_params))
        run = next((r for r in repo.check_runs() if r.id == request.path_params["id"]), None)
        if run is None or sent.identifier not in {action.identifier for action in run.actions}:
            raise HTTPException(404)
        fields: Json = {"requested_action": {"identifier": sent.identifier}}
        tell_run(world, "requested_action", repo, run, named_account(world, sent.user), fields)
