"""What changed between two commits, counted and shown as GitHub does."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pygit2
from pygit2.enums import DeltaStatus, SortMode

FileStatus = Literal["added", "removed", "modified", "renamed", "changed"]
_STATUS: dict[DeltaStatus, FileStatus] = {
    DeltaStatus.ADDED: "added",
    DeltaStatus.DELETED: "removed",
    DeltaStatus.RENAMED: "renamed",
    DeltaStatus.TYPECHANGE: "changed",
}


@dataclass(frozen=True)
class FileChange:
    filename: str
    status: FileStatus
    additions: int
    deletions: int
    patch: str | None
    sha: str
    previous: str | None


def changed_files(store: pygit2.Repository, base: str | None, head: str) -> list[FileChange]:
    """From tree to tree; `base` None is the empty tree."""
    return [_file(patch) for patch in _diff(store, base, head) if patch is not None]


def diff_text(store: pygit2.Repository, base: str | None, head: str) -> str:
    return _diff(store, base, head).patch or ""


def _diff(store: pygit2.Repository, base: str | None, head: str) -> pygit2.Diff:
    new = store[head].peel(pygit2.Tree)
    if base is None:
        diff = new.diff_to_tree(swap=True)
    else:
        diff = store[base].peel(pygit2.Tree).diff_to_tree(new)
    diff.find_similar()
    return diff


def _file(patch: pygit2.Patch) -> FileChange:
    delta = patch.delta
    _, additions, deletions = patch.line_stats
    status = _STATUS.get(delta.status, "modified")
    gone = status == "removed"
    return FileChange(
        filename=delta.old_file.path if gone else delta.new_file.path,
        status=status,
        additions=additions,
        deletions=deletions,
        patch=None if delta.is_binary else _hunks(patch),
        sha=str(delta.old_file.id if gone else delta.new_file.id),
        previous=delta.old_file.path if status == "renamed" else None,
    )


def _hunks(patch: pygit2.Patch) -> str | None:
    """GitHub's `patch` starts at the first hunk and has no last line end."""
    text = patch.data.decode("utf-8", "replace")
    start = text.find("\n@@ ")
    return None if start < 0 else text[start + 1 :].removesuffix("\n")


def commits_between(store: pygit2.Repository, base: str | None, head: str) -> list[pygit2.Commit]:
    """Oldest first, those of `head` that `base` does not have."""
    walk = store.walk(pygit2.Oid(hex=head), SortMode.TOPOLOGICAL | SortMode.REVERSE)
    if base is not None:
        walk.hide(pygit2.Oid(hex=base))
    return list(walk)


def history(
    store: pygit2.Repository, head: str, path: str | None = None
) -> Iterator[pygit2.Commit]:
    """Newest first; with `path` only the commits that changed it."""
    for commit in store.walk(pygit2.Oid(hex=head), SortMode.TOPOLOGICAL | SortMode.TIME):
        if path is None or _entry(commit, path) != _entry_of_parent(commit, path):
            yield commit


def _entry(commit: pygit2.Commit, path: str) -> pygit2.Oid | None:
    try:
        return commit.tree[path].id
    except KeyError:
        return None


def _entry_of_parent(commit: pygit2.Commit, path: str) -> pygit2.Oid | None:
    return _entry(commit.parents[0], path) if commit.parents else None


def merge_base(store: pygit2.Repository, one: str, other: str) -> str | None:
    found = store.merge_base(one, other)
    return None if found is None else str(found)


def hunk_at(store: pygit2.Repository, base: str, head: str, path: str) -> str:
    """The first hunk of a file's change, for a comment on one of its lines."""
    for change in changed_files(store, base, head):
        if change.filename == path and change.patch:
            first, *others = change.patch.split("\n@@ ")
            del others
            return first
    return "@@"
