"""Apps, installations and tokens."""

from infra.hub.render.accounts import node_id, simple_user, user_or_null
from infra.hub.render.repositories import repository
from infra.hub.state.apps import App, Installation, Token
from infra.hub.state.clock import stamp, stamp_or_none
from infra.hub.state.repositories import Repository
from infra.hub.state.world import Json, World


def integration(world: World, app: App) -> Json:
    return {
        "id": app.id,
        "slug": app.slug,
        "node_id": node_id("A", app.id),
        "client_id": app.client_id,
        "owner": simple_user(world, app.owner),
        "name": app.name,
        "description": None,
        "external_url": world.urls.web,
        "html_url": f"{world.urls.web}/apps/{app.slug}",
        "created_at": stamp(app.created_at),
        "updated_at": stamp(app.created_at),
        "permissions": dict(app.permissions),
        "events": list(app.events),
    }


def authenticated_app(world: World, app: App) -> Json:
    count = sum(i.app is app and not i.removed for i in world.installations.values())
    return {**integration(world, app), "installations_count": count}


def converted_manifest(world: World, app: App) -> Json:
    return {
        **integration(world, app),
        "client_secret": app.client_secret,
        "webhook_secret": app.hook_secret or None,
        "pem": app.private_key,
    }


def installation(world: World, found: Installation) -> Json:
    url = f"{world.urls.api}/app/installations/{found.id}"
    return {
        "id": found.id,
        "client_id": found.app.client_id,
        "account": simple_user(world, found.account),
        "repository_selection": "all" if found.repository_ids is None else "selected",
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": f"{world.urls.api}/installation/repositories",
        "html_url": f"{world.urls.web}/settings/installations/{found.id}",
        "app_id": found.app.id,
        "app_slug": found.app.slug,
        "target_id": found.account.id,
        "target_type": found.account.kind,
        "permissions": dict(found.permissions),
        "events": list(found.events),
        "created_at": stamp(found.created_at),
        "updated_at": stamp(found.created_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": user_or_null(world, found.suspended_by),
        "suspended_at": stamp_or_none(found.suspended_at),
    }


def installation_token(world: World, token: Token, chosen: list[Repository]) -> Json:
    narrowed = token.repository_ids is not None
    selection = "all" if token.installation.repository_ids is None else "selected"
    shown: Json = {
        "token": token.value,
        "expires_at": stamp(token.expires_at),
        "permissions": dict(token.permissions),
        "repository_selection": "selected" if narrowed else selection,
    }
    if narrowed:
        shown["repositories"] = [repository(world, repo) for repo in chosen]
    return shown
