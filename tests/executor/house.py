"""Everything an attempt stands on, in one temporary folder."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel

from executor.events import RunId, Sha
from executor.git.commit import Signature
from executor.message import Trailers
from executor.sandbox.none import Unwalled
from executor.story import Failed, Ground, Passed, StoryTask, attempt
from executor.workspace.worktree import Worktrees
from llm.backend import Job, Result
from llm.errors import (
    LLMError,
)
from llm.meter import Caps, Finish, MemoryMeter
from llm.routing import Route
from llm.usage import Usage
from planner.plan import Base, Check
from tests.executor.repositories import SHOP, a_mirror, git
from tests.support.builders import a_plan, a_story

NOW = datetime(2025, 11, 21, 14, 2, tzinfo=UTC)
SUITE = Check(
    name="unittest",
    argv=("python3", "-m", "unittest", "discover", "-s", "tests", "-t", "."),
    source="tests",
)


@dataclass
class FakeBackend:
    """Makes its moves with the job's real tools, then ends; without an ending it hangs."""

    moves: Sequence[tuple[str, Mapping[str, object]]] = ()
    ending: BaseModel | LLMError | None = None
    jobs: list[Job] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    started: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, job: Job) -> Result:
        self.jobs.append(job)
        self.started.set()
        tools = {tool.name: tool for tool in job.tools}
        for name, arguments in self.moves:
            tool = tools[name]
            self.heard.append(await tool.call(tool.arguments.model_validate(arguments)))
        match self.ending:
            case LLMError() as error:
                raise error
            case BaseModel() as output:
                return Result(output, Usage(input=100, output=10), 1, Finish.tool_calls)
            case None:
                await asyncio.Event().wait()
                raise AssertionError


@dataclass
class House:
    """What an attempt is given, and how its traces are read."""

    folder: Path
    ground: Ground
    base: Sha

    def task(self, **change: object) -> StoryTask:
        story = a_story("s1", title="Count every price", writes=("shop/**",))
        plan = a_plan(s1=story).model_copy(
            update={"base": Base(branch="main", sha=self.base), "gate": (SUITE,)}
        )
        task = StoryTask(
            run=RunId("r1"),
            plan=plan,
            story=story,
            attempt=1,
            route=Route(backend="scripted", model="prepared", script=Path("script.yaml")),
            onto=self.base,
            prepared_from=self.base,
            shared="shared",
            author=Signature("baro", "baro@example.com", NOW),
            at=NOW,
            trailers=Trailers("r1", "Maya <maya@example.com>"),
        )
        return replace(task, **change)  # type: ignore[arg-type]

    async def attempt(self, backend: FakeBackend, **change: object) -> Passed | Failed:
        return await attempt(self.task(**change), replace(self.ground, backend=backend))

    def shows(self, commit: str, path: str) -> str:
        return git(self.ground.mirror.path, "show", f"{commit}:{path}")

    def log(self, commit: str, what: str) -> str:
        return git(self.ground.mirror.path, "log", "-1", f"--format={what}", commit)

    def workspaces(self) -> list[str]:
        return [path.name for path in (self.folder / "work" / "stories").iterdir()]


def a_house(tmp_path: Path) -> House:
    mirror, base = a_mirror(tmp_path, SHOP)
    workspaces = Worktrees(tmp_path / "work", mirror)
    workspaces.prepare(base, lambda _: None)
    ground = Ground(
        mirror=mirror,
        workspaces=workspaces,
        sandbox=Unwalled(),
        backend=FakeBackend(),
        meter=MemoryMeter(Caps(), lambda: NOW),
    )
    return House(tmp_path, ground, base)
