"""A conversation as data that belongs to no vendor, and who can speak its next turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from llm.backend import Job
from llm.meter import Finish
from llm.usage import Usage
from llm.watchdog import Pulse


@dataclass(frozen=True)
class Call:
    """A tool call as the model wrote it; `arguments` is unparsed JSON."""

    id: str
    tool: str
    arguments: str


@dataclass(frozen=True)
class Answer:
    """What a call got back; `failed` tells vendors that have a channel for it."""

    call: Call
    text: str
    failed: bool = False


@dataclass(frozen=True)
class Asked:
    """Words of ours, in blocks: a cache may end after each."""

    blocks: tuple[str, ...]


@dataclass(frozen=True)
class Reply:
    """A model's turn. `raw` is the speaker's own record of it, to be sent back unchanged."""

    text: str
    calls: tuple[Call, ...]
    usage: Usage | None
    model: str
    finish: Finish
    raw: object = None


@dataclass(frozen=True)
class Answers:
    answers: tuple[Answer, ...]


Turn = Asked | Reply | Answers


class Speaker(Protocol):
    """A model behind some wire."""

    async def speak(self, job: Job, turns: Sequence[Turn], pulse: Pulse) -> Reply:
        """The next turn. Beats the pulse on every sign of life; raises LLMError."""
