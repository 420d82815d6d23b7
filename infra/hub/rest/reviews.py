"""Reviews of a pull request and the comments on its lines."""

from typing import Annotated, Literal

from pydantic import Field

from infra.hub.acts import pulls as acts
from infra.hub.acts.pulls import LineNote
from infra.hub.git.diffs import changed_files, merge_base
from infra.hub.git.store import open_store
from infra.hub.render import pulls as render
from infra.hub.rest.call import Answer, Body, Call
from infra.hub.rest.needs import READ_PULLS, REVIEW
from infra.hub.rest.refusal import Refusal, not_found, unprocessable
from infra.hub.rest.routes import Routes
from infra.hub.state.pulls import Pull, Review, ReviewComment, ReviewState

route = Routes()

Verdict = Literal["APPROVE", "REQUEST_CHANGES", "COMMENT"]
_STATES: dict[Verdict, ReviewState] = {
    "APPROVE": "APPROVED",
    "REQUEST_CHANGES": "CHANGES_REQUESTED",
    "COMMENT": "COMMENTED",
}


class NoteBody(Body):
    path: str
    body: Annotated[str, Field(min_length=1)]
    line: int | None = None
    position: int | None = None
    side: Literal["LEFT", "RIGHT"] = "RIGHT"
    start_line: int | None = None

    def note(self) -> LineNote:
        line = self.line or self.position
        return LineNote(self.path, self.body, line, self.side, self.start_line)


class ReviewBody(Body):
    body: str = ""
    event: Verdict | None = None
    comments: tuple[NoteBody, ...] = ()


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews", READ_PULLS)
def list_reviews(call: Call) -> Answer:
    found = [
        review
        for review in call.pull().reviews
        if review.state != "PENDING" or review.user is call.viewer
    ]
    return call.page(found, lambda each: render.review(call.world, each))


@route("POST", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews", REVIEW)
def create_review(call: Call) -> Answer:
    sent, pull = call.body(ReviewBody, "PullRequestReview"), call.pull()
    _check_verdict(call, pull, sent.event, sent.body)
    _check_paths(pull, [each.path for each in sent.comments])
    state: ReviewState = _STATES[sent.event] if sent.event else "PENDING"
    notes = tuple(each.note() for each in sent.comments)
    review = acts.write_review(call.world, pull, call.account, state, sent.body, notes)
    return Answer(200, render.review(call.world, review))


def _check_verdict(call: Call, pull: Pull, event: Verdict | None, body: str) -> None:
    if event in ("APPROVE", "REQUEST_CHANGES") and pull.issue.user is call.account:
        word = "approve" if event == "APPROVE" else "request changes on"
        raise unprocessable(f"Can not {word} your own pull request")
    if event == "REQUEST_CHANGES" and not body:
        raise unprocessable("You need to leave a comment indicating the requested changes.")


def _check_paths(pull: Pull, paths: list[str]) -> None:
    store = open_store(pull.repository.path)
    base = merge_base(store, pull.base_sha, pull.head_sha)
    known = {change.filename for change in changed_files(store, base, pull.head_sha)}
    if any(path not in known for path in paths):
        raise unprocessable("Path could not be resolved")


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}", READ_PULLS)
def show_review(call: Call) -> Answer:
    return Answer(200, render.review(call.world, _review(call)))


def _review(call: Call) -> Review:
    wanted = call.number("review_id")
    found = next((each for each in call.pull().reviews if each.id == wanted), None)
    if found is None:
        raise not_found()
    return found


class SubmitBody(Body):
    event: Verdict
    body: str | None = None


@route("POST", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/events", REVIEW)
def submit_review(call: Call) -> Answer:
    sent, review = call.body(SubmitBody, "PullRequestReview"), _review(call)
    if review.state != "PENDING":
        raise unprocessable("The review was already submitted")
    _check_verdict(call, review.pull, sent.event, sent.body or review.body)
    acts.submit_review(call.world, review, _STATES[sent.event], sent.body)
    return Answer(200, render.review(call.world, review))


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/comments", READ_PULLS)
def list_review_comments(call: Call) -> Answer:
    return _comments(call, _review(call).comments)


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/comments", READ_PULLS)
def list_line_comments(call: Call) -> Answer:
    return _comments(call, call.pull().comments)


@route("GET", "/repos/{owner}/{repo}/pulls/comments", READ_PULLS)
def list_all_line_comments(call: Call) -> Answer:
    return _comments(call, [each for pull in call.repo.pulls() for each in pull.comments])


def _comments(call: Call, found: list[ReviewComment]) -> Answer:
    return call.page(found, lambda each: render.review_comment(call.world, each))


class LineCommentBody(NoteBody):
    commit_id: str
    in_reply_to: int | None = None


@route("POST", "/repos/{owner}/{repo}/pulls/{pull_number}/comments", REVIEW)
def create_line_comment(call: Call) -> Answer:
    sent, pull = call.body(LineCommentBody, "PullRequestReviewComment"), call.pull()
    _check_paths(pull, [sent.path])
    made = acts.write_line_comment(call.world, pull, call.account, sent.note())
    return Answer(201, render.review_comment(call.world, made))


class ReplyBody(Body):
    body: Annotated[str, Field(min_length=1)]


@route("POST", "/repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies", REVIEW)
def reply(call: Call) -> Answer:
    sent, pull, first = call.body(ReplyBody, "PullRequestReviewComment"), call.pull(), _found(call)
    if first.reply_to is not None or first.pull is not pull:
        raise not_found()
    note = LineNote(first.path, sent.body, first.line, first.side, reply_to=first.id)
    made = acts.write_line_comment(call.world, pull, call.account, note)
    return Answer(201, render.review_comment(call.world, made))


@route("GET", "/repos/{owner}/{repo}/pulls/comments/{comment_id}", READ_PULLS)
def show_line_comment(call: Call) -> Answer:
    return Answer(200, render.review_comment(call.world, _found(call)))


def _found(call: Call) -> ReviewComment:
    found = call.repo.review_comment(call.number("comment_id"))
    if found is None:
        raise not_found()
    return found


@route("PATCH", "/repos/{owner}/{repo}/pulls/comments/{comment_id}", REVIEW)
def edit_line_comment(call: Call) -> Answer:
    found, sent = _own(call), call.body(ReplyBody, "PullRequestReviewComment")
    acts.edit_line_comment(call.world, found, call.account, sent.body)
    return Answer(200, render.review_comment(call.world, found))


@route("DELETE", "/repos/{owner}/{repo}/pulls/comments/{comment_id}", REVIEW)
def delete_line_comment(call: Call) -> Answer:
    acts.delete_line_comment(call.world, _own(call), call.account)
    return Answer(204)


def _own(call: Call) -> ReviewComment:
    found = _found(call)
    if found.user is not call.account and not call.may("write"):
        raise Refusal(403, "Must have write rights to Repository.")
    return found
