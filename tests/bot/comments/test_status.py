# ruff: noqa: E501 - a snapshot is the text as people get it
"""The status comment, from the first story to the merge."""

from datetime import timedelta

import pytest
from inline_snapshot import snapshot

from bot.comments.layout import LIMIT_BYTES
from bot.comments.status import merged_comment, status_comment, status_moved_comment
from bot.comments.views import MergedView, StatusView
from executor.events import (
    AttemptFailed,
    AttemptLost,
    AttemptPassed,
    AttemptQueued,
    AttemptStarted,
    CancelRequested,
    CapReached,
    Delivered,
    Event,
    FinalCommit,
    GateRan,
    Integration,
    Outcome,
    Reconciled,
    RunFinished,
    RunStarted,
    Sha,
    StoryConflicted,
    StoryDropped,
    StoryIntegrated,
)
from executor.failure import Failure, FailureClass
from executor.state import fold
from planner.plan import Digest, Plan, StoryId
from tests.support.builders import (
    BASE,
    NOW,
    TREE,
    a_plan,
    a_story,
    entries,
    passed,
    red,
    unpriced,
    usd,
)

S1, S2, S3 = StoryId("s1"), StoryId("s2"), StoryId("s3")
DIGEST = Digest("9f3c" * 16)
RED = Failure(kind=FailureClass.verification, reason="exit 1")
FULL = Failure(kind=FailureClass.capacity, reason="429", retry_after_seconds=60)


def a_three_story_plan() -> Plan:
    return a_plan(
        s1=a_story("s1", title="Exporter interface"),
        s2=a_story("s2", title="CSV exporter", needs="s1"),
        s3=a_story("s3", title="Endpoint", needs="s1 s2", flags=("public API",)),
    )


def a_view(*events: Event, plan: Plan | None = None, minutes: float = 4) -> StatusView:
    return StatusView(
        change=41,
        plan=plan or a_three_story_plan(),
        digest=DIGEST,
        run=fold(entries(*events)),
        now=NOW + timedelta(minutes=minutes),
        spent=usd("0.06"),
    )


def started() -> RunStarted:
    return RunStarted(plan=DIGEST, base=BASE)


def queued(story: StoryId, attempt: int = 1, *, rung: int = 0, minutes: int = 0) -> AttemptQueued:
    later = NOW + timedelta(minutes=minutes) if minutes else None
    return AttemptQueued(
        story=story, attempt=attempt, rung=rung, onto=Sha(BASE.sha), not_before=later
    )


def working(story: StoryId, attempt: int = 1, *, rung: int = 0) -> tuple[Event, ...]:
    begun = AttemptStarted(story=story, attempt=attempt, owner="w1", model="openai/gpt")
    return (queued(story, attempt, rung=rung), begun)


def done(story: StoryId, attempt: int = 1, *, rung: int = 0, tests: int = 12) -> tuple[Event, ...]:
    taken = AttemptPassed(
        story=story,
        attempt=attempt,
        commit=Sha("c" * 40),
        tree=TREE,
        summary="done",
        evidence=(passed(tests=tests),),
    )
    return (*working(story, attempt, rung=rung), taken)


def merged(
    story: StoryId, attempt: int = 1, *, rung: int = 0, tests: int = 12
) -> tuple[Event, ...]:
    brought_in = StoryIntegrated(
        story=story,
        attempt=attempt,
        onto=Sha(BASE.sha),
        head=Sha("4be1c02" + "0" * 33),
        how=Integration.spliced,
    )
    return (*done(story, attempt, rung=rung, tests=tests), brought_in)


def failed(story: StoryId, attempt: int = 1, why: Failure = RED) -> tuple[Event, ...]:
    ended = AttemptFailed(story=story, attempt=attempt, failure=why, evidence=(red(),))
    return (*working(story, attempt), ended)


def reconciled(*stories: StoryId) -> Reconciled:
    commits = tuple(FinalCommit(story=story, sha=Sha("d" * 40)) for story in stories)
    return Reconciled(head=Sha("d" * 40), tree=TREE, commits=commits)


def test_a_running_change_shows_each_story_and_what_it_does_now() -> None:
    view = a_view(
        started(),
        *merged(S1),
        *failed(S2),
        *working(S2, 2, rung=1),
    ).model_copy(
        update={
            "doing": {S2: "running `pytest tests -q`"},
            "story_costs": {S1: usd("0.01"), S2: usd("0.03")},
        }
    )
    assert status_comment(view) == snapshot("""\
### Running · 1 of 3 stories done · 4m00s · $0.06 of $1.00

|  | story | state | checks | tries | cost |
|---|---|---|---|---|---|
| s1 | Exporter interface | ✓ merged `4be1c02` | 12 passed | 1 | $0.01 |
| s2 | CSV exporter | working: running `pytest tests -q` | – | 2 (a check was red; now on a stronger model) | $0.03 |
| s3 | Endpoint ⚠ public API | waits for s2 | – | – | – |

<sub>Last event 14:03:30 UTC · change 41 · r1 · `/baro cancel`</sub>\
""")


