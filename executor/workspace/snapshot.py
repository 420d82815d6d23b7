"""What a story left in its workspace, as a tree of the mirror; and the way back to the base."""

from collections.abc import Sequence
from dataclasses import dataclass

from executor.git.changes import apply_tree
from executor.git.commit import tree_of
from executor.git.engine import bytes_of, opened
from executor.workspace.checkout import Memory, remembered
from executor.workspace.ignored import Ignored
from executor.workspace.names import shown
from executor.workspace.port import Workspace
from executor.workspace.products import folders_of
from executor.workspace.reading import Limits, Reading, Rules, read_folder
from executor.workspace.writing import put_back

_GITLINK = 0o160000
_DEFAULT = Limits()


@dataclass(frozen=True)
class Snapshot:
    """`changed` against the workspace's base.

    `special` and `oversized` paths are not in the tree, where the base's content stays: links that
    leave the tree, fifos, nested repositories, names git cannot hold. They are spelled to be shown.
    """

    tree: str
    changed: tuple[str, ...]
    special: tuple[str, ...]
    oversized: tuple[str, ...]


def snapshot(workspace: Workspace, limits: Limits = _DEFAULT) -> Snapshot:
    """Write the agent's tree into the mirror. Its processes must have ended."""
    memory = remembered(workspace.index)
    repository = opened(workspace.mirror.path)
    rules = Rules(
        memory=memory,
        folders=frozenset(folders_of(memory.files)),
        made=frozenset(workspace.made),
        ignored=Ignored(
            memory.files, lambda path: bytes_of(repository, memory.files[path].oid) or b""
        ),
        limits=limits,
        store=lambda content: str(repository.create_blob(content)),
    )
    reading = read_folder(str(workspace.path), rules)
    edits = {**reading.edits, **dict.fromkeys(_deleted(memory, reading))}
    base = tree_of(workspace.mirror, workspace.base)
    return Snapshot(
        tree=apply_tree(workspace.mirror, base, edits),
        changed=tuple(sorted(edits)),
        special=tuple(shown(path) for path in reading.special),
        oversized=tuple(shown(path) for path in reading.oversized),
    )


def restore(workspace: Workspace, paths: Sequence[str]) -> None:
    """Put the base's content of these paths back; what the base does not have is deleted."""
    memory = remembered(workspace.index)
    repository = opened(workspace.mirror.path)

    def content(path: str) -> bytes:
        return bytes_of(repository, memory.files[path].oid) or b""

    put_back(str(workspace.path), paths, memory.files, content)


def _deleted(memory: Memory, reading: Reading) -> list[str]:
    kept = reading.kept
    return [
        path
        for path, known in memory.files.items()
        if path not in reading.seen and known.mode != _GITLINK and kept.isdisjoint(_lineage(path))
    ]


def _lineage(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]
