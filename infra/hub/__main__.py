"""`python -m infra.hub`: run until stopped; the first line printed is JSON with the addresses."""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from infra.hub.running import Hub, running_hub
from infra.hub.seed import Seed, plant


def main() -> None:
    asyncio.run(_serve(_arguments()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.hub", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--data", type=Path, required=True, help="where the repositories live")
    parser.add_argument("--seed", type=Path, help="a JSON file: see infra/hub/seed.py")
    parser.add_argument("--check", action="store_true", help="hold all traffic to the description")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with running_hub(arguments.data, port=arguments.port, check=arguments.check) as hub:
        sys.stdout.write(json.dumps(_ready(hub, arguments.seed)) + "\n")
        sys.stdout.flush()
        await stopped.wait()


def _ready(hub: Hub, seed: Path | None) -> dict[str, object]:
    ready: dict[str, object] = {"web_url": hub.web_url, "api_url": hub.api_url}
    if seed is not None:
        planted = plant(hub.world, Seed.model_validate_json(seed.read_text()))
        ready["seeded"] = planted.model_dump()
    return ready


if __name__ == "__main__":
    main()
