"""`/baro fix` again and again: one branch, one pull request, evidence for its newest head."""

from pathlib import Path

from tests.support import tiny
from tests.support.effects import made
from tests.support.stage import (
    SHOP,
    Stage,
    a_tiny_stage,
    baro,
    delivered,
    held,
    planned,
    settled,
    until,
)


async def test_two_fixes_are_two_more_commits_with_their_own_checks(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path, fixes("first", "second")) as stage, baro(stage):
        number = await delivered(stage)
        maya = stage.person("maya")
        for at, name in enumerate(("first", "second"), start=1):
            await maya.comment(SHOP, number, f"/baro fix Do the {name} thing.")
            await ready(stage, number, at)
            pull = await maya.pull(SHOP, number)
            (check,) = await maya.check_runs(SHOP, pull.head.sha)
            assert check.conclusion == "success"
            assert stage.commits(pull.head.ref) == at + 1
        assert made(stage)["pull"] == 1
        assert made(stage)["check"] == 3
        body = (await maya.pull(SHOP, number)).body or ""
        assert body.count("Do the") <= 2
        assert "Closes #1" in body


async def test_a_fix_while_one_runs_has_to_wait(tmp_path: Path) -> None:
    barrier = tmp_path / "go"
    slow = tiny.turn(tiny.a_run("true"), hold=str(barrier))
    async with a_tiny_stage(tmp_path, fixes("first", first=slow)) as stage, baro(stage):
        number = await delivered(stage)
        maya = stage.person("maya")
        await maya.comment(SHOP, number, "/baro fix Do the first thing.")

        await held(barrier)
        await maya.comment(SHOP, number, "/baro fix Do the second thing.")
        await stage.comment(number, "This change is running")
        barrier.touch()
        await ready(stage, number, 1)


async def test_a_fix_on_top_of_a_persons_commit_keeps_it(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path, fixes("first")) as stage, baro(stage):
        number = await delivered(stage)
        jon = stage.person("jon")
        head = (await jon.pull(SHOP, number)).head.ref
        await jon.write_file(SHOP, "notes.md", "mine\n", head)
        await jon.comment(SHOP, number, "/baro fix Do the first thing.")
        await ready(stage, number, 1)
        files = {file.filename for file in await jon.files(SHOP, number)}
        assert {"notes.md", "numbers_/first.py"} <= files


async def test_a_push_during_a_fix_is_not_overwritten(tmp_path: Path) -> None:
    barrier = tmp_path / "go"
    slow = tiny.turn(tiny.a_run("true"), hold=str(barrier))
    async with a_tiny_stage(tmp_path, fixes("first", first=slow)) as stage, baro(stage):
        number = await delivered(stage)
        jon = stage.person("jon")
        pull = await jon.pull(SHOP, number)
        await jon.comment(SHOP, number, "/baro fix Do the first thing.")

        await held(barrier)
        await jon.write_file(SHOP, "notes.md", "mine\n", pull.head.ref)
        barrier.touch()
        await stage.comment(number, "somebody else pushed to the branch")
        assert "notes.md" in {file.filename for file in await jon.files(SHOP, number)}
        await jon.comment(SHOP, number, "/baro fix Do the first thing.")
        await ready(stage, number, 1)


async def test_a_fix_that_fails_leaves_the_pull_request_as_it_was(tmp_path: Path) -> None:
    wrong = tiny.a_scene("story", "Do the first", *({"text": "Hm."} for _ in range(12)))
    script = tiny.script(
        planning_of_a_fix("first"),
        tiny.planning(tiny.a_story("double"), mode="focused"),
        wrong,
        tiny.working("double"),
    )
    async with a_tiny_stage(tmp_path, script) as stage, baro(stage):
        number = await delivered(stage)
        before = await stage.person("maya").pull(SHOP, number)
        await stage.person("maya").comment(SHOP, number, "/baro fix Do the first thing.")
        await stage.comment(number, "This is blocked")
        after = await stage.person("maya").pull(SHOP, number)
        assert (after.head.sha, after.draft) == (before.head.sha, False)
        await stage.person("maya").merge(SHOP, number)
        await stage.comment(number, "Merged as")


async def test_a_reader_cannot_have_anything_fixed(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path, fixes("first")) as stage, baro(stage):
        number = await delivered(stage)
        await stage.person("rita").comment(SHOP, number, "/baro fix Do the first thing.")
        await stage.comment(number, "Only people with write access")
        await settled(stage)
        assert made(stage)["check"] == 1


async def test_planning_the_issue_again_keeps_to_its_pull_request(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        number = await delivered(stage)
        again = await planned(stage, "/baro plan once more")
        assert "Plan r2" in again.body
        await stage.person("maya").comment(SHOP, 1, "/baro approve r2")
        await ready(stage, 1, 2)
        assert [pull.number for pull in await stage.person("maya").pulls(SHOP)] == [number]
        assert made(stage)["pull"] == 1


async def test_after_the_merge_a_new_plan_is_a_new_pull_request(tmp_path: Path) -> None:
    script = tiny.script(
        tiny.planning(tiny.a_story("double"), mode="focused"),
        tiny.working("double", tiny.turn(tiny.a_run("date +%N > numbers_/__init__.py"))),
    )
    story = {"writes": ["numbers_/**", "tests/**"]}
    script = script.replace(
        '"writes": ["numbers_/double.py", "tests/test_double.py"]',
        f'"writes": {str(story["writes"]).replace(chr(39), chr(34))}',
    )
    async with a_tiny_stage(tmp_path, script) as stage, baro(stage):
        number = await delivered(stage)
        maya = stage.person("maya")
        await maya.merge(SHOP, number)
        merged = await stage.comment(number, "Merged as")
        await maya.reopen(SHOP, 1)
        again = await planned(stage, "/baro plan once more")
        assert "Plan r2" in again.body
        await maya.comment(SHOP, 1, "/baro approve r2")
        await ready(stage, 1, 2)
        assert len(await maya.pulls(SHOP)) == 2
        assert stage.said(number, "kind=status")[0].body == merged.body


async def ready(stage: Stage, number: int, times: int) -> None:
    """Until it was said so often there that the work is ready."""

    async def enough() -> bool:
        return len(stage.said(number, "is ready")) >= times

    try:
        await until(enough)
    except TimeoutError:
        texts = "\n---\n".join(one.body for one in stage.said(number))
        raise AssertionError(f"not ready:\n{texts}") from None


def planning_of_a_fix(name: str) -> list[dict[str, object]]:
    scenes = tiny.planning(
        tiny.a_story(name, goal=f"Do the {name} thing.", title=f"Do the {name} thing"),
        mode="focused",
    )
    for scene in scenes:
        scene["match"] = [f"Do the {name} thing"]
    return scenes


def fixes(*names: str, **between: dict[str, object]) -> str:
    """`double` first, then a follow-up for each name."""
    stories = [tiny.working(name, *([between[name]] if name in between else [])) for name in names]
    plans = [scene for name in names for scene in planning_of_a_fix(name)]
    return tiny.script(
        plans,
        tiny.planning(tiny.a_story("double"), mode="focused"),
        *stories,
        tiny.working("double"),
    )