def test_before_the_first_event_columns_without_news_are_left_out() -> None:
    view = a_view().model_copy(update={"spent": usd("0", tokens=0)})
    assert status_comment(view) == snapshot("""\
### Queued · 3 stories

|  | story | state |
|---|---|---|
| s1 | Exporter interface | waits for an agent |
| s2 | CSV exporter | waits for s1 |
| s3 | Endpoint ⚠ public API | waits for s1 and s2 |

<sub>change 41 · r1 · `/baro cancel`</sub>\
""")


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((), "waits for an agent"),
        ((queued(S1),), "starting"),
        ((queued(S1, minutes=9),), "tries again at 14:11 UTC"),
        (working(S1), "working"),
        (done(S1), "done, to be merged"),
        (failed(S1), "✗ a check was red: exit 1"),
        (
            (*working(S1), AttemptLost(story=S1, attempt=1, owner="w1")),
            "its worker was lost; starting again",
        ),
        (
            (
                *done(S1),
                StoryConflicted(story=S1, attempt=1, onto=Sha(BASE.sha), paths=("a.py",)),
            ),
            "its lines were changed by another story; starting again",
        ),
        (
            (*failed(S1), StoryDropped(story=S1, reason="exit 1 (after 3 tries)")),
            "✗ left out: exit 1 (after 3 tries)",
        ),
        (merged(S1), "✓ merged `4be1c02`"),
    ],
)
def test_a_story_has_one_state(events: tuple[Event, ...], state: str) -> None:
    body = status_comment(a_view(started(), *events))
    (row,) = (line for line in body.splitlines() if line.startswith("| s1 "))
    assert row.split(" | ")[2].removesuffix(" |") == state


def test_tries_say_what_went_wrong_and_a_lost_worker_costs_none() -> None:
    events = (
        *failed(S1),
        *working(S1, 2),
        AttemptLost(story=S1, attempt=2, owner="w1"),
        *merged(S1, 3, rung=1),
    )
    body = status_comment(a_view(started(), *events))
    assert "| 12 passed | 2 (a check was red; then passed on a stronger model) |" in body


def test_a_full_endpoint_is_said_on_top_with_the_time_it_is_tried_again() -> None:
    body = status_comment(a_view(started(), *failed(S1, why=FULL), queued(S1, 2, minutes=9)))
    assert body.startswith("### Blocked · 0 of 3 stories done · 4m00s · $0.06 of $1.00\n")
    assert "s1 waits for the model's endpoint was full" not in body
    assert "s1 waits: the model's endpoint was full. It goes on at 14:11 UTC." in body


def test_a_cap_is_said_on_top_and_what_is_done_is_kept() -> None:
    cap = "the next call may cost $0.0200 and the cap of $1.00 has $0.0100 left"
    body = status_comment(a_view(started(), *merged(S1), CapReached(sentence=cap)))
    assert "### Blocked · 1 of 3 stories done" in body
    assert "No further story starts; what is done is kept." in body


def test_an_unknown_price_leaves_the_token_cap_in_sight() -> None:
    view = a_view(started()).model_copy(update={"spent": unpriced(1_200_000)})
    assert "4m00s · price unknown, 1.2M tokens (cap 4M)" in status_comment(view)


def test_a_finished_change_points_at_its_pull_request() -> None:
    events = (
        started(),
        *merged(S1),
        *merged(S2),
        *merged(S3),
        reconciled(S1, S2, S3),
        GateRan(tree=TREE, evidence=(passed(tests=431),)),
        Delivered(pull=58, draft=False),
        RunFinished(outcome=Outcome.delivered),
    )
    body = status_comment(a_view(*events).model_copy(update={"issue": 57}))
    assert body == snapshot("""\
### Finished · 3 of 3 stories done · 2m40s · $0.06 of $1.00

Every check is green. Review #58.

|  | story | state | checks | tries |
|---|---|---|---|---|
| s1 | Exporter interface | ✓ merged `4be1c02` | 12 passed | 1 |
| s2 | CSV exporter | ✓ merged `4be1c02` | 12 passed | 1 |
| s3 | Endpoint ⚠ public API | ✓ merged `4be1c02` | 12 passed | 1 |

<sub>Last event 14:04:40 UTC · change 41 · r1 · for #57</sub>\
""")


