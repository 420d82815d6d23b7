"""Where this machine's Python lives, when that is not under /usr: a sandbox must bring it along."""

import sys
from pathlib import Path

SYSTEM = "/usr/bin:/bin:/usr/sbin:/sbin"


def toolchain() -> tuple[Path, ...]:
    """Folders to show read-only so that `python3` runs: never a virtual environment of ours."""
    prefix = Path(sys.base_prefix).resolve()
    return () if prefix.is_relative_to("/usr") and not _local(prefix) else (prefix,)


def search_path(workspace: str) -> str:
    """PATH for a command: what setup installed into the workspace, our Python, the system."""
    installed = [f"{workspace}/.venv/bin", f"{workspace}/node_modules/.bin"]
    own = [str(prefix / "bin") for prefix in toolchain()]
    return ":".join([*installed, *own, "/usr/local/bin", SYSTEM])


def _local(prefix: Path) -> bool:
    """/usr/local comes with /usr, but its `bin` may hold a `python3` of its own."""
    return prefix == Path("/usr/local")
