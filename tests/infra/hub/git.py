"""A person's git beside the tests: the command line, without this machine's configuration."""

import asyncio
import subprocess
from dataclasses import dataclass
from pathlib import Path

from infra.hub.git.store import ENVIRONMENT

WHO = ("-c", "user.name=Dev", "-c", "user.email=dev@example.com")


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


async def git(*arguments: str, at: Path) -> Done:
    """In a thread, so that a hub or receiver in this loop goes on answering."""
    return await asyncio.to_thread(_run, arguments, at)


def _run(arguments: tuple[str, ...], at: Path) -> Done:
    done = subprocess.run(
        ["git", *WHO, *arguments], cwd=at, env=ENVIRONMENT, capture_output=True, text=True
    )
    return Done(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Checkout:
    folder: Path

    async def run(self, *arguments: str) -> str:
        done = await git(*arguments, at=self.folder)
        assert done.code == 0, done.err
        return done.out

    async def commit(self, files: dict[str, str | bytes]) -> str:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        await self.run("add", "-A")
        await self.run("commit", "-q", "-m", f"Write {', '.join(files)}")
        return (await self.run("rev-parse", "HEAD")).strip()

    async def pack(self, revisions: str) -> bytes:
        done = await asyncio.to_thread(
            subprocess.run,
            ["git", "pack-objects", "-q", "--stdout", "--revs"],
            input=revisions.encode(),
            cwd=self.folder,
            env=ENVIRONMENT,
            capture_output=True,
            check=True,
        )
        return done.stdout

    async def push(self, *refs: str) -> Done:
        return await git("push", "origin", *refs, at=self.folder)


async def clone(url: str, folder: Path, *options: str) -> Checkout:
    done = await git("clone", "-q", *options, url, str(folder), at=folder.parent)
    assert done.code == 0, done.err
    return Checkout(folder)
