"""Workspaces as plain checkouts, which work on every machine."""

from collections.abc import Callable
from pathlib import Path

from executor.events import Sha
from executor.git.mirror import Mirror
from executor.workspace.port import Workspace


class Worktrees:
    """Implements `Workspaces` below `root`, a folder of one repository."""

    def __init__(self, root: Path, mirror: Mirror) -> None:
        self._root, self._mirror = root, mirror

    def prepare(self, sha: Sha, setup: Callable[[Path], None]) -> None:
        raise NotImplementedError

    def create(self, name: str, sha: Sha, *, prepared_from: Sha | None = None) -> Workspace:
        raise NotImplementedError

    def remove(self, workspace: Workspace) -> None:
        raise NotImplementedError

    def sweep(self) -> int:
        raise NotImplementedError
