"""The ground of a demo: a hub with a repository in it, and baro as a process beside it."""

import asyncio
import contextlib
import json
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bot.settings import read_settings
from infra.demo.texts import replies, sample_files
from infra.hub.running import Hub, running_hub
from infra.hub.seed import AppSeed, Seeded, plant, shop

REPOSITORY = "acme/shop"
START_SECONDS = 60
# What a program needs to find its interpreter and its certificates, and nothing of the caller's.
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
KEYS = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL")


class DemoFailed(Exception):
    """A step of the demo did not come out as it should; the text says which and how."""


@dataclass(frozen=True)
class Ground:
    hub: Hub
    app: Seeded
    folder: Path
    baro_url: str
    database_url: str

    @property
    def bot(self) -> str:
        return f"{self.app.slug}[bot]"


@dataclass(frozen=True)
class Setup:
    """`source` is somebody's own repository; None is the sample. `script`: other words than the
    sample's prepared ones. `more`: settings over those of the demo."""

    sandbox: str
    is_broken: bool = False
    is_live: bool = False
    source: Path | None = None
    port: int = 0
    script: str | None = None
    more: Mapping[str, str] = field(default_factory=dict)


@contextlib.asynccontextmanager
async def ground(folder: Path, setup: Setup) -> AsyncIterator[Ground]:
    """Everything up and answering; everything gone afterwards.

    Raises:
        DemoFailed: baro did not start; its last words are in the text.
    """
    port = _free_port()
    secret = secrets.token_hex(16)
    source = setup.source or _sample(folder / "sample")
    async with running_hub(folder / "hub", port=setup.port) as hub:
        hook = AppSeed(hook_url=f"http://127.0.0.1:{port}/webhook", hook_secret=secret)
        app = plant(hub.world, shop(source, (), hook))
        environment = _environment(folder, setup, hub, app, port)
        settings = read_settings(environment)
        async with _baro(environment, folder / "baro.log", f"http://127.0.0.1:{port}") as url:
            yield Ground(hub, app, folder, url, settings.database_url)


@contextlib.asynccontextmanager
async def _baro(environment: Mapping[str, str], log: Path, url: str) -> AsyncIterator[str]:
    with log.open("wb") as sink:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.cli", "serve", env=environment, stdout=sink, stderr=sink
        )
        try:
            await _answering(process, url, log)
            yield url
        finally:
            await _stop(process)


async def _answering(process: asyncio.subprocess.Process, url: str, log: Path) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(START_SECONDS * 20):
            if process.returncode is not None:
                break
            with contextlib.suppress(httpx.TransportError):
                await client.get(f"{url}/healthz")
                return
            await asyncio.sleep(0.05)
    raise DemoFailed(f"baro did not start: {_last_words(log)}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(12):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _environment(folder: Path, setup: Setup, hub: Hub, app: Seeded, port: int) -> dict[str, str]:
    ours = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {
        **ours,
        **_models(folder, setup),
        "BARO_GITHUB_API_URL": hub.api_url,
        "BARO_GITHUB_WEB_URL": hub.web_url,
        "BARO_APP_ID": str(app.app_id),
        "BARO_PRIVATE_KEY": app.private_key,
        "BARO_WEBHOOK_SECRET": app.hook_secret,
        "BARO_PORT": str(port),
        "BARO_DATA_DIR": str(folder / "baro"),
        "BARO_SANDBOX": setup.sandbox,
        "BARO_WRITE_SPACING_SECONDS": "0",
        "BARO_APPROVAL_POLL_SECONDS": "0.2",
        "BARO_STATUS_EDIT_SECONDS": "1",
        "BARO_QUEUE_POLL_SECONDS": "0.02",
        **setup.more,
    }


def _models(folder: Path, setup: Setup) -> dict[str, str]:
    """The keys of whoever runs a live demo; prepared replies otherwise, and no key at all."""
    if setup.is_live:
        names = (*KEYS, "BARO_ROUTES")
        named = {name: os.environ[name] for name in names if os.environ.get(name)}
        own = {name: one for name, one in os.environ.items() if name.startswith("BARO_KEY_")}
        return {**named, **own}
    script = folder / "replies.yaml"
    words = setup.script or replies(broken=setup.is_broken)
    script.write_text(words, "utf-8")
    return {"BARO_ROUTES": json.dumps({"backend": "scripted", "script": str(script)})}


def _sample(folder: Path) -> Path:
    for path, text in sample_files().items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _last_words(log: Path) -> str:
    lines = log.read_text("utf-8", errors="replace").strip().splitlines()
    return "\n".join(lines[-5:]) or "it said nothing"
