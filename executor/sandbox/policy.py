"""What one sandboxed command may see, and how much it may use."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from planner.plan import Frozen

INSIDE = "/workspace"
"""The workspace's path inside every driver that can choose one: installs embed absolute paths."""

QUIET: Mapping[str, str] = MappingProxyType(
    {
        "CI": "1",
        "LANG": "C.UTF-8",
        "NO_COLOR": "1",
        "PAGER": "cat",
        "PIP_PROGRESS_BAR": "off",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TERM": "dumb",
    }
)


class Policy(Frozen):
    """Limits for one command. `env` is everything it gets beside PATH and HOME.

    `silence_seconds` runs from one piece of output to the next; `wall_seconds` is the hard end.
    `memory_bytes` and `pids` hold for the whole process tree.
    """

    workspace: Path
    read_only: tuple[Path, ...] = ()
    network: Literal["none", "open"] = "none"
    memory_bytes: int = Field(default=4 * 1024**3, gt=0)
    pids: int = Field(default=512, gt=0)
    wall_seconds: float = Field(default=900, gt=0)
    silence_seconds: float = Field(default=900, gt=0)
    output_bytes: int = Field(default=2 * 1024**2, gt=0)
    env: Mapping[str, str] = Field(default_factory=lambda: dict(QUIET))
