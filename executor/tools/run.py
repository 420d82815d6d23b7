"""The tool that runs a shell command behind the sandbox's walls."""

import re
from pathlib import Path

from pydantic import BaseModel, Field

from executor.clip import clipped, folded, plain, timeless
from executor.sandbox.port import Finished
from executor.tools.desk import Desk
from llm.backend import Tool

HEAD, TAIL = 4_000, 8_000
GREEN_TAIL = 2_000
TESTS = re.compile(r"\b(pytest|unittest|tests?|vitest|jest|mocha|tox|nox|rspec)\b")


class Run(BaseModel):
    command: str
    timeout: float | None = Field(default=None, gt=0, description="seconds")


def run_tool(desk: Desk) -> Tool:
    async def run(asked: Run) -> str:
        finished = await desk.run([_shell(), "-c", asked.command], wall_seconds=asked.timeout)
        return _told(desk, asked.command, finished)

    return Tool(
        "run",
        "Run a shell command at the repository's root, without network. Wait for it: what it"
        " leaves in the background is killed.",
        Run,
        run,
        sequential=True,
    )


def _told(desk: Desk, command: str, finished: Finished) -> str:
    ending = finished.stopped or f"exit {finished.exit_code}"
    first = f"{ending} in {finished.seconds:.1f} s"
    output = folded(plain(finished.output)).strip()
    if not output:
        return f"{first}, no output"
    same = timeless(f"{ending}\n{output}")
    if desk.heard.get(command) == same:
        return f"{first}\nunchanged: the same output as the last time"
    desk.heard[command] = same
    green = finished.exit_code == 0 and TESTS.search(command)
    head, tail = (0, GREEN_TAIL) if green else (HEAD, TAIL)
    shown = clipped(output, head=head, tail=tail)
    if shown == output:
        return f"{first}\n{output}"
    log = f".baro/run-{len(desk.logs) + 1}.log"
    desk.logs[log] = output
    return f"{first}; all of it: read {log}\n{shown}"


def _shell() -> str:
    """Models write bash; not every machine has it."""
    return "bash" if Path("/bin/bash").exists() else "sh"
