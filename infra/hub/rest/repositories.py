"""A repository, its branches, its people and its rules."""

from fnmatch import fnmatchcase

from infra.hub.acts.repositories import archive_repository, delete_repository, rename_repository
from infra.hub.git.store import open_store
from infra.hub.render.accounts import node_id, simple_user
from infra.hub.render.commits import full_commit
from infra.hub.render.repositories import branch, full_repository, permissions
from infra.hub.rest.call import Answer, Body, Call
from infra.hub.rest.needs import ADMINISTER, METADATA, READ_CONTENTS
from infra.hub.rest.refusal import not_found
from infra.hub.rest.routes import Routes
from infra.hub.state.accounts import Account
from infra.hub.state.repositories import Role, Ruleset
from infra.hub.state.world import Json

route = Routes()

_OLD_WORDS = {"admin": "admin", "maintain": "write", "write": "write", "triage": "read"}


@route("GET", "/repos/{owner}/{repo}", METADATA)
def show_repository(call: Call) -> Answer:
    return Answer(200, full_repository(call.world, call.repo, call.viewer))


class RepositoryBody(Body):
    name: str | None = None
    archived: bool | None = None
    private: bool | None = None
    default_branch: str | None = None
    has_issues: bool | None = None


@route("PATCH", "/repos/{owner}/{repo}", ADMINISTER)
def edit_repository(call: Call) -> Answer:
    sent, repo = call.body(RepositoryBody, "Repository"), call.repo
    if sent.name is not None and sent.name != repo.name:
        rename_repository(call.world, repo, sent.name, call.account)
    if sent.archived is not None and sent.archived != repo.archived:
        archive_repository(call.world, repo, call.account, archived=sent.archived)
    repo.private = repo.private if sent.private is None else sent.private
    repo.has_issues = repo.has_issues if sent.has_issues is None else sent.has_issues
    repo.default_branch = sent.default_branch or repo.default_branch
    return Answer(200, full_repository(call.world, repo, call.viewer))


@route("DELETE", "/repos/{owner}/{repo}", ADMINISTER)
def remove_repository(call: Call) -> Answer:
    delete_repository(call.world, call.repo)
    return Answer(204)


@route("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", METADATA)
def show_permission(call: Call) -> Answer:
    """maintain reads write and triage reads read; the exact word is `role_name`."""
    account = call.world.account(call.params["username"])
    if account is None:
        raise not_found()
    role = call.world.role(account, call.repo)
    shown: Json = {
        "permission": _OLD_WORDS.get(role or "", role or "none"),
        "role_name": role or "none",
        "user": _collaborator(call, account, role),
    }
    return Answer(200, shown)


def _collaborator(call: Call, account: Account, role: Role | None) -> Json:
    return {
        **simple_user(call.world, account),
        "permissions": permissions(call.world, account, call.repo),
        "role_name": role or "none",
    }


@route("GET", "/repos/{owner}/{repo}/collaborators", METADATA)
def list_collaborators(call: Call) -> Answer:
    people = [
        account
        for account in call.world.accounts.values()
        if account.id in call.repo.collaborators or account.id in call.repo.owner.owners
    ]
    world, repo = call.world, call.repo
    return call.page(people, lambda each: _collaborator(call, each, world.role(each, repo)))


@route("GET", "/repos/{owner}/{repo}/branches", READ_CONTENTS)
def list_branches(call: Call) -> Answer:
    names = sorted(open_store(call.repo.path).branches.local)
    return call.page(names, lambda name: branch(call.world, call.repo, name))


@route("GET", "/repos/{owner}/{repo}/branches/{branch}", READ_CONTENTS)
def show_branch(call: Call) -> Answer:
    name, repo = call.params["branch"], call.repo
    store = open_store(repo.path)
    found = store.references.get(f"refs/heads/{name}")
    if found is None:
        raise not_found()
    url = f"{call.world.urls.repository(repo)}/branches/{name}"
    shown: Json = {
        **branch(call.world, repo, name),
        "commit": full_commit(call.world, repo, store, str(found.target)),
        "_links": {"self": url, "html": f"{call.world.urls.page(repo)}/tree/{name}"},
        "protection": {"enabled": name in repo.protected},
        "protection_url": f"{url}/protection",
    }
    return Answer(200, shown)


@route("GET", "/repos/{owner}/{repo}/rules/branches/{branch}", METADATA)
def list_rules(call: Call) -> Answer:
    name = call.params["branch"]
    active = [
        _rule(call, ruleset, kind)
        for ruleset in call.repo.rulesets
        if fnmatchcase(name, ruleset.pattern)
        for kind in sorted(ruleset.kinds)
    ]
    return call.page(active, lambda each: each)


def _rule(call: Call, ruleset: Ruleset, kind: str) -> Json:
    return {
        "type": kind,
        "ruleset_source_type": "Repository",
        "ruleset_source": call.repo.full_name,
        "ruleset_id": ruleset.id,
    }


@route("GET", "/repos/{owner}/{repo}/branches/{branch}/protection", ADMINISTER)
def show_protection(call: Call) -> Answer:
    if call.params["branch"] not in call.repo.protected:
        raise not_found()
    url = f"{call.world.urls.repository(call.repo)}/branches/{call.params['branch']}/protection"
    return Answer(200, {"url": url, "name": node_id("BPR", call.repo.id)})
