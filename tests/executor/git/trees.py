"""Builders for commits that need no working tree."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from executor.events import Sha
from executor.git.changes import apply_tree
from executor.git.commit import Signature, commit_tree, tree_of
from executor.git.engine import opened
from executor.git.mirror import Mirror, open_mirror
from executor.git.refs import move

MAYA = Signature("Maya", "maya@example.com", datetime(2026, 5, 1, 12, tzinfo=UTC))

Content = str | bytes | tuple[str | bytes, int] | None
Files = Mapping[str, Content]


def a_repository(folder: Path) -> Mirror:
    """A mirror with nothing in it."""
    return open_mirror(folder / "mirrors", 1)


def a_commit(
    mirror: Mirror, files: Files, *parents: Sha, message: str = "A change", branch: str = ""
) -> Sha:
    """The first parent's tree with these files set, or deleted where the content is None."""
    tree = tree_of(mirror, parents[0]) if parents else _empty(mirror)
    sha = commit_tree(
        mirror,
        tree=a_tree(mirror, tree, files),
        parents=parents,
        message=message,
        author=MAYA,
        committer=MAYA,
    )
    if branch:
        move(mirror, f"refs/remotes/origin/{branch}", to=sha, expect=None)
    return sha


def a_tree(mirror: Mirror, tree: str, files: Files) -> str:
    return apply_tree(mirror, tree, {path: _entry(mirror, it) for path, it in files.items()})


def content(mirror: Mirror, tree: str, path: str) -> bytes | None:
    """What a tree holds at a path."""
    repository = opened(mirror.path)
    found = repository[tree]
    try:
        return bytes(found[path].data)  # type: ignore[index]
    except KeyError:
        return None


def paths(mirror: Mirror, sha: Sha) -> Sequence[str]:
    """Every file of a commit."""
    repository = opened(mirror.path)
    index = repository.index
    index.read_tree(repository[tree_of(mirror, sha)].id)
    return [entry.path for entry in index]


def _entry(mirror: Mirror, given: Content) -> tuple[str, int] | None:
    if given is None:
        return None
    data, mode = given if isinstance(given, tuple) else (given, 0o100644)
    raw = data.encode() if isinstance(data, str) else data
    return str(opened(mirror.path).create_blob(raw)), mode


def _empty(mirror: Mirror) -> str:
    return str(opened(mirror.path).TreeBuilder().write())
