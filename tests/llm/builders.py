"""Jobs, tools and routes in which only what matters to a test is said."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from llm.backend import Job, Limits, Output, Refused, Tool
from llm.backends import utc_now
from llm.conversation import Call, Reply, Turn
from llm.meter import CallLabel, Caps, Finish, MemoryMeter
from llm.routing import Endpoint, EndpointKind, Phase, Route
from llm.usage import Usage
from llm.watchdog import Pulse

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Done(BaseModel):
    summary: str


class Blocked(BaseModel):
    reason: str


class ReadArguments(BaseModel):
    path: str


class EditArguments(BaseModel):
    path: str
    new: str


OUTPUTS = (
    Output("done", "The work is finished.", Done),
    Output("blocked", "The work cannot be finished.", Blocked),
)


def a_route(
    kind: EndpointKind = "openai-chat", url: str = "http://127.0.0.1:9", model: str = "m"
) -> Route:
    endpoint = Endpoint(name="somewhere", kind=kind, base_url=url, key=SecretStr("k"))
    return Route(model=model, endpoint=endpoint)


def scripted_route(script: Path) -> Route:
    return Route(backend="scripted", model="prepared", script=script)


def a_meter(caps: Caps | None = None) -> MemoryMeter:
    return MemoryMeter(caps or Caps(), utc_now)


def a_job(
    route: Route,
    *,
    prompt: str = "Write the CSV exporter.",
    phase: Phase = Phase.story,
    attempt: int | None = 1,
    tools: Sequence[Tool] | None = None,
    meter: MemoryMeter | None = None,
    limits: Limits | None = None,
    validate: Callable[[Any], str | None] | None = None,
    shared: str = "The conventions of this repository.",
) -> Job:
    return Job(
        label=CallLabel(phase=phase, story="s1", attempt=attempt),
        route=route,
        system="You write code.",
        shared=shared,
        prompt=prompt,
        tools=tuple(tools if tools is not None else Files().tools),
        outputs=OUTPUTS,
        meter=meter or a_meter(),
        limits=limits or Limits(silence_seconds=5, wall_seconds=20, max_output_tokens=500),
        validate=validate,
        cache_key="run-1",
    )


@dataclass
class Files:
    """A workspace in memory and the two tools on it."""

    files: dict[str, str] = field(default_factory=lambda: {"a.py": "x = 1", "b.py": "y = 2"})
    log: list[str] = field(default_factory=list)

    @property
    def tools(self) -> tuple[Tool, ...]:
        return (
            Tool("read", "Read a file.", ReadArguments, self.read),
            Tool("edit", "Replace a file.", EditArguments, self.edit, sequential=True),
        )

    async def read(self, arguments: ReadArguments) -> str:
        self.log.append(f"read {arguments.path}")
        if arguments.path not in self.files:
            raise Refused(f"there is no {arguments.path}")
        return self.files[arguments.path]

    async def edit(self, arguments: EditArguments) -> str:
        self.log.append(f"edit {arguments.path}")
        self.files[arguments.path] = arguments.new
        return "written"


Line = Callable[[Sequence[Turn], Pulse], Awaitable[Reply]]


@dataclass
class Lines:
    """A speaker whose replies a test writes one by one."""

    replies: list[Reply | Line]
    heard: list[Sequence[Turn]] = field(default_factory=list)

    async def speak(self, job: Job, turns: Sequence[Turn], pulse: Pulse) -> Reply:
        self.heard.append(list(turns))
        reply = self.replies[len(self.heard) - 1]
        return reply if isinstance(reply, Reply) else await reply(turns, pulse)


def says(*calls: tuple[str, str], text: str = "", finish: Finish = Finish.stop) -> Reply:
    made = tuple(Call(f"c{number}", tool, args) for number, (tool, args) in enumerate(calls))
    return Reply(text, made, Usage(input=10, output=2), "m", finish)


def with_text(reply: Reply, text: str) -> Reply:
    return replace(reply, text=text)
