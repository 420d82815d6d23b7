"""One attempt of one story: from a fresh workspace to a commit with evidence, or a failure."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from executor.events import RunId, Sha
from executor.evidence import Evidence
from executor.failure import Failure, FailureClass
from executor.fault import failure_of
from executor.git.commit import Signature, commit_tree
from executor.git.errors import GitError
from executor.git.mirror import Mirror, ref_target
from executor.git.refs import move
from executor.message import Trailers, story_message
from executor.policy import Surface
from executor.prompts.briefing import checks_of, story_block, system
from executor.run_refs import story_ref
from executor.sandbox.policy import Policy
from executor.sandbox.port import NoSandbox, Sandbox
from executor.tools.desk import Desk
from executor.tools.finish import OUTPUTS, Blocked, Done
from executor.tools.toolbox import toolbox
from executor.verify import first_failure, verify, was_killed
from executor.workspace.port import Workspace, Workspaces
from executor.workspace.snapshot import Snapshot, restore, snapshot
from llm.backend import Backend, Job, Limits, Result, Step
from llm.errors import LLMError
from llm.meter import CallLabel, Meter
from llm.routing import Phase, Route, Tier
from llm.usage import Usage
from planner.plan import Plan, Story

STEPS: Mapping[Tier, int] = MappingProxyType({Tier.light: 25, Tier.standard: 50, Tier.heavy: 90})


@dataclass(frozen=True)
class StoryTask:
    """What to do. `onto` is the commit to branch from; `prepared_from` was set up for the run."""

    run: RunId
    plan: Plan
    story: Story
    attempt: int
    route: Route
    onto: Sha
    prepared_from: Sha
    shared: str
    author: Signature
    at: datetime
    trailers: Trailers
    feedback: Failure | None = None


def _unheard(_step: Step) -> None:
    """Nobody watches."""


def _kept_local(_commit: Sha) -> None:
    """The commit stays in the mirror."""


@dataclass(frozen=True)
class Ground:
    """What to do it with. `push` is told of every commit, so that another worker can take over.

    With `alone`, checks of several stories never run side by side on this machine.
    """

    mirror: Mirror
    workspaces: Workspaces
    sandbox: Sandbox
    backend: Backend
    meter: Meter
    on_step: Callable[[Step], None] = _unheard
    push: Callable[[Sha], None] = _kept_local
    steps: Mapping[Tier, int] = field(default_factory=lambda: STEPS)
    alone: asyncio.Lock | None = None
    command_silence_seconds: float = 900


@dataclass(frozen=True)
class Passed:
    """A commit whose own checks are not red; `outside` names changes dropped for their path."""

    commit: Sha
    tree: str
    summary: str
    evidence: tuple[Evidence, ...]
    usage: Usage
    outside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failed:
    """Why not, as a value. `amend` are globs the agent asked to write to beside its surface."""

    failure: Failure
    evidence: tuple[Evidence, ...] = ()
    usage: Usage = field(default_factory=Usage)
    amend: tuple[str, ...] = ()


async def attempt(task: StoryTask, ground: Ground) -> Passed | Failed:
    """A failed story is a result, so its siblings in the task group go on."""
    try:
        async with _workspace(task, ground.workspaces) as workspace:
            return await _attempt_in(workspace, task, ground)
    except (LLMError, GitError, NoSandbox, OSError) as error:
        return Failed(failure_of(error))


@asynccontextmanager
async def _workspace(task: StoryTask, workspaces: Workspaces) -> AsyncIterator[Workspace]:
    """A fresh workspace, removed whatever happens: threads do not stop when their task does."""
    name = f"{task.run}-{task.story.id}-{task.attempt}"
    making = asyncio.ensure_future(
        asyncio.to_thread(workspaces.create, name, task.onto, prepared_from=task.prepared_from)
    )
    try:
        workspace = await asyncio.shield(making)
    except asyncio.CancelledError:
        with suppress(GitError, OSError):
            await asyncio.to_thread(workspaces.remove, await making)
        raise
    try:
        yield workspace
    finally:
        await asyncio.shield(asyncio.to_thread(workspaces.remove, workspace))


async def _attempt_in(workspace: Workspace, task: StoryTask, ground: Ground) -> Passed | Failed:
    policy = Policy(workspace=workspace.path, silence_seconds=ground.command_silence_seconds)
    result = await _agent(workspace, policy, task, ground)
    match result.output:
        case Done() as done:
            return await _settle(workspace, policy, task, ground, done, result.usage)
        case Blocked(reason=reason, amend=amend):
            failure = _of(FailureClass.execution, f"blocked: {reason}")
            return Failed(failure, usage=result.usage, amend=tuple(amend))
        case other:
            failure = _of(FailureClass.execution, f"finished with {type(other).__name__}")
            return Failed(failure, usage=result.usage)


async def _agent(workspace: Workspace, policy: Policy, task: StoryTask, ground: Ground) -> Result:
    desk = Desk(workspace.path, Surface(task.story.writes), ground.sandbox, policy)
    tier = task.story.tier
    label = CallLabel(phase=Phase.story, tier=tier, story=task.story.id, attempt=task.attempt)
    job = Job(
        label=label,
        route=task.route,
        system=system(),
        shared=task.shared,
        prompt=story_block(task.plan, task.story, task.attempt, task.feedback),
        tools=toolbox(desk),
        outputs=OUTPUTS,
        limits=Limits(steps=ground.steps[tier]),
        meter=ground.meter,
        on_step=ground.on_step,
        cache_key=task.run,
    )
    return await ground.backend.run(job)


async def _settle(
    workspace: Workspace,
    policy: Policy,
    task: StoryTask,
    ground: Ground,
    done: Done,
    usage: Usage,
) -> Passed | Failed:
    """From the agent's claim to a commit with evidence."""
    taken, outside = await asyncio.to_thread(_take, workspace, Surface(task.story.writes))
    if not taken.changed:
        return Failed(_of(FailureClass.execution, _nothing(outside)), usage=usage)
    checks = checks_of(task.plan, task.story)
    evidence = await verify(checks, taken.tree, ground.sandbox, policy, ground.alone)
    if lost := was_killed(evidence):
        failure = _of(FailureClass.infrastructure, f"{lost.check}: {lost.reason}")
        return Failed(failure, evidence, usage)
    if red := first_failure(evidence):
        reason = f"{red.check} failed: {red.reason}"
        failure = Failure(kind=FailureClass.verification, reason=reason, tail=red.tail)
        return Failed(failure, evidence, usage)
    commit = await asyncio.to_thread(_commit, task, ground.mirror, taken.tree, done.summary)
    await asyncio.to_thread(ground.push, commit)
    return Passed(commit, taken.tree, done.summary, evidence, usage, outside)


def _take(workspace: Workspace, surface: Surface) -> tuple[Snapshot, tuple[str, ...]]:
    """The tree within the surface; the rest is put back, so that the checks run on that tree."""
    first = snapshot(workspace)
    strays = [path for path in first.changed if surface.refusal(path)]
    outside = tuple(sorted({*strays, *first.special, *first.oversized}))
    if not outside:
        return first, ()
    restore(workspace, outside)
    return snapshot(workspace), outside


def _commit(task: StoryTask, mirror: Mirror, tree: str, summary: str) -> Sha:
    author = replace(task.author, at=task.at)
    commit = commit_tree(
        mirror,
        tree=tree,
        parents=(task.onto,),
        message=story_message(task.story, summary, task.trailers),
        author=author,
        committer=author,
    )
    ref = story_ref(task.run, task.story.id)
    if (expect := ref_target(mirror, ref)) != commit:
        move(mirror, ref, to=commit, expect=expect)
    return commit


def _nothing(outside: tuple[str, ...]) -> str:
    if not outside:
        return "made no change"
    return f"made no change within its surface, only to {', '.join(outside[:5])}"


def _of(kind: FailureClass, reason: str) -> Failure:
    return Failure(kind=kind, reason=reason)
