"""What the repository's setup created: copied into every workspace, and never part of a change."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def made_by_setup(tree: Path, tracked: Iterable[str]) -> list[str]:
    """The topmost paths in `tree` that the commit does not have, the `.git` aside."""
    files = set(tracked)
    return sorted(_foreign(tree, "", files, folders_of(files)))


def folders_of(files: Iterable[str]) -> set[str]:
    """Every folder above these files."""
    found: set[str] = set()
    for path in files:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def _foreign(tree: Path, prefix: str, files: set[str], folders: set[str]) -> Iterator[str]:
    with os.scandir(tree / prefix) as entries:
        for entry in entries:
            path = f"{prefix}{entry.name}"
            if path == ".git" or path in files:
                continue
            if path in folders and entry.is_dir(follow_symlinks=False):
                yield from _foreign(tree, f"{path}/", files, folders)
            else:
                yield path
