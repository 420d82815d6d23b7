"""The run's journal: everything that happened, in the past tense, and nothing else."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, NewType

from pydantic import Field

from executor.evidence import Evidence
from executor.failure import Failure
from planner.plan import Base, Digest, Frozen, StoryId

RunId = NewType("RunId", str)
Sha = NewType("Sha", str)


class LeftOut(Frozen):
    """A path kept out of the pull request, with the rule that did it. `size` is in bytes."""

    path: str
    rule: str
    size: int


class FinalCommit(Frozen):
    """One story's commit as it is delivered: filtered, linear, in plan order."""

    story: StoryId
    sha: Sha


class Outcome(StrEnum):
    """How a run ended."""

    delivered = "delivered"
    draft = "draft"
    nothing = "nothing"
    cancelled = "cancelled"
    failed = "failed"


class Integration(StrEnum):
    """The rung of the conflict ladder that brought a story in."""

    spliced = "spliced"
    merged = "merged"


class RunStarted(Frozen):
    kind: Literal["run_started"] = "run_started"
    plan: Digest
    base: Base


class AttemptQueued(Frozen):
    """The scheduler wants a try. `onto` is the commit it branches from; `rung` picks the route."""

    kind: Literal["attempt_queued"] = "attempt_queued"
    story: StoryId
    attempt: int
    rung: int
    onto: Sha
    not_before: datetime | None = None


class AttemptStarted(Frozen):
    """A worker holds the lease."""

    kind: Literal["attempt_started"] = "attempt_started"
    story: StoryId
    attempt: int
    owner: str
    model: str


class AttemptPassed(Frozen):
    """A commit whose own checks are not red. `outside` lists changes dropped for their path."""

    kind: Literal["attempt_passed"] = "attempt_passed"
    story: StoryId
    attempt: int
    commit: Sha
    tree: str
    summary: str
    evidence: tuple[Evidence, ...]
    outside: tuple[str, ...] = ()


class AttemptFailed(Frozen):
    kind: Literal["attempt_failed"] = "attempt_failed"
    story: StoryId
    attempt: int
    failure: Failure
    evidence: tuple[Evidence, ...] = ()


class AttemptLost(Frozen):
    """The lease expired: the worker died or was cut off. Costs no try."""

    kind: Literal["attempt_lost"] = "attempt_lost"
    story: StoryId
    attempt: int
    owner: str


class StoryIntegrated(Frozen):
    """The run branch moved from `onto` to `head`, which holds this story."""

    kind: Literal["story_integrated"] = "story_integrated"
    story: StoryId
    attempt: int
    onto: Sha
    head: Sha
    how: Integration


class StoryConflicted(Frozen):
    kind: Literal["story_conflicted"] = "story_conflicted"
    story: StoryId
    attempt: int
    onto: Sha
    paths: tuple[str, ...]


class StoryDropped(Frozen):
    """No more tries, or what it needs was dropped. What passed elsewhere is still delivered."""

    kind: Literal["story_dropped"] = "story_dropped"
    story: StoryId
    reason: str


class CapReached(Frozen):
    """A hard limit stopped new work. `sentence` says which, and the figure."""

    kind: Literal["cap_reached"] = "cap_reached"
    sentence: str


class CancelRequested(Frozen):
    kind: Literal["cancel_requested"] = "cancel_requested"
    by: str


class Reconciled(Frozen):
    """The integrated tree, filtered: every commit of the chain is clean, the last is `head`."""

    kind: Literal["reconciled"] = "reconciled"
    head: Sha
    tree: str
    commits: tuple[FinalCommit, ...]
    left_out: tuple[LeftOut, ...] = ()
    weakened_tests: tuple[str, ...] = ()


class GateRan(Frozen):
    """The repository's checks on the filtered tree."""

    kind: Literal["gate_ran"] = "gate_ran"
    tree: str
    evidence: tuple[Evidence, ...]


class BranchPushed(Frozen):
    kind: Literal["branch_pushed"] = "branch_pushed"
    branch: str
    sha: Sha


class PushRefused(Frozen):
    """The remote said no; `message` is its own word."""

    kind: Literal["push_refused"] = "push_refused"
    branch: str
    message: str


class Delivered(Frozen):
    """The pull request stands and points at the pushed commit."""

    kind: Literal["delivered"] = "delivered"
    pull: int
    draft: bool


class RunFinished(Frozen):
    kind: Literal["run_finished"] = "run_finished"
    outcome: Outcome
    reason: str = ""


Event = Annotated[
    RunStarted
    | AttemptQueued
    | AttemptStarted
    | AttemptPassed
    | AttemptFailed
    | AttemptLost
    | StoryIntegrated
    | StoryConflicted
    | StoryDropped
    | CapReached
    | CancelRequested
    | Reconciled
    | GateRan
    | BranchPushed
    | PushRefused
    | Delivered
    | RunFinished,
    Field(discriminator="kind"),
]


class Entry(Frozen):
    """One line of the journal. `seq` starts at 1 and has no gaps within a run."""

    seq: int
    at: datetime
    event: Event
