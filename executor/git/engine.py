"""libgit2 with its process-wide settings made: no configuration but ours, no endless waits."""

import threading
from pathlib import Path

import pygit2
from pygit2.enums import ConfigLevel, ObjectType, RepositoryOpenFlag

from executor.git.errors import UnknownRef

_NOWHERE = "/nonexistent/baro"
_HANDLES_PER_THREAD = 3

for _level in (ConfigLevel.GLOBAL, ConfigLevel.SYSTEM, ConfigLevel.XDG):
    pygit2.settings.search_path[_level] = _NOWHERE
pygit2.settings.owner_validation = True
pygit2.settings.enable_strict_object_creation(True)


def wait_at_most(*, connect_seconds: float, silence_seconds: float) -> None:
    """How long any server may take; libgit2 keeps this for the whole process."""
    pygit2.settings.server_connect_timeout = int(connect_seconds * 1000)
    pygit2.settings.server_timeout = int(silence_seconds * 1000)


# Both are 0, which is forever, by default.
wait_at_most(connect_seconds=15, silence_seconds=60)


class _Handles(threading.local):
    """Handles stay in their thread. They keep the trees they read, so reuse is much faster."""

    def __init__(self) -> None:
        self.latest: dict[tuple[str, int], pygit2.Repository] = {}


_handles = _Handles()


def opened(path: Path) -> pygit2.Repository:
    """This thread's handle on the bare repository at exactly this path."""
    # A folder deleted and made again has the same name and another inode.
    key = (str(path), path.stat().st_ino)
    handle = _handles.latest.pop(key, None)
    if handle is None:
        handle = pygit2.Repository(key[0], RepositoryOpenFlag.NO_SEARCH | RepositoryOpenFlag.BARE)
    _handles.latest[key] = handle
    while len(_handles.latest) > _HANDLES_PER_THREAD:
        del _handles.latest[next(iter(_handles.latest))]
    return handle


def commit_at(repository: pygit2.Repository, sha: str) -> pygit2.Commit:
    try:
        return repository[sha].peel(pygit2.Commit)
    except (KeyError, ValueError, pygit2.InvalidSpecError) as error:
        raise UnknownRef(f"no commit {sha}") from error


def tree_at(repository: pygit2.Repository, oid: str) -> pygit2.Tree:
    try:
        return repository[oid].peel(pygit2.Tree)
    except (KeyError, ValueError, pygit2.InvalidSpecError) as error:
        raise UnknownRef(f"no tree {oid}") from error


def bytes_of(repository: pygit2.Repository, oid: str) -> bytes | None:
    """A blob's content; None for anything else, or for an object that is not here."""
    try:
        kind, content = repository.read(oid)
    except KeyError:
        return None
    return content if kind == ObjectType.BLOB else None


def name_of(entry: pygit2.Object) -> str:
    """A tree entry's name; bytes that are not UTF-8 become surrogates, as Python's own paths do."""
    return (entry.raw_name or b"").decode("utf-8", "surrogateescape")
