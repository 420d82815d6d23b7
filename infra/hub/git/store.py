"""Bare repositories on disk: create, seed, resolve names, move refs."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pygit2
from pygit2.enums import FileMode

ZERO = "0" * 40
# Nothing of the machine's own git configuration may change what the hub does.
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
}


def open_store(path: Path) -> pygit2.Repository:
    return pygit2.Repository(str(path))


def create(path: Path, default_branch: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pygit2.init_repository(str(path), bare=True, initial_head=default_branch)
    config = open_store(path).config
    for key, value in {
        "http.receivepack": "true",
        "uploadpack.allowAnySHA1InWant": "true",
        "uploadpack.allowFilter": "true",
        "receive.autogc": "false",
        "receive.fsckObjects": "true",
        "core.logAllRefUpdates": "false",
        "gc.auto": "0",
    }.items():
        config[key] = value


def seed(path: Path, source: Path, branch: str, author: str, email: str) -> None:
    """From a repository its branches and tags; from a plain folder one first commit."""
    if (source / ".git").exists() or (source / "objects").is_dir():
        run(
            path,
            "fetch",
            "-q",
            str(source),
            "+refs/heads/*:refs/heads/*",
            "+refs/tags/*:refs/tags/*",
        )
        return
    store = open_store(path)
    who = pygit2.Signature(author, email, int(datetime.now(UTC).timestamp()), 0)
    store.create_commit(
        f"refs/heads/{branch}", who, who, "First commit\n", _folder(store, source), []
    )


def _folder(store: pygit2.Repository, folder: Path) -> pygit2.Oid:
    builder = store.TreeBuilder()
    for child in sorted(folder.iterdir()):
        if child.name in {".git", "__pycache__"}:
            continue
        if child.is_symlink():
            builder.insert(
                child.name, store.create_blob(os.fsencode(child.readlink())), FileMode.LINK
            )
        elif child.is_dir():
            builder.insert(child.name, _folder(store, child), FileMode.TREE)
        else:
            runs = os.access(child, os.X_OK)
            mode = FileMode.BLOB_EXECUTABLE if runs else FileMode.BLOB
            builder.insert(child.name, store.create_blob(child.read_bytes()), mode)
    return builder.write()


def run(path: Path, *arguments: str, stdin: bytes = b"", **environment: str) -> bytes:
    done = subprocess.run(
        ["git", f"--git-dir={path}", *arguments],
        input=stdin,
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        check=True,
    )
    return done.stdout


def resolve(store: pygit2.Repository, name: str) -> pygit2.Commit | None:
    """A branch, a tag, `heads/x`, `refs/...` or a sha, whole or shortened, as a commit."""
    for ref in (f"refs/heads/{name}", f"refs/tags/{name}", f"refs/{name}", name):
        if pygit2.reference_is_valid_name(ref) and (found := store.references.get(ref)):
            return found.peel(pygit2.Commit)
    try:
        found_object = store.get(pygit2.Oid(hex=name)) if len(name) == 40 else store.get(name)
    except (ValueError, KeyError):
        return None
    return found_object if isinstance(found_object, pygit2.Commit) else None


def ref_target(store: pygit2.Repository, ref: str) -> str | None:
    if not pygit2.reference_is_valid_name(ref):
        return None
    found = store.references.get(ref)
    return None if found is None else str(found.resolve().target)


def branch_sha(path: Path, branch: str) -> str | None:
    return ref_target(open_store(path), f"refs/heads/{branch}")


def set_ref(store: pygit2.Repository, ref: str, sha: str | None) -> None:
    if sha is None:
        store.references.delete(ref)
    else:
        store.references.create(ref, sha, force=True)


def is_ancestor(store: pygit2.Repository, old: str, new: str) -> bool:
    return old == new or store.descendant_of(new, old)
