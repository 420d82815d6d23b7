"""Two processes with folders of their own share a run; one dies, and its finished work is used."""

import asyncio
from pathlib import Path

import pytest

from bot.store import changes, runs
from bot.store.engine import Store
from bot.store.journal import entries
from bot.store.states import ChangeState
from executor.events import AttemptPassed, AttemptStarted, Entry
from infra.hub.seed import IssueSeed
from tests.support import tiny
from tests.support.redis import RedisServer
from tests.support.stage import SHOP, Stage, a_process, a_stage, number_of_pull, until

STORIES = ("one", "two", "three", "four")


@pytest.fixture
def shared(redis_server: RedisServer, empty_postgresql_url: str) -> dict[str, str]:
    """What makes a fleet of processes: one queue, one database."""
    return {
        "BARO_REDIS_URL": redis_server.url,
        "BARO_DATABASE_URL": empty_postgresql_url,
        "BARO_WORKERS_STORIES": "1",
    }


async def test_a_worker_dies_and_the_other_uses_what_it_had_finished(
    tmp_path: Path, shared: dict[str, str]
) -> None:
    barrier = tmp_path / "go"
    script = tiny.script(
        tiny.planning(*(tiny.a_story(name) for name in STORIES), tiny.a_story("last", *STORIES)),
        *(_held(name, barrier) for name in STORIES),
        tiny.working("last"),
    )
    issue = IssueSeed(title=tiny.TITLE, body=tiny.BODY, author="jon")
    async with a_stage(
        tmp_path, files=tiny.FILES, script=script, issues=(issue,), environment=shared
    ) as stage:
        away = {"BARO_DATA_DIR": str(tmp_path / "away")}
        async with a_process(stage), a_process(stage, "worker", **away) as doomed:
            await stage.person("maya").comment(SHOP, 1, "/baro plan")
            plan = await stage.comment(1, "waiting for approval")
            await stage.person("maya").react(SHOP, plan.id)
            victim = await _both_hold_a_story(stage, str(doomed.pid))
            # Each finishes the story it has, takes another, and is held in that one.
            (tmp_path / f"go-{victim}").touch()
            (tmp_path / f"go-{await _other(stage, victim)}").touch()
            await _owner_passed_one_and_holds_another(stage, str(doomed.pid))
            doomed.kill()
            await doomed.wait()
            for name in STORIES:
                (tmp_path / f"go-{name}").touch()
            number = number_of_pull((await stage.comment(1, "is ready")).body)
            pull = await stage.person("maya").pull(SHOP, number)
        assert not pull.draft
        assert stage.commits(pull.head.ref) == 5
        journal = await _journal(stage)
        owners = {_pid(e.event) for e in journal if isinstance(e.event, AttemptStarted)}
        assert len(owners) == 2
        passed = [e.event for e in journal if isinstance(e.event, AttemptPassed)]
        assert len(passed) == 5, "no finished story ran again"


def _held(name: str, barrier: Path) -> dict[str, object]:
    hold = tiny.turn(tiny.a_run("true"), hold=f"{barrier}-{name}")
    return tiny.working(name, tiny.turn(tiny.a_run("ls")), hold)


def _pid(event: AttemptStarted) -> str:
    return event.owner.split(":")[1]


async def _started(stage: Stage) -> list[AttemptStarted]:
    events = [entry.event for entry in await _journal(stage)]
    return [event for event in events if isinstance(event, AttemptStarted)]


async def _both_hold_a_story(stage: Stage, doomed: str) -> str:
    """The story that the doomed process works on."""

    async def two() -> bool:
        return len({_pid(event) for event in await _started(stage)}) == 2

    await until(two)
    return next(event.story for event in await _started(stage) if _pid(event) == doomed)


async def _other(stage: Stage, victim: str) -> str:
    return next(event.story for event in await _started(stage) if event.story != victim)


async def _owner_passed_one_and_holds_another(stage: Stage, pid: str) -> None:
    async def so() -> bool:
        mine = [event for event in await _started(stage) if _pid(event) == pid]
        passed = {
            entry.event.story
            for entry in await _journal(stage)
            if isinstance(entry.event, AttemptPassed)
        }
        held = [event for event in mine if event.story not in passed]
        there = [
            await asyncio.to_thread((stage.folder / f"go-{event.story}.held").exists)
            for event in held
        ]
        return len(mine) >= 2 and any(there)

    await until(so)


async def _journal(stage: Stage) -> tuple[Entry, ...]:
    async with Store(stage.settings.database_url) as store:
        found = await changes.in_state(store, *ChangeState)
        run = await runs.latest_of(store, found[0].id) if found else None
        return await entries(store, run.id) if run else ()
