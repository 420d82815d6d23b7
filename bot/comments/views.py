"""What a comment is rendered from: data of several places, read at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.approvals import ApprovalRule
from bot.store.states import ApprovalHow
from executor.events import Sha
from executor.state import RunState
from llm.pricing import Cost, Usd
from planner.plan import Digest, Frozen, Plan, StoryId


@dataclass(frozen=True)
class Awaiting:
    """On show, with controls."""


@dataclass(frozen=True)
class Approved:
    by: str
    at: datetime
    how: ApprovalHow
    one_at_a_time: bool = False


@dataclass(frozen=True)
class Replaced:
    """Somebody asked again; the next revision takes this comment over."""

    by: str


@dataclass(frozen=True)
class Expired:
    at: datetime


@dataclass(frozen=True)
class BaseMoved:
    """Void: the base branch was rewritten and no longer holds the commit planned on."""


@dataclass(frozen=True)
class Cancelled:
    by: str
    at: datetime


@dataclass(frozen=True)
class IssueGone:
    """Void: the issue was closed, locked or moved before anybody approved."""


PlanShown = Awaiting | Approved | Replaced | Expired | BaseMoved | Cancelled | IssueGone


@dataclass(frozen=True)
class DayBudget:
    """What the repository may still spend today."""

    repository: str
    left: Usd


class PlanView(Frozen):
    """`asked_at` is the moment of the text that was planned; `previous` is what it replaces."""

    change: int
    plan: Plan
    digest: Digest
    state: PlanShown
    asked_at: datetime
    expires_at: datetime
    rule: ApprovalRule = ApprovalRule()
    edited_since: bool = False
    day: DayBudget | None = None
    previous: Plan | None = None
    planning_cost: Cost | None = None
    log_url: str | None = None


class StatusView(Frozen):
    """A run at one moment. `spent` counts the run; `doing` is a working story's present step.

    `kept_at` is the ref that holds the work of a run without a pull request, once it was pushed.
    `issue` is given where the comment stands on the pull request.
    """

    change: int
    plan: Plan
    digest: Digest
    run: RunState
    now: datetime
    spent: Cost = Cost()
    story_costs: Mapping[StoryId, Cost] = {}
    doing: Mapping[StoryId, str] = {}
    pull: int | None = None
    kept_at: str | None = None
    issue: int | None = None
    log_url: str | None = None


class MergedView(Frozen):
    """What a change took, from the first command to the merge."""

    change: int
    merged_sha: str
    asked_at: datetime
    merged_at: datetime
    runs: Cost
    planning: Cost = Cost()
    follow_ups: Cost = Cost()
    failed_attempts: int = 0
    review_rounds: int | None = None
    log_url: str | None = None


class FollowUp(Frozen):
    """One later change to the same pull request, and the commit that holds it."""

    title: str
    commit: Sha


class PullView(Frozen):
    """A run to be delivered. `issue` is None where a change began on a pull request.

    `tests` are the proofs that the delivered tree defines as tests, from `proofs.defined_tests`.
    """

    change: int
    issue: int | None
    plan: Plan
    run: RunState
    tests: frozenset[str] = frozenset()
    follow_ups: tuple[FollowUp, ...] = ()
    spent: Cost = Cost()
    cached_share: float | None = None
    log_url: str | None = None
