"""What to do next, decided from the journal alone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from executor.events import (
    AttemptFailed,
    AttemptLost,
    AttemptPassed,
    AttemptQueued,
    AttemptStarted,
    BranchPushed,
    CancelRequested,
    Delivered,
    Entry,
    Event,
    FinalCommit,
    GateRan,
    Integration,
    Outcome,
    Reconciled,
    RunStarted,
    Sha,
    StoryDropped,
    StoryIntegrated,
)
from executor.evidence import Evidence, EvidenceState
from executor.failure import Failure, FailureClass
from executor.scheduler import (
    Action,
    Deliver,
    DropStory,
    Finish,
    Integrate,
    Limits,
    Push,
    QueueAttempt,
    Reconcile,
    RunGate,
    StopAtCap,
    draft_reasons,
    next_actions,
)
from executor.state import RunState, fold
from llm.routing import Tier
from planner.plan import Base, Digest, Mode, Plan, StoryId
from tests.support.builders import a_plan

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
BASE = Sha("b" * 40)


def a_state(*events: Event) -> RunState:
    started = RunStarted(plan=Digest("d"), base=Base(branch="main", sha=BASE))
    return fold(
        Entry(seq=seq, at=NOW, event=event) for seq, event in enumerate((started, *events), 1)
    )


def due(plan: Plan, *events: Event, rungs: int = 1, now: datetime = NOW) -> tuple[Action, ...]:
    limits = Limits(now, dict.fromkeys(Tier, rungs), backoff_seconds=10)
    return next_actions(plan, a_state(*events), limits)


def queued(story: str, attempt: int = 1, rung: int = 0) -> AttemptQueued:
    return AttemptQueued(story=StoryId(story), attempt=attempt, rung=rung, onto=BASE)


def started(story: str, attempt: int = 1) -> AttemptStarted:
    return AttemptStarted(story=StoryId(story), attempt=attempt, owner="w", model="m")


def passed(story: str, attempt: int = 1) -> AttemptPassed:
    return AttemptPassed(
        story=StoryId(story),
        attempt=attempt,
        commit=Sha(f"c-{story}"),
        tree="t",
        summary="",
        evidence=(),
    )


def failed(
    story: str, attempt: int = 1, kind: FailureClass = FailureClass.verification
) -> AttemptFailed:
    return AttemptFailed(
        story=StoryId(story), attempt=attempt, failure=Failure(kind=kind, reason="no")
    )


def integrated(story: str, attempt: int = 1) -> StoryIntegrated:
    return StoryIntegrated(
        story=StoryId(story),
        attempt=attempt,
        onto=BASE,
        head=Sha(f"h-{story}"),
        how=Integration.spliced,
    )


def whole(story: str) -> tuple[Event, ...]:
    return (queued(story), started(story), passed(story), integrated(story))


def reconciled() -> Reconciled:
    commit = FinalCommit(story=StoryId("api"), sha=Sha("f"))
    return Reconciled(head=Sha("f"), tree="t", commits=(commit,))


def gate(state: EvidenceState = EvidenceState.passed) -> GateRan:
    return GateRan(
        tree="t", evidence=(Evidence(check="suite", argv=("t",), state=state, tree="t"),)
    )


def stories(actions: Sequence[Action]) -> list[str]:
    return [action.story for action in actions if isinstance(action, QueueAttempt)]


def test_a_wave_starts_at_once_and_what_needs_it_waits() -> None:
    plan = a_plan(api="", cli="", docs="api cli")
    assert stories(due(plan)) == ["api", "cli"]
    assert due(plan, queued("api"), queued("cli")) == ()


def test_never_more_agents_than_the_plan_allows() -> None:
    plan = a_plan(a="", b="", c="", d="").model_copy(update={"agents": 2})
    assert stories(due(plan)) == ["a", "b"]
    assert stories(due(plan, *whole("a"), queued("b"))) == ["c"]


def test_sequential_and_focused_hold_one_agent_whatever_the_plan_says() -> None:
    plan = a_plan(a="", b="").model_copy(update={"mode": Mode.sequential, "agents": 8})
    assert stories(due(plan)) == ["a"]


def test_a_passed_story_is_integrated_before_anything_else() -> None:
    plan = a_plan(api="", cli="")
    assert due(plan, queued("api"), passed("api")) == (Integrate(StoryId("api")),)


def test_a_failure_is_tried_again_on_the_same_route_then_on_a_stronger_one() -> None:
    plan = a_plan(api="")
    again = due(plan, queued("api"), failed("api"), rungs=2)
    assert again == (QueueAttempt(StoryId("api"), 2, 0, BASE),)
    stronger = due(plan, queued("api"), failed("api"), queued("api", 2), failed("api", 2), rungs=2)
    assert stronger == (QueueAttempt(StoryId("api"), 3, 1, BASE),)


def test_without_a_stronger_route_two_failures_are_the_end() -> None:
    plan = a_plan(api="", ui="api")
    twice = (queued("api"), failed("api"), queued("api", 2), failed("api", 2))
    (drop,) = due(plan, *twice)
    assert drop == DropStory(StoryId("api"), "no (after 2 tries)")
    dropped = StoryDropped(story=StoryId("api"), reason="no")
    assert due(plan, *twice, dropped) == (
        DropStory(StoryId("ui"), "it needs api, which was dropped"),
    )


def test_a_lost_worker_costs_no_try() -> None:
    plan = a_plan(api="")
    lost = AttemptLost(story=StoryId("api"), attempt=1, owner="w")
    assert due(plan, queued("api"), lost) == (QueueAttempt(StoryId("api"), 2, 0, BASE),)


def test_bad_weather_waits_longer_each_time() -> None:
    plan = a_plan(api="")
    storm = failed("api", 1, FailureClass.transport)
    (first,) = due(plan, queued("api"), storm)
    (second,) = due(
        plan, queued("api"), storm, queued("api", 2), failed("api", 2, FailureClass.transport)
    )
    assert isinstance(first, QueueAttempt)
    assert isinstance(second, QueueAttempt)
    assert first.not_before == NOW + timedelta(seconds=10)
    assert second.not_before == NOW + timedelta(seconds=20)
    assert (first.rung, second.rung) == (0, 0)


@pytest.mark.parametrize("kind", [FailureClass.refused_key, FailureClass.cap])
def test_some_failures_are_never_repeated(kind: FailureClass) -> None:
    assert due(a_plan(api=""), queued("api"), failed("api", 1, kind)) == (
        DropStory(StoryId("api"), "no"),
    )


def test_a_cap_starts_nothing_new_and_delivers_what_there_is() -> None:
    plan = a_plan(api="", cli="", docs="cli")
    events = (*whole("api"), queued("cli"), failed("cli", 1, FailureClass.cap))
    dropped = (
        StoryDropped(story=StoryId("cli"), reason="cap"),
        StoryDropped(story=StoryId("docs"), reason="needs cli"),
    )
    assert due(plan, *events, *dropped) == (Reconcile(),)


def test_the_time_cap_is_held_by_the_clock() -> None:
    plan = a_plan(api="")
    caps = plan.caps.model_copy(update={"minutes": 30})
    late = NOW + timedelta(minutes=30)
    assert due(plan.model_copy(update={"caps": caps}), now=late) == (
        StopAtCap("the time cap of 30 minutes was reached"),
    )


def test_cancel_ends_the_run_whatever_is_in_flight() -> None:
    (action,) = due(a_plan(api=""), queued("api"), CancelRequested(by="maya"))
    assert action == Finish(Outcome.cancelled, "cancelled by maya")


def test_the_end_is_gate_push_pull_request_finish() -> None:
    plan, events = a_plan(api=""), [*whole("api")]
    steps: list[tuple[Event, type[Action]]] = [
        (reconciled(), RunGate),
        (gate(), Push),
        (BranchPushed(branch="b", sha=Sha("f")), Deliver),
        (Delivered(pull=2, draft=False), Finish),
    ]
    assert due(plan, *events) == (Reconcile(),)
    for event, expected in steps:
        events.append(event)
        (action,) = due(plan, *events)
        assert isinstance(action, expected)
    assert action == Finish(Outcome.delivered, "")


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (gate(EvidenceState.failed), ("`suite` failed",)),
        (gate(EvidenceState.not_run), ("`suite` was not run",)),
        (
            GateRan(tree="t", evidence=()),
            ("no checks were found in the repository, so nothing proves this change",),
        ),
    ],
)
def test_what_is_not_green_is_a_draft(evidence: GateRan, reason: tuple[str, ...]) -> None:
    plan = a_plan(api="")
    state = a_state(*whole("api"), reconciled(), evidence)
    assert draft_reasons(plan, state) == reason


@st.composite
def runs(draw: st.DrawFn) -> tuple[Plan, list[int]]:
    count = draw(st.integers(1, 6))
    needs = {
        f"s{at}": " ".join(f"s{before}" for before in draw(st.sets(st.integers(0, at - 1))))
        if at
        else ""
        for at in range(count)
    }
    mode = draw(st.sampled_from(Mode))
    agents = draw(st.integers(1, 3))
    plan = a_plan(**needs).model_copy(  # type: ignore[arg-type]
        update={"mode": mode, "agents": agents}
    )
    return plan, draw(st.lists(st.integers(0, 3), min_size=60, max_size=60))


@given(runs())
def test_any_run_ends_within_its_limits(run: tuple[Plan, list[int]]) -> None:
    """Whatever fails: no more agents than allowed, no story twice at once, and always an end."""
    plan, luck = run
    most = plan.agents if plan.mode is Mode.parallel else 1
    events: list[Event] = []
    for chance in luck * 4:
        actions = due(plan, *events)
        if any(isinstance(action, Reconcile | Finish) for action in actions):
            return
        for action in actions:
            match action:
                case QueueAttempt(story, attempt, rung):
                    events.append(queued(story, attempt, rung))
                case Integrate(story):
                    attempts = a_state(*events).story(story).attempts
                    events.append(integrated(story, attempts[-1].number))
                case DropStory(story, reason):
                    events.append(StoryDropped(story=story, reason=reason))
                case _:
                    raise AssertionError(action)
        state = a_state(*events)
        flying = [one for one in plan.stories if state.story(one.id).is_in_flight]
        assert len(flying) <= most
        if not actions and flying:
            one = flying[chance % len(flying)].id
            last = state.story(one).last
            assert last is not None
            events.append((passed if chance else failed)(one, last.number))
    raise AssertionError("the run did not end")
