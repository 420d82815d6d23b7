"""The process is killed without a word at the worst moments, and its successor finishes."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.store import changes, ledger, runs
from bot.store.engine import Store
from bot.store.journal import entries
from bot.store.states import CallState, ChangeState
from executor.events import AttemptPassed, AttemptQueued, Entry, StoryIntegrated
from infra.hub.seed import IssueSeed
from tests.support import tiny
from tests.support.stage import SHOP, Stage, a_process, a_stage, number_of_pull, until

Held = Callable[[], Awaitable[None]]


def at_hub(stage: Stage, **form: object) -> Held:
    """Held by a fault of the hub; released when the process is dead."""
    fault = stage.hub.fault(hold=True, **form)

    async def reached() -> None:
        await stage.hub.reached(fault, 30)

    return reached


POINTS: dict[str, dict[str, object]] = {
    "after a story's commit is kept": {"ref": r"refs/baro/\w+/double", "when": "after"},
    "before a story's commit is kept": {"ref": r"refs/baro/\w+/double", "when": "before"},
    "between integration and push": {"ref": "refs/heads/baro/", "when": "before"},
    "after the push, before it is written down": {"ref": "refs/heads/baro/", "when": "after"},
    "between push and pull request": {"method": "POST", "path": "/pulls$", "when": "before"},
    "after the pull request, unheard": {"method": "POST", "path": "/pulls$", "when": "after"},
    "before the check run": {"method": "POST", "path": "/check-runs$", "when": "before"},
    "before the status edit": {"method": "PATCH", "path": "/comments/", "sent": "The work is in"},
    "after the last word, unheard": {
        "method": "POST",
        "path": "/comments$",
        "sent": "is ready",
        "when": "after",
    },
}


@pytest.mark.parametrize("point", POINTS)
async def test_a_kill_costs_seconds_and_nothing_twice(tmp_path: Path, point: str) -> None:
    async with a_tiny_stage(tmp_path) as stage:
        held = at_hub(stage, **POINTS[point])
        async with a_process(stage) as process:
            await _planned_and_approved(stage)
            await held()
            process.kill()
        stage.hub.faults.clear()
        async with a_process(stage):
            await _finished_once(stage)


async def test_a_kill_before_approval_leaves_the_plan_to_be_approved(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage:
        async with a_process(stage) as process:
            plan = await _planned(stage)
            process.kill()
        await stage.person("maya").react(SHOP, plan)
        async with a_process(stage):
            await _finished_once(stage)


async def test_a_kill_after_the_second_tool_call_makes_a_second_attempt(tmp_path: Path) -> None:
    barrier = tmp_path / "go"
    held = tiny.turn(tiny.a_run("true"), hold=str(barrier))
    script = tiny.script(
        tiny.planning(
            tiny.a_story("double"), tiny.a_story("halve"), tiny.a_story("table", "double", "halve")
        ),
        tiny.working("double", tiny.turn(tiny.a_run("ls")), tiny.turn(tiny.a_run("pwd")), held),
        tiny.working("halve"),
        tiny.working("table"),
    )
    async with a_tiny_stage(tmp_path, script=script) as stage:
        async with a_process(stage) as process:
            await _planned_and_approved(stage)

            async def is_held() -> bool:
                there = await asyncio.to_thread(Path(f"{barrier}.held").exists)
                return there and await _passed(stage) == {"halve"}

            await until(is_held, 30)
            process.kill()
        barrier.touch()
        async with a_process(stage):
            await _finished_once(stage)
        attempts = Counter(
            entry.event.story
            for entry in await _journal(stage)
            if isinstance(entry.event, AttemptQueued)
        )
        assert attempts == {"double": 2, "halve": 1, "table": 1}


async def test_sigterm_ends_in_time_and_leaves_the_work_to_be_taken(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage:
        held = at_hub(stage, ref=r"refs/baro/\w+/double", when="before")
        async with a_process(stage) as process:
            await _planned_and_approved(stage)
            await held()
            process.terminate()
            async with asyncio.timeout(10):
                assert await process.wait() == 0
        stage.hub.faults.clear()
        async with a_process(stage):
            await _finished_once(stage)


def a_tiny_stage(
    folder: Path, script: str | None = None
) -> contextlib.AbstractAsyncContextManager[Stage]:
    issue = IssueSeed(title=tiny.TITLE, body=tiny.BODY, author="jon")
    return a_stage(folder, files=tiny.FILES, script=script or tiny.three_verbs(), issues=(issue,))


async def _planned(stage: Stage) -> int:
    await stage.person("maya").comment(SHOP, 1, "/baro plan")
    return (await stage.comment(1, "waiting for approval")).id


async def _planned_and_approved(stage: Stage) -> None:
    await stage.person("maya").react(SHOP, await _planned(stage))


async def _finished_once(stage: Stage) -> None:
    """One plan, one status, one last word, one pull request with one commit per story."""
    number = number_of_pull((await stage.comment(1, "is ready")).body)
    await stage.comment(1, "The work is in")
    await stage.comment(number, "Finished")
    marks = Counter(
        kind
        for comment in stage.said(1)
        for kind in ("plan", "status", "reply")
        if f"kind={kind} " in comment.body
    )
    assert marks == {"plan": 1, "status": 1, "reply": 1}
    assert len([one for one in stage.said(number) if "kind=status" in one.body]) == 1
    pulls = await stage.person("maya").pulls(SHOP)
    assert [pull.number for pull in pulls] == [number]
    assert not pulls[0].draft
    assert stage.commits(pulls[0].head.ref) == 3
    await _nothing_twice(stage)


async def _nothing_twice(stage: Stage) -> None:
    journal = await _journal(stage)
    for kind in (AttemptPassed, StoryIntegrated):
        stories = [entry.event.story for entry in journal if isinstance(entry.event, kind)]
        assert len(stories) == len(set(stories)) == 3, kind
    async with Store(stage.settings.database_url) as store:
        (run,) = [
            one
            for change in await changes.in_state(store, *ChangeState)
            for one in await runs.every_of(store, change.id)
        ]
        calls = await ledger.calls_of_run(store, run.id)
    settled = Counter(
        (call.story, call.attempt) for call in calls if call.state is CallState.settled
    )
    assert all(call.state is not CallState.reserved for call in calls)
    # Four turns make a story, and three more where it was held.
    assert all(count <= 7 for count in settled.values())


async def _journal(stage: Stage) -> tuple[Entry, ...]:
    async with Store(stage.settings.database_url) as store:
        (change,) = await changes.in_state(store, *ChangeState)
        run = await runs.latest_of(store, change.id)
        assert run is not None
        return await entries(store, run.id)


async def _passed(stage: Stage) -> set[str]:
    events = [entry.event for entry in await _journal(stage)]
    return {event.story for event in events if isinstance(event, AttemptPassed)}
