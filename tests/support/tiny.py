"""A repository of three files and short prepared replies: scenarios that take a second."""

import json
from collections.abc import Mapping

TITLE = "Numbers need more verbs"
BODY = "Add doubling, halving and a table of both."

FILES: Mapping[str, str] = {
    "README.md": "# numbers\n",
    "numbers_/__init__.py": "",
    "tests/__init__.py": "",
    "tests/test_nothing.py": (
        "import unittest\n\n\nclass TestNothing(unittest.TestCase):\n"
        "    def test_sum(self) -> None:\n        self.assertEqual(1 + 1, 2)\n"
    ),
}


def a_write(path: str, content: str) -> dict[str, object]:
    return {"tool": "write", "args": {"path": path, "content": content}}


def a_run(command: str = "python3 -m unittest discover -s tests -t .") -> dict[str, object]:
    return {"tool": "run", "args": {"command": command}}


def done(summary: str = "Done.") -> dict[str, object]:
    return {"tool": "done", "args": {"summary": summary}}


def turn(*calls: Mapping[str, object], **more: object) -> dict[str, object]:
    return {"calls": list(calls), **more}


def a_scene(
    phase: str, match: str, *turns: Mapping[str, object], **more: object
) -> dict[str, object]:
    return {"phase": phase, "match": [match], "turns": list(turns), **more}


def a_story(story: str, *needs: str, **more: object) -> dict[str, object]:
    """Story `double` writes numbers_/double.py and its test."""
    return {
        "id": story,
        "title": f"Verb {story}",
        "goal": f"Add numbers_/{story}.py with a test.",
        "writes": [f"numbers_/{story}.py", f"tests/test_{story}.py"],
        "needs": [{"story": need, "because": "uses it"} for need in needs],
        "acceptance": [f"c-{story}"],
        "tier": "light",
        **more,
    }


def planning(*stories: Mapping[str, object], mode: str = "parallel") -> list[dict[str, object]]:
    """The planner's two scenes for the issue of this repository."""
    criteria = [
        {
            "id": f"c-{story['id']}",
            "text": f"{story['id']} works",
            "origin": "issue",
            "proof": f"tests.test_{story['id']}.TestIt.test_it",
        }
        for story in stories
    ]
    go = {"mode": mode, "confidence": 0.9, "reason": "separate files"}
    plan = {
        "title": TITLE,
        "summary": "More verbs for numbers.",
        "reason": "each verb has its own file",
        "criteria": criteria,
        "stories": list(stories),
    }
    return [
        a_scene("intake", "Numbers need", turn({"tool": "go", "args": go})),
        a_scene("draft", "Numbers need", turn({"tool": "plan", "args": plan})),
    ]


def working(story: str, *between: Mapping[str, object], **more: object) -> dict[str, object]:
    """A story that writes its module and test, and is done; `between` comes first."""
    return a_scene(
        "story",
        f"Story {story}: ",
        *between,
        turn(a_write(f"numbers_/{story}.py", f"def {story}() -> int:\n    return 1\n")),
        turn(
            a_write(
                f"tests/test_{story}.py",
                f"import unittest\n\nfrom numbers_.{story} import {story}\n\n\n"
                "class TestIt(unittest.TestCase):\n    def test_it(self) -> None:\n"
                f"        self.assertEqual({story}(), 1)\n",
            )
        ),
        turn(a_run()),
        turn(done(f"Adds {story}.")),
        **more,
    )


def script(*scenes: Mapping[str, object] | list[dict[str, object]]) -> str:
    flat: list[Mapping[str, object]] = []
    for scene in scenes:
        flat += scene if isinstance(scene, list) else [scene]
    return json.dumps({"scenes": flat})


def three_verbs() -> str:
    """double and halve at once, then a table that needs both."""
    return script(
        planning(a_story("double"), a_story("halve"), a_story("table", "double", "halve")),
        working("double"),
        working("halve"),
        working("table"),
    )


def one_verb() -> str:
    """A focused plan of one story, `double`."""
    return script(planning(a_story("double"), mode="focused"), working("double"))
