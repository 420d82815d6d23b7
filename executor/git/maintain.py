"""Keeping a mirror fast: loose objects become packs, and nothing a run may need is dropped."""

from executor.git.cli import git
from executor.git.lock import locked
from executor.git.mirror import Mirror

_LOOSE_OBJECTS = 2000


def maintain(mirror: Mirror) -> bool:
    """Repack if it is worth it; False where it was not.

    Unreachable objects are kept for two weeks: a story's tree is written long before a ref names
    it. Fetches wait meanwhile; readers and ref moves do not.
    """
    if _loose(mirror) < _LOOSE_OBJECTS:
        return False
    with locked(mirror.lock):
        git(mirror.path, "repack", "-A", "-d", "-q", "--unpack-unreachable=2.weeks.ago")
        git(mirror.path, "prune", "--expire=2.weeks.ago")
        git(mirror.path, "commit-graph", "write", "--reachable")
    return True


def _loose(mirror: Mirror) -> int:
    """Estimated from one of the 256 folders, as git does it."""
    folder = mirror.path / "objects" / "17"
    return 256 * len(list(folder.iterdir())) if folder.exists() else 0
