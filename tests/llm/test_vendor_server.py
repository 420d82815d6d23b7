"""The scripted vendor as a program of its own."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from llm.backends import backend_for
from llm.clients import close_clients
from llm.route_table import parse_routes
from llm.routing import Phase
from llm.usage import Usage
from tests.llm.builders import Done, a_job

SCRIPT = "scenes: [{phase: draft, turns: [{calls: [{tool: done, args: {summary: ok}}]}]}]"


@asynccontextmanager
async def running(script: Path) -> AsyncIterator[Process]:
    argv = ["-m", "tests.llm.vendor_server", "--script", str(script), "--port", "0"]
    process = await asyncio.create_subprocess_exec(sys.executable, *argv, stdout=PIPE)
    try:
        yield process
    finally:
        await close_clients()
        process.terminate()
        await process.communicate()


@pytest.mark.parametrize("kind", ["openai-responses", "openai-chat", "anthropic"])
async def test_it_prints_where_it_is_and_how_to_use_it(tmp_path: Path, kind: str) -> None:
    script = tmp_path / "script.yaml"
    script.write_text(SCRIPT)
    async with running(script) as process:
        assert process.stdout is not None
        told = json.loads(await process.stdout.readline())
        keys = {name.removeprefix("BARO_KEY_").lower(): key for name, key in told["env"].items()}
        route = parse_routes(told["routes"][kind], keys).route(Phase.draft)
        assert route is not None
        result = await backend_for(route).run(a_job(route, phase=Phase.draft))
        assert result.output == Done(summary="ok")
        async with httpx.AsyncClient(trust_env=False) as client:
            ledger = (await client.get(f"{told['url']}/ledger")).json()
        assert Usage.model_validate(ledger["told"]) == result.usage
