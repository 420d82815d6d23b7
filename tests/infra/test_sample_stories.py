"""The prepared stories through the real attempt: workspace, tools, sandbox, checks and commit."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from executor.events import RunId, Sha
from executor.git.commit import Signature
from executor.git.mirror import Mirror
from executor.message import Trailers
from executor.prompts.briefing import shared_block
from executor.sandbox.bubblewrap import Bubblewrap
from executor.sandbox.none import Unwalled
from executor.story import Ground, Passed, StoryTask, attempt
from executor.workspace.worktree import Worktrees
from infra.demo.texts import EXPORT, ROUNDING, sample_files
from llm.backend import Step
from llm.backends import backend_for
from llm.meter import MemoryMeter
from llm.routing import Phase
from planner.plan import Plan
from tests.executor.repositories import a_mirror, git
from tests.infra.test_sample_plan import CAPS, SHOP, Desk
from tests.planner.builders import NOON

SANDBOX = Bubblewrap() if shutil.which("bwrap") else Unwalled()


class Floor:
    """The sample in a mirror, and the stories of a plan worked one after the other."""

    def __init__(self, folder: Path, desk: Desk) -> None:
        self.mirror: Mirror
        self.mirror, self.head = a_mirror(folder, sample_files())
        self.workspaces = Worktrees(folder / "work", self.mirror)
        self.steps: list[Step] = []
        route = desk.routes.route(Phase.story)
        assert route is not None
        self.route = route

    async def work(self, run: str, plan: Plan) -> Sequence[Passed]:
        base = self.head
        self.workspaces.prepare(base, lambda _: None)
        ground = Ground(
            mirror=self.mirror,
            workspaces=self.workspaces,
            sandbox=SANDBOX,
            backend=backend_for(self.route, lambda: NOON),
            meter=MemoryMeter(CAPS, lambda: NOON),
            on_step=self.steps.append,
        )
        passed = []
        for story in plan.stories:
            task = StoryTask(
                run=RunId(run),
                plan=plan,
                story=story,
                attempt=1,
                route=self.route,
                onto=self.head,
                prepared_from=base,
                shared=shared_block(plan, SHOP),
                author=Signature("baro", "baro@example.com", NOON),
                at=NOON,
                trailers=Trailers(run, "Maya <maya@example.com>"),
            )
            outcome = await attempt(task, ground)
            assert isinstance(outcome, Passed), (story.id, outcome)
            self.head = Sha(outcome.commit)
            passed.append(outcome)
        return passed

    def changed(self, commit: str) -> set[str]:
        return set(git(self.mirror.path, "show", "--format=", "--name-only", commit).split())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def test_every_prepared_story_passes_its_checks_and_writes_its_surface(
    tmp_path: Path, desk: Desk
) -> None:
    floor = Floor(tmp_path, desk)
    for run, name in (("r1", ROUNDING), ("r2", EXPORT)):
        plan = await desk.plan(name)
        passed = await floor.work(run, plan)
        for story, outcome in zip(plan.stories, passed, strict=True):
            assert floor.changed(outcome.commit) == set(story.writes)
            assert outcome.outside == ()


async def test_the_csv_story_runs_its_test_again_after_it_failed(
    tmp_path: Path, desk: Desk
) -> None:
    floor = Floor(tmp_path, desk)
    plan = await desk.plan(EXPORT)
    csv = plan.stories[1]
    await floor.work("r1", plan.model_copy(update={"stories": plan.stories[:1]}))
    floor.steps.clear()
    await floor.work("r2", plan.model_copy(update={"stories": (csv,)}))
    assert [step.tool for step in floor.steps][2:] == [
        "write",
        "write",
        "run",
        "edit",
        "edit",
        "run",
    ]
