"""The agent's desk: one workspace with its rules, and what was read and heard in this attempt."""

import errno
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from executor.policy import Surface
from executor.sandbox.policy import INSIDE, Policy
from executor.sandbox.port import Finished, Sandbox
from llm.backend import Refused

LARGEST_BYTES = 2 * 1024**2
LONGEST_COMMAND = 100_000
"""The kernel's limit for one argument is 128 kB."""
OURS = frozenset({errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EROFS})
"""Trouble of this machine, which no other words of the model could mend."""


@dataclass
class Desk:
    """Names are resolved to real, repository-relative paths: one file never has two names.

    `seen` holds what may be overwritten: files this attempt has read, or has written itself.
    """

    root: Path
    surface: Surface
    sandbox: Sandbox
    policy: Policy
    seen: set[str] = field(default_factory=set)
    logs: dict[str, str] = field(default_factory=dict)
    heard: dict[str, str] = field(default_factory=dict)

    async def run(self, argv: list[str], *, wall_seconds: float | None = None) -> Finished:
        """Run a command behind the walls, never longer than the policy allows."""
        if not all(map(_is_text, argv)) or sum(map(len, argv)) > LONGEST_COMMAND:
            raise Refused("refused: too long for a command line, or not text; write a file instead")
        longest = self.policy.wall_seconds
        wall = min(wall_seconds or longest, longest)
        return await self.sandbox.run(argv, self.policy.model_copy(update={"wall_seconds": wall}))

    def name(self, path: str) -> str:
        """The real name of what an agent calls `path`; links are followed, but not outside."""
        asked = path.strip().removeprefix(f"{INSIDE}/").removeprefix("./")
        if not asked or not _is_text(asked) or asked.startswith(("/", "~")):
            raise Refused(f"refused: {path!r} is not a path relative to the repository's root")
        # realpath, not Path.resolve: that one raises at a link which leads to itself.
        root = Path(os.path.realpath(self.root))
        real = Path(os.path.realpath(root / asked))
        if not real.is_relative_to(root):
            raise Refused(f"refused: {path} leads outside the repository")
        name = real.relative_to(root).as_posix()
        if ".git" in name.lower().split("/"):
            raise Refused(f"refused: {path} belongs to git")
        return name

    def writable(self, path: str) -> str:
        """The real name of a path that this story may write."""
        name = self.name(path)
        if why := self.surface.refusal(name):
            raise Refused(f"refused: {why}")
        return name

    def is_folder(self, name: str) -> bool:
        return os.path.isdir(self.place(name))

    def exists(self, name: str) -> bool:
        return os.path.lexists(self.place(name))

    def place(self, name: str) -> Path:
        return Path(os.path.realpath(self.root)) / name

    def names(self, name: str) -> list[str]:
        """What lies in a folder, folders with a slash behind them."""
        try:
            with os.scandir(self.place(name)) as entries:
                found = [(os.fsencode(each.name), each.is_dir()) for each in entries]
        except OSError as error:
            raise _refused(name, "read", error) from error
        return [
            raw.decode(errors="replace") + "/" * folder
            for raw, folder in sorted(found)
            if raw != b".git"
        ]

    def text(self, name: str) -> str:
        """The whole of a regular text file, line ends as they are."""
        try:
            content = self._bytes(name)
        except FileNotFoundError:
            raise Refused(f"there is no file {name}") from None
        except OSError as error:
            raise _refused(name, "read", error) from error
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise Refused(f"{name} is not text ({len(content)} bytes)") from None

    def put(self, name: str, text: str) -> None:
        """Write a file where it is, keeping its mode; folders are made as needed."""
        if not _is_text(text):
            raise Refused("refused: the content is not text")
        target = self.place(name)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK
            with open(os.open(target, flags, 0o644), "wb") as file:
                file.write(text.encode())
        except OSError as error:
            raise _refused(name, "written", error) from error
        self.seen.add(name)

    def _bytes(self, name: str) -> bytes:
        with open(
            os.open(self.place(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb"
        ) as file:
            kind = os.fstat(file.fileno())
            if not stat.S_ISREG(kind.st_mode):
                raise Refused(f"{name} is not a regular file")
            if kind.st_size > LARGEST_BYTES:
                raise Refused(f"{name} is too large to read ({kind.st_size} bytes); use search")
            return file.read()


def _refused(name: str, what: str, error: OSError) -> Refused | OSError:
    if error.errno in OURS:
        return error
    return Refused(f"{name} cannot be {what}: {error.strerror}")


def _is_text(text: str) -> bool:
    """JSON can spell half of a character, and a null."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False
