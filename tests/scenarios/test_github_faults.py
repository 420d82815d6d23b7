"""GitHub answers late, wrongly, twice or not at all, and nothing is done twice for it."""

from pathlib import Path

import pytest

from infra.hub.acts.apps import suspend, unsuspend
from infra.hub.acts.repositories import add_ruleset
from tests.support.stage import SHOP, a_tiny_stage, baro, delivered, planned, settled


@pytest.mark.parametrize("sent", ["Plan r1", "done", "is ready"])
async def test_a_comment_whose_answer_was_lost_is_not_posted_again(
    tmp_path: Path, sent: str
) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        fault = stage.hub.fault(
            method="POST", path="/comments$", sent=sent, when="after", status=502
        )
        await delivered(stage)
        assert fault.hits == 1
        await stage.comment(1, "The work is in")
        for kind in ("plan", "status", "reply"):
            assert len(stage.said(1, f"kind={kind}")) == 1


async def test_a_dropped_connection_after_the_pull_request_opens_no_second_one(
    tmp_path: Path,
) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        fault = stage.hub.fault(method="POST", path="/pulls$", when="after", drop=True)
        number = await delivered(stage)
        assert fault.hits == 1
        assert [pull.number for pull in await stage.person("maya").pulls(SHOP)] == [number]


async def test_reads_are_repeated_through_html_errors(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        page = "<html>Unicorn!</html>"
        fault = stage.hub.fault(method="GET", path="/issues/1$", status=502, body=page, times=2)
        await planned(stage)
        assert fault.hits == 2


async def test_over_the_rate_limit_the_work_waits(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        limited = stage.hub.fault(
            method="POST",
            path="/comments$",
            actor="bot",
            status=403,
            body='{"message": "You have exceeded a secondary rate limit."}',
            headers={"retry-after": "2"},
        )
        await planned(stage)
        assert limited.hits == 1
        assert len(stage.said(1, "kind=plan")) == 1


async def test_a_revoked_token_is_minted_once_more(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        with stage.hub.world.lock:
            for token in stage.hub.world.tokens.values():
                token.revoked = True
        await stage.person("maya").react(SHOP, plan.id)
        await stage.comment(1, "is ready")


async def test_a_refused_push_is_told_in_githubs_words(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        with stage.hub.world.lock:
            repository = stage.hub.world.repository(SHOP)
            assert repository is not None
            add_ruleset(stage.hub.world, repository, "baro/*", "creation")
        plan = await planned(stage)
        await stage.person("maya").react(SHOP, plan.id)
        blocked = await stage.comment(1, "This is blocked")
        assert "push was refused" in blocked.body
        assert "GH013" in blocked.body or "rule" in blocked.body.lower()
        assert await stage.person("maya").pulls(SHOP) == []


async def test_a_suspended_installation_goes_on_where_it_was(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        plan = await planned(stage)
        world = stage.hub.world
        with world.lock:
            installation = next(iter(world.installations.values()))
            maya = world.account("maya")
            assert maya is not None
            suspend(world, installation, maya)
        await stage.person("maya").react(SHOP, plan.id)
        await settled(stage)
        with world.lock:
            unsuspend(world, installation, maya)
        await stage.comment(1, "is ready")
