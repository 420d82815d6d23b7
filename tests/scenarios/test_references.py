"""A request that is only a link is decided by what the link leads to, before any model is asked."""

from pathlib import Path

from infra.hub.acts.repositories import create_repository
from tests.support import tiny
from tests.support.effects import made
from tests.support.stage import SHOP, Stage, a_tiny_stage, baro, number_of_pull, until


async def test_a_merged_pull_request_leaves_nothing_to_do(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        pull = await a_pull(stage)
        await stage.person("jon").merge(SHOP, pull)
        answer = await declined(stage, f"{stage.hub.web_url}/{SHOP}/pull/{pull}")
        assert f"#{pull} was merged on" in answer


async def test_a_closed_pull_request_is_not_taken_up(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        pull = await a_pull(stage)
        await stage.person("jon").close(SHOP, pull)
        answer = await declined(stage, f"#{pull}")
        assert f"#{pull} was closed without being merged" in answer


async def test_a_pull_request_of_another_repository_is_not_ours(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        answer = await declined(stage, f"{stage.hub.web_url}/acme/other/pull/7")
        assert "belongs to another repository" in answer


async def test_an_open_pull_request_gets_the_follow_up(tmp_path: Path) -> None:
    """The plan is shown and approved on the pull request, and its branch gets the commit."""
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        pull = await a_pull(stage)
        opened = await stage.person("jon").open_issue(SHOP, "Go on", f"#{pull}\n\n/baro plan")
        plan = await stage.comment(pull, "waiting for approval")
        await stage.person("maya").react(SHOP, plan.id)
        ready = await stage.comment(opened.number, "is ready")
        assert number_of_pull(ready.body) == pull
        files = {file.filename for file in await stage.person("jon").files(SHOP, pull)}
        assert files == {"notes.md", "numbers_/double.py", "tests/test_double.py"}
        assert made(stage)["pull"] == 0
        await stage.comment(opened.number, f"#{pull} is open, so the work belongs there")
        assert "- [ ]" not in "".join(one.body for one in stage.said(opened.number))
        body = (await stage.person("jon").pull(SHOP, pull)).body
        assert body == tiny.BODY, "a person's words stay"


async def test_a_plan_on_somebodys_pull_request_runs_on_its_branch(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        pull = await a_pull(stage)
        await stage.person("jon").comment(SHOP, pull, "/baro plan")
        plan = await stage.comment(pull, "waiting for approval")
        await stage.person("maya").react(SHOP, plan.id)
        ready = await stage.comment(pull, "is ready")
        assert number_of_pull(ready.body) == pull
        assert made(stage)["pull"] == 0
        head = (await stage.person("jon").pull(SHOP, pull)).head
        assert (head.ref, stage.commits("mine")) == ("mine", 2)


async def test_a_pull_request_from_a_fork_is_refused_in_words(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        world = stage.hub.world
        with world.lock:
            create_repository(
                world, stage.hub.account("sam"), "shop", fork_of=stage.hub.repository(SHOP)
            )
        sam = stage.person("sam")
        await sam.branch_off("sam/shop", "theirs")
        await sam.write_file("sam/shop", "notes.md", "theirs\n", "theirs")
        pull = await sam.open_pull(SHOP, "sam:theirs", "From afar", body=tiny.BODY)
        for command in ("/baro plan", "/baro fix the notes"):
            before = len(stage.said(pull.number))
            await stage.person("maya").comment(SHOP, pull.number, command)

            async def answered(before: int = before) -> bool:
                return len(stage.said(pull.number)) > before

            await until(answered)
            assert "comes from a fork" in stage.said(pull.number)[-1].body, command
        assert made(stage)["comment"] == 2


async def test_a_closed_issue_is_not_planned(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        await stage.person("jon").close(SHOP, 1)
        await stage.person("jon").comment(SHOP, 1, "/baro plan")
        await stage.comment(1, "#1 is closed. Reopen it")
        await stage.person("jon").reopen(SHOP, 1)
        await stage.person("jon").comment(SHOP, 1, "/baro plan")
        await stage.comment(1, "waiting for approval")


async def a_pull(stage: Stage) -> int:
    """jon's own open pull request, from a branch of this repository."""
    jon = stage.person("jon")
    await jon.branch_off(SHOP, "mine")
    await jon.write_file(SHOP, "notes.md", "mine\n", "mine")
    return (await jon.open_pull(SHOP, "mine", tiny.TITLE, body=tiny.BODY)).number


async def declined(stage: Stage, text: str) -> str:
    """What is said to an issue of that text; no model is asked, and nothing else is said."""
    opened = await stage.person("jon").open_issue(SHOP, "This", text)
    await stage.person("jon").comment(SHOP, opened.number, "/baro plan")
    return (await stage.comment(opened.number, "**Nothing ")).body
