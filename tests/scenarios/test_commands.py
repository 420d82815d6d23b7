"""What counts as a command, and that each one is answered once."""

from pathlib import Path

from infra.hub.acts.accounts import add_account
from infra.hub.acts.issues import write_comment
from tests.support import tiny
from tests.support.effects import comments_made
from tests.support.stage import SHOP, a_tiny_stage, baro, planned, settled, until


async def test_several_commands_in_one_comment_are_each_obeyed(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        await stage.person("maya").comment(SHOP, 1, "/baro help\n\n/baro plan\n\nThank you.")
        await stage.comment(1, "waiting for approval")
        await stage.comment(1, "what it does")
        await settled(stage)
        assert comments_made(stage, 1) == 2


async def test_many_lines_of_nonsense_get_one_answer(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        nonsense = "\n\n".join(f"/baro nonsense{number}" for number in range(30))
        await stage.person("sam").comment(SHOP, 1, f"{nonsense}\n\n/baro plan\n\n/baro cancel")
        await stage.comment(1, "Only people with write access")
        await settled(stage)
        assert comments_made(stage, 1) == 2


async def test_a_plan_and_its_approval_in_one_comment_approve_nothing_unread(
    tmp_path: Path,
) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        await planned(stage)
        await stage.person("maya").comment(SHOP, 1, "/baro plan otherwise\n\n/baro approve")
        await stage.comment(1, "Plan r2 · waiting for approval")
        await settled(stage)
        assert stage.said(1, "kind=status") == []


async def test_a_comment_edited_into_a_command_asks_for_nothing(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        said = await stage.person("maya").comment(SHOP, 1, "Let us think.")
        await stage.person("maya").edit_comment(SHOP, said.id, "/baro plan")
        await settled(stage)
        assert stage.said(1) == []


async def test_another_bot_is_not_obeyed(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        world = stage.hub.world
        with world.lock:
            other = add_account(world, "renovate[bot]", "Bot")
            write_comment(world, stage.hub.repository(SHOP).issues[1], other, "/baro plan")
        await settled(stage)
        assert comments_made(stage, 1) == 0


async def test_help_and_status_are_open_to_everybody(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        await stage.person("sam").comment(SHOP, 1, "/baro status")
        await stage.comment(1, "baro has done nothing here yet")
        await stage.person("sam").comment(SHOP, 1, "/baro help")
        table = await stage.comment(1, "| command |")
        assert "/baro fix <what to change>" in table.body


async def test_status_puts_right_what_somebody_changed(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("jon").quietly().edit_comment(SHOP, plan.id, "Nothing to see.")
        await stage.person("sam").comment(SHOP, 1, "/baro status")

        async def right() -> bool:
            return stage.said(1, "kind=plan") != [] and stage.said(1)[0].body == plan.body

        await until(right)
        assert comments_made(stage, 1) == 1


async def test_a_mode_asked_for_is_the_mode_planned(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path, tiny.three_verbs()) as stage, baro(stage):
        plan = await planned(stage, "/baro plan --mode focused\r\n")
        assert "**focused**" in plan.body
        assert "Approve, one story at a time" not in plan.body
        await stage.person("maya").comment(SHOP, 1, "/baro mode sequential")
        shown = await stage.comment(1, "Plan r2 · waiting for approval")
        assert "**sequential**" in shown.body


async def test_a_wrong_argument_is_answered_with_the_usage(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        await stage.person("maya").comment(SHOP, 1, "/baro mode sideways")
        answer = await stage.comment(1, "The mode is focused, sequential or parallel")
        assert "Usage: `/baro mode focused|sequential|parallel`" in answer.body


async def test_there_is_nothing_to_cancel_fix_or_approve_at_first(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        maya = stage.person("maya")
        await maya.comment(SHOP, 1, "/baro cancel\n\n/baro approve\n\n/baro fix the verbs")
        await stage.comment(1, "Nothing is running or waiting here")
        await stage.comment(1, "There is no plan to approve here")
        await stage.comment(1, "works on pull requests that baro opened")
