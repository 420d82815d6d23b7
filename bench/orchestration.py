"""From approval to an open pull request: four parallel stories, a model that takes no time.

Real parts: a hub over HTTP, baro as a process with its embedded queue and SQLite, git, the sandbox,
the repository's own tests. Only the model's words are prepared. Rounds with and without the pause
between writes alternate, so that both meet the same machine.
"""

import asyncio
import contextlib
import json
import statistics
import tempfile
from datetime import datetime
from pathlib import Path

from bot.demo.ground import REPOSITORY, Ground, Setup, ground
from bot.store import approvals, changes, runs
from bot.store.engine import Store
from bot.store.states import ChangeState
from executor.sandbox.pick import pick

ROUNDS = 7
STORIES = 4
FIXED_SECONDS = 1.5
STORY_SECONDS = 0.15
BAR = FIXED_SECONDS + STORY_SECONDS * STORIES

FILES = {
    "README.md": "# numbers\n",
    "numbers_/__init__.py": "",
    "tests/__init__.py": "",
    "tests/test_sum.py": "import unittest\n\n\nclass TestSum(unittest.TestCase):\n"
    "    def test_sum(self) -> None:\n        self.assertEqual(1 + 1, 2)\n",
}


async def main() -> None:
    sandbox = (await pick("auto")).name
    took: dict[str, list[float]] = {"0": [], "1": []}
    with tempfile.TemporaryDirectory(prefix="baro-bench-") as folder:
        async with contextlib.AsyncExitStack() as stack:
            stages = {
                spacing: await stack.enter_async_context(_stage(Path(folder), sandbox, spacing))
                for spacing in took
            }
            for number in range(1, ROUNDS + 1):
                for spacing, stage in stages.items():
                    seconds = await _round(stage)
                    # The first one also loads what the first run loads.
                    if number > 1:
                        took[spacing].append(seconds)
    _report(took)


def _report(took: dict[str, list[float]]) -> None:
    free = statistics.median(took["0"])
    verdict = "meets" if free < BAR else "MISSES"
    print(f"orchestration: {STORIES} parallel stories, approved -> pull request open")
    print(
        f"  write spacing 0: median {free:.2f} s of {_spread(took['0'])};"
        f" bar {BAR:.2f} s: {verdict}"
    )
    print(f"  write spacing 1: median {statistics.median(took['1']):.2f} s of {_spread(took['1'])}")


def _spread(values: list[float]) -> str:
    return f"{len(values)} rounds, {min(values):.2f}-{max(values):.2f} s"


def _stage(
    folder: Path, sandbox: str, spacing: str
) -> contextlib.AbstractAsyncContextManager[Ground]:
    here = folder / f"spacing-{spacing}"
    source = here / "source"
    for path, text in FILES.items():
        file = source / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    more = {"BARO_WRITE_SPACING_SECONDS": spacing}
    return ground(here, Setup(sandbox, source=source, script=_script(), more=more))


async def _round(stage: Ground) -> float:
    """One issue from the command to the pull request; seconds from approval to its POST."""
    maya = stage.hub.as_user("maya")
    issue = await maya.open_issue(REPOSITORY, "Numbers need more verbs", "Four of them.")
    await maya.comment(REPOSITORY, issue.number, "/baro plan")
    await _said(stage, issue.number, "waiting for approval")
    await maya.comment(REPOSITORY, issue.number, "/baro approve r1")
    await _said(stage, issue.number, "@maya")
    pulls = [one for one in await maya.pulls(REPOSITORY) if f"/{issue.number}-" in one.head.ref]
    if len(pulls) != 1 or pulls[0].draft:
        raise SystemExit(f"the round for #{issue.number} did not end in a ready pull request")
    opened = _posted(stage, issue.number)
    return (opened - await _approved(stage, issue.number)).total_seconds()


def _posted(stage: Ground, number: int) -> datetime:
    wanted = f"baro/{number}-".encode()
    return next(
        one.at
        for one in list(stage.hub.traffic)
        if one.method == "POST" and one.path.endswith("/pulls") and wanted in one.request
    )


async def _approved(stage: Ground, number: int) -> datetime:
    async with Store(stage.database_url) as store:
        for change in await changes.in_state(store, *ChangeState):
            run = await runs.latest_of(store, change.id)
            if change.number == number and run is not None:
                approval = await approvals.of(store, run.plan_id)
                assert approval is not None
                return approval.at
    raise SystemExit(f"no run was found for #{number}")


async def _said(stage: Ground, number: int, mark: str) -> None:
    async with asyncio.timeout(120):
        while not any(  # noqa: ASYNC110 - the hub is in another thread
            mark in one.body for one in stage.hub.comments(REPOSITORY, number)
        ):
            await asyncio.sleep(0.02)


def _script() -> str:
    names = [f"verb{number}" for number in range(1, STORIES + 1)]
    criteria = [{"id": f"c{name}", "text": f"{name} works", "origin": "assumed"} for name in names]
    stories = [
        {
            "id": name,
            "title": f"Verb {name}",
            "goal": f"Add {name}.",
            "writes": [f"numbers_/{name}.py"],
            "acceptance": [f"c{name}"],
            "tier": "light",
        }
        for name in names
    ]
    go = {"mode": "parallel", "confidence": 0.9, "reason": "separate files"}
    plan = {"title": "More verbs", "summary": "Verbs.", "reason": "separate files"}
    plan_calls = [{"tool": "plan", "args": {**plan, "criteria": criteria, "stories": stories}}]
    scenes: list[dict[str, object]] = [
        {
            "phase": "intake",
            "match": ["Numbers"],
            "turns": [{"calls": [{"tool": "go", "args": go}]}],
        },
        {"phase": "draft", "match": ["Numbers"], "turns": [{"calls": plan_calls}]},
    ]
    return json.dumps({"scenes": [*scenes, *(_story(name) for name in names)]})


def _story(name: str) -> dict[str, object]:
    text = f"def {name}() -> int:\n    return 1\n"
    write = {"tool": "write", "args": {"path": f"numbers_/{name}.py", "content": text}}
    done = {"tool": "done", "args": {"summary": f"Adds {name}."}}
    return {
        "phase": "story",
        "match": [f"Story {name}: "],
        "turns": [{"calls": [write]}, {"calls": [done]}],
    }


if __name__ == "__main__":
    asyncio.run(main())
