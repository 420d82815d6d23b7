"""A run as its journal tells it: the events folded into one frozen value."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import reduce

from executor.events import (
    AttemptFailed,
    AttemptLost,
    AttemptPassed,
    AttemptQueued,
    AttemptStarted,
    BranchPushed,
    CancelRequested,
    CapReached,
    Delivered,
    Entry,
    GateRan,
    PushRefused,
    Reconciled,
    RunFinished,
    RunStarted,
    Sha,
    StoryConflicted,
    StoryDropped,
    StoryIntegrated,
)
from executor.evidence import Evidence
from executor.failure import Failure, FailureClass
from planner.plan import Frozen, StoryId


class Stage(StrEnum):
    """Where one attempt stands."""

    queued = "queued"
    working = "working"
    passed = "passed"
    failed = "failed"
    lost = "lost"
    conflicted = "conflicted"


class Attempt(Frozen):
    """One try of one story, numbered from 1."""

    number: int
    rung: int
    onto: Sha
    stage: Stage = Stage.queued
    owner: str = ""
    model: str = ""
    commit: Sha | None = None
    tree: str = ""
    summary: str = ""
    evidence: tuple[Evidence, ...] = ()
    outside: tuple[str, ...] = ()
    failure: Failure | None = None
    not_before: datetime | None = None
    queued_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None


class StoryState(Frozen):
    """Everything that happened to one story."""

    story: StoryId
    attempts: tuple[Attempt, ...] = ()
    integrated: StoryIntegrated | None = None
    dropped: str | None = None

    @property
    def last(self) -> Attempt | None:
        return self.attempts[-1] if self.attempts else None

    @property
    def is_in_flight(self) -> bool:
        return self.last is not None and self.last.stage in (Stage.queued, Stage.working)

    @property
    def is_settled(self) -> bool:
        return self.integrated is not None or self.dropped is not None

    @property
    def feedback(self) -> Failure | None:
        """What the next attempt must read: the last failure that says something of the work."""
        for attempt in reversed(self.attempts):
            if attempt.failure and attempt.failure.kind in COUNTED:
                return attempt.failure
        return None


# Only these say something about the work; the others are the weather.
COUNTED = frozenset({FailureClass.execution, FailureClass.verification, FailureClass.conflict})


class RunState(Frozen):
    """The whole run. `head` is the run branch: the base, then each integration."""

    seq: int = 0
    started: RunStarted | None = None
    started_at: datetime | None = None
    last_at: datetime | None = None
    stories: Mapping[StoryId, StoryState] = {}
    integrations: tuple[StoryIntegrated, ...] = ()
    cap: str | None = None
    cancelled_by: str | None = None
    reconciled: Reconciled | None = None
    gate: GateRan | None = None
    pushed: BranchPushed | None = None
    refused: PushRefused | None = None
    delivered: Delivered | None = None
    finished: RunFinished | None = None
    finished_at: datetime | None = None

    def story(self, story: StoryId) -> StoryState:
        return self.stories.get(story) or StoryState(story=story)

    @property
    def head(self) -> Sha | None:
        if self.integrations:
            return self.integrations[-1].head
        return Sha(self.started.base.sha) if self.started else None


def fold(entries: Iterable[Entry]) -> RunState:
    """The state after these entries, in order; the same entries always give the same state."""
    return reduce(_apply, entries, RunState())


def _apply(state: RunState, entry: Entry) -> RunState:
    state = state.model_copy(update={"seq": entry.seq, "last_at": entry.at})
    at = entry.at
    match entry.event:
        case RunStarted() as event:
            return state.model_copy(update={"started": event, "started_at": at})
        case AttemptQueued() as event:
            return _queued(state, event, at)
        case AttemptStarted() as event:
            change = {
                "stage": Stage.working,
                "owner": event.owner,
                "model": event.model,
                "started_at": at,
            }
            return _attempt(state, event.story, event.attempt, change)
        case AttemptPassed() as event:
            change = {
                "stage": Stage.passed,
                "commit": event.commit,
                "tree": event.tree,
                "summary": event.summary,
                "evidence": event.evidence,
                "outside": event.outside,
                "ended_at": at,
            }
            return _attempt(state, event.story, event.attempt, change)
        case AttemptFailed() as event:
            return _failed(state, event, at)
        case AttemptLost() as event:
            change = {"stage": Stage.lost, "ended_at": at}
            return _attempt(state, event.story, event.attempt, change)
        case StoryIntegrated() as event:
            story = state.story(event.story).model_copy(update={"integrated": event})
            return _with(state, story).model_copy(
                update={"integrations": (*state.integrations, event)}
            )
        case StoryConflicted() as event:
            return _conflicted(state, event, at)
        case StoryDropped() as event:
            return _with(
                state, state.story(event.story).model_copy(update={"dropped": event.reason})
            )
        case _:
            return _concluding(state, entry)


def _concluding(state: RunState, entry: Entry) -> RunState:
    """The events that concern the run as a whole."""
    match entry.event:
        case CapReached() as event:
            return state.model_copy(update={"cap": state.cap or event.sentence})
        case CancelRequested() as event:
            return state.model_copy(update={"cancelled_by": state.cancelled_by or event.by})
        case Reconciled() as event:
            return state.model_copy(update={"reconciled": event})
        case GateRan() as event:
            return state.model_copy(update={"gate": event})
        case BranchPushed() as event:
            return state.model_copy(update={"pushed": event, "refused": None})
        case PushRefused() as event:
            return state.model_copy(update={"refused": event})
        case Delivered() as event:
            return state.model_copy(update={"delivered": event})
        case RunFinished() as event:
            return state.model_copy(update={"finished": event, "finished_at": entry.at})
        case _:
            return state


def _with(state: RunState, story: StoryState) -> RunState:
    return state.model_copy(update={"stories": {**state.stories, story.story: story}})


def _queued(state: RunState, event: AttemptQueued, at: datetime) -> RunState:
    story = state.story(event.story)
    attempt = Attempt(
        number=event.attempt,
        rung=event.rung,
        onto=event.onto,
        not_before=event.not_before,
        queued_at=at,
    )
    return _with(state, story.model_copy(update={"attempts": (*story.attempts, attempt)}))


def _failed(state: RunState, event: AttemptFailed, at: datetime) -> RunState:
    change = {
        "stage": Stage.failed,
        "failure": event.failure,
        "evidence": event.evidence,
        "ended_at": at,
    }
    state = _attempt(state, event.story, event.attempt, change)
    if event.failure.kind is FailureClass.cap:
        state = state.model_copy(update={"cap": state.cap or event.failure.reason})
    return state


def _conflicted(state: RunState, event: StoryConflicted, at: datetime) -> RunState:
    failure = Failure(
        kind=FailureClass.conflict,
        reason="another story changed the same lines first",
        tail="\n".join(event.paths),
    )
    change = {"stage": Stage.conflicted, "failure": failure, "ended_at": at}
    return _attempt(state, event.story, event.attempt, change)


def _attempt(
    state: RunState, story_id: StoryId, number: int, change: Mapping[str, object]
) -> RunState:
    story = state.story(story_id)
    attempts = tuple(
        attempt.model_copy(update=change) if attempt.number == number else attempt
        for attempt in story.attempts
    )
    return _with(state, story.model_copy(update={"attempts": attempts}))
