"""The seam between us and whatever walls a command in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from executor.sandbox.policy import Policy


class NoSandbox(Exception):
    """No driver keeps its promises here; the text says what would mend it."""


@dataclass(frozen=True)
class Finished:
    """One command, over. A signal's number is also in `exit_code`, as shells write it: 128 + n.

    `stopped` is our own reason for killing it (time, memory, processes), else empty. `output` is
    both streams in the order they came; past the policy's size its middle is missing and `cut`
    is True.
    """

    exit_code: int
    output: str
    seconds: float
    timed_out: bool = False
    stopped: str = ""
    signalled: int | None = None
    cut: bool = False


class Sandbox(Protocol):
    """A driver. `gaps` are sentences: what it does not keep out."""

    @property
    def name(self) -> str: ...

    @property
    def gaps(self) -> tuple[str, ...]: ...

    async def run(self, argv: Sequence[str], policy: Policy, cwd: str = ".") -> Finished:
        """Run one command; `cwd` is relative to the workspace. Cancelling kills the whole tree."""
        ...
