"""A stage for whole stories: a real hub, the real program beside it, and people who act."""

import asyncio
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from copy import copy
from dataclasses import dataclass
from pathlib import Path

import httpx

from bot.app import serve
from bot.settings import Settings, read_settings
from bot.store import deliveries
from bot.store.engine import Store
from infra.demo.texts import replies, sample_files
from infra.hub.people import Person
from infra.hub.running import Hub, running_hub
from infra.hub.seed import AppSeed, IssueSeed, Seeded, plant, shop
from infra.hub.state.issues import Comment
from tests.support import tiny

SHOP = "acme/shop"
SECRET = "a secret of the hook"
SECONDS = 60.0


@dataclass(frozen=True)
class Stage:
    """What a scenario needs: the hub, its App, and the environment that makes a process of it."""

    hub: Hub
    app: Seeded
    environment: Mapping[str, str]
    folder: Path

    @property
    def settings(self) -> Settings:
        return read_settings(self.environment)

    def person(self, login: str) -> Person:
        return self.hub.as_user(login)

    @property
    def bot(self) -> str:
        return f"{self.app.slug}[bot]"

    def said(self, number: int, mark: str = "") -> list[Comment]:
        """What baro wrote in a thread, oldest first; `mark` narrows by text or marker."""
        return [
            comment
            for comment in self.hub.comments(SHOP, number)
            if comment.user is not None and comment.user.login == self.bot and mark in comment.body
        ]

    def commits(self, branch: str) -> int:
        """How many commits a branch has over the default one."""
        repository = self.hub.world.repository(SHOP)
        assert repository is not None
        count = ["git", "-C", str(repository.path), "rev-list", "--count", f"main..{branch}"]
        return int(subprocess.run(count, check=True, capture_output=True, text=True).stdout)

    def rewrite_base(self) -> None:
        """A force-push: main becomes a commit without a past."""
        repository = self.hub.world.repository(SHOP)
        assert repository is not None
        git = ["git", "-C", str(repository.path)]
        who = {"GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x@x", "GIT_COMMITTER_NAME": "x"}
        made = subprocess.run(
            [*git, "commit-tree", "main^{tree}", "-m", "Rewritten"],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, **who, "GIT_COMMITTER_EMAIL": "x@x"},
        ).stdout.strip()
        subprocess.run([*git, "update-ref", "refs/heads/main", made], check=True)

    async def comment(self, number: int, mark: str, seconds: float = SECONDS) -> Comment:
        """Wait until baro has a comment there that contains `mark`; the comment as it was then."""
        found: list[Comment] = []

        async def there() -> bool:
            found[:] = self.said(number, mark)
            return bool(found)

        try:
            await until(there, seconds)
        except TimeoutError:
            texts = "\n---\n".join(one.body for one in self.said(number))
            raise AssertionError(f"no comment with {mark!r} on #{number}:\n{texts}") from None
        return copy(found[-1])


async def until(
    holds: Callable[[], Awaitable[bool]], seconds: float = SECONDS, pause: float = 0.05
) -> None:
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(pause)


@contextlib.asynccontextmanager
async def a_stage(
    folder: Path,
    *,
    files: Mapping[str, str] | None = None,
    script: str | None = None,
    issues: tuple[IssueSeed, ...] = (),
    environment: Mapping[str, str] | None = None,
    check: bool = True,
) -> AsyncIterator[Stage]:
    """The hub runs; baro does not yet. At the end all that was said must be as GitHub has it."""
    source = _written(folder / "source", files if files is not None else sample_files())
    port = _free_port()
    async with running_hub(folder / "hub", check=check) as hub:
        app = plant(
            hub.world,
            shop(
                source,
                issues,
                AppSeed(hook_url=f"http://127.0.0.1:{port}/webhook", hook_secret=SECRET),
            ),
        )
        stage = Stage(
            hub, app, _environment(folder, hub, app, port, script) | dict(environment or {}), folder
        )
        yield stage
        assert hub.violations == []


