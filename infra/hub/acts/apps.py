"""Register Apps, install them, and mint, narrow and revoke their tokens."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from infra.hub.acts.accounts import add_account
from infra.hub.render.accounts import simple_user
from infra.hub.render.apps import installation as render_installation
from infra.hub.render.repositories import short_repository
from infra.hub.state.accounts import Account
from infra.hub.state.apps import LEVELS, App, Installation, Permissions, Registration, Token
from infra.hub.state.clock import stamp
from infra.hub.state.repositories import Repository
from infra.hub.state.world import Json, Notice, World


@dataclass(frozen=True)
class AppForm:
    """What a person fills in to register an App."""

    name: str
    permissions: Permissions
    events: tuple[str, ...]
    hook_url: str | None = None
    hook_secret: str = ""
    hook_form: bool = False
    private_key: str | None = None  # None: a new one


def register_app(world: World, owner: Account, form: AppForm) -> App:
    slug = form.name.lower().replace(" ", "-")
    private_key, public_key = _keys(form.private_key)
    app = App(
        id=world.next_id(),
        slug=slug,
        name=form.name,
        owner=owner,
        bot=add_account(world, f"{slug}[bot]", "Bot"),
        private_key=private_key,
        public_key=public_key,
        client_id=f"Iv23li{secrets.token_hex(7)}",
        client_secret=secrets.token_hex(20),
        permissions={"metadata": "read", **form.permissions},
        events=list(form.events),
        created_at=world.clock.now(),
        hook_url=form.hook_url,
        hook_secret=form.hook_secret,
        hook_form=form.hook_form,
    )
    world.apps[app.id] = app
    return app


def _keys(given: str | None) -> tuple[str, str]:
    private = given or new_private_key()
    key = serialization.load_pem_private_key(private.encode(), password=None)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, public.decode()


def new_private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()


def set_hook(app: App, url: str | None, secret: str, *, form: bool = False) -> None:
    app.hook_url, app.hook_secret, app.hook_form = url, secret, form


def ping(world: World, app: App) -> None:
    stamped = stamp(app.created_at)
    hook: Json = {
        "type": "App",
        "id": app.id,
        "name": "web",
        "active": True,
        "events": list(app.events),
        "config": {
            "url": app.hook_url or "",
            "content_type": "form" if app.hook_form else "json",
            "insecure_ssl": "0",
            "secret": "********",
        },
        "created_at": stamped,
        "updated_at": stamped,
        "app_id": app.id,
        "deliveries_url": f"{world.urls.api}/app/hook/deliveries",
    }
    payload: Json = {"zen": "Keep it logically awesome.", "hook_id": app.id, "hook": hook}
    world.announce(Notice("ping", None, payload, app=app))


def register_manifest(world: World, app: App) -> Registration:
    registration = Registration(secrets.token_hex(20), app, world.clock.now() + timedelta(hours=1))
    world.registrations[registration.code] = registration
    return registration


def install(
    world: World, app: App, account: Account, only: Iterable[Repository] | None = None
) -> Installation:
    installation = Installation(
        id=world.next_id(),
        app=app,
        account=account,
        permissions=dict(app.permissions),
        events=list(app.events),
        created_at=world.clock.now(),
        repository_ids=None if only is None else {repo.id for repo in only},
    )
    world.installations[installation.id] = installation
    _tell(world, installation, "created", account, {"repositories": _listed(world, installation)})
    return installation


def uninstall(world: World, installation: Installation, by: Account) -> None:
    listed = _listed(world, installation)
    _tell(world, installation, "deleted", by, {"repositories": listed})
    installation.removed = True


def suspend(world: World, installation: Installation, by: Account) -> None:
    installation.suspended_at, installation.suspended_by = world.clock.now(), by
    _tell(world, installation, "suspend", by, {})


def unsuspend(world: World, installation: Installation, by: Account) -> None:
    installation.suspended_at = installation.suspended_by = None
    _tell(world, installation, "unsuspend", by, {})


def accept_permissions(
    world: World, installation: Installation, permissions: Permissions, by: Account
) -> None:
    installation.permissions = {"metadata": "read", **permissions}
    _tell(world, installation, "new_permissions_accepted", by, {})


def change_repositories(
    world: World,
    installation: Installation,
    by: Account,
    added: tuple[Repository, ...] = (),
    removed: tuple[Repository, ...] = (),
) -> None:
    chosen = {repo.id for repo in repositories_of(world, installation)}
    changed = chosen | {repo.id for repo in added}
    installation.repository_ids = changed - {repo.id for repo in removed}
    for action, some in (("added", added), ("removed", removed)):
        if some:
            fields: Json = {
                "repository_selection": "selected",
                "repositories_added": [short_repository(repo) for repo in added],
                "repositories_removed": [short_repository(repo) for repo in removed],
                "requester": None,
            }
            _tell(world, installation, action, by, fields, event="installation_repositories")


def repositories_of(world: World, installation: Installation) -> list[Repository]:
    every = world.repositories.values()
    return [repo for repo in every if installation.covers(repo.id, repo.owner)]


def _listed(world: World, installation: Installation) -> list[Json]:
    return [short_repository(repo) for repo in repositories_of(world, installation)]


def _tell(
    world: World,
    installation: Installation,
    action: str,
    sender: Account,
    fields: Json,
    event: str = "installation",
) -> None:
    payload: Json = {
        "action": action,
        "installation": render_installation(world, installation),
        "sender": simple_user(world, sender),
        **fields,
    }
    world.announce(Notice(event, action, payload, installation=installation, app=installation.app))


def mint(
    world: World,
    installation: Installation,
    permissions: Permissions | None = None,
    repository_ids: frozenset[int] | None = None,
) -> Token:
    token = Token(
        value=f"ghs_{secrets.token_urlsafe(27)}",
        installation=installation,
        permissions={"metadata": "read", **permissions}
        if permissions
        else dict(installation.permissions),
        repository_ids=repository_ids,
        expires_at=world.clock.now() + timedelta(seconds=world.switches.token_seconds),
    )
    world.tokens[token.value] = token
    return token


def ungranted(installation: Installation, asked: Permissions) -> list[str]:
    granted = installation.permissions
    return [
        name
        for name, level in asked.items()
        if LEVELS[level] > LEVELS.get(granted.get(name, ""), 0)
    ]
