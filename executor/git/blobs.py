"""The contents behind ids, and what a base tree holds."""

import pygit2

from executor.git.engine import bytes_of, opened, tree_at
from executor.git.mirror import Mirror


class Blobs:
    """Implements `executor.artifacts.Contents`. For one thread: it holds a handle."""

    def __init__(self, mirror: Mirror, base_tree: str) -> None:
        self._repository = opened(mirror.path)
        self._base = tree_at(self._repository, base_tree)

    def read(self, oid: str) -> bytes:
        return bytes_of(self._repository, oid) or b""

    def text(self, oid: str) -> str:
        return self.read(oid).decode("utf-8", "replace")

    def size(self, oid: str) -> int:
        """In bytes; 0 for what is no blob of the mirror, such as a submodule's commit."""
        try:
            return int(self._repository.odb.read_header(pygit2.Oid(hex=oid))[1])
        except KeyError:
            return 0

    def owns(self, path: str) -> bool:
        try:
            return path in self._base
        except UnicodeEncodeError:
            return False
