"""The demo's sample fails where its issue says, and the prepared replies really do the work."""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from pydantic import JsonValue

from infra.demo.texts import EXPORT, FOLLOW_UP, MERGED, ROUNDING, issue, replies, sample_files
from llm.routing import Phase
from llm.script import Scene, Script, ScriptCall, parse_script, turn_for
from planner.replies import AskReply, DeclineReply, GoReply, PlanReply, StoryReply
from planner.surfaces import covers

SUITE = "python3 -m unittest discover -s tests -t ."
FEATURE = ["s1", "s2", "s3", "s4", "s5"]


class Stage:
    """A copy of the sample on which scenes are played with the tools' own rules."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ran: list[str] = []
        self.seen: set[str] = set()
        self.written: set[str] = set()

    def play(self, scene: Scene) -> None:
        self.ran, self.seen, self.written = [], set(), set()
        results = [""]
        while (turn := turn_for(scene, results)) is not None:
            results.append("\n".join(self._call(call) for call in turn.calls))

    def suite(self, command: str = SUITE) -> str:
        words = [sys.executable, "-B", *command.split()[1:]]
        done = subprocess.run(words, cwd=self.root, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def _call(self, call: ScriptCall) -> str:
        args = call.args
        assert isinstance(args, dict)
        match call.tool:
            case "read":
                return self._read(_text(args, "path"))
            case "edit":
                return self._edit(*(_text(args, name) for name in ("path", "old", "new")))
            case "write":
                return self._write(_text(args, "path"), _text(args, "content"))
            case "run":
                self.ran.append(self.suite(_text(args, "command")))
                return self.ran[-1]
            case "search":
                pattern = re.compile(_text(args, "pattern"), re.MULTILINE)
                files = self.root.glob(_text(args, "glob"))
                assert any(pattern.search(file.read_text()) for file in files)
        return ""

    def _read(self, path: str) -> str:
        self.seen.add(path)
        return (self.root / path).read_text()

    def _edit(self, path: str, old: str, new: str) -> str:
        text = (self.root / path).read_text()
        assert path in self.seen, f"{path} is edited unread"
        assert text.count(old) == 1, f"{path} holds this {text.count(old)} times:\n{old}"
        return self._write(path, text.replace(old, new))

    def _write(self, path: str, content: str) -> str:
        target = self.root / path
        assert path in self.seen or not target.exists(), f"{path} is overwritten unread"
        target.parent.mkdir(exist_ok=True)
        target.write_text(content)
        self.seen.add(path)
        self.written.add(path)
        return ""


def _text(args: dict[str, JsonValue], name: str) -> str:
    value = args[name]
    assert isinstance(value, str)
    return value


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    for path, text in sample_files().items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return Stage(tmp_path)


@pytest.fixture(scope="module")
def script() -> Script:
    return parse_script(replies())


def scene(script: Script, phase: Phase, prompt: str) -> Scene:
    found = script.scene(phase, prompt, 1)
    assert found is not None, prompt
    return found


def said(scene: Scene) -> ScriptCall:
    return scene.turns[-1].calls[0]


def plan(script: Script, prompt: str) -> PlanReply:
    return PlanReply.model_validate(said(scene(script, Phase.draft, prompt)).args)


def asked(name: str) -> str:
    text = issue(name)
    return f"{text.title}\n{text.body}"


def of_story(script: Script, story: StoryReply) -> Scene:
    return scene(script, Phase.story, f"Story {story.id}: {story.title}\n{story.goal}\nAttempt 1")


def play(stage: Stage, script: Script, stories: Sequence[StoryReply]) -> None:
    for story in stories:
        stage.play(of_story(script, story))


def test_one_test_fails_on_base_and_it_is_the_one_the_issue_names(stage: Stage) -> None:
    told = stage.suite()
    assert "FAILED (failures=1)" in told
    (failed,) = re.findall(r"^FAIL: \S+ \((.+)\)$", told, flags=re.MULTILINE)
    assert f"`{failed}`" in issue(ROUNDING).body


def test_the_bug_is_fixed_by_its_story(stage: Stage, script: Script) -> None:
    play(stage, script, plan(script, asked(ROUNDING)).stories)
    assert stage.ran[0].rstrip().endswith("FAILED (failures=1)")
    assert stage.ran[1].rstrip().endswith("OK")


def test_every_story_of_the_feature_leaves_its_checks_green(stage: Stage, script: Script) -> None:
    play(stage, script, plan(script, asked(ROUNDING)).stories)
    for story in plan(script, asked(EXPORT)).stories:
        play(stage, script, [story])
        outside = [path for path in stage.written if not covers(story.writes, path)]
        assert (story.id, outside) == (story.id, [])
        assert [stage.suite(check).rstrip()[-2:] for check in story.checks] == ["OK"]
    assert stage.suite().rstrip().endswith("OK")


def test_the_csv_story_recovers_from_a_test_that_failed(stage: Stage, script: Script) -> None:
    stories = {story.id: story for story in plan(script, asked(EXPORT)).stories}
    play(stage, script, [stories["s1"], stories["s2"]])
    first, second = stage.ran
    assert "FAILED (failures=" in first
    assert second.rstrip().endswith("OK")


def test_the_formats_need_the_interface_and_the_endpoint_needs_them_all(script: Script) -> None:
    needs = {
        story.id: [need.story for need in story.needs]
        for story in plan(script, asked(EXPORT)).stories
    }
    assert needs == {
        "s1": [],
        "s2": ["s1"],
        "s3": ["s1"],
        "s4": ["s1"],
        "s5": ["s2", "s3", "s4"],
    }


def test_the_follow_up_stands_on_the_feature(stage: Stage, script: Script) -> None:
    for name in (ROUNDING, EXPORT):
        play(stage, script, plan(script, asked(name)).stories)
    stage.play(scene(script, Phase.story, f"Story s1: whatever\n{FOLLOW_UP}"))
    (story,) = plan(script, FOLLOW_UP).stories
    assert [path for path in stage.written if not covers(story.writes, path)] == []
    assert stage.ran[-1].rstrip().endswith("OK")


@pytest.mark.parametrize("asks", [asked(ROUNDING), asked(EXPORT), FOLLOW_UP])
def test_every_proof_is_a_test_that_passes(stage: Stage, script: Script, asks: str) -> None:
    for name in (ROUNDING, EXPORT):
        play(stage, script, plan(script, asked(name)).stories)
    stage.play(scene(script, Phase.story, FOLLOW_UP))
    proofs = [criterion.proof or "" for criterion in plan(script, asks).criteria]
    told = stage.suite(f"python3 -m unittest {' '.join(proofs)}")
    assert f"Ran {len(proofs)} test" in told
    assert told.rstrip().endswith("OK"), told


@pytest.mark.parametrize("asks", [asked(ROUNDING), asked(EXPORT), FOLLOW_UP])
def test_every_plan_owns_every_criterion(script: Script, asks: str) -> None:
    drafted = plan(script, asks)
    owned = {one for story in drafted.stories for one in story.acceptance}
    assert owned == {criterion.id for criterion in drafted.criteria}
    GoReply.model_validate(said(scene(script, Phase.intake, asks)).args)


def test_the_broken_replies_differ_in_one_reply(stage: Stage, script: Script) -> None:
    broken = parse_script(replies(broken=True))
    pairs = zip(script.scenes, broken.scenes, strict=True)
    (wrong,) = [right for right, other in pairs if right != other]
    assert wrong.match == ("Story s5: Export endpoint",)
    for name in (ROUNDING, EXPORT):
        play(stage, broken, plan(broken, asked(name)).stories)
    endpoint = plan(broken, asked(EXPORT)).stories[-1]
    assert stage.suite(endpoint.checks[0]).rstrip().endswith("OK")
    assert "FAILED" in stage.suite()


def test_the_third_issue_is_nothing_but_a_link() -> None:
    assert issue(MERGED, pull_url="http://127.0.0.1/acme/shop/pull/4").body == (
        "http://127.0.0.1/acme/shop/pull/4"
    )


def test_a_vague_wish_is_asked_about_and_an_unknown_one_declined(script: Script) -> None:
    vague = said(scene(script, Phase.intake, "Make it faster\n\nPlease."))
    assert AskReply.model_validate(vague.args).questions
    unknown = said(scene(script, Phase.intake, "Translate it to Esperanto"))
    assert "--live" in DeclineReply.model_validate(unknown.args).reason
