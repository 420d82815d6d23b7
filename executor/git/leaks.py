"""Secrets in what a commit adds to everything the server already has."""

from collections.abc import Iterator

import pygit2
from pygit2.enums import SortMode

from executor.events import Sha
from executor.git.changes import changes
from executor.git.engine import bytes_of, opened
from executor.git.mirror import Mirror
from executor.secrets import added, find


def leaks(mirror: Mirror, sha: Sha) -> list[str]:
    """Places and kinds, `path: GitHub token`, in commits that no branch of the server holds."""
    repository = opened(mirror.path)
    return sorted({place for commit in _new(repository, sha) for place in _in(mirror, commit)})


def _new(repository: pygit2.Repository, sha: Sha) -> Iterator[pygit2.Commit]:
    walker = repository.walk(sha, SortMode.TOPOLOGICAL)
    for name in repository.references:
        if name.startswith("refs/remotes/origin/"):
            walker.hide(repository.references[name].resolve().target)
    yield from walker


def _in(mirror: Mirror, commit: pygit2.Commit) -> Iterator[str]:
    repository = opened(mirror.path)
    yield from (f"message of {str(commit.id)[:10]}: {name}" for name in find(commit.message))
    before = str(commit.parents[0].tree_id) if commit.parents else _empty(repository)
    for change in changes(mirror, before, str(commit.tree_id)):
        old = _text(repository, change.old[0]) if change.old else ""
        new = _text(repository, change.new[0]) if change.new else ""
        yield from (f"{change.path}: {kind}" for kind in added(old, new))


def _text(repository: pygit2.Repository, oid: str) -> str:
    return (bytes_of(repository, oid) or b"").decode("utf-8", "replace")


def _empty(repository: pygit2.Repository) -> str:
    return str(repository.TreeBuilder().write())
