"""A plan is text on show: edited, ticked, deleted, asked for again, expired."""

from pathlib import Path

from bot.store import changes, runs
from bot.store.engine import Store
from bot.store.journal import entries
from bot.store.states import ChangeState
from executor.events import AttemptPassed, AttemptStarted
from tests.support import tiny
from tests.support.stage import (
    SHOP,
    Stage,
    a_tiny_stage,
    baro,
    number_of_pull,
    planned,
    settled,
    until,
)


async def test_a_ticked_box_approves(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("jon").tick(SHOP, plan.id, "Approve r1")
        await stage.comment(1, "is ready")
        assert "Approved by jon" in stage.said(1, "Plan r1")[0].body


async def test_one_story_at_a_time_means_it(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path, tiny.three_verbs()) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("maya").tick(SHOP, plan.id, "one story at a time")
        number = number_of_pull((await stage.comment(1, "is ready")).body)
        shown = stage.said(1, "Plan r1")[0].body
        assert "one" in shown.split("Approved by maya")[1].splitlines()[0]
        assert stage.commits((await stage.person("maya").pull(SHOP, number)).head.ref) == 3
        assert await _most_at_once(stage) == 1


async def test_a_tick_with_any_other_edit_is_put_back(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        told = plan.body.replace("- [ ] Approve r1", "- [x] Approve r1").replace("verbs", "lies")
        await stage.person("jon").edit_comment(SHOP, plan.id, told)

        async def restored() -> bool:
            return stage.said(1, "Plan r1")[0].body == plan.body

        await until(restored)
        assert "waiting for approval" in stage.said(1, "Plan r1")[0].body


async def test_the_cancel_box_cancels(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("maya").tick(SHOP, plan.id, "Cancel")
        shown = await stage.comment(1, "Plan r1 · cancelled")
        assert "- [ ]" not in shown.body
        await stage.person("maya").react(SHOP, plan.id)
        await settled(stage)
        assert stage.hub.world.repository(SHOP).pulls() == []  # type: ignore[union-attr]


async def test_asking_again_makes_a_new_revision_and_old_thumbs_do_not_count(
    tmp_path: Path,
) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        # The thumb of a reader waits on r1 until she may write.
        plan = await planned(stage)
        await stage.person("maya").comment(SHOP, 1, "/baro plan with docstrings")
        await stage.comment(1, "Plan r2 stands above")
        shown = await stage.comment(1, "Plan r2 · waiting for approval")
        assert shown.id == plan.id, "the same comment, edited in place"
        await stage.person("maya").comment(SHOP, 1, "/baro approve r1")
        await stage.comment(1, "The plan on show is r2")
        await stage.person("maya").comment(SHOP, 1, "/baro approve r2")
        await stage.comment(1, "is ready")


async def test_a_deleted_plan_comment_cancels_the_plan(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("maya").delete_comment(SHOP, plan.id)
        await stage.comment(1, "was deleted, so it is cancelled")
        await stage.person("maya").comment(SHOP, 1, "/baro approve")
        await stage.comment(1, "There is no plan to approve here")


async def test_another_mode_is_another_revision(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path, tiny.three_verbs()) as stage, baro(stage):
        await planned(stage)
        await stage.person("maya").comment(SHOP, 1, "/baro mode focused")
        shown = await stage.comment(1, "Plan r2 · waiting for approval")
        assert "**focused**" in shown.body
        assert sum(line.startswith("| ") for line in shown.body.splitlines()) < 9


async def test_a_plan_expires_and_says_so(tmp_path: Path) -> None:
    soon = {"BARO_PLAN_EXPIRY_HOURS": "0.0005"}
    async with a_tiny_stage(tmp_path, environment=soon) as stage, baro(stage):
        await stage.person("maya").comment(SHOP, 1, "/baro plan")
        await stage.comment(1, "Plan r1 · expired")
        await stage.person("maya").comment(SHOP, 1, "/baro approve r1")
        await stage.comment(1, "r1 has expired")


async def test_a_rewritten_base_voids_the_plan_and_a_moved_one_does_not(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        await planned(stage)
        await stage.person("jon").write_file(SHOP, "more.md", "more\n")
        repository = stage.hub.world.repository(SHOP)
        assert repository is not None
        await stage.person("jon").comment(SHOP, 1, "/baro plan")
        await stage.comment(1, "Plan r2 · waiting")
        stage.rewrite_base()
        await stage.person("maya").comment(SHOP, 1, "/baro approve r2")
        await stage.comment(1, "The base branch was rewritten")


async def test_text_edited_after_the_command_is_pointed_out(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        fault = stage.hub.hook_fault(kind="delay", event="issue_comment", seconds=1.0)
        await stage.person("maya").comment(SHOP, 1, "/baro plan")
        await stage.person("jon").quietly().edit_issue(SHOP, 1, body="Numbers need nothing.")
        shown = await stage.comment(1, "waiting for approval")
        assert fault.hits == 1
        assert "edited" in shown.body


async def _most_at_once(stage: Stage) -> int:
    async with Store(stage.settings.database_url) as store:
        (change,) = await changes.in_state(store, *ChangeState)
        run = await runs.latest_of(store, change.id)
        assert run is not None
        journal = await entries(store, run.id)
    most = now = 0
    for entry in journal:
        now += isinstance(entry.event, AttemptStarted) - isinstance(entry.event, AttemptPassed)
        most = max(most, now)
    return most
