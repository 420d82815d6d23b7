"""What a comment is rendered from: data of several places, read at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.approvals import ApprovalRule
from bot.store.states import ApprovalHow
from executor.state import RunState
from llm.pricing import Cost, Usd
from planner.plan import Digest, Plan, StoryId


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


@dataclass(frozen=True)
class PlanView:
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


@dataclass(frozen=True)
class StatusView:
    """A run at one moment. `spent` counts the run; `doing` is a working story's present step."""

    change: int
    plan: Plan
    digest: Digest
    run: RunState
    now: datetime
    spent: Cost = Cost()
    story_costs: Mapping[StoryId, Cost] = field(default_factory=dict)
    doing: Mapping[StoryId, str] = field(default_factory=dict)
    pull: int | None = None
    branch: str | None = None
    log_url: str | None = None


@dataclass(frozen=True)
class MergedView:
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


@dataclass(frozen=True)
class PullView:
    """A delivered run. `issue` is None where a change began on a pull request."""

    change: int
    issue: int | None
    plan: Plan
    run: RunState
    spent: Cost = Cost()
    cached_share: float | None = None
    log_url: str | None = None
