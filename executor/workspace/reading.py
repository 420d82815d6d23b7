"""A folder an agent has written, read name by name and without following a single link."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pygit2

from executor.workspace.checkout import Memory, file_mode
from executor.workspace.ignored import Ignored
from executor.workspace.names import is_git, is_unstorable, leaves_the_tree

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK the opening of a fifo, swapped in after its lstat, would wait for a writer.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_GITLINK, _LINK = 0o160000, 0o120000
_DEEPEST = 120


@dataclass(frozen=True)
class Limits:
    """What a snapshot takes in at most."""

    file_bytes: int = 10 << 20
    total_bytes: int = 200 << 20


@dataclass(frozen=True)
class Rules:
    """What is known before the reading starts."""

    memory: Memory
    folders: frozenset[str]
    made: frozenset[str]
    ignored: Ignored
    limits: Limits
    store: Callable[[bytes], str]


@dataclass
class Reading:
    """What was found. `seen` are tracked paths that are still there, changed or not."""

    edits: dict[str, tuple[str, int] | None] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    special: list[str] = field(default_factory=list)
    oversized: list[str] = field(default_factory=list)
    taken_bytes: int = 0

    @property
    def kept(self) -> set[str]:
        """Paths that keep the base's content, with all below them."""
        return {*self.special, *self.oversized}


def read_folder(root: str, rules: Rules) -> Reading:
    """Everything below `root` that differs from what was checked out, deletions aside."""
    reading = Reading()
    with _opened(root, _FOLDER) as descriptor:
        _folder(reading, rules, descriptor, "", 0)
    return reading


def _folder(reading: Reading, rules: Rules, descriptor: int, prefix: str, depth: int) -> None:
    with os.scandir(descriptor) as entries:
        names = sorted(entry.name for entry in entries)
    for name in names:
        path = prefix + name
        if path == ".git":
            continue
        try:
            _entry(reading, rules, descriptor, name, path, depth)
        except OSError:
            # Gone, locked, or swapped for something else while we looked: the base's content stays.
            reading.special.append(path)


def _entry(reading: Reading, rules: Rules, parent: int, name: str, path: str, depth: int) -> None:
    found = os.stat(name, dir_fd=parent, follow_symlinks=False)
    is_folder = stat.S_ISDIR(found.st_mode)
    if _is_invisible(rules, path, folder=is_folder):
        return
    tracked = path in rules.memory.files
    if is_git(name) or (is_unstorable(name) and not tracked and path not in rules.folders):
        reading.special.append(path)
    elif is_folder:
        _subfolder(reading, rules, parent, name, path, depth)
    elif rules.memory.is_untouched(path, found):
        reading.seen.add(path)
    elif stat.S_ISLNK(found.st_mode):
        _link(reading, rules, parent, name, path)
    elif stat.S_ISREG(found.st_mode):
        _file(reading, rules, parent, name, path)
    else:
        reading.special.append(path)


def _is_invisible(rules: Rules, path: str, *, folder: bool) -> bool:
    if path in rules.memory.files or path in rules.folders:
        return False
    return path in rules.made or rules.ignored.covers(path, folder=folder)


def _subfolder(
    reading: Reading, rules: Rules, parent: int, name: str, path: str, depth: int
) -> None:
    known = rules.memory.files.get(path)
    if known is not None and known.mode == _GITLINK:
        return
    with _opened(name, _FOLDER, parent) as descriptor:
        nested = path not in rules.folders and ".git" in os.listdir(descriptor)
        if nested or depth >= _DEEPEST:
            reading.special.append(path)
        else:
            _folder(reading, rules, descriptor, f"{path}/", depth + 1)


def _link(reading: Reading, rules: Rules, parent: int, name: str, path: str) -> None:
    target = os.readlink(name, dir_fd=parent)
    content = os.fsencode(target)
    known = rules.memory.files.get(path)
    if known is not None and (known.oid, known.mode) == (_oid(content), _LINK):
        reading.seen.add(path)
    elif leaves_the_tree(path, target):
        reading.special.append(path)
    else:
        _taken(reading, rules, path, content, _LINK)


def _file(reading: Reading, rules: Rules, parent: int, name: str, path: str) -> None:
    with _opened(name, _FILE, parent) as descriptor:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            reading.special.append(path)
            return
        content = _content(descriptor, rules.limits.file_bytes)
    if content is None:
        reading.oversized.append(path)
    else:
        _taken(reading, rules, path, content, file_mode(found))


def _taken(reading: Reading, rules: Rules, path: str, content: bytes, mode: int) -> None:
    known = rules.memory.files.get(path)
    oid = _oid(content)
    if known is not None and (known.oid, known.mode) == (oid, mode):
        reading.seen.add(path)
        return
    reading.taken_bytes += len(content)
    if reading.taken_bytes > rules.limits.total_bytes:
        reading.oversized.append(path)
        return
    reading.seen.add(path)
    reading.edits[path] = (rules.store(content), mode)


def _content(descriptor: int, most: int) -> bytes | None:
    """All of the file, or None where it is larger than `most`."""
    chunks, left = [], most + 1
    while left > 0 and (chunk := os.read(descriptor, min(left, 1 << 20))):
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks) if left > 0 else None


def _oid(content: bytes) -> str:
    return str(pygit2.hash(content))


@contextmanager
def _opened(name: str, flags: int, parent: int | None = None) -> Iterator[int]:
    descriptor = os.open(name, flags, dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
