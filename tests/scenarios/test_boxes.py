"""A box of ours that somebody ticked, and every other edit of our comments."""

from pathlib import Path

from infra.hub.acts.issues import edit_comment
from infra.hub.people import ticked
from tests.support.effects import made
from tests.support.stage import SHOP, Stage, a_tiny_stage, baro, planned, settled, until


async def test_a_tick_makes_one_run_one_status_and_one_pull_request(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        stage.hub.hook_fault(kind="duplicate", times=None, action="edited")
        plan = await planned(stage)
        await stage.person("jon").tick(SHOP, plan.id, "Approve r1")
        await stage.comment(1, "is ready")
        await settled(stage)
        assert len(stage.said(1, "kind=status")) == 1
        assert made(stage)["pull"] == made(stage)["check"] == 1


async def test_a_readers_tick_approves_nothing(tmp_path: Path) -> None:
    """GitHub lets no reader edit our comment; should it ever, access is asked for all the same."""
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        world = stage.hub.world
        with world.lock:
            comment = stage.hub.repository(SHOP).comment(plan.id)
            assert comment is not None
            edit_comment(world, comment, stage.hub.account("rita"), ticked(plan.body, "Approve r1"))
        await stage.comment(1, "Only people with write access can approve. The plan still waits.")
        await shows(stage, plan.body)
        assert stage.said(1, "kind=status") == []


async def test_a_tick_on_what_was_replaced_approves_nothing(tmp_path: Path) -> None:
    """The page was open since r1; the tick arrives when r2 stands there."""
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        world = stage.hub.world
        with world.lock:
            comment = stage.hub.repository(SHOP).comment(plan.id)
            assert comment is not None
        await stage.person("maya").comment(SHOP, 1, "/baro plan with docstrings")
        newer = await stage.comment(1, "Plan r2 · waiting for approval")
        shown = newer.body
        with world.lock:
            comment.body = plan.body
            edit_comment(world, comment, stage.hub.account("jon"), ticked(plan.body, "Approve r1"))
        await stage.comment(1, "The plan on show is r2")
        await shows(stage, shown)
        assert stage.said(1, "kind=status") == []


async def test_a_box_ticked_and_unticked_in_words_of_ones_own_means_nothing(
    tmp_path: Path,
) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        jon = stage.person("jon")
        for text in (
            plan.body + "\n- [x] Approve r1",
            plan.body.replace("- [ ] Approve r1", "- [x] Approve r2"),
            "- [x] Approve r1",
            plan.body.replace("- [ ]", "- [x]"),
        ):
            await jon.edit_comment(SHOP, plan.id, text)
            await shows(stage, plan.body)
        assert stage.said(1, "kind=status") == []


async def test_what_runs_is_the_stored_plan_not_the_text(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        lie = plan.body.replace("numbers_/double.py", "secrets.py").replace("$1.00", "$1000.00")
        await stage.person("jon").quietly().edit_comment(SHOP, plan.id, lie)
        await stage.person("maya").react(SHOP, plan.id)
        await stage.comment(1, "is ready")
        body = stage.said(1, "kind=plan")[0].body
        assert "secrets.py" not in body
        assert "$1000.00" not in body


async def test_foreign_words_in_the_status_are_written_over(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("maya").react(SHOP, plan.id)
        await stage.comment(1, "is ready")
        left = await stage.comment(1, "The work is in")
        await stage.person("jon").edit_comment(SHOP, left.id, "The work is nowhere.")

        async def restored() -> bool:
            return left.body in {one.body for one in stage.said(1)}

        await until(restored)


async def shows(stage: Stage, body: str) -> None:
    """Until the plan's comment reads so."""

    async def restored() -> bool:
        found = stage.said(1, "kind=plan")
        return bool(found) and found[0].body == body

    await settled(stage)
    await until(restored)
