"""The agent's desk: one workspace with its rules, and what was read and heard in this attempt."""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from executor.sandbox.policy import INSIDE, Policy
from executor.sandbox.port import Finished, Sandbox
from executor.policy import Surface
from llm.backend import Refused

LARGEST_BYTES = 2 * 1024**2


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
        longest = self.policy.wall_seconds
        wall = min(wall_seconds or longest, longest)
        return await self.sandbox.run(argv, self.policy.model_copy(update={"wall_seconds": wall}))

    def name(self, path: str) -> str:
        """The real name of what an agent calls `path`; links are followed, but not outside."""
        asked = path.strip().removeprefix(f"{INSIDE}/").removeprefix("./")
        if not asked or "\0" in asked or asked.startswith(("/", "~")):
            raise Refused(f"refused: {path} is not a path relative to the repository's root")
        root = self.root.resolve()
        real = (root / asked).resolve()
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

    def text(self, name: str) -> str:
        """The whole of a regular text file, line ends as they are."""
        try:
            content = self._bytes(name)
        except FileNotFoundError:
            raise Refused(f"there is no file {name}") from None
        except OSError as error:
            raise Refused(f"{name} cannot be read: {error.strerror}") from error
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise Refused(f"{name} is not text ({len(content)} bytes)") from None

    def put(self, name: str, text: str) -> None:
        """Write a file where it is, keeping its mode; folders are made as needed."""
        target = self.root.resolve() / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK
            with open(os.open(target, flags, 0o644), "wb") as file:
                file.write(text.encode())
        except (FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError) as error:
            raise Refused(f"{name} cannot be written: {error.strerror}") from error
        self.seen.add(name)

    def _bytes(self, name: str) -> bytes:
        target = self.root.resolve() / name
        with open(os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            kind = os.fstat(file.fileno())
            if not stat.S_ISREG(kind.st_mode):
                raise Refused(f"{name} is not a regular file")
            if kind.st_size > LARGEST_BYTES:
                raise Refused(f"{name} is too large to read ({kind.st_size} bytes); use search")
            return file.read()
