"""Conducts one run: folds its journal, performs what the scheduler says, and writes it down."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from executor.assembly import integrate_story, missing, reconcile_run, recover
from executor.events import AttemptQueued as Queued
from executor.events import (
    BranchPushed,
    CapReached,
    Delivered,
    Event,
    GateRan,
    PushRefused,
    Reconciled,
    RunFinished,
    RunId,
    RunStarted,
    StoryConflicted,
    StoryDropped,
    StoryIntegrated,
)
from executor.gate import run_gate
from executor.git.errors import RefMoved, RemoteRefused
from executor.git.merge import Conflicted
from executor.git.mirror import Mirror, Remote
from executor.git.push import push
from executor.journal import Journal, Stale
from executor.order import Order
from executor.run_refs import head_ref, publish, remote_ref
from executor.sandbox.port import Sandbox
from executor.scheduler import (
    Action,
    Deliver,
    DropStory,
    Finish,
    Integrate,
    Limits,
    Push,
    QueueAttempt,
    Reconcile,
    RunGate,
    StopAtCap,
    next_actions,
)
from executor.state import RunState, Stage, fold
from executor.workspace.port import Workspaces
from llm.routing import Tier
from planner.plan import StoryId


@dataclass(frozen=True)
class Delivery:
    """The finished branch, handed to whoever opens the pull request."""

    order: Order
    state: RunState
    draft: bool


class Host(Protocol):
    """What the conductor asks of the program around it; every answer may come twice."""

    async def dispatch(self, run: RunId, attempt: Queued) -> None:
        """Make sure a worker takes this attempt; asked again after a restart."""
        ...

    async def remote(self, purpose: Literal["read", "push"]) -> Remote:
        """The repository's address with a token minted for the purpose."""
        ...

    async def deliver(self, delivery: Delivery) -> Delivered:
        """Open the pull request, or bring the one that is open up to date."""
        ...


@dataclass(frozen=True)
class Ground:
    """What a conductor stands on."""

    journal: Journal
    mirror: Mirror
    workspaces: Workspaces
    sandbox: Sandbox
    host: Host
    clock: Callable[[], datetime]
    rungs: Mapping[Tier, int]
    backoff_seconds: float = 30.0
    command_silence_seconds: float = 900


async def conduct(order: Order, ground: Ground) -> RunState:
    """Advance the run until nothing is due; called again whenever an attempt ends.

    Safe to repeat at any point: an action whose event was not written is performed again and
    finds its own traces (same commit ids, refs moved by compare-and-swap).

    Raises:
        GitError, OSError: infrastructure; the caller's lease runs out and somebody tries again.
    """
    await _start(order, ground)
    await _dispatch_again(order, ground)
    while True:
        state = fold(await ground.journal.entries(order.run))
        limits = Limits(ground.clock(), ground.rungs, ground.backoff_seconds)
        actions = next_actions(order.plan, state, limits)
        if not actions:
            return state
        for action in actions:
            event = await _perform(action, order, state, ground)
            try:
                entry = await ground.journal.append(order.run, event, after=state.seq)
            except Stale:
                break
            state = state.model_copy(update={"seq": entry.seq})
            if isinstance(event, Queued):
                await ground.host.dispatch(order.run, event)


async def _start(order: Order, ground: Ground) -> None:
    if await ground.journal.entries(order.run):
        return
    started = RunStarted(plan=order.digest, base=order.plan.base)
    await ground.journal.append(order.run, started, after=0)


async def _dispatch_again(order: Order, ground: Ground) -> None:
    """An attempt written down just before a crash may never have been handed out."""
    for entry in await ground.journal.entries(order.run):
        if isinstance(entry.event, Queued):
            state = fold(await ground.journal.entries(order.run))
            last = state.story(entry.event.story).last
            if last and last.number == entry.event.attempt and last.stage is Stage.queued:
                await ground.host.dispatch(order.run, entry.event)


async def _perform(action: Action, order: Order, state: RunState, ground: Ground) -> Event:
    """Do one thing and say what happened, as the event to write down."""
    match action:
        case QueueAttempt():
            await _publish_head(order, state, ground)
            return Queued(
                story=action.story,
                attempt=action.attempt,
                rung=action.rung,
                onto=action.onto,
                not_before=action.not_before,
            )
        case Integrate(story):
            return await _integrate(order, state, story, ground)
        case DropStory(story, reason):
            return StoryDropped(story=story, reason=reason)
        case StopAtCap(sentence):
            return CapReached(sentence=sentence)
        case Reconcile():
            return await _reconcile(order, state, ground)
        case RunGate():
            return await _gate(order, state, ground)
        case Push():
            return await _push(order, state, ground)
        case Deliver(draft):
            return await ground.host.deliver(Delivery(order, state, draft))
        case Finish(outcome, reason):
            return RunFinished(outcome=outcome, reason=reason)


async def _integrate(
    order: Order, state: RunState, story: StoryId, ground: Ground
) -> StoryIntegrated | StoryConflicted:
    attempt = state.story(story).last
    assert attempt is not None
    assert state.head is not None
    await _recover(order, state, ground)
    result = await asyncio.to_thread(
        integrate_story, ground.mirror, order, attempt, story, state.head
    )
    if isinstance(result, Conflicted):
        return StoryConflicted(
            story=story, attempt=attempt.number, onto=state.head, paths=result.paths
        )
    return result


async def _reconcile(order: Order, state: RunState, ground: Ground) -> Reconciled:
    await _recover(order, state, ground)
    return await asyncio.to_thread(reconcile_run, ground.mirror, order, state)


async def _gate(order: Order, state: RunState, ground: Ground) -> GateRan:
    assert state.reconciled is not None
    await _recover(order, state, ground)
    evidence = await run_gate(
        order.plan,
        name=f"{order.run}-gate",
        head=state.reconciled.head,
        tree=state.reconciled.tree,
        workspaces=ground.workspaces,
        sandbox=ground.sandbox,
        silence_seconds=ground.command_silence_seconds,
    )
    return GateRan(tree=state.reconciled.tree, evidence=evidence)


async def _push(order: Order, state: RunState, ground: Ground) -> BranchPushed | PushRefused:
    assert state.reconciled is not None
    head = state.reconciled.head
    await _recover(order, state, ground)
    remote = await ground.host.remote("push")
    ref = f"refs/heads/{order.branch}"
    try:
        await asyncio.to_thread(
            push, ground.mirror, remote, sha=head, ref=ref, expect=order.expected
        )
    except RefMoved as moved:
        if moved.found != head:
            return PushRefused(
                branch=order.branch, message="somebody else pushed to the branch meanwhile"
            )
    except RemoteRefused as refused:
        return PushRefused(branch=order.branch, message=str(refused))
    return BranchPushed(branch=order.branch, sha=head)


async def _publish_head(order: Order, state: RunState, ground: Ground) -> None:
    """Other workers branch from the run's head, so it has to be where they can fetch it."""
    if state.head is None or not state.integrations or order.story_refs == "local":
        return
    await _recover(order, state, ground)
    remote = await ground.host.remote("push")
    ref = remote_ref(head_ref(order.run), order.story_refs)
    await asyncio.to_thread(publish, ground.mirror, remote, ref, state.head)


async def _recover(order: Order, state: RunState, ground: Ground) -> None:
    if not missing(ground.mirror, state):
        return
    remote = await ground.host.remote("read")
    await asyncio.to_thread(recover, ground.mirror, remote, order, state)
