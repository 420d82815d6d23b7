"""Folders copied as they are, sharing blocks where the file system can, and deleted for good."""

import errno
import os
import shutil
import stat
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_BATCH = 400


def copied(source: Path, paths: Sequence[str], into: Path) -> None:
    """Copy these paths below `source` to the same places below `into`; links stay links."""
    for start in range(0, len(paths), _BATCH):
        batch = [f"./{path}" for path in paths[start : start + _BATCH]]
        done = subprocess.run(
            ["cp", "-a", "--reflink=auto", "--parents", "--", *batch, str(into)],
            cwd=source,
            check=False,
            capture_output=True,
        )
        if done.returncode:
            raise OSError(errno.EIO, done.stderr.decode("utf-8", "replace")[-500:], str(into))


def deleted(folder: Path) -> None:
    """Delete a folder and all below it, also where somebody took the permissions away."""
    with suppress(FileNotFoundError):
        try:
            shutil.rmtree(folder)
        except PermissionError:
            _unlocked(folder)
            shutil.rmtree(folder)


def _unlocked(folder: Path) -> None:
    os.chmod(folder, stat.S_IRWXU)
    for here, folders, _ in os.walk(folder):
        for name in folders:
            path = os.path.join(here, name)
            if not os.path.islink(path):
                os.chmod(path, stat.S_IRWXU)
