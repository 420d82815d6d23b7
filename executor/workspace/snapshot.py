"""What a story left in its workspace, read without trusting a single name in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from executor.workspace.port import Workspace


@dataclass(frozen=True)
class Limits:
    """What a snapshot takes in at most."""

    file_bytes: int = 10 << 20
    total_bytes: int = 200 << 20


@dataclass(frozen=True)
class Snapshot:
    """`changed` against the workspace's base. `special` and `oversized` paths keep their base
    content: links that leave the tree, fifos, nested repositories, names git cannot hold."""

    tree: str
    changed: tuple[str, ...]
    special: tuple[str, ...]
    oversized: tuple[str, ...]


def snapshot(workspace: Workspace, limits: Limits = Limits()) -> Snapshot:
    """Write the agent's tree into the mirror."""
    raise NotImplementedError


def restore(workspace: Workspace, paths: Sequence[str]) -> None:
    """Put the base's content of these paths back; what the base does not have is deleted."""
    raise NotImplementedError
