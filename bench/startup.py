"""How long `baro serve` takes to be ready on an empty folder, and what it holds while idle."""

import asyncio
import contextlib
import os
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx

from infra.hub.running import Hub, running_hub
from infra.hub.seed import AppSeed, Seeded, plant, shop

ROUNDS = 5
BAR_SECONDS = 3.0
BAR_MEGABYTES = 150.0


async def main() -> None:
    seconds, megabytes = [], []
    with tempfile.TemporaryDirectory(prefix="baro-bench-") as folder:
        source = Path(folder) / "source"
        source.mkdir()
        (source / "README.md").write_text("# shop\n")
        async with running_hub(Path(folder) / "hub") as hub:
            app = plant(hub.world, shop(source, (), AppSeed(hook_secret="secret")))
            for number in range(ROUNDS):
                took, held = await _start(Path(folder) / f"baro-{number}", hub, app)
                seconds.append(took)
                megabytes.append(held)
    ready, idle = statistics.median(seconds), statistics.median(megabytes)
    print(f"startup: {ROUNDS} starts of `baro serve` on an empty data folder")
    print(
        f"  ready after {ready:.2f} s ({min(seconds):.2f}-{max(seconds):.2f}); "
        f"bar {BAR_SECONDS:.0f} s: {'meets' if ready <= BAR_SECONDS else 'MISSES'}"
    )
    print(
        f"  idle {idle:.0f} MB ({min(megabytes):.0f}-{max(megabytes):.0f}); "
        f"bar {BAR_MEGABYTES:.0f} MB: {'meets' if idle <= BAR_MEGABYTES else 'MISSES'}"
    )


async def _start(data: Path, hub: Hub, app: Seeded) -> tuple[float, float]:
    """Seconds until /readyz is 200, and resident memory two seconds later."""
    port = _free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "BARO_GITHUB_API_URL": hub.api_url,
        "BARO_GITHUB_WEB_URL": hub.web_url,
        "BARO_APP_ID": str(app.app_id),
        "BARO_PRIVATE_KEY": app.private_key,
        "BARO_WEBHOOK_SECRET": "secret",
        "BARO_PORT": str(port),
        "BARO_DATA_DIR": str(data),
    }
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.cli",
        "serve",
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _ready(process, f"http://127.0.0.1:{port}/readyz")
        took = time.perf_counter() - begun
        await asyncio.sleep(2)
        return took, _resident(process.pid)
    finally:
        process.terminate()
        await process.wait()


async def _ready(process: asyncio.subprocess.Process, url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(60):
        while True:
            if process.returncode is not None:
                raise SystemExit("baro did not start")
            with contextlib.suppress(httpx.TransportError):
                if (await client.get(url)).status_code == 200:
                    return
            await asyncio.sleep(0.02)


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    asyncio.run(main())
