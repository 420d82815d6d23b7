"""Blobs, trees and commits: git's own objects over REST."""

import base64
import binascii
from datetime import datetime
from typing import Literal

import pygit2

from infra.hub.git.store import open_store, ref_target
from infra.hub.render import commits as render
from infra.hub.rest.call import Answer, Body, Call
from infra.hub.rest.needs import READ_CONTENTS, WRITE_CONTENTS
from infra.hub.rest.refusal import not_found, unprocessable
from infra.hub.rest.routes import Routes

route = Routes()

GitObject = pygit2.Commit | pygit2.Tree | pygit2.Blob | pygit2.Tag


def _object(store: pygit2.Repository, sha: str) -> GitObject:
    try:
        found = store.get(pygit2.Oid(hex=sha))
    except ValueError as error:
        raise unprocessable("The sha parameter must be exactly 40 characters.") from error
    if isinstance(found, GitObject):
        return found
    raise not_found()


class BlobBody(Body):
    content: str
    encoding: Literal["utf-8", "base64"] = "utf-8"


@route("POST", "/repos/{owner}/{repo}/git/blobs", WRITE_CONTENTS)
def create_blob(call: Call) -> Answer:
    sent = call.body(BlobBody, "Blob")
    try:
        data = base64.b64decode(sent.content) if sent.encoding == "base64" else None
    except binascii.Error as error:
        raise unprocessable("content is not valid Base64.") from error
    store = open_store(call.repo.path)
    sha = str(store.create_blob(sent.content.encode() if data is None else data))
    url = f"{call.world.urls.repository(call.repo)}/git/blobs/{sha}"
    return Answer(201, {"url": url, "sha": sha}, {"Location": url})


@route("GET", "/repos/{owner}/{repo}/git/blobs/{file_sha}", READ_CONTENTS)
def show_blob(call: Call) -> Answer:
    found = _object(open_store(call.repo.path), call.params["file_sha"])
    if not isinstance(found, pygit2.Blob):
        raise not_found()
    if "raw" in call.headers.get("accept", ""):
        headers = {"Content-Type": "application/vnd.github.raw+json; charset=utf-8"}
        return Answer(200, headers=headers, raw=found.data)
    return Answer(200, render.git_blob(call.world, call.repo, found))


class EntryBody(Body):
    path: str
    mode: Literal["100644", "100755", "040000", "160000", "120000"] = "100644"
    type: Literal["blob", "tree", "commit"] = "blob"
    sha: str | None = None
    content: str | None = None


class TreeBody(Body):
    tree: tuple[EntryBody, ...]
    base_tree: str | None = None


@route("POST", "/repos/{owner}/{repo}/git/trees", WRITE_CONTENTS)
def create_tree(call: Call) -> Answer:
    sent, store = call.body(TreeBody, "Tree"), open_store(call.repo.path)
    index = pygit2.Index()
    if sent.base_tree is not None:
        base = _object(store, sent.base_tree)
        index.read_tree(base.peel(pygit2.Tree))
    for entry in sent.tree:
        _place(store, index, entry)
    tree = store[index.write_tree(store)].peel(pygit2.Tree)
    shown = render.git_tree(call.world, call.repo, store, tree, recursive=False)
    return Answer(201, shown, {"Location": str(shown["url"])})


def _place(store: pygit2.Repository, index: pygit2.Index, entry: EntryBody) -> None:
    """`sha` null deletes; a whole tree is laid under its path."""
    if entry.content is not None:
        sha = store.create_blob(entry.content.encode())
    elif entry.sha is None:
        index.remove_all([entry.path])
        return
    else:
        found = store.get(pygit2.Oid(hex=entry.sha)) if len(entry.sha) == 40 else None
        if found is None and entry.type != "commit":
            raise unprocessable("tree.sha is not a valid object")
        if isinstance(found, pygit2.Tree):
            _lay(index, found, entry.path)
            return
        sha = pygit2.Oid(hex=entry.sha)
    index.add(pygit2.IndexEntry(entry.path, sha, pygit2.enums.FileMode(int(entry.mode, 8))))


def _lay(index: pygit2.Index, tree: pygit2.Tree, path: str) -> None:
    index.remove_all([path])
    inner = pygit2.Index()
    inner.read_tree(tree)
    for each in inner:
        index.add(pygit2.IndexEntry(f"{path}/{each.path}", each.id, each.mode))


@route("GET", "/repos/{owner}/{repo}/git/trees/{tree_sha}", READ_CONTENTS)
def show_tree(call: Call) -> Answer:
    store, name = open_store(call.repo.path), call.params["tree_sha"]
    head = ref_target(store, f"refs/heads/{name}")
    tree = _object(store, head or name).peel(pygit2.Tree)
    recursive = bool(call.query.get("recursive"))
    shown = render.git_tree(call.world, call.repo, store, tree, recursive=recursive)
    return Answer(200, shown)


class PersonBody(Body):
    name: str
    email: str
    date: datetime | None = None


class CommitBody(Body):
    message: str
    tree: str
    parents: tuple[str, ...] = ()
    author: PersonBody | None = None
    committer: PersonBody | None = None
    signature: str | None = None


@route("POST", "/repos/{owner}/{repo}/git/commits", WRITE_CONTENTS)
def create_commit(call: Call) -> Answer:
    sent, store = call.body(CommitBody, "Commit"), open_store(call.repo.path)
    for sha in (sent.tree, *sent.parents):
        if len(sha) != 40 or store.get(pygit2.Oid(hex=sha)) is None:
            raise unprocessable(f"{sha} does not exist")
    author = _signature(call, sent.author)
    committer = _signature(call, sent.committer) if sent.committer else author
    made = store.create_commit(None, author, committer, sent.message, sent.tree, list(sent.parents))
    if sent.author is None and sent.committer is None and sent.signature is None:
        call.repo.signed.add(str(made))
    shown = render.git_commit(call.world, call.repo, store[made].peel(pygit2.Commit))
    return Answer(201, shown, {"Location": str(shown["url"])})


def _signature(call: Call, sent: PersonBody | None) -> pygit2.Signature:
    now = call.world.clock.now()
    if sent is None:
        account = call.account
        who, email, at = account.name or account.login, account.email, now
    else:
        who, email, at = sent.name, sent.email, sent.date or now
    return pygit2.Signature(who, email, int(at.timestamp()), 0)


@route("GET", "/repos/{owner}/{repo}/git/commits/{commit_sha}", READ_CONTENTS)
def show_commit(call: Call) -> Answer:
    found = _object(open_store(call.repo.path), call.params["commit_sha"])
    if not isinstance(found, pygit2.Commit):
        raise not_found()
    return Answer(200, render.git_commit(call.world, call.repo, found))
