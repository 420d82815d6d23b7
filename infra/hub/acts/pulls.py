"""Open and edit pull requests, review them, comment on their lines."""

from dataclasses import dataclass
from typing import Literal

from infra.hub.acts.announce import announce, announce_pull
from infra.hub.acts.issues import new_issue, note_mentions
from infra.hub.git.diffs import hunk_at, merge_base
from infra.hub.git.store import branch_sha, open_store, run, set_ref
from infra.hub.render import pulls as render
from infra.hub.render.accounts import simple_user
from infra.hub.state.accounts import Account
from infra.hub.state.apps import App
from infra.hub.state.pulls import Pull, Review, ReviewComment, ReviewState
from infra.hub.state.repositories import Repository
from infra.hub.state.world import Json, World


@dataclass(frozen=True)
class Proposal:
    title: str
    body: str | None
    head_repository: Repository
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    draft: bool = False


def open_pull(
    world: World, repo: Repository, user: Account, proposal: Proposal, via: App | None = None
) -> Pull:
    issue = new_issue(world, repo, user, proposal.title, proposal.body, via)
    pull = Pull(
        id=world.next_id(),
        issue=issue,
        repository=repo,
        head_repository=proposal.head_repository,
        head_owner=proposal.head_repository.owner,
        head_ref=proposal.head_ref,
        head_sha=proposal.head_sha,
        base_ref=proposal.base_ref,
        base_sha=proposal.base_sha,
        draft=proposal.draft,
    )
    issue.pull = pull
    point_head_ref(pull)
    announce_pull(world, "opened", pull, user)
    return pull


def point_head_ref(pull: Pull) -> None:
    """GitHub keeps `refs/pull/N/head`, so a deleted branch loses no commit."""
    bring(pull.repository, pull.head_repository, pull.head_sha)
    set_ref(open_store(pull.repository.path), f"refs/pull/{pull.number}/head", pull.head_sha)


def bring(repo: Repository, fork: Repository | None, sha: str) -> None:
    """Forks share one object store on GitHub; here their commits are fetched."""
    if fork is not None and fork is not repo:
        run(repo.path, "fetch", "-q", str(fork.path), sha)


def retarget_pull(world: World, pull: Pull, by: Account, base_ref: str) -> None:
    changes: Json = {
        "base": {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}},
    }
    pull.base_ref = base_ref
    pull.base_sha = branch_sha(pull.repository.path, base_ref) or pull.base_sha
    announce_pull(world, "edited", pull, by, {"changes": changes})


def mark_ready(world: World, pull: Pull, by: Account) -> None:
    """Out of draft: GitHub has this in GraphQL only."""
    if pull.draft:
        pull.draft = False
        pull.issue.updated_at = world.clock.now()
        announce_pull(world, "ready_for_review", pull, by)


def mark_draft(world: World, pull: Pull, by: Account) -> None:
    if not pull.draft:
        pull.draft = True
        pull.issue.updated_at = world.clock.now()
        announce_pull(world, "converted_to_draft", pull, by)


@dataclass(frozen=True)
class LineNote:
    path: str
    body: str
    line: int | None = None
    side: Literal["LEFT", "RIGHT"] = "RIGHT"
    start_line: int | None = None
    reply_to: int | None = None


def write_review(
    world: World,
    pull: Pull,
    user: Account,
    state: ReviewState,
    body: str,
    notes: tuple[LineNote, ...] = (),
) -> Review:
    now = world.clock.now()
    submitted = None if state == "PENDING" else now
    review = Review(world.next_id(), pull, user, body, state, pull.head_sha, submitted)
    pull.reviews.append(review)
    review.comments += [_line_comment(world, review, note) for note in notes]
    if state != "PENDING":
        _tell_review(world, review)
    return review


def submit_review(world: World, review: Review, state: ReviewState, body: str | None) -> None:
    review.state, review.submitted_at = state, world.clock.now()
    review.body = review.body if body is None else body
    _tell_review(world, review)


def write_line_comment(world: World, pull: Pull, user: Account, note: LineNote) -> ReviewComment:
    """Alone it still belongs to a review of its own, as on GitHub."""
    return write_review(world, pull, user, "COMMENTED", "", (note,)).comments[0]


def _line_comment(world: World, review: Review, note: LineNote) -> ReviewComment:
    pull, now = review.pull, world.clock.now()
    store = open_store(pull.repository.path)
    base = merge_base(store, pull.base_sha, pull.head_sha) or pull.base_sha
    return ReviewComment(
        id=world.next_id(),
        pull=pull,
        review=review,
        user=review.user,
        body=note.body,
        path=note.path,
        line=note.line,
        side=note.side,
        diff_hunk=hunk_at(store, base, pull.head_sha, note.path),
        commit_id=pull.head_sha,
        created_at=now,
        updated_at=now,
        start_line=note.start_line,
        reply_to=note.reply_to,
    )


def _tell_review(world: World, review: Review) -> None:
    pull = review.pull
    note_mentions(world, pull.issue, review.user, review.body)
    shown = render.review(world, review)
    shown["state"] = review.state.lower()
    shown["submitted_at"] = shown.get("submitted_at")
    announce(
        world,
        "pull_request_review",
        "submitted",
        pull.repository,
        review.user,
        {"review": shown, "pull_request": render.simple_pull(world, pull)},
    )
    for comment in review.comments:
        tell_line_comment(world, "created", comment, review.user, {})


def tell_line_comment(
    world: World, action: str, comment: ReviewComment, by: Account, fields: Json
) -> None:
    shown: Json = {
        **fields,
        "comment": render.review_comment(world, comment),
        "pull_request": render.simple_pull(world, comment.pull),
    }
    repo = comment.pull.repository
    announce(world, "pull_request_review_comment", action, repo, by, shown)


def edit_line_comment(world: World, comment: ReviewComment, by: Account, body: str) -> None:
    old, comment.body = comment.body, body
    comment.updated_at = world.clock.now()
    tell_line_comment(world, "edited", comment, by, {"changes": {"body": {"from": old}}})


def delete_line_comment(world: World, comment: ReviewComment, by: Account) -> None:
    comment.review.comments.remove(comment)
    tell_line_comment(world, "deleted", comment, by, {})


def request_reviewers(world: World, pull: Pull, by: Account, reviewers: list[Account]) -> None:
    for reviewer in reviewers:
        if reviewer not in pull.reviewers:
            pull.reviewers.append(reviewer)
            shown: Json = {"requested_reviewer": simple_user(world, reviewer)}
            announce_pull(world, "review_requested", pull, by, shown)
