"""Pull requests, reviews and comments on lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from infra.hub.state.accounts import Account
from infra.hub.state.issues import Issue
from infra.hub.state.reactions import Reaction

if TYPE_CHECKING:
    from infra.hub.state.repositories import Repository

ReviewState = Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING"]


@dataclass(eq=False)
class ReviewComment:
    id: int
    pull: Pull
    review: Review
    user: Account
    body: str
    path: str
    line: int | None
    side: Literal["LEFT", "RIGHT"]
    diff_hunk: str
    commit_id: str
    created_at: datetime
    updated_at: datetime
    start_line: int | None = None
    reply_to: int | None = None
    reactions: list[Reaction] = field(default_factory=list)


@dataclass(eq=False)
class Review:
    id: int
    pull: Pull
    user: Account
    body: str
    state: ReviewState
    commit_id: str
    submitted_at: datetime | None
    comments: list[ReviewComment] = field(default_factory=list)


@dataclass(eq=False)
class Pull:
    id: int
    issue: Issue
    repository: Repository
    head_repository: Repository | None  # None: the fork was deleted
    head_owner: Account
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    draft: bool = False
    merged_at: datetime | None = None
    merged_by: Account | None = None
    merge_commit_sha: str | None = None
    reviews: list[Review] = field(default_factory=list)
    reviewers: list[Account] = field(default_factory=list)
    # The (head, base) whose mergeability was asked for: GitHub computes it after the first look.
    looked_at: tuple[str, str] | None = None

    @property
    def number(self) -> int:
        return self.issue.number

    @property
    def is_open(self) -> bool:
        return self.issue.state == "open"

    @property
    def comments(self) -> list[ReviewComment]:
        return [comment for review in self.reviews for comment in review.comments]
