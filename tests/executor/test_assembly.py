"""A worker that lost its disk makes the same commits again, byte for byte."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from executor.assembly import integrate_story, missing, reconcile_run
from executor.events import (
    AttemptPassed,
    AttemptQueued,
    Entry,
    Event,
    RunId,
    RunStarted,
    Sha,
    StoryIntegrated,
)
from executor.git.commit import Signature, commit_tree, tree_of
from executor.git.mirror import Mirror, open_mirror
from executor.message import Trailers
from executor.order import Order
from executor.state import RunState, fold
from planner.plan import Base, Digest, Plan, StoryId
from tests.executor.git.trees import a_commit
from tests.support.builders import a_plan

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
WHO = Signature("baro[bot]", "baro@localhost", NOW)


def an_order(base: Sha) -> Order:
    plan: Plan = a_plan(api="", cli="").model_copy(update={"base": Base(branch="main", sha=base)})
    return Order(RunId("r1"), plan, Digest("d"), "baro/1-x", Trailers("r1"), WHO)


def a_state(base: Sha, *events: Event) -> RunState:
    started = RunStarted(plan=Digest("d"), base=Base(branch="main", sha=base))
    return fold(
        Entry(seq=seq, at=NOW, event=event) for seq, event in enumerate((started, *events), 1)
    )


def passed(mirror: Mirror, story: str, base: Sha, path: str) -> tuple[Event, Event]:
    """An attempt that branched from `base` and wrote one file."""
    tree = tree_of(mirror, a_commit(mirror, {"README.md": "one\n", path: f"{story}\n"}))
    author = replace(WHO, at=NOW)
    made = commit_tree(
        mirror, tree=tree, parents=(base,), message=story, author=author, committer=author
    )
    queued = AttemptQueued(story=StoryId(story), attempt=1, rung=0, onto=base)
    done = AttemptPassed(
        story=StoryId(story), attempt=1, commit=made, tree=tree, summary="", evidence=()
    )
    return queued, done


def integrated(mirror: Mirror, order: Order, state: RunState, story: str) -> StoryIntegrated:
    attempt = state.story(StoryId(story)).last
    assert attempt is not None
    assert state.head is not None
    result = integrate_story(mirror, order, attempt, StoryId(story), state.head)
    assert isinstance(result, StoryIntegrated)
    return result


def test_integration_and_reconciling_repeat_themselves_exactly(tmp_path: Path) -> None:
    def assembled(folder: Path) -> tuple[Sha, Sha]:
        mirror = open_mirror(folder, 1)
        base = a_commit(mirror, {"README.md": "one\n"})
        order = an_order(base)
        events: list[Event] = [
            *passed(mirror, "api", base, "api.py"),
            *passed(mirror, "cli", base, "cli.py"),
        ]
        for story in ("cli", "api"):
            events.append(integrated(mirror, order, a_state(base, *events), story))
        state = a_state(base, *events)
        assert not missing(mirror, state)
        assert state.head is not None
        return state.head, reconcile_run(mirror, order, state).head

    assert assembled(tmp_path / "here") == assembled(tmp_path / "there")


def test_the_delivered_chain_is_in_plan_order_whoever_finished_first(tmp_path: Path) -> None:
    mirror = open_mirror(tmp_path, 1)
    base = a_commit(mirror, {"README.md": "one\n"})
    order = an_order(base)
    events: list[Event] = [
        *passed(mirror, "api", base, "api.py"),
        *passed(mirror, "cli", base, "cli.py"),
    ]
    for story in ("cli", "api"):
        events.append(integrated(mirror, order, a_state(base, *events), story))
    result = reconcile_run(mirror, order, a_state(base, *events))
    assert [commit.story for commit in result.commits] == ["api", "cli"]
    assert result.left_out == ()


def test_what_the_journal_names_and_the_disk_lacks_is_missing(tmp_path: Path) -> None:
    mirror = open_mirror(tmp_path / "here", 1)
    elsewhere = open_mirror(tmp_path / "there", 1)
    base = a_commit(mirror, {"README.md": "one\n"})
    state = a_state(base, *passed(mirror, "api", base, "api.py"))
    assert not missing(mirror, state)
    assert missing(elsewhere, state)
