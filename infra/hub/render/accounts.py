"""Accounts, and who somebody is to a repository."""

import base64

from infra.hub.state.accounts import Account
from infra.hub.state.clock import stamp
from infra.hub.state.repositories import Repository
from infra.hub.state.world import Json, World


def node_id(kind: str, number: int) -> str:
    return f"{kind}_{base64.urlsafe_b64encode(str(number).encode()).decode().rstrip('=')}"


def simple_user(world: World, account: Account) -> Json:
    url = f"{world.urls.api}/users/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("U", account.id),
        "avatar_url": f"{world.urls.web}/_hub/avatars/{account.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": _page(world, account),
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": account.kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def _page(world: World, account: Account) -> str:
    if account.kind == "Bot":
        return f"{world.urls.web}/apps/{account.login.removesuffix('[bot]')}"
    return f"{world.urls.web}/{account.login}"


def user_or_null(world: World, account: Account | None) -> Json | None:
    return None if account is None or account.gone else simple_user(world, account)


def public_user(world: World, account: Account) -> Json:
    return {
        **simple_user(world, account),
        "name": account.name,
        "company": None,
        "blog": None,
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "public_repos": sum(r.owner is account for r in world.repositories.values()),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": stamp(account.created_at),
        "updated_at": stamp(account.created_at),
    }


def private_user(world: World, account: Account) -> Json:
    return {
        **public_user(world, account),
        "private_gists": 0,
        "total_private_repos": 0,
        "owned_private_repos": 0,
        "disk_usage": 0,
        "collaborators": 0,
        "two_factor_authentication": True,
    }


def organization(world: World, account: Account) -> Json:
    url = f"{world.urls.api}/orgs/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("O", account.id),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{world.urls.web}/_hub/avatars/{account.id}",
        "description": None,
    }


def association(account: Account, repository: Repository) -> str:
    """As on GitHub it says little: a private member shows as CONTRIBUTOR or NONE."""
    owner = repository.owner
    if owner is account:
        return "OWNER"
    if account.id in owner.owners:
        return "MEMBER"
    return "COLLABORATOR" if account.id in repository.collaborators else "NONE"
