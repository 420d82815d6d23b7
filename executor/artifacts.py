"""Which changed paths do not belong in the change, each with the rule that says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from executor.events import LeftOut
from executor.git.changes import Change

Lockfiles = Literal["auto", "always", "never"]


@dataclass(frozen=True)
class ArtifactRules:
    """What the repository's owner, the request and the stories have to say about it.

    `exclude` and `keep` are patterns as in a .gitignore, from `baro.yml` and `/baro keep`.
    `requested` are the surfaces of the stories and the paths the request names.
    """

    exclude: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    lockfiles: Lockfiles = "auto"
    requested: tuple[str, ...] = ()


class Contents(Protocol):
    """What the filter may know beyond the paths."""

    def read(self, oid: str) -> bytes: ...

    def size(self, oid: str) -> int: ...

    def owns(self, path: str) -> bool:
        """Whether the base holds this file or folder."""
        ...


def filtered(
    found: Sequence[Change], contents: Contents, rules: ArtifactRules
) -> tuple[tuple[Change, ...], tuple[LeftOut, ...]]:
    """The changes that stay, and what was left out of the pull request with its rule."""
    raise NotImplementedError
