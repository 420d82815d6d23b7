"""Who is obeyed, who is answered, and who is neither."""

from pathlib import Path

from infra.hub.acts.accounts import add_account
from infra.hub.acts.issues import write_comment
from infra.hub.acts.reactions import react
from infra.hub.traffic import Traffic
from tests.support.stage import SHOP, a_tiny_stage, baro, delivered, planned, settled, until


async def test_a_reader_and_a_stranger_are_told_who_can_start(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        for number, login in enumerate(("rita", "sam"), start=1):
            await stage.person(login).comment(SHOP, 1, "/baro plan")

            async def answered(number: int = number) -> bool:
                return len(stage.said(1, "Only people with write access")) == number

            await until(answered)
        assert "@maya" in stage.said(1)[0].body
        assert stage.said(1, "Plan r1") == []


async def test_bots_and_we_ourselves_are_never_obeyed(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        world = stage.hub.world
        with world.lock:
            app = next(iter(world.apps.values()))
            repository = world.repository(SHOP)
            assert repository is not None
            write_comment(world, repository.issues[1], app.bot, "/baro plan", app)
        await settled(stage)
        assert [comment.body for comment in stage.said(1)] == ["/baro plan"]


async def test_quotes_and_code_hold_no_commands(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        await stage.person("maya").comment(SHOP, 1, "> /baro plan\n\nWhat is `/baro plan`?")
        await stage.person("maya").comment(SHOP, 1, "```\n/baro plan\n```\n<!-- /baro plan -->")
        await settled(stage)
        assert stage.said(1) == []


async def test_an_unknown_command_gets_one_short_answer(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        await stage.person("sam").comment(SHOP, 1, "/baro paln")
        answer = await stage.comment(1, "does not know")
        assert "Did you mean `/baro plan`?" in answer.body
        await settled(stage)
        assert len(stage.said(1)) == 1


async def test_a_strangers_and_a_readers_thumb_approve_nothing(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("sam").react(SHOP, plan.id)
        await stage.person("rita").react(SHOP, plan.id)
        await _looked(stage.hub.traffic, 4)
        assert "waiting for approval" in stage.said(1, "Plan r1")[0].body
        await stage.person("jon").react(SHOP, plan.id)
        await stage.comment(1, "is ready")


async def test_a_thumb_beyond_the_first_hundred_counts(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        world = stage.hub.world
        with world.lock:
            repository = world.repository(SHOP)
            assert repository is not None
            comment = repository.comment(plan.id)
            assert comment is not None
            for number in range(105):
                crowd = add_account(world, f"crowd-{number}", "User", None)
                react(world, comment, crowd, "+1")
        await stage.person("maya").react(SHOP, plan.id)
        await stage.comment(1, "is ready")


async def test_an_approval_by_command_names_its_revision(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        await planned(stage)
        await stage.person("maya").comment(SHOP, 1, "/baro approve r2")
        await stage.comment(1, "The plan on show is r1")
        await stage.person("rita").comment(SHOP, 1, "/baro approve r1")
        await stage.comment(1, "Only people with write access")
        await stage.person("jon").comment(SHOP, 1, "/baro approve r1\r\n")
        await stage.comment(1, "is ready")


async def test_a_fix_on_somebody_elses_pull_request_needs_a_plan(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        jon = stage.person("jon")
        await jon.branch_off(SHOP, "mine")
        await jon.write_file(SHOP, "notes.md", "mine\n", "mine")
        pull = await jon.open_pull(SHOP, "mine", "Mine")
        await jon.comment(SHOP, pull.number, "/baro fix the notes")
        await stage.comment(pull.number, "works on pull requests that baro opened")


async def test_a_closed_pull_request_takes_no_follow_up(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        number = await delivered(stage)
        await stage.person("maya").close(SHOP, number)
        await settled(stage)
        await stage.person("maya").comment(SHOP, number, "/baro fix more")
        await stage.comment(number, "is closed, so nothing can be added")


async def _looked(traffic: Traffic, times: int) -> None:
    """Until the poll has asked for thumbs so often since now."""

    def looks() -> int:
        return sum("/reactions" in one.path and one.method == "GET" for one in list(traffic))

    start = looks()

    async def enough() -> bool:
        return looks() >= start + times

    await until(enough)
