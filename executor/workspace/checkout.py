"""A commit's files on disk, and git's own memory of what was written."""

import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from executor.events import Sha
from executor.git.cli import git
from executor.git.errors import GitFailed, GitKilled, UnsafeTree
from executor.git.mirror import Mirror

_HEADER = struct.Struct(">4sII")
_ENTRY = struct.Struct(">10I20sH")
_NAME_START = _ENTRY.size


@dataclass(frozen=True)
class Known:
    """One file as it was checked out. `stamp` is what lstat said then."""

    oid: str
    mode: int
    stamp: tuple[int, ...]


@dataclass(frozen=True)
class Memory:
    """Every file of the commit. Stamps from `written_ns` on are too young to be trusted."""

    files: Mapping[str, Known]
    written_ns: int

    def is_untouched(self, path: str, found: os.stat_result) -> bool:
        """Whether the file cannot have changed since the checkout; False when in doubt."""
        known = self.files.get(path)
        return (
            known is not None
            and known.stamp == _stamp(found)
            and found.st_mtime_ns < self.written_ns
            and found.st_ctime_ns < self.written_ns
        )


def check_out(mirror: Mirror, sha: Sha, into: Path, index: Path) -> None:
    """Write the commit's files into the new folder `into`, and git's index beside it."""
    into.mkdir(parents=True)
    places = {
        "GIT_INDEX_FILE": str(index),
        "GIT_WORK_TREE": str(into),
        "GIT_INDEX_VERSION": "2",
    }
    try:
        git(mirror.path, "read-tree", "-m", "-u", f"{sha}^{{tree}}", variables=places)
    except GitKilled:
        raise
    except GitFailed as error:
        raise UnsafeTree(f"{sha} cannot be checked out: {error}") from error


def remembered(index: Path) -> Memory:
    """What `check_out` wrote into `index`."""
    content = index.read_bytes()
    _, version, count = _HEADER.unpack_from(content)
    if version != 2:
        raise UnsafeTree(f"an index of version {version}")
    return Memory(dict(_entries(content, count)), index.stat().st_mtime_ns)


def _entries(content: bytes, count: int) -> Iterator[tuple[str, Known]]:
    at = _HEADER.size
    for _ in range(count):
        *numbers, oid, _flags = _ENTRY.unpack_from(content, at)
        end = content.index(b"\0", at + _NAME_START)
        path = content[at + _NAME_START : end].decode("utf-8", "surrogateescape")
        ctime, ctime_ns, mtime, mtime_ns, _dev, inode, mode, _uid, _gid, size = numbers
        yield path, Known(oid.hex(), mode, (ctime, ctime_ns, mtime, mtime_ns, inode, mode, size))
        # An entry is padded with one to eight NULs to a multiple of eight.
        at += (end - at) // 8 * 8 + 8


def _stamp(found: os.stat_result) -> tuple[int, ...]:
    ctime, ctime_ns = divmod(found.st_ctime_ns, 10**9)
    mtime, mtime_ns = divmod(found.st_mtime_ns, 10**9)
    mode = 0o120000 if (found.st_mode & 0o170000) == 0o120000 else file_mode(found)
    low = 0xFFFFFFFF
    return (ctime, ctime_ns, mtime, mtime_ns, found.st_ino & low, mode, found.st_size & low)


def file_mode(found: os.stat_result) -> int:
    """A regular file's mode as git keeps it."""
    return 0o100755 if found.st_mode & 0o100 else 0o100644
