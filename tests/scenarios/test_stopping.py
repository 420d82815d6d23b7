"""Whatever a change is doing can be stopped, and nothing comes of it afterwards."""

from pathlib import Path

from infra.hub.acts.issues import delete_issue
from tests.support import tiny
from tests.support.effects import made
from tests.support.stage import (
    SHOP,
    Stage,
    a_tiny_stage,
    baro,
    held,
    number_of_pull,
    planned,
    settled,
    until,
)


async def test_planning_can_be_cancelled(tmp_path: Path) -> None:
    barrier = tmp_path / "go"
    async with a_tiny_stage(tmp_path, slow_planning(barrier)) as stage, baro(stage):
        await stage.person("maya").comment(SHOP, 1, "/baro plan")
        await held(barrier)
        await stage.comment(1, "Plan r1 · being made")
        await stage.person("jon").comment(SHOP, 1, "/baro cancel")
        await stage.comment(1, "Cancelled by jon before there was a plan")
        barrier.touch()
        await stage.person("jon").comment(SHOP, 1, "/baro approve")
        await stage.comment(1, "There is no plan to approve here")
        assert stage.said(1, "waiting for approval") == []
        assert made(stage)["comment"] == 2
        await stage.person("maya").comment(SHOP, 1, "/baro plan")
        await stage.comment(1, "Plan r1 · waiting for approval")


async def test_closing_the_issue_while_it_is_planned_ends_that(tmp_path: Path) -> None:
    barrier = tmp_path / "go"
    async with a_tiny_stage(tmp_path, slow_planning(barrier)) as stage, baro(stage):
        await stage.person("maya").comment(SHOP, 1, "/baro plan")
        await held(barrier)
        await stage.person("jon").close(SHOP, 1)
        await settled(stage)
        barrier.touch()
        await stage.comment(1, "Plan r1 · not made")
        assert stage.said(1, "waiting for approval") == []


async def test_a_waiting_plan_can_be_cancelled_by_command(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("jon").comment(SHOP, 1, "/baro cancel")
        shown = await stage.comment(1, "Plan r1 · cancelled")
        assert "Cancelled by jon" in shown.body
        await stage.person("maya").comment(SHOP, 1, "/baro approve r1")
        await stage.comment(1, "There is no plan to approve here")
        await stage.person("maya").react(SHOP, plan.id)
        await settled(stage)
        assert stage.said(1, "kind=status") == []


async def test_a_plan_on_a_closed_issue_is_void_until_it_is_planned_again(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("jon").close(SHOP, 1)
        await stage.comment(1, "Plan r1 · void")
        await stage.person("jon").reopen(SHOP, 1)
        await stage.person("maya").react(SHOP, plan.id)
        await stage.person("maya").comment(SHOP, 1, "/baro approve r1")
        await stage.comment(1, "r1 does not wait for approval any more")
        await stage.person("maya").comment(SHOP, 1, "/baro plan")
        await stage.comment(1, "Plan r2 · waiting for approval")
        await stage.person("maya").comment(SHOP, 1, "/baro approve r2")
        await stage.comment(1, "is ready")


async def test_after_its_comment_was_deleted_a_plan_is_made_and_shown_anew(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("maya").delete_comment(SHOP, plan.id)
        await stage.comment(1, "was deleted, so it is cancelled")
        await stage.person("maya").comment(SHOP, 1, "/baro plan")
        shown = await stage.comment(1, "Plan r2 · waiting for approval")
        assert shown.id != plan.id
        await stage.person("maya").react(SHOP, shown.id)
        await stage.comment(1, "is ready")


async def test_a_deleted_status_is_not_posted_again(tmp_path: Path) -> None:
    barrier = tmp_path / "go"
    async with a_tiny_stage(tmp_path, slow_story(barrier)) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("maya").react(SHOP, plan.id)
        status = await stage.comment(1, "Running")
        await stage.person("jon").delete_comment(SHOP, status.id)
        barrier.touch()
        number = number_of_pull((await stage.comment(1, "is ready")).body)
        await stage.comment(number, "Finished")
        assert stage.said(1, "kind=status") == []


async def test_a_deleted_issue_ends_its_run(tmp_path: Path) -> None:
    barrier = tmp_path / "go"
    async with a_tiny_stage(tmp_path, slow_story(barrier)) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("maya").react(SHOP, plan.id)
        await stage.comment(1, "Running")
        world = stage.hub.world
        with world.lock:
            delete_issue(world, stage.hub.repository(SHOP).issues[1], stage.hub.account("maya"))
        await settled(stage)
        barrier.touch()
        await quiet_at_last(stage)
        assert made(stage)["pull"] == 0


async def test_a_run_is_cancelled_where_its_work_was_kept(tmp_path: Path) -> None:
    """One story is done and kept on its ref, which the status names; no branch was made."""
    barrier = tmp_path / "go"
    script = tiny.script(
        tiny.planning(tiny.a_story("double"), tiny.a_story("halve")),
        tiny.working("double"),
        tiny.working("halve", tiny.turn(tiny.a_run("true"), hold=str(barrier))),
    )
    async with a_tiny_stage(tmp_path, script) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("maya").react(SHOP, plan.id)
        await stage.comment(1, "1 of 2 stories done")
        await stage.person("maya").comment(SHOP, 1, "/baro cancel")
        shown = await stage.comment(1, "Cancelled")
        assert "`refs/baro/" in shown.body
        assert "baro/1-" not in shown.body


def slow_planning(barrier: Path) -> str:
    scenes = tiny.planning(tiny.a_story("double"), mode="focused")
    scenes[0]["turns"][0]["hold"] = str(barrier)  # type: ignore[index]
    return tiny.script(scenes, tiny.working("double"))


def slow_story(barrier: Path) -> str:
    slow = tiny.turn(tiny.a_run("true"), hold=str(barrier))
    return tiny.script(
        tiny.planning(tiny.a_story("double"), mode="focused"), tiny.working("double", slow)
    )


async def quiet_at_last(stage: Stage) -> None:
    """Until baro has asked GitHub for nothing but its delivery log for three looks at that."""

    def count(path: str) -> int:
        return len([one for one in list(stage.hub.traffic) if path in one.path])

    quiet, logs = len(stage.hub.traffic) - count("/app/hook"), count("/app/hook/deliveries")

    async def still() -> bool:
        nonlocal quiet, logs
        now = len(stage.hub.traffic) - count("/app/hook")
        if now != quiet:
            quiet, logs = now, count("/app/hook/deliveries")
        return count("/app/hook/deliveries") >= logs + 3

    await until(still, 30)
