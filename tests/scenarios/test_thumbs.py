"""Whose thumb counts for which revision, and what one unreadable plan does to the others."""

from pathlib import Path

from infra.hub.acts.accounts import add_account
from infra.hub.acts.reactions import react
from tests.support import tiny
from tests.support.effects import made
from tests.support.stage import SHOP, Stage, a_tiny_stage, baro, planned, settled, until


async def test_a_thumb_on_an_older_revision_approves_no_newer_one(tmp_path: Path) -> None:
    """A reader's thumb waits on r1; she may write by the time r2 stands in its place."""
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("rita").react(SHOP, plan.id)
        await stage.person("maya").comment(SHOP, 1, "/baro plan with docstrings")
        await stage.comment(1, "Plan r2 · waiting for approval")
        let_write(stage, "rita")
        await looked(stage, plan.id, 5)
        assert stage.said(1, "Plan r2 · waiting for approval") != []
        await stage.person("jon").react(SHOP, plan.id)
        await stage.comment(1, "is ready")


async def test_a_thumb_taken_back_and_given_again_counts(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        early = await stage.person("rita").react(SHOP, plan.id)
        await stage.person("maya").comment(SHOP, 1, "/baro plan with docstrings")
        await stage.comment(1, "Plan r2 · waiting for approval")
        let_write(stage, "rita")
        await stage.person("rita").unreact(SHOP, plan.id, early.id)
        await stage.person("rita").react(SHOP, plan.id)
        await stage.comment(1, "is ready")


async def test_a_thumb_while_the_next_revision_is_made_runs_nothing(tmp_path: Path) -> None:
    barrier = tmp_path / "go"
    held = tiny.planning(tiny.a_story("double"), mode="focused")
    held[0]["match"] = ["with docstrings"]
    held[0]["turns"][0]["hold"] = str(barrier)  # type: ignore[index]
    first = tiny.planning(tiny.a_story("double"), mode="focused")
    script = tiny.script([held[0]], first, tiny.working("double"))
    async with a_tiny_stage(tmp_path, script) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("maya").comment(SHOP, 1, "/baro plan with docstrings")
        shown = await stage.comment(1, "Plan r1 · replaced")
        assert "- [ ]" not in shown.body
        await stage.person("jon").react(SHOP, plan.id)
        await stage.person("jon").comment(SHOP, 1, "/baro approve r1")
        await stage.comment(1, "r1 was replaced")
        barrier.touch()
        await stage.comment(1, "Plan r2 · waiting for approval")
        await looked(stage, plan.id, 3)
        assert stage.said(1, "kind=status") == []


async def test_the_thumbs_of_bots_and_of_ourselves_count_for_nothing(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        world = stage.hub.world
        with world.lock:
            comment = stage.hub.repository(SHOP).comment(plan.id)
            assert comment is not None
            other = add_account(world, "renovate[bot]", "Bot")
            stage.hub.repository(SHOP).collaborators[other.id] = "write"
            react(world, comment, other, "+1")
            react(world, comment, next(iter(world.apps.values())).bot, "+1")
        await looked(stage, plan.id, 4)
        assert stage.said(1, "waiting for approval") != []
        assert made(stage)["comment"] == 1


async def test_other_reactions_approve_nothing(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        for content in ("heart", "rocket", "-1"):
            await stage.person("maya").react(SHOP, plan.id, content)
        await looked(stage, plan.id, 4)
        assert stage.said(1, "waiting for approval") != []


async def test_a_plan_that_cannot_be_looked_at_holds_up_no_other(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        first = await planned(stage)
        stage.hub.fault(path=rf"/comments/{first.id}/reactions", status=403, times=None)
        second = await stage.person("jon").open_issue(
            SHOP, tiny.TITLE, f"{tiny.BODY}\n\n/baro plan"
        )
        plan = await stage.comment(second.number, "waiting for approval")
        await stage.person("maya").react(SHOP, plan.id)
        await stage.comment(second.number, "is ready")


async def test_the_requester_may_not_approve_where_that_is_configured(tmp_path: Path) -> None:
    strict = {".github/baro.yml": "approve:\n  who: maintain\n  self: false\n"}
    async with a_tiny_stage(tmp_path, files=strict) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("maya").react(SHOP, plan.id)
        await stage.person("maya").comment(SHOP, 1, "/baro approve r1")
        await stage.comment(1, "somebody other than the requester")
        await stage.person("jon").react(SHOP, plan.id)
        await stage.person("jon").comment(SHOP, 1, "/baro approve r1")
        await stage.comment(1, "Only people with maintain access")
        stage.hub.repository(SHOP).collaborators[stage.hub.account("rita").id] = "maintain"
        await stage.person("rita").react(SHOP, plan.id)
        await stage.comment(1, "is ready")


def let_write(stage: Stage, login: str) -> None:
    stage.hub.repository(SHOP).collaborators[stage.hub.account(login).id] = "write"


async def looked(stage: Stage, comment: int, times: int) -> None:
    """Until the poll has asked for the thumbs of a comment so often from now on."""
    await settled(stage)

    def looks() -> int:
        return len(stage.hub.traffic.matching("GET", rf".*/comments/{comment}/reactions"))

    start = looks()

    async def enough() -> bool:
        return looks() >= start + times

    await until(enough)
