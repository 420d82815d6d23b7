"""The App itself: its installations, their tokens, its webhook deliveries."""

from typing import Annotated

from pydantic import Field

from infra.hub.acts import apps as acts
from infra.hub.render import apps as render
from infra.hub.render.deliveries import delivery, delivery_item
from infra.hub.render.repositories import repository
from infra.hub.rest.call import Answer, Body, Call
from infra.hub.rest.needs import require_app, require_installation
from infra.hub.rest.refusal import Refusal, not_found, unprocessable
from infra.hub.rest.routes import Routes
from infra.hub.state.apps import Installation, Permissions
from infra.hub.state.deliveries import Delivery
from infra.hub.state.repositories import Repository

route = Routes()


@route("GET", "/app", None)
def show_app(call: Call) -> Answer:
    return Answer(200, render.authenticated_app(call.world, require_app(call.actor).app))


@route("GET", "/app/installations", None)
def list_installations(call: Call) -> Answer:
    app = require_app(call.actor).app
    every = call.world.installations.values()
    mine = [each for each in every if each.app is app and not each.removed]
    return call.page(mine, lambda each: render.installation(call.world, each))


@route("GET", "/app/installations/{installation_id}", None)
def show_installation(call: Call) -> Answer:
    return Answer(200, render.installation(call.world, _installation(call)))


def _installation(call: Call) -> Installation:
    app = require_app(call.actor).app
    found = call.world.installations.get(call.number("installation_id"))
    if found is None or found.app is not app or found.removed:
        raise not_found()
    return found


@route("DELETE", "/app/installations/{installation_id}", None)
def delete_installation(call: Call) -> Answer:
    found = _installation(call)
    acts.uninstall(call.world, found, found.account)
    return Answer(204)


@route("PUT", "/app/installations/{installation_id}/suspended", None)
def suspend_installation(call: Call) -> Answer:
    found = _installation(call)
    acts.suspend(call.world, found, found.app.owner)
    return Answer(204)


@route("DELETE", "/app/installations/{installation_id}/suspended", None)
def unsuspend_installation(call: Call) -> Answer:
    found = _installation(call)
    acts.unsuspend(call.world, found, found.app.owner)
    return Answer(204)


class TokenBody(Body):
    repositories: list[str] | None = None
    repository_ids: Annotated[list[int], Field(max_length=500)] | None = None
    permissions: Permissions | None = None


@route("POST", "/app/installations/{installation_id}/access_tokens", None)
def create_token(call: Call) -> Answer:
    found = _installation(call)
    if found.suspended_at is not None:
        raise Refusal(403, "This installation has been suspended")
    sent = call.body(TokenBody, "InstallationToken")
    if sent.permissions and acts.ungranted(found, sent.permissions):
        raise unprocessable("The permissions requested are not granted to this installation.")
    chosen = _narrowed(call, found, sent)
    ids = None if chosen is None else frozenset(repo.id for repo in chosen)
    token = acts.mint(call.world, found, sent.permissions, ids)
    return Answer(201, render.installation_token(call.world, token, chosen or []))


def _narrowed(call: Call, found: Installation, sent: TokenBody) -> list[Repository] | None:
    if sent.repositories is None and sent.repository_ids is None:
        return None
    names = {name.casefold() for name in sent.repositories or ()}
    ids = set(sent.repository_ids or ())
    covered = acts.repositories_of(call.world, found)
    chosen = [repo for repo in covered if repo.id in ids or repo.name.casefold() in names]
    if len(chosen) < max(len(names), len(ids)):
        raise unprocessable(
            "There is at least one repository that does not exist or is not accessible to the"
            " parent installation."
        )
    return chosen


@route("DELETE", "/installation/token", None)
def revoke_token(call: Call) -> Answer:
    require_installation(call.actor).token.revoked = True
    return Answer(204)


@route("GET", "/installation/repositories", None)
def list_repositories(call: Call) -> Answer:
    token = require_installation(call.actor).token
    every = acts.repositories_of(call.world, token.installation)
    chosen = token.repository_ids
    mine = [repo for repo in every if chosen is None or repo.id in chosen]
    return call.page(mine, lambda repo: repository(call.world, repo, None), "repositories")


@route("GET", "/repos/{owner}/{repo}/installation", None)
def repository_installation(call: Call) -> Answer:
    app = require_app(call.actor).app
    repo = call.world.repository(f"{call.params['owner']}/{call.params['repo']}")
    found = call.world.installation_on(app, repo) if repo else None
    if found is None:
        raise not_found()
    return Answer(200, render.installation(call.world, found))


@route("GET", "/users/{username}/installation", None)
def user_installation(call: Call) -> Answer:
    app = require_app(call.actor).app
    account = call.world.account(call.params["username"])
    for found in call.world.installations.values():
        if found.app is app and found.account is account and not found.removed:
            return Answer(200, render.installation(call.world, found))
    raise not_found()


@route("POST", "/app-manifests/{code}/conversions", None)
def convert_manifest(call: Call) -> Answer:
    registration = call.world.registrations.get(call.params["code"])
    if registration is None or registration.used:
        raise not_found()
    if registration.expires_at <= call.world.clock.now():
        raise not_found()
    registration.used = True
    return Answer(201, render.converted_manifest(call.world, registration.app))


@route("GET", "/app/hook/deliveries", None)
def list_deliveries(call: Call) -> Answer:
    """Newest first; the cursor of the next page is in `Link`, not a page number."""
    mine = [each for each in _deliveries(call) if _wanted(each, call.query.get("status"))]
    cursor, size = call.query.get("cursor", ""), call.query.get("per_page", "30")
    start = next((at for at, each in enumerate(mine) if str(each.id) == cursor), 0)
    end = start + min(100, max(1, int(size) if size.isdigit() else 30))
    headers = {}
    if end < len(mine):
        query = f"per_page={end - start}&cursor={mine[end].id}"
        headers["Link"] = f'<{call.world.urls.api}{call.path}?{query}>; rel="next"'
    return Answer(200, [delivery_item(each) for each in mine[start:end]], headers)


def _wanted(each: Delivery, status: str | None) -> bool:
    return status is None or each.is_ok == (status == "success")


def _deliveries(call: Call) -> list[Delivery]:
    app = require_app(call.actor).app
    return [each for each in reversed(call.world.deliveries) if each.app is app and each.is_done]


@route("GET", "/app/hook/deliveries/{delivery_id}", None)
def show_delivery(call: Call) -> Answer:
    return Answer(200, delivery(_delivery(call)))


@route("POST", "/app/hook/deliveries/{delivery_id}/attempts", None)
def redeliver(call: Call) -> Answer:
    call.world.outbox.redeliver(_delivery(call))
    return Answer(202, {})


def _delivery(call: Call) -> Delivery:
    wanted = call.number("delivery_id")
    found = next((each for each in _deliveries(call) if each.id == wanted), None)
    if found is None:
        raise not_found()
    return found
