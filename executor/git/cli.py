"""The git command line, deaf to every configuration but what is said here."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from executor.git.errors import GitFailed, GitKilled

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_ENVIRONMENT = {
    "PATH": _PATH,
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "/bin/true",
    "GIT_ALLOW_PROTOCOL": "https",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
}

_CONFIGURATION = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.symlinks=true",
    "core.protectHFS=true",
    "core.protectNTFS=true",
    "core.bare=false",
    "core.autocrlf=false",
    "core.sparseCheckout=false",
    "core.commitGraph=true",
    "credential.helper=",
    "protocol.allow=never",
    "protocol.https.allow=always",
    "submodule.recurse=false",
    "gc.auto=0",
    "transfer.fsckObjects=true",
)


@dataclass(frozen=True)
class Ended:
    """One finished command."""

    code: int
    stdout: bytes


def git(
    directory: Path,
    *arguments: str,
    stdin: bytes = b"",
    variables: Mapping[str, str] | None = None,
    accept: Sequence[int] = (0,),
) -> Ended:
    """Run git on the service-owned `directory`; exit codes outside `accept` are a tool failure."""
    settings = [part for value in _CONFIGURATION for part in ("-c", value)]
    done = subprocess.run(
        [_executable(), f"--git-dir={directory}", *settings, *arguments],
        input=stdin,
        capture_output=True,
        env={**_ENVIRONMENT, **(variables or {})},
        cwd=directory,
        check=False,
    )
    if done.returncode in accept:
        return Ended(done.returncode, done.stdout)
    kind = GitKilled if done.returncode < 0 else GitFailed
    raise kind(arguments[0], done.returncode, done.stderr.decode("utf-8", "replace"))


def _executable() -> str:
    found = shutil.which("git", path=_PATH) or shutil.which("git")
    if found is None:
        raise GitFailed("--version", 127, "git is not installed")
    return found
