"""What a run does when a story fails, is stopped, strays, or has nothing to prove it."""

from pathlib import Path

from tests.support import tiny
from tests.support.stage import (
    SHOP,
    a_tiny_stage,
    baro,
    delivered,
    number_of_pull,
    planned,
    settled,
    until,
)

WRONG = tiny.turn(tiny.a_write("tests/test_double.py", "raise RuntimeError('never')\n"))


async def test_one_failed_story_does_not_stop_its_siblings(tmp_path: Path) -> None:
    """double is wrong at every try; halve passes; table needs both."""
    script = tiny.script(
        tiny.planning(
            tiny.a_story("double"), tiny.a_story("halve"), tiny.a_story("table", "double", "halve")
        ),
        tiny.a_scene("story", "Story double: ", WRONG, tiny.turn(tiny.done("Wrong."))),
        tiny.working("halve"),
        tiny.working("table"),
    )
    async with a_tiny_stage(tmp_path, script) as stage, baro(stage):
        number = await delivered(stage)
        pull = await stage.person("maya").pull(SHOP, number)
        body = pull.body or ""
        assert pull.draft
        assert body.startswith("**A draft, because:**")
        assert "double is not in it" in body
        assert "it needs double, which was dropped" in body
        assert "Part of #1" in body
        assert {file.filename for file in await stage.person("maya").files(SHOP, number)} == {
            "numbers_/halve.py",
            "tests/test_halve.py",
        }
        (check,) = await stage.person("maya").check_runs(SHOP, pull.head.sha)
        assert check.conclusion == "failure"


async def test_a_failed_try_is_repeated_with_the_failure_in_hand(tmp_path: Path) -> None:
    first = tiny.a_scene("story", "Attempt 1", WRONG, tiny.turn(tiny.done("Wrong.")), attempt=1)
    second = tiny.a_scene(
        "story",
        "The previous attempt failed",
        *tiny.working("double")["turns"],  # type: ignore[misc]
    )
    script = tiny.script(tiny.planning(tiny.a_story("double"), mode="focused"), first, second)
    async with a_tiny_stage(tmp_path, script) as stage, baro(stage):
        number = await delivered(stage)
        assert not (await stage.person("maya").pull(SHOP, number)).draft
        status = await stage.comment(number, "Finished")
        assert "| 2" in status.body


async def test_a_rubbish_model_ends_in_words_and_no_pull_request(tmp_path: Path) -> None:
    talk = tiny.a_scene("story", "Story double: ", *({"text": "I am sure."} for _ in range(12)))
    script = tiny.script(tiny.planning(tiny.a_story("double"), mode="focused"), talk)
    async with a_tiny_stage(tmp_path, script) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("maya").react(SHOP, plan.id)
        await stage.comment(1, "This is blocked")
        assert await stage.person("maya").pulls(SHOP) == []


async def test_cancel_stops_a_run_and_opens_nothing(tmp_path: Path) -> None:
    held = tiny.turn(tiny.a_run("true"), hold=str(tmp_path / "never"))
    script = tiny.script(
        tiny.planning(tiny.a_story("double"), mode="focused"), tiny.working("double", held)
    )
    async with a_tiny_stage(tmp_path, script) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("maya").react(SHOP, plan.id)
        await stage.comment(1, "Running")
        await stage.person("maya").comment(SHOP, 1, "/baro plan")
        await stage.comment(1, "This change is running")
        await stage.person("maya").comment(SHOP, 1, "/baro cancel")
        shown = await stage.comment(1, "Cancelled")
        assert await stage.person("maya").pulls(SHOP) == []
        assert "maya" in shown.body


