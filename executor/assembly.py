"""Puts story commits together, so that doing it again gives the same commits, byte for byte."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from executor.events import Reconciled, Sha, StoryIntegrated
from executor.git.commit import commit_tree
from executor.git.merge import Conflicted
from executor.git.mirror import Mirror, Remote, fetch, has, ref_target
from executor.git.refs import move
from executor.integrate import integrate
from executor.message import story_message
from executor.order import Order
from executor.policy import Surface
from executor.reconcile import Piece, reconcile
from executor.run_refs import head_ref, remote_ref, story_ref
from executor.state import Attempt, RunState
from planner.graph import plan_order
from planner.plan import StoryId


def integrate_story(
    mirror: Mirror, order: Order, attempt: Attempt, story: StoryId, head: Sha
) -> StoryIntegrated | Conflicted:
    """Bring one attempt's commit onto `head`, and move the run branch there."""
    assert attempt.commit is not None
    result = integrate(mirror, base=attempt.onto, onto=head, story=attempt.commit)
    if isinstance(result, Conflicted):
        return result
    commit = commit_tree(
        mirror,
        tree=result.tree,
        parents=(head,),
        message=story_message(order.plan.story(story), attempt.summary, order.trailers),
        author=replace(order.author, at=_ended(attempt)),
        committer=replace(order.author, at=_ended(attempt)),
    )
    name = head_ref(order.run)
    expect = ref_target(mirror, name)
    if expect != commit:
        move(mirror, name, to=commit, expect=expect)
    return StoryIntegrated(
        story=story, attempt=attempt.number, onto=head, head=commit, how=result.how
    )


def reconcile_run(mirror: Mirror, order: Order, state: RunState) -> Reconciled:
    """The chain to deliver: one filtered commit per story, in plan order."""
    attempts = [_attempt(state, done) for done in state.integrations]
    pieces = tuple(
        Piece(
            story=done.story,
            title=order.plan.story(done.story).title,
            onto=done.onto,
            head=done.head,
            message=story_message(order.plan.story(done.story), attempt.summary, order.trailers),
        )
        for done, attempt in zip(state.integrations, attempts, strict=True)
    )
    author = replace(order.author, at=max(_ended(attempt) for attempt in attempts))
    result = reconcile(
        mirror,
        base=Sha(order.plan.base.sha),
        integrated=pieces,
        order=plan_order(order.plan.stories),
        rules=order.rules,
        protected=_unnamed(order),
        author=author,
        committer=author,
    )
    return Reconciled(
        head=result.head,
        tree=result.tree,
        commits=result.commits,
        left_out=result.left_out,
        weakened_tests=result.weakened_tests,
    )


def _unnamed(order: Order) -> Callable[[str], bool]:
    """Protected places that no story of the approved plan names: shut, whoever wrote there."""
    writes = tuple(glob for story in order.plan.stories for glob in story.writes)
    surface = Surface(writes)
    return surface.is_shut


def missing(mirror: Mirror, state: RunState) -> bool:
    """Whether the journal names a commit this worker has not got."""
    return not all(has(mirror, commit) for commit in _named(state))


def recover(mirror: Mirror, remote: Remote, order: Order, state: RunState) -> None:
    """Fetch what another worker published, and make again what it had not.

    A worker that died after writing an integration down took its commit with it; the inputs
    are in the journal and on the remote, and the same inputs give the same commit.
    """
    fetch(
        mirror,
        remote,
        branches=(order.plan.base.branch, *_visible(order, state)),
        hidden=(f"refs/baro/{order.run}/*",),
    )
    for done in state.integrations:
        if not has(mirror, done.head):
            integrate_story(mirror, order, _attempt(state, done), done.story, done.onto)
    if state.reconciled and not has(mirror, state.reconciled.head):
        reconcile_run(mirror, order, state)


def _visible(order: Order, state: RunState) -> tuple[str, ...]:
    """Where stories are kept as branches, those that are certainly there: passed, so published."""
    if order.story_refs != "visible":
        return ()
    passed = [
        story.story
        for story in state.stories.values()
        if any(attempt.commit for attempt in story.attempts)
    ]
    refs = [remote_ref(story_ref(order.run, story), "visible") for story in passed]
    return tuple(ref.removeprefix("refs/heads/") for ref in refs)


def _named(state: RunState) -> list[Sha]:
    waiting = [
        story.last.commit
        for story in state.stories.values()
        if story.last and story.last.commit and not story.is_settled
    ]
    heads = [done.head for done in state.integrations]
    base = [Sha(state.started.base.sha)] if state.started else []
    return [*base, *waiting, *heads, *([state.reconciled.head] if state.reconciled else [])]


def _attempt(state: RunState, done: StoryIntegrated) -> Attempt:
    return next(
        attempt for attempt in state.story(done.story).attempts if attempt.number == done.attempt
    )


def _ended(attempt: Attempt) -> datetime:
    """The attempt's own end, not the clock's: a commit made again keeps its id."""
    assert attempt.ended_at is not None
    return attempt.ended_at
