"""Commits, trees, blobs and refs."""

import base64
from datetime import UTC, datetime

import pygit2
from pygit2.enums import FileMode

from infra.hub.git.diffs import FileChange, changed_files
from infra.hub.render.accounts import node_id, simple_user
from infra.hub.state.accounts import Account
from infra.hub.state.clock import stamp
from infra.hub.state.repositories import Repository
from infra.hub.state.world import Json, World


def commit(world: World, repo: Repository, found: pygit2.Commit) -> Json:
    sha, url = str(found.id), f"{world.urls.repository(repo)}/commits/{found.id}"
    git_url = f"{world.urls.repository(repo)}/git"
    return {
        "sha": sha,
        "node_id": node_id("C", repo.id) + sha[:10],
        "url": url,
        "html_url": f"{world.urls.page(repo)}/commit/{sha}",
        "comments_url": f"{url}/comments",
        "commit": {
            "url": f"{git_url}/commits/{sha}",
            "author": signature(found.author),
            "committer": signature(found.committer),
            "message": message(found),
            "tree": {"sha": str(found.tree_id), "url": f"{git_url}/trees/{found.tree_id}"},
            "comment_count": 0,
            "verification": verification(repo, sha, found),
        },
        "author": _account(world, found.author),
        "committer": _account(world, found.committer),
        "parents": [
            {
                "sha": str(parent),
                "url": f"{world.urls.repository(repo)}/commits/{parent}",
                "html_url": f"{world.urls.page(repo)}/commit/{parent}",
            }
            for parent in found.parent_ids
        ],
    }


def full_commit(world: World, repo: Repository, store: pygit2.Repository, sha: str) -> Json:
    found = store[sha].peel(pygit2.Commit)
    parent = str(found.parent_ids[0]) if found.parent_ids else None
    files = changed_files(store, parent, sha)
    added, removed = sum(f.additions for f in files), sum(f.deletions for f in files)
    return {
        **commit(world, repo, found),
        "stats": {"total": added + removed, "additions": added, "deletions": removed},
        "files": [diff_entry(world, repo, sha, each) for each in files],
    }


def message(found: pygit2.Commit) -> str:
    return found.message.removesuffix("\n")


def signature(who: pygit2.Signature) -> Json:
    return {"name": who.name, "email": who.email, "date": when(who)}


def when(who: pygit2.Signature) -> str:
    return stamp(datetime.fromtimestamp(who.time, UTC))


def verification(repo: Repository, sha: str, found: pygit2.Commit) -> Json:
    """GitHub signs what it commits itself; a pushed commit is as its author left it."""
    signed = sha in repo.signed
    return {
        "verified": signed,
        "reason": "valid" if signed else "unsigned",
        "signature": "-----BEGIN PGP SIGNATURE-----" if signed else None,
        "payload": f"tree {found.tree_id}" if signed else None,
        "verified_at": when(found.committer) if signed else None,
    }


def _account(world: World, who: pygit2.Signature) -> Json | None:
    account = account_of(world, who)
    return None if account is None else simple_user(world, account)


def account_of(world: World, who: pygit2.Signature) -> Account | None:
    return next((each for each in world.accounts.values() if each.email == who.email), None)


def diff_entry(world: World, repo: Repository, sha: str, change: FileChange) -> Json:
    page, path = world.urls.page(repo), change.filename
    shown: Json = {
        "sha": change.sha,
        "filename": path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": f"{page}/blob/{sha}/{path}",
        "raw_url": f"{page}/raw/{sha}/{path}",
        "contents_url": f"{world.urls.repository(repo)}/contents/{path}?ref={sha}",
    }
    if change.patch is not None:
        shown["patch"] = change.patch
    if change.previous is not None:
        shown["previous_filename"] = change.previous
    return shown


def git_commit(world: World, repo: Repository, found: pygit2.Commit) -> Json:
    url, page = f"{world.urls.repository(repo)}/git", world.urls.page(repo)
    return {
        "sha": str(found.id),
        "node_id": node_id("C", repo.id) + str(found.id)[:10],
        "url": f"{url}/commits/{found.id}",
        "html_url": f"{page}/commit/{found.id}",
        "author": signature(found.author),
        "committer": signature(found.committer),
        "tree": {"sha": str(found.tree_id), "url": f"{url}/trees/{found.tree_id}"},
        "message": message(found),
        "parents": [
            {
                "sha": str(parent),
                "url": f"{url}/commits/{parent}",
                "html_url": f"{page}/commit/{parent}",
            }
            for parent in found.parent_ids
        ],
        "verification": verification(repo, str(found.id), found),
    }


def git_tree(
    world: World, repo: Repository, store: pygit2.Repository, tree: pygit2.Tree, *, recursive: bool
) -> Json:
    url = f"{world.urls.repository(repo)}/git/trees"
    return {
        "sha": str(tree.id),
        "url": f"{url}/{tree.id}",
        "tree": _entries(f"{world.urls.repository(repo)}/git", store, tree, "", recursive),
        "truncated": False,
    }


def _entries(
    url: str, store: pygit2.Repository, tree: pygit2.Tree, below: str, recursive: bool
) -> list[Json]:
    shown: list[Json] = []
    for entry in tree:
        path = f"{below}{entry.name}"
        one: Json = {
            "path": path,
            "mode": f"{int(entry.filemode):06o}",
            "type": "commit" if entry.filemode == FileMode.COMMIT else entry.type_str,
            "sha": str(entry.id),
        }
        if isinstance(entry, pygit2.Blob):
            one["size"] = entry.size
            one["url"] = f"{url}/blobs/{entry.id}"
        elif isinstance(entry, pygit2.Tree):
            one["url"] = f"{url}/trees/{entry.id}"
        shown.append(one)
        if recursive and isinstance(entry, pygit2.Tree):
            shown += _entries(url, store, entry, f"{path}/", recursive)
    return shown


def git_blob(world: World, repo: Repository, blob: pygit2.Blob) -> Json:
    return {
        "sha": str(blob.id),
        "node_id": node_id("B", repo.id) + str(blob.id)[:10],
        "size": blob.size,
        "url": f"{world.urls.repository(repo)}/git/blobs/{blob.id}",
        "content": encoded(blob.data),
        "encoding": "base64",
    }


def encoded(data: bytes) -> str:
    """base64 in lines of 60, as GitHub sends it."""
    return base64.encodebytes(data).decode()


def git_ref(world: World, repo: Repository, ref: str, sha: str) -> Json:
    url = f"{world.urls.repository(repo)}/git"
    return {
        "ref": ref,
        "node_id": node_id("REF", repo.id) + base64.urlsafe_b64encode(ref.encode()).decode(),
        "url": f"{url}/{ref}",
        "object": {"sha": sha, "type": "commit", "url": f"{url}/commits/{sha}"},
    }


def simple_commit(found: pygit2.Commit) -> Json:
    return {
        "id": str(found.id),
        "tree_id": str(found.tree_id),
        "message": message(found),
        "timestamp": when(found.committer),
        "author": {"name": found.author.name, "email": found.author.email},
        "committer": {"name": found.committer.name, "email": found.committer.email},
    }
