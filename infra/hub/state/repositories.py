"""A repository: its settings, who may do what in it, and everything that lives in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from infra.hub.state.accounts import Account
from infra.hub.state.checks import CheckRun, CheckSuite, CommitStatus
from infra.hub.state.issues import Comment, Issue, Label
from infra.hub.state.pulls import Pull, ReviewComment

RuleKind = Literal["creation", "update", "deletion", "non_fast_forward"]
Role = Literal["read", "triage", "write", "maintain", "admin"]
RANK: dict[str, int] = {"read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}


@dataclass(frozen=True)
class Ruleset:
    """Rules for the branches whose name matches `pattern` (a glob); nobody may bypass them."""

    id: int
    pattern: str
    kinds: frozenset[RuleKind]


@dataclass(eq=False)
class Repository:
    id: int
    owner: Account
    name: str
    path: Path
    created_at: datetime
    updated_at: datetime
    pushed_at: datetime
    private: bool = False
    description: str | None = None
    default_branch: str = "main"
    archived: bool = False
    has_issues: bool = True
    fork_of: Repository | None = None
    collaborators: dict[int, Role] = field(default_factory=dict)
    labels: list[Label] = field(default_factory=list)
    issues: dict[int, Issue] = field(default_factory=dict)
    deleted_issues: set[int] = field(default_factory=set)
    transferred_issues: dict[int, Issue] = field(default_factory=dict)
    next_number: int = 1
    protected: set[str] = field(default_factory=set)
    rulesets: list[Ruleset] = field(default_factory=list)
    secret_patterns: list[str] = field(default_factory=list)  # push protection, as regexes
    suites: list[CheckSuite] = field(default_factory=list)
    statuses: list[CommitStatus] = field(default_factory=list)
    branch_pushed_at: dict[str, datetime] = field(default_factory=dict)
    signed: set[str] = field(default_factory=set)  # commits that GitHub made itself

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    def pulls(self) -> list[Pull]:
        return [issue.pull for issue in self.issues.values() if issue.pull]

    def comment(self, comment_id: int) -> Comment | None:
        return next((c for c in self.comments() if c.id == comment_id), None)

    def comments(self) -> list[Comment]:
        return [comment for issue in self.issues.values() for comment in issue.comments]

    def review_comment(self, comment_id: int) -> ReviewComment | None:
        every = (comment for pull in self.pulls() for comment in pull.comments)
        return next((comment for comment in every if comment.id == comment_id), None)

    def check_runs(self) -> list[CheckRun]:
        return [run for suite in self.suites for run in suite.runs]

    def label(self, name: str) -> Label | None:
        return next((x for x in self.labels if x.name.casefold() == name.casefold()), None)
