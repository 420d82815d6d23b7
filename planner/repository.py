"""The repository as the planner sees it: one commit, read-only, nothing to run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from planner.plan import Base, Check


class RepositoryView(Protocol):
    """A frozen tree. Paths are relative to the root, with `/`, in git's order."""

    @property
    def base(self) -> Base: ...

    def paths(self) -> Sequence[str]: ...

    def read(self, path: str) -> bytes | None:
        """The content of a regular file, or None where there is none."""
        ...


@dataclass(frozen=True)
class FoundChecks:
    """The repository's own commands, and what was noticed while looking for them."""

    setup: tuple[Check, ...] = ()
    gate: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()
