"""Files and folders at a ref, read and written."""

import base64
import binascii

import pygit2
from pygit2.enums import FileMode

from infra.hub.acts.pushes import ref_moved
from infra.hub.git.store import open_store, resolve, set_ref
from infra.hub.render.commits import encoded, git_commit
from infra.hub.rest.call import Answer, Body, Call
from infra.hub.rest.needs import READ_CONTENTS, WRITE_CONTENTS
from infra.hub.rest.refusal import Refusal, not_found, unprocessable
from infra.hub.rest.routes import Routes
from infra.hub.state.world import Json

route = Routes()


@route("GET", "/repos/{owner}/{repo}/contents/{path}", READ_CONTENTS)
def show_contents(call: Call) -> Answer:
    return _contents(call, call.params["path"].strip("/"))


@route("GET", "/repos/{owner}/{repo}/contents", READ_CONTENTS)
@route("GET", "/repos/{owner}/{repo}/contents/", READ_CONTENTS)
def show_root(call: Call) -> Answer:
    return _contents(call, "")


def _contents(call: Call, path: str) -> Answer:
    store = open_store(call.repo.path)
    ref = call.query.get("ref") or call.repo.default_branch
    commit = resolve(store, ref)
    if commit is None:
        raise Refusal(404, f"No commit found for the ref {ref}")
    if path and path not in commit.tree:
        raise not_found()
    found = commit.tree[path] if path else commit.tree
    if isinstance(found, pygit2.Tree):
        below = f"{path}/" if path else ""
        return Answer(200, [_entry(call, each, below + str(each.name), ref) for each in found])
    if isinstance(found, pygit2.Blob) and "raw" in call.headers.get("accept", ""):
        headers = {"Content-Type": "application/vnd.github.raw+json; charset=utf-8"}
        return Answer(200, headers=headers, raw=found.data)
    return Answer(200, _entry(call, found, path, ref, whole=True))


def _entry(call: Call, found: pygit2.Object, path: str, ref: str, *, whole: bool = False) -> Json:
    repo, page = call.world.urls.repository(call.repo), call.world.urls.page(call.repo)
    kind = _kind(found)
    url, html = f"{repo}/contents/{path}?ref={ref}", f"{page}/blob/{ref}/{path}"
    git = f"{repo}/git/{'trees' if kind == 'dir' else 'blobs'}/{found.id}"
    shown: Json = {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": str(found.id),
        "size": found.size if isinstance(found, pygit2.Blob) else 0,
        "url": url,
        "html_url": html,
        "git_url": git,
        "download_url": None if kind == "dir" else f"{page}/raw/{ref}/{path}",
        "type": kind,
        "_links": {"self": url, "git": git, "html": html},
    }
    if whole and isinstance(found, pygit2.Blob):
        if kind == "symlink":
            shown["target"] = found.data.decode()
        else:
            shown |= {"content": encoded(found.data), "encoding": "base64"}
    return shown


def _kind(found: pygit2.Object) -> str:
    if isinstance(found, pygit2.Tree):
        return "dir"
    if found.filemode == FileMode.LINK:
        return "symlink"
    return "submodule" if found.filemode == FileMode.COMMIT else "file"


@route("GET", "/repos/{owner}/{repo}/readme", READ_CONTENTS)
def show_readme(call: Call) -> Answer:
    commit = resolve(open_store(call.repo.path), call.query.get("ref") or call.repo.default_branch)
    names = [str(each.name) for each in commit.tree] if commit else []
    readme = next((name for name in names if name.lower().startswith("readme")), None)
    if readme is None:
        raise not_found()
    return _contents(call, readme)


class FileBody(Body):
    message: str
    content: str = ""
    sha: str | None = None
    branch: str | None = None


@route("PUT", "/repos/{owner}/{repo}/contents/{path}", WRITE_CONTENTS)
def put_file(call: Call) -> Answer:
    sent, path = call.body(FileBody, "Contents"), call.params["path"]
    try:
        data = base64.b64decode(sent.content)
    except binascii.Error as error:
        raise unprocessable("content is not valid Base64.") from error
    is_new = _write(call, path, sent, data)
    shown = _contents_after(call, path, sent)
    return Answer(201 if is_new else 200, shown)


@route("DELETE", "/repos/{owner}/{repo}/contents/{path}", WRITE_CONTENTS)
def delete_file(call: Call) -> Answer:
    sent, path = call.body(FileBody, "Contents"), call.params["path"]
    _write(call, path, sent, None)
    return Answer(200, {**_contents_after(call, path, sent), "content": None})


def _contents_after(call: Call, path: str, sent: FileBody) -> Json:
    store = open_store(call.repo.path)
    branch = sent.branch or call.repo.default_branch
    commit = resolve(store, branch)
    if commit is None:
        raise not_found()
    content = _entry(call, commit.tree[path], path, branch) if path in commit.tree else None
    return {
        "content": content,
        "commit": git_commit(call.world, call.repo, commit),
    }


def _write(call: Call, path: str, sent: FileBody, data: bytes | None) -> bool:
    """One file on top of the branch; `sha` must be that of the file it replaces."""
    repo, store = call.repo, open_store(call.repo.path)
    branch = sent.branch or repo.default_branch
    head = resolve(store, f"heads/{branch}")
    tree = head.tree if head else None
    old = tree[path] if tree is not None and path in tree else None
    if old is not None and sent.sha != str(old.id):
        raise Refusal(409, f"{path} does not match {sent.sha}")
    if old is None and data is None:
        raise not_found()
    blob = None if data is None else store.create_blob(data)
    new_tree = _with(store, tree, path.split("/"), blob)
    now = int(call.world.clock.now().timestamp())
    who = pygit2.Signature(call.account.name or call.account.login, call.account.email, now, 0)
    parents = [head.id] if head else []
    new = store.create_commit(None, who, who, f"{sent.message}\n", new_tree, parents)
    repo.signed.add(str(new))
    set_ref(store, f"refs/heads/{branch}", str(new))
    before = str(head.id) if head else None
    ref_moved(call.world, repo, f"refs/heads/{branch}", before, str(new), call.account)
    return old is None


def _with(
    store: pygit2.Repository, tree: pygit2.Tree | None, parts: list[str], blob: pygit2.Oid | None
) -> pygit2.Oid:
    builder = store.TreeBuilder(tree) if tree is not None else store.TreeBuilder()
    head, *rest = parts
    if rest:
        below = tree[head] if tree is not None and head in tree else None
        below = below if isinstance(below, pygit2.Tree) else None
        builder.insert(head, _with(store, below, rest, blob), FileMode.TREE)
    elif blob is None:
        builder.remove(head)
    else:
        builder.insert(head, blob, FileMode.BLOB)
    return builder.write()