async def test_closing_the_issue_stops_the_run(tmp_path: Path) -> None:
    held = tiny.turn(tiny.a_run("true"), hold=str(tmp_path / "never"))
    script = tiny.script(
        tiny.planning(tiny.a_story("double"), mode="focused"), tiny.working("double", held)
    )
    async with a_tiny_stage(tmp_path, script) as stage, baro(stage):
        plan = await planned(stage)
        await stage.person("maya").react(SHOP, plan.id)
        await stage.comment(1, "Running")
        await stage.person("jon").close(SHOP, 1)
        await stage.comment(1, "Cancelled")
        assert await stage.person("maya").pulls(SHOP) == []


async def test_a_cancelled_run_can_be_tried_again(tmp_path: Path) -> None:
    barrier = tmp_path / "go"
    held = tiny.turn(tiny.a_run("true"), hold=str(barrier))
    script = tiny.script(
        tiny.planning(tiny.a_story("double"), mode="focused"), tiny.working("double", held)
    )
    async with a_tiny_stage(tmp_path, script) as stage, baro(stage):
        await stage.person("maya").comment(SHOP, 1, "/baro retry")
        await stage.comment(1, "Nothing failed here")
        plan = await planned(stage)
        await stage.person("maya").react(SHOP, plan.id)
        await stage.comment(1, "Running")
        await stage.person("maya").comment(SHOP, 1, "/baro cancel")
        await stage.comment(1, "Cancelled")
        barrier.touch()
        await stage.person("maya").comment(SHOP, 1, "/baro retry")
        number = number_of_pull((await stage.comment(1, "is ready")).body)
        assert not (await stage.person("maya").pull(SHOP, number)).draft


async def test_a_repository_without_checks_gets_a_draft_that_says_so(tmp_path: Path) -> None:
    story = tiny.a_story("double", writes=["double.txt"])
    script = tiny.script(
        tiny.planning(story, mode="focused"),
        tiny.a_scene(
            "story",
            "Story double: ",
            tiny.turn(tiny.a_write("double.txt", "2\n")),
            tiny.turn(tiny.done("Adds it.")),
        ),
    )
    bare = {path: "" for path in tiny.FILES if path.startswith("tests/")}
    async with a_tiny_stage(tmp_path, script, files=bare) as stage, baro(stage):
        number = await delivered(stage)
        pull = await stage.person("maya").pull(SHOP, number)
        assert pull.draft
        assert "no checks were found" in (pull.body or "")
        assert "Part of #1" in (pull.body or "")


async def test_strays_and_build_output_are_left_out_and_listed(tmp_path: Path) -> None:
    mess = tiny.turn(
        tiny.a_run(
            "mkdir -p build numbers_/__pycache__ && echo x > build/out.o && echo y > stray.log"
            " && echo z > numbers_/__pycache__/a.pyc && echo '{}' > package-lock.json"
        )
    )
    script = tiny.script(
        tiny.planning(tiny.a_story("double", writes=["**"]), mode="focused"),
        tiny.working("double", mess),
    )
    owned = {"CLAUDE.md": "Ours.\n"}
    async with a_tiny_stage(tmp_path, script, files=owned) as stage, baro(stage):
        number = await delivered(stage)
        files = {file.filename for file in await stage.person("maya").files(SHOP, number)}
        assert files == {"numbers_/double.py", "tests/test_double.py"}
        body = (await stage.person("maya").pull(SHOP, number)).body or ""
        assert "Left out of the diff" in body
        assert "package-lock.json" in body


async def test_a_file_named_like_an_artifact_that_the_repository_owns_is_kept(
    tmp_path: Path,
) -> None:
    own = tiny.turn(
        {"tool": "read", "args": {"path": "build/notes.log"}},
    )
    edit = tiny.turn(tiny.a_write("build/notes.log", "kept\n"))
    story = tiny.a_story("double")
    story["writes"] = [*story["writes"], "build/notes.log"]  # type: ignore[misc]
    script = tiny.script(tiny.planning(story, mode="focused"), tiny.working("double", own, edit))
    files = {"build/notes.log": "ours\n"}
    async with a_tiny_stage(tmp_path, script, files=files) as stage, baro(stage):
        number = await delivered(stage)
        found = {file.filename for file in await stage.person("maya").files(SHOP, number)}
        assert "build/notes.log" in found


