"""The port: one method that runs a model with tools until it gives one of the outputs asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import BaseModel

from llm.meter import CallLabel, Finish, Meter
from llm.routing import Route
from llm.usage import Usage


class Refused(Exception):
    """A tool's refusal: the model reads the text and goes on."""


@dataclass(frozen=True)
class Tool:
    """A thing the model may do. `sequential` tools never run beside another call.

    `call` is given a validated instance of `arguments`.
    """

    name: str
    description: str
    arguments: type[BaseModel]
    call: Callable[[Any], Awaitable[str]]
    sequential: bool = False


@dataclass(frozen=True)
class Output:
    """A way to finish: the model calls `name` with the fields of `reply`."""

    name: str
    description: str
    reply: type[BaseModel]


@dataclass(frozen=True)
class Limits:
    """`silence_seconds` is measured from chunk to chunk, `wall_seconds` over the whole job.

    `max_output_tokens` is per model turn. `repairs` is how often in a row the model may be told
    that its reply cannot be used.
    """

    steps: int = 50
    silence_seconds: float = 180
    wall_seconds: float = 3600
    max_output_tokens: int = 16_000
    repairs: int = 2


@dataclass(frozen=True)
class Step:
    """Progress for people: a tool call that is about to run, and the short form of what with."""

    number: int
    tool: str
    argument: str


def _unobserved(step: Step) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Job:
    """Everything a backend needs to run one agent, or to ask one question.

    `system` is fixed per release. `shared` has the same bytes for every story of a run, so that its
    tokens are read from a cache; whatever varies belongs into `prompt`. `cache_key` is the run's.
    `validate` is asked about a reply of the right shape: a text goes back to the model as
    its one chance to repair, None accepts.
    """

    label: CallLabel
    route: Route
    system: str
    prompt: str
    outputs: tuple[Output, ...]
    meter: Meter
    shared: str = ""
    tools: tuple[Tool, ...] = ()
    validate: Callable[[Any], str | None] | None = None
    limits: Limits = field(default_factory=Limits)
    on_step: Callable[[Step], None] = _unobserved
    cache_key: str = ""


@dataclass(frozen=True)
class Result:
    """`output` is an instance of one of the job's `outputs`; `usage` is what vendors counted."""

    output: BaseModel
    usage: Usage
    steps: int
    finish: Finish


class Backend(Protocol):
    async def run(self, job: Job) -> Result:
        """Raises LLMError, of any kind, and nothing else of its own."""
