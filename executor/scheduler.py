"""What to do next in a run: a pure function of the plan, the folded journal and the clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from executor.events import Outcome, Sha
from executor.evidence import EvidenceState
from executor.failure import FailureClass
from executor.state import COUNTED, RunState, Stage, StoryState
from llm.routing import Tier
from planner.plan import Mode, Plan, Story, StoryId

# The weather is waited out this often for one story; then it is dropped, with the reason.
WEATHER_TRIES = 5
BACKOFF_SECONDS = 30.0


@dataclass(frozen=True)
class QueueAttempt:
    """Start a try of a story, not before a moment where the last one met bad weather."""

    story: StoryId
    attempt: int
    rung: int
    onto: Sha
    not_before: datetime | None = None


@dataclass(frozen=True)
class Integrate:
    story: StoryId


@dataclass(frozen=True)
class DropStory:
    story: StoryId
    reason: str


@dataclass(frozen=True)
class StopAtCap:
    sentence: str


@dataclass(frozen=True)
class Reconcile:
    pass


@dataclass(frozen=True)
class RunGate:
    pass


@dataclass(frozen=True)
class Push:
    pass


@dataclass(frozen=True)
class Deliver:
    draft: bool


@dataclass(frozen=True)
class Finish:
    outcome: Outcome
    reason: str = ""


Action = (
    QueueAttempt | Integrate | DropStory | StopAtCap | Reconcile | RunGate | Push | Deliver | Finish
)


@dataclass(frozen=True)
class Limits:
    """What bounds a run beside its plan: the length of each tier's ladder, and the clock.

    `backoff_seconds` is the first wait after bad weather; it doubles.
    """

    now: datetime
    rungs: Mapping[Tier, int]
    backoff_seconds: float = BACKOFF_SECONDS


def next_actions(plan: Plan, state: RunState, limits: Limits) -> tuple[Action, ...]:
    """The actions that are due now; none means wait for an attempt or be finished.

    The limits of the mode are held here again, from the stored plan: whatever asked for more
    agents, a focused or sequential run never has two attempts in flight.
    """
    if state.finished or state.started is None:
        return ()
    if state.cancelled_by and state.delivered is None:
        return (Finish(Outcome.cancelled, f"cancelled by {state.cancelled_by}"),)
    if state.reconciled:
        return _conclusion(plan, state)
    if (cap := _time_cap(plan, state, limits.now)) is not None:
        return (cap,)
    for story in plan.stories:
        last = state.story(story.id).last
        if last and last.stage is Stage.passed and not state.story(story.id).is_settled:
            return (Integrate(story.id),)
    if drops := _drops(plan, state, limits):
        return drops
    if queued := _queue(plan, state, limits):
        return queued
    if any(state.story(story.id).is_in_flight for story in plan.stories):
        return ()
    if state.integrations:
        return (Reconcile(),)
    return (Finish(Outcome.failed, state.cap or _reasons(plan, state)),)


def draft_reasons(plan: Plan, state: RunState) -> tuple[str, ...]:
    """Why the pull request may not be opened as ready; empty when everything is green."""
    dropped = [
        f"{story.id} is not in it: {state.story(story.id).dropped}"
        for story in plan.stories
        if state.story(story.id).dropped
    ]
    missing = [
        f"{story.id} was not started"
        for story in plan.stories
        if not state.story(story.id).is_settled
    ]
    cap = [state.cap] if state.cap else []
    return (*cap, *dropped, *missing, *_gate_reasons(state))


def _gate_reasons(state: RunState) -> tuple[str, ...]:
    if state.gate is None or not state.gate.evidence:
        return ("no checks were found in the repository, so nothing proves this change",)
    words = {EvidenceState.failed: "failed", EvidenceState.not_run: "was not run"}
    return tuple(
        f"`{one.check}` {words[one.state]}" + (f": {one.reason}" if one.reason else "")
        for one in state.gate.evidence
        if one.state is not EvidenceState.passed
    )


def _conclusion(plan: Plan, state: RunState) -> tuple[Action, ...]:
    """Gate, push, deliver, finish: each once, in this order, whoever picks the run up."""
    assert state.reconciled is not None
    if not state.reconciled.commits:
        return (Finish(Outcome.nothing, "the stories changed nothing that belongs in the change"),)
    if state.gate is None:
        return (RunGate(),)
    if state.refused:
        return (Finish(Outcome.failed, f"the push was refused: {state.refused.message}"),)
    if state.pushed is None:
        return (Push(),)
    reasons = draft_reasons(plan, state)
    if state.delivered is None:
        return (Deliver(draft=bool(reasons)),)
    outcome = Outcome.draft if reasons else Outcome.delivered
    return (Finish(outcome, "; ".join(reasons)),)


def _time_cap(plan: Plan, state: RunState, now: datetime) -> StopAtCap | None:
    minutes = plan.caps.minutes
    if state.cap or minutes is None or state.started_at is None:
        return None
    if now - state.started_at < timedelta(minutes=float(minutes)):
        return None
    return StopAtCap(f"the time cap of {minutes} minutes was reached")


def _drops(plan: Plan, state: RunState, limits: Limits) -> tuple[DropStory, ...]:
    dropped = {story.id for story in plan.stories if state.story(story.id).dropped}
    drops = []
    for story in plan.stories:
        current = state.story(story.id)
        if current.is_settled or current.is_in_flight:
            continue
        lost = next((need for need in story.needs if need in dropped), None)
        reason = (
            f"it needs {lost}, which was dropped"
            if lost
            else _exhausted(plan, story, current, limits)
        )
        if reason:
            drops.append(DropStory(story.id, reason))
    return tuple(drops)


def _exhausted(plan: Plan, story: Story, current: StoryState, limits: Limits) -> str | None:
    """Why no further try is left for a story whose last one failed, or None."""
    last = current.last
    if last is None:
        return None
    failure = last.failure
    counted = _counted(current)
    if failure and failure.kind in (FailureClass.refused_key, FailureClass.cap):
        return failure.reason
    if failure and failure.kind in COUNTED:
        rung = _rung(counted)
        if counted >= plan.attempts or rung >= limits.rungs.get(story.tier, 1):
            return f"{failure.reason} (after {_tries(counted)})"
    if _weather(current) >= WEATHER_TRIES:
        return (failure.reason if failure else "its worker died") + f", {WEATHER_TRIES} times"
    return None


def _queue(plan: Plan, state: RunState, limits: Limits) -> tuple[QueueAttempt, ...]:
    if state.cap or state.head is None:
        return ()
    in_flight = sum(state.story(story.id).is_in_flight for story in plan.stories)
    agents = plan.agents if plan.mode is Mode.parallel else 1
    ready = (
        _next_attempt(story, state.story(story.id), state.head, limits)
        for story in plan.stories
        if _is_ready(story, state)
    )
    return tuple(islice(ready, max(0, agents - in_flight)))


def _is_ready(story: Story, state: RunState) -> bool:
    current = state.story(story.id)
    if current.is_settled or current.is_in_flight:
        return False
    return all(state.story(need).integrated for need in story.needs)


def _next_attempt(story: Story, current: StoryState, head: Sha, limits: Limits) -> QueueAttempt:
    return QueueAttempt(
        story=story.id,
        attempt=len(current.attempts) + 1,
        rung=_rung(_counted(current)),
        onto=head,
        not_before=_not_before(current, limits),
    )


def _rung(counted_failures: int) -> int:
    """The same route once more with the failure in hand, then one rung up for each failure."""
    return max(0, counted_failures - 1)


def _not_before(current: StoryState, limits: Limits) -> datetime | None:
    last = current.last
    if last is None or last.failure is None or last.failure.kind in COUNTED:
        return None
    wait = last.failure.retry_after_seconds
    if wait is None:
        wait = limits.backoff_seconds * 2 ** max(0, _weather(current) - 1)
    return limits.now + timedelta(seconds=wait)


def _counted(current: StoryState) -> int:
    return sum(
        attempt.failure is not None and attempt.failure.kind in COUNTED
        for attempt in current.attempts
    )


def _weather(current: StoryState) -> int:
    """Tries that ended for a reason outside the work: no fault of the story."""
    return sum(
        attempt.stage is Stage.lost
        or (attempt.failure is not None and attempt.failure.kind not in COUNTED)
        for attempt in current.attempts
    )


def _tries(count: int) -> str:
    return "1 try" if count == 1 else f"{count} tries"


def _reasons(plan: Plan, state: RunState) -> str:
    reasons = (
        f"{story.id}: {state.story(story.id).dropped}"
        for story in plan.stories
        if state.story(story.id).dropped
    )
    return "; ".join(reasons) or "no story could be started"