def test_a_draft_says_why_and_what_to_do() -> None:
    events = (
        started(),
        *merged(S1),
        *failed(S2),
        StoryDropped(story=S2, reason="exit 1 (after 3 tries)"),
        StoryDropped(story=S3, reason="it needs s2, which was dropped"),
        reconciled(S1),
        GateRan(tree=TREE, evidence=(red(),)),
        Delivered(pull=58, draft=True),
        RunFinished(outcome=Outcome.draft),
    )
    assert status_comment(a_view(*events)) == snapshot("""\
### Finished as a draft · 1 of 3 stories done · 2m10s · $0.06 of $1.00

#58 is a draft, because:
- s2 is not in it: exit 1 (after 3 tries)
- s3 is not in it: it needs s2, which was dropped
- `suite` failed

`/baro retry` runs what failed once more; `/baro fix …` changes the rest.

|  | story | state | checks | tries |
|---|---|---|---|---|
| s1 | Exporter interface | ✓ merged `4be1c02` | 12 passed | 1 |
| s2 | CSV exporter | ✗ left out: exit 1 (after 3 tries) | **1 failed**, 11 passed | 1 (a check was red) |
| s3 | Endpoint ⚠ public API | ✗ left out: it needs s2, which was dropped | – | – |

<sub>Last event 14:04:10 UTC · change 41 · r1</sub>\
""")


@pytest.mark.parametrize(
    ("finished", "head", "line"),
    [
        (
            RunFinished(outcome=Outcome.cancelled, reason="cancelled by maya"),
            "### Cancelled · ",
            "Cancelled by maya. No pull request was opened. "
            "The work is kept at `refs/baro/41-1`. `/baro plan` plans again.",
        ),
        (
            RunFinished(outcome=Outcome.failed, reason="the push was refused: GH006"),
            "### Failed · ",
            "The push was refused: GH006. No pull request was opened. "
            "The work is kept at `refs/baro/41-1`. "
            "`/baro retry` runs what failed once more, `/baro plan` plans again.",
        ),
        (
            RunFinished(outcome=Outcome.nothing, reason="the stories changed nothing"),
            "### Finished, nothing to change · ",
            "The stories changed nothing. No pull request was opened.",
        ),
    ],
)
def test_a_run_without_a_pull_request_says_where_its_work_is(
    finished: RunFinished, head: str, line: str
) -> None:
    view = a_view(started(), *merged(S1), CancelRequested(by="maya"), finished)
    body = status_comment(view.model_copy(update={"kept_at": "refs/baro/41-1"}))
    assert body.startswith(head)
    assert line in body
    assert "/baro cancel" not in body


def test_a_run_in_which_nothing_passed_claims_to_keep_nothing() -> None:
    finished = RunFinished(outcome=Outcome.failed, reason="exit 1 (after 3 tries)")
    view = a_view(started(), *failed(S1), finished).model_copy(update={"kept_at": "refs/baro/41-1"})
    assert "kept" not in status_comment(view)


def test_what_is_left_on_the_issue_points_at_the_pull_request() -> None:
    assert status_moved_comment(58) == snapshot("""\
### Finished
The work is in #58, and so is its status.\
""")


def test_the_last_edit_is_what_the_merged_change_cost() -> None:
    view = MergedView(
        change=41,
        merged_sha="8d01f2a" + "0" * 33,
        asked_at=NOW,
        merged_at=NOW + timedelta(minutes=72),
        planning=usd("0.02", 30_000),
        runs=usd("0.09", 1_200_000),
        follow_ups=usd("0.02", 90_000),
        failed_attempts=1,
        review_rounds=1,
    )
    assert merged_comment(view) == snapshot("""\
### Merged as `8d01f2a` · cost of this change: $0.13
Models: $0.13 · 1.3M tokens; $0.02 for the plan, $0.09 for the run (1 failed attempt included) and $0.02 for follow-ups. Asked to merged in 1h12m. 1 review round.

<sub>change 41</sub>\
""")


def test_a_change_at_an_unknown_price_costs_no_invented_dollar() -> None:
    view = MergedView(
        change=41, merged_sha="8d01f2a", asked_at=NOW, merged_at=NOW, runs=unpriced(1_200_000)
    )
    assert "cost of this change: price unknown, 1.2M tokens" in merged_comment(view)


def test_a_status_of_many_stories_fits_into_a_comment() -> None:
    long = "word " * 100
    stories = tuple(a_story(f"s{at}", title=long, flags=(long,)) for at in range(32))
    plan = a_plan().model_copy(update={"stories": stories})
    dropped = [StoryDropped(story=story.id, reason=long) for story in stories]
    assert len(status_comment(a_view(started(), *dropped, plan=plan)).encode()) <= LIMIT_BYTES
