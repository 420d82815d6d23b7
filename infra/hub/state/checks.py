"""Check suites, check runs and commit statuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from infra.hub.state.accounts import Account
from infra.hub.state.apps import App

RunStatus = Literal["queued", "in_progress", "completed"]
Conclusion = Literal[
    "success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required", "stale"
]
StatusState = Literal["error", "failure", "pending", "success"]


@dataclass(frozen=True)
class Annotation:
    path: str
    start_line: int
    end_line: int
    level: str
    message: str
    title: str | None = None
    raw_details: str | None = None
    start_column: int | None = None
    end_column: int | None = None


@dataclass(frozen=True)
class CheckAction:
    label: str
    description: str
    identifier: str


@dataclass(eq=False)
class CheckSuite:
    id: int
    app: App
    head_sha: str
    head_branch: str | None
    before: str | None
    created_at: datetime
    updated_at: datetime
    runs: list[CheckRun] = field(default_factory=list)

    @property
    def status(self) -> RunStatus:
        if self.runs and all(run.status == "completed" for run in self.runs):
            return "completed"
        return "in_progress" if self.runs else "queued"

    @property
    def conclusion(self) -> Conclusion | None:
        if self.status != "completed":
            return None
        outcomes = {run.conclusion for run in self.runs}
        order: tuple[Conclusion, ...] = ("failure", "timed_out", "action_required", "cancelled")
        return next((outcome for outcome in order if outcome in outcomes), "success")


@dataclass(eq=False)
class CheckRun:
    id: int
    suite: CheckSuite
    name: str
    head_sha: str
    status: RunStatus
    started_at: datetime
    conclusion: Conclusion | None = None
    completed_at: datetime | None = None
    external_id: str | None = None
    details_url: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[Annotation] = field(default_factory=list)
    actions: tuple[CheckAction, ...] = ()


@dataclass(eq=False)
class CommitStatus:
    id: int
    sha: str
    state: StatusState
    context: str
    description: str | None
    target_url: str | None
    creator: Account
    created_at: datetime
