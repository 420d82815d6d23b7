"""Who holds what: the proof a worker shows before anything it did is written down."""

from dataclasses import dataclass
from enum import StrEnum

from bot.store.ids import RequestId
from executor.events import RunId, Sha
from planner.plan import StoryId


@dataclass(frozen=True)
class RunLease:
    """`owner` is unique per claim, so that a process which lost a run cannot mistake its own
    later claim for the old one."""

    run: RunId
    owner: str


@dataclass(frozen=True)
class AttemptLease:
    run: RunId
    story: StoryId
    attempt: int
    owner: str
    rung: int
    onto: Sha


@dataclass(frozen=True)
class RequestLease:
    request: RequestId
    owner: str


class Pulse(StrEnum):
    """What a heartbeat learns."""

    held = "held"
    cancelled = "cancelled"
    lost = "lost"
