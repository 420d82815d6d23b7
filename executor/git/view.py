"""One commit of the mirror as the planner reads it: regular files only."""

from collections.abc import Iterator, Sequence
from functools import cached_property

import pygit2
from pygit2.enums import FileMode

from executor.events import Sha
from executor.git.engine import bytes_of, commit_at, name_of, opened
from executor.git.mirror import Mirror
from planner.plan import Base

_REGULAR = (FileMode.BLOB, FileMode.BLOB_EXECUTABLE)


class CommitView:
    """Implements `planner.repository.RepositoryView`; symlinks and submodules do not exist here."""

    def __init__(self, mirror: Mirror, branch: str, sha: Sha) -> None:
        self._mirror = mirror
        self._base = Base(branch=branch, sha=sha)

    @property
    def base(self) -> Base:
        return self._base

    def paths(self) -> Sequence[str]:
        return tuple(self._blobs)

    def read(self, path: str) -> bytes | None:
        oid = self._blobs.get(path)
        if oid is None:
            return None
        return bytes_of(opened(self._mirror.path), oid)

    @cached_property
    def _blobs(self) -> dict[str, str]:
        return dict(_files(commit_at(opened(self._mirror.path), self._base.sha).tree))


def _files(tree: pygit2.Tree, prefix: str = "") -> Iterator[tuple[str, str]]:
    for entry in tree:
        path = prefix + name_of(entry)
        if isinstance(entry, pygit2.Tree):
            yield from _files(entry, f"{path}/")
        elif entry.filemode in _REGULAR:
            yield path, str(entry.id)
