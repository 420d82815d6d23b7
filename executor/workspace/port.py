"""What a story works in, and what every way of making one must offer."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from executor.events import Sha
from executor.git.mirror import Mirror


@dataclass(frozen=True)
class Workspace:
    """A disposable checkout of `base` at `path`.

    `index` lies outside of `path`: it remembers what was checked out. `made` are the paths that the
    repository's setup created; whatever lies there never enters a snapshot.
    """

    name: str
    path: Path
    base: Sha
    index: Path
    mirror: Mirror
    made: tuple[str, ...] = ()


class Workspaces(Protocol):
    """The workspaces of one repository on this machine."""

    def prepare(self, sha: Sha, setup: Callable[[Path], None]) -> None:
        """Check out `sha` and run the repository's setup in it, once; later calls do nothing."""
        ...

    def create(self, name: str, sha: Sha, *, prepared_from: Sha | None = None) -> Workspace:
        """A fresh checkout of `sha` with what setup made for `prepared_from` (default: `sha`)."""
        ...

    def remove(self, workspace: Workspace) -> None:
        """Delete it; one that is gone already is fine. Call it once its processes have ended."""
        ...

    def sweep(self) -> int:
        """Delete what dead processes left behind, and say how many workspaces that was."""
        ...
