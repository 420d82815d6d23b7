"""What follows when a ref has moved, whoever moved it."""

import pygit2

from infra.hub.acts.announce import announce, announce_pull
from infra.hub.acts.checks import suites_for_push
from infra.hub.acts.issues import close_issue
from infra.hub.acts.pulls import point_head_ref
from infra.hub.git.diffs import changed_files, commits_between
from infra.hub.git.store import ZERO, is_ancestor, open_store, resolve
from infra.hub.render.commits import account_of, message, when
from infra.hub.state.accounts import Account
from infra.hub.state.repositories import Repository
from infra.hub.state.world import Json, World


def ref_moved(
    world: World, repo: Repository, ref: str, old: str | None, new: str | None, by: Account
) -> None:
    """Branches and tags tell; any other ref (`refs/baro/...`) moves in silence."""
    branch = ref.removeprefix("refs/heads/")
    if branch == ref:
        if ref.startswith("refs/tags/"):
            _tell_ref(world, repo, ref, old, new, by)
        return
    repo.pushed_at = world.clock.now()
    if new is not None:
        repo.branch_pushed_at[branch] = repo.pushed_at
    _tell_ref(world, repo, ref, old, new, by)
    _tell_push(world, repo, ref, old, new, by)
    if new is not None:
        suites_for_push(world, repo, branch, old, new, by)
    _follow_heads(world, repo, branch, new, by)
    if new is not None:
        _follow_bases(world, repo, branch, new, by)


def _tell_ref(
    world: World, repo: Repository, ref: str, old: str | None, new: str | None, by: Account
) -> None:
    _, kind, name = ref.split("/", 2)
    ref_type = "branch" if kind == "heads" else "tag"
    shown: Json = {"ref": name, "ref_type": ref_type, "pusher_type": "user"}
    if old is None:
        made: Json = {"master_branch": repo.default_branch, "description": repo.description}
        announce(world, "create", None, repo, by, {**shown, **made})
    elif new is None:
        announce(world, "delete", None, repo, by, shown)


def _tell_push(
    world: World, repo: Repository, ref: str, old: str | None, new: str | None, by: Account
) -> None:
    store = open_store(repo.path)
    is_default = ref == f"refs/heads/{repo.default_branch}"
    since = old or (None if is_default else _default_head(store, repo))
    fresh = commits_between(store, since, new) if new else []
    page = world.urls.page(repo)
    head = resolve(store, new) if new else None
    shown: Json = {
        "ref": ref,
        "before": old or ZERO,
        "after": new or ZERO,
        "created": old is None,
        "deleted": new is None,
        "forced": bool(old and new and not is_ancestor(store, old, new)),
        "base_ref": None,
        "compare": f"{page}/compare/{(old or ZERO)[:12]}...{(new or ZERO)[:12]}",
        "commits": [_pushed(world, repo, store, each) for each in fresh[-2048:]],
        "head_commit": _pushed(world, repo, store, head) if head else None,
        "pusher": {"name": by.login, "email": by.email},
    }
    announce(world, "push", None, repo, by, shown)


def _default_head(store: pygit2.Repository, repo: Repository) -> str | None:
    found = store.references.get(f"refs/heads/{repo.default_branch}")
    return None if found is None else str(found.target)


def _pushed(
    world: World, repo: Repository, store: pygit2.Repository, commit: pygit2.Commit
) -> Json:
    parent = str(commit.parent_ids[0]) if commit.parent_ids else None
    files = changed_files(store, parent, str(commit.id))
    return {
        "id": str(commit.id),
        "tree_id": str(commit.tree_id),
        "distinct": True,
        "message": message(commit),
        "timestamp": when(commit.committer),
        "url": f"{world.urls.page(repo)}/commit/{commit.id}",
        "author": _who(world, commit.author),
        "committer": _who(world, commit.committer),
        "added": [each.filename for each in files if each.status == "added"],
        "removed": [each.filename for each in files if each.status == "removed"],
        "modified": [each.filename for each in files if each.status not in {"added", "removed"}],
    }


def _who(world: World, who: pygit2.Signature) -> Json:
    shown: Json = {"name": who.name, "email": who.email}
    account = account_of(world, who)
    if account is not None:
        shown["username"] = account.login
    return shown


def _follow_heads(
    world: World, repo: Repository, branch: str, new: str | None, by: Account
) -> None:
    """An open pull follows its head branch; without the branch it is closed."""
    every = [pull for each in world.repositories.values() for pull in each.pulls()]
    for pull in every:
        if not (pull.is_open and pull.head_repository is repo and pull.head_ref == branch):
            continue
        if new is None:
            close_issue(world, pull.issue, by)
            continue
        before, pull.head_sha, pull.looked_at = pull.head_sha, new, None
        pull.issue.updated_at = world.clock.now()
        point_head_ref(pull)
        announce_pull(world, "synchronize", pull, by, {"before": before, "after": new})


def _follow_bases(world: World, repo: Repository, branch: str, new: str, by: Account) -> None:
    """A pull whose head has reached its base by a push counts as merged."""
    store = open_store(repo.path)
    for pull in repo.pulls():
        if not pull.is_open or pull.base_ref != branch:
            continue
        if is_ancestor(store, pull.head_sha, new):
            pull.merged_at, pull.merged_by = world.clock.now(), by
            pull.merge_commit_sha = new
            close_issue(world, pull.issue, by)
        else:
            pull.base_sha, pull.looked_at = new, None