@contextlib.asynccontextmanager
async def baro(stage: Stage) -> AsyncIterator[str]:
    """The program in this process, from start to a clean stop; its address."""
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(stage.settings, ready.set_result))
    await asyncio.wait((ready, serving), return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        await serving
    try:
        yield ready.result()
    finally:
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


def number_of_pull(body: str) -> int:
    """The pull request a comment points at."""
    found = re.search(r"#(\d+)", body)
    assert found is not None
    return int(found[1])


def _environment(
    folder: Path, hub: Hub, app: Seeded, port: int, script: str | None
) -> dict[str, str]:
    prepared = folder / "replies.yaml"
    prepared.write_text(replies() if script is None else script)
    return {
        "BARO_GITHUB_API_URL": hub.api_url,
        "BARO_GITHUB_WEB_URL": hub.web_url,
        "BARO_APP_ID": str(app.app_id),
        "BARO_PRIVATE_KEY": app.private_key,
        "BARO_WEBHOOK_SECRET": SECRET,
        "BARO_PORT": str(port),
        "BARO_DATA_DIR": str(folder / "data"),
        "BARO_ROUTES": json.dumps({"backend": "scripted", "script": str(prepared)}),
        "BARO_WRITE_SPACING_SECONDS": "0",
        "BARO_APPROVAL_POLL_SECONDS": "0.2",
        "BARO_STATUS_EDIT_SECONDS": "0.5",
        "BARO_RETRY_BASE_SECONDS": "0.05",
        "BARO_LEASE_SECONDS": "2",
        "BARO_SWEEP_SECONDS": "1",
        "BARO_QUEUE_POLL_SECONDS": "0.02",
    }


def _written(folder: Path, files: Mapping[str, str]) -> Path:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def a_process(
    stage: Stage, command: str = "serve", **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The real program as a process of its own; killed at the end if it is still there."""
    log = (stage.folder / f"{command}.log").open("ab")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.cli",
        command,
        env={"PATH": os.environ["PATH"], **stage.environment, **environment},
        stdout=log,
        stderr=log,
    )
    try:
        if command == "serve":
            await _answers(stage, process)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        log.close()


async def _answers(stage: Stage, process: asyncio.subprocess.Process) -> None:
    url = f"http://127.0.0.1:{stage.environment['BARO_PORT']}/healthz"
    async with httpx.AsyncClient(trust_env=False) as client:

        async def there() -> bool:
            assert process.returncode is None, (stage.folder / "serve.log").read_text()
            try:
                await client.get(url)
            except httpx.TransportError:
                return False
            return True

        await until(there, 30)


def a_tiny_stage(
    folder: Path,
    script: str | None = None,
    *,
    files: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> contextlib.AbstractAsyncContextManager[Stage]:
    """The tiny repository with its one issue; one focused story unless told otherwise."""
    return a_stage(
        folder,
        files={**tiny.FILES, **(files or {})},
        script=tiny.one_verb() if script is None else script,
        issues=(IssueSeed(title=tiny.TITLE, body=tiny.BODY, author="jon"),),
        environment=environment,
    )


async def planned(stage: Stage, words: str = "/baro plan", by: str = "maya") -> Comment:
    """Ask on issue 1, and wait for the plan."""
    await stage.person(by).comment(SHOP, 1, words)
    return await stage.comment(1, "waiting for approval")


async def delivered(stage: Stage) -> int:
    """Plan, approve with a thumb, and wait for the pull request; its number."""
    plan = await planned(stage)
    await stage.person("maya").react(SHOP, plan.id)
    return number_of_pull((await stage.comment(1, "@maya")).body)


async def settled(stage: Stage) -> None:
    """Until every webhook is answered and nothing waits in the inbox any more."""
    await stage.hub.quiet()

    async def idle() -> bool:
        async with Store(stage.settings.database_url) as store:
            return not await deliveries.next_received(store)

    await until(idle)


async def held(barrier: Path) -> None:
    """Until a prepared reply waits at its `hold`."""

    async def there() -> bool:
        return os.path.exists(f"{barrier}.held")  # noqa: ASYNC240

    await until(there)
