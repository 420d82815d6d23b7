"""Commits, comparisons, and the pulls a commit is part of."""

import pygit2

from infra.hub.git.diffs import changed_files, commits_between, diff_text, history, merge_base
from infra.hub.git.store import open_store, resolve
from infra.hub.render.commits import commit, diff_entry, full_commit
from infra.hub.render.pulls import simple_pull
from infra.hub.rest.call import Answer, Call
from infra.hub.rest.needs import READ_CONTENTS, READ_PULLS
from infra.hub.rest.refusal import Refusal, not_found, unprocessable
from infra.hub.rest.routes import Routes
from infra.hub.state.world import Json

route = Routes()


@route("GET", "/repos/{owner}/{repo}/commits", READ_CONTENTS)
def list_commits(call: Call) -> Answer:
    store = open_store(call.repo.path)
    start = resolve(store, call.query.get("sha") or call.repo.default_branch)
    if start is None:
        if store.is_empty:
            raise Refusal(409, "Git Repository is empty.")
        raise not_found()
    found = list(history(store, str(start.id), call.query.get("path")))
    return call.page(found, lambda each: commit(call.world, call.repo, each))


def find_commit(store: pygit2.Repository, name: str) -> pygit2.Commit:
    found = resolve(store, name)
    if found is None:
        raise unprocessable(f"No commit found for SHA: {name}")
    return found


@route("GET", "/repos/{owner}/{repo}/commits/{ref}", READ_CONTENTS)
def show_commit(call: Call) -> Answer:
    store = open_store(call.repo.path)
    found = find_commit(store, call.params["ref"])
    accept = call.headers.get("accept", "")
    if "sha" in accept:
        headers = {"Content-Type": "application/vnd.github.sha; charset=utf-8"}
        return Answer(200, headers=headers, raw=str(found.id).encode())
    if "diff" in accept:
        parent = str(found.parent_ids[0]) if found.parent_ids else None
        headers = {"Content-Type": "application/vnd.github.diff; charset=utf-8"}
        return Answer(200, headers=headers, raw=diff_text(store, parent, str(found.id)).encode())
    return Answer(200, full_commit(call.world, call.repo, store, str(found.id)))


@route("GET", "/repos/{owner}/{repo}/commits/{commit_sha}/pulls", READ_PULLS)
def list_pulls(call: Call) -> Answer:
    sha, store = call.params["commit_sha"], open_store(call.repo.path)
    found = []
    for pull in call.repo.pulls():
        base = merge_base(store, pull.base_sha, pull.head_sha)
        commits = {str(each.id) for each in commits_between(store, base, pull.head_sha)}
        if sha in commits | {pull.merge_commit_sha}:
            found.append(pull)
    return call.page(found, lambda each: simple_pull(call.world, each))


@route("GET", "/repos/{owner}/{repo}/compare/{basehead}", READ_CONTENTS)
def compare(call: Call) -> Answer:
    store = open_store(call.repo.path)
    names = call.params["basehead"].split("...")
    if len(names) != 2:
        raise not_found()
    base, head = (resolve(store, name.rpartition(":")[2]) for name in names)
    if base is None or head is None:
        raise not_found()
    shared = merge_base(store, str(base.id), str(head.id))
    if shared is None:
        raise Refusal(404, f"No common ancestor between {names[0]} and {names[1]}.")
    if "diff" in call.headers.get("accept", ""):
        headers = {"Content-Type": "application/vnd.github.diff; charset=utf-8"}
        return Answer(200, headers=headers, raw=diff_text(store, shared, str(head.id)).encode())
    return Answer(200, _comparison(call, store, base, head, shared))


def _comparison(
    call: Call, store: pygit2.Repository, base: pygit2.Commit, head: pygit2.Commit, shared: str
) -> Json:
    ahead, behind = store.ahead_behind(head.id, base.id)
    pair = f"{base.id}...{head.id}"
    page = f"{call.world.urls.page(call.repo)}/compare/{pair}"
    commits = commits_between(store, str(base.id), str(head.id))
    files = changed_files(store, shared, str(head.id))
    return {
        "url": f"{call.world.urls.repository(call.repo)}/compare/{pair}",
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": commit(call.world, call.repo, base),
        "merge_base_commit": commit(call.world, call.repo, store[shared].peel(pygit2.Commit)),
        "status": _status(ahead, behind),
        "ahead_by": ahead,
        "behind_by": behind,
        "total_commits": ahead,
        "commits": [commit(call.world, call.repo, each) for each in commits],
        "files": [diff_entry(call.world, call.repo, str(head.id), each) for each in files],
    }


def _status(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    if ahead:
        return "ahead"
    return "behind" if behind else "identical"