async def test_a_workflow_file_is_refused_unless_the_plan_names_it(tmp_path: Path) -> None:
    sneak = tiny.turn(
        tiny.a_run("mkdir -p .github/workflows && echo 'on: push' > .github/workflows/x.yml")
    )
    script = tiny.script(
        tiny.planning(tiny.a_story("double", writes=["**"]), mode="focused"),
        tiny.working("double", sneak),
    )
    async with a_tiny_stage(tmp_path, script) as stage, baro(stage):
        number = await delivered(stage)
        files = {file.filename for file in await stage.person("maya").files(SHOP, number)}
        assert ".github/workflows/x.yml" not in files
        body = (await stage.person("maya").pull(SHOP, number)).body or ""
        assert ".github/workflows/x.yml" in body


async def test_a_plan_longer_than_a_comment_may_be_is_shortened_and_runs(tmp_path: Path) -> None:
    stories = [
        tiny.a_story(f"verb{number}", goal="x" * 4000, title="T" * 200) for number in range(1, 13)
    ]
    for story in stories:
        story["writes"] = [f"numbers_/{story['id']}/{'d' * 150}{part}.py" for part in range(60)]
    script = tiny.script(tiny.planning(*stories))
    async with a_tiny_stage(tmp_path, script) as stage, baro(stage):
        plan = await planned(stage)
        assert len(plan.body.encode()) <= 60_000
        assert "Approve r1" in plan.body


async def test_no_model_is_a_sentence_on_the_issue(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path, environment={"BARO_ROUTES": ""}) as stage, baro(stage):
        await stage.person("maya").comment(SHOP, 1, "/baro plan")
        await stage.comment(1, "No model is configured")


async def test_a_reply_to_our_question_plans(tmp_path: Path) -> None:
    asks = tiny.a_scene(
        "intake", "Numbers need", tiny.turn({"tool": "ask", "args": {"questions": ["Which?"]}})
    )
    answered = tiny.planning(tiny.a_story("double"), mode="focused")
    answered[0]["match"] = ["Doubling, please"]
    script = tiny.script(answered, [asks], tiny.working("double"))
    async with a_tiny_stage(tmp_path, script) as stage, baro(stage):
        await stage.person("maya").comment(SHOP, 1, "/baro plan")
        await stage.comment(1, "One question before I plan")
        await stage.person("sam").comment(SHOP, 1, "All of them!")
        await settled(stage)
        await stage.person("maya").comment(SHOP, 1, "Doubling, please.")
        await stage.comment(1, "waiting for approval")


async def test_a_wrong_configuration_is_named_and_the_last_good_one_used(tmp_path: Path) -> None:
    bad = {".github/baro.yml": "branch:\n  prefixx: x/\n"}
    async with a_tiny_stage(tmp_path, files=bad) as stage, baro(stage):
        await planned(stage)
        said = await stage.comment(1, "baro.yml, line 2")
        assert "prefixx" in said.body


async def test_our_branch_is_deleted_after_the_merge_where_that_is_configured(
    tmp_path: Path,
) -> None:
    wanted = {".github/baro.yml": "branch:\n  prefix: robot/\n  delete_after_merge: true\n"}
    async with a_tiny_stage(tmp_path, files=wanted) as stage, baro(stage):
        number = await delivered(stage)
        pull = await stage.person("maya").pull(SHOP, number)
        assert pull.head.ref.startswith("robot/1-")
        await stage.person("maya").merge(SHOP, number)
        await stage.comment(number, "Merged as")

        async def gone() -> bool:
            deletes = [one for one in list(stage.hub.traffic) if one.method == "DELETE"]
            return any("git/refs/heads/robot/" in one.path for one in deletes)

        await until(gone)
