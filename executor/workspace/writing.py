"""Base content written back into a folder an agent has written, through no link of its making."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from executor.git.errors import UnsafeTree
from executor.workspace.checkout import Known
from executor.workspace.names import is_git
from executor.workspace.products import folders_of

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_GITLINK, _LINK = 0o160000, 0o120000


def put_back(
    root: str,
    paths: Sequence[str],
    base: Mapping[str, Known],
    content: Callable[[str], bytes],
) -> None:
    """Make each path what it is in `base`, or nothing where `base` does not have it."""
    folders = folders_of(base)
    for path in paths:
        _check(path)
        if path in folders:
            below = [file for file in base if file.startswith(f"{path}/")]
        else:
            below = [path] if path in base else []
            _remove(root, path, folders)
        for file in below:
            _write(root, file, base[file], content)


def _check(path: str) -> None:
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts) or is_git(parts[0]):
        raise UnsafeTree(f"{path!r} is no path of a tree")


def _write(root: str, path: str, known: Known, content: Callable[[str], bytes]) -> None:
    folder, _, name = path.rpartition("/")
    with _folder(root, folder) as parent:
        _clear(parent, name)
        if known.mode == _GITLINK:
            os.mkdir(name, dir_fd=parent)
        elif known.mode == _LINK:
            os.symlink(os.fsdecode(content(path)), name, dir_fd=parent)
        else:
            mode = 0o755 if known.mode & 0o100 else 0o644
            with os.fdopen(os.open(name, _NEW, mode, dir_fd=parent), "wb") as file:
                file.write(content(path))


def _remove(root: str, path: str, folders: set[str]) -> None:
    """Delete the path, and the folders it leaves empty that the base does not have."""
    with suppress(FileNotFoundError, NotADirectoryError):
        folder, _, name = path.rpartition("/")
        with _folder(root, folder, make=False) as parent:
            _clear(parent, name)
        if folder and folder not in folders:
            upper, _, last = folder.rpartition("/")
            with _folder(root, upper, make=False) as parent, suppress(OSError):
                os.rmdir(last, dir_fd=parent)


@contextmanager
def _folder(root: str, path: str, *, make: bool = True) -> Iterator[int]:
    """Open component by component; with `make`, whatever is no folder gives way to one."""
    descriptor = os.open(root, _FOLDER)
    try:
        for name in path.split("/") if path else ():
            if make:
                _make(descriptor, name)
            below = os.open(name, _FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        yield descriptor
    finally:
        os.close(descriptor)


def _make(parent: int, name: str) -> None:
    found = _found(parent, name)
    if found is not None and not stat.S_ISDIR(found.st_mode):
        os.unlink(name, dir_fd=parent)
        found = None
    if found is None:
        os.mkdir(name, 0o755, dir_fd=parent)


def _clear(parent: int, name: str) -> None:
    found = _found(parent, name)
    if found is None:
        return
    if stat.S_ISDIR(found.st_mode):
        shutil.rmtree(name, dir_fd=parent)
    else:
        os.unlink(name, dir_fd=parent)


def _found(parent: int, name: str) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return None
