"""Comments on issues and pull requests."""

from typing import Annotated

from pydantic import Field

from infra.hub.acts import issues as acts
from infra.hub.render import issues as render
from infra.hub.rest.call import Answer, Body, Call
from infra.hub.rest.issues import check_length, since
from infra.hub.rest.needs import DISCUSS, READ_ISSUES
from infra.hub.rest.refusal import Refusal, invalid
from infra.hub.rest.routes import Routes
from infra.hub.state.issues import Comment

route = Routes()


class CommentBody(Body):
    body: Annotated[str, Field(min_length=1)]


@route("GET", "/repos/{owner}/{repo}/issues/{issue_number}/comments", READ_ISSUES)
def list_comments(call: Call) -> Answer:
    recent = [each for each in call.issue().comments if each.updated_at >= since(call)]
    return call.page(recent, lambda each: render.comment(call.world, each))


@route("GET", "/repos/{owner}/{repo}/issues/comments", READ_ISSUES)
def list_all_comments(call: Call) -> Answer:
    recent = [each for each in call.repo.comments() if each.updated_at >= since(call)]
    by = call.query.get("sort", "created")
    recent.sort(key=lambda each: (each.updated_at if by == "updated" else each.created_at, each.id))
    if call.query.get("direction") == "desc":
        recent.reverse()
    return call.page(recent, lambda each: render.comment(call.world, each))


@route("POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments", DISCUSS)
def create_comment(call: Call) -> Answer:
    issue, body = call.issue(), _body(call)
    if issue.locked and not call.may("write"):
        raise Refusal(403, "Unable to create comment because issue is locked.")
    comment = acts.write_comment(call.world, issue, call.account, body, call.via)
    shown = render.comment(call.world, comment)
    return Answer(201, shown, {"Location": str(shown["url"])})


def _body(call: Call) -> str:
    body = call.body(CommentBody, "IssueComment").body
    if not body.strip():
        raise invalid("IssueComment", "body", "missing_field", "body can't be blank")
    check_length("IssueComment", body)
    return body


@route("GET", "/repos/{owner}/{repo}/issues/comments/{comment_id}", READ_ISSUES)
def show_comment(call: Call) -> Answer:
    return Answer(200, render.comment(call.world, call.comment()))


@route("PATCH", "/repos/{owner}/{repo}/issues/comments/{comment_id}", DISCUSS)
def edit_comment(call: Call) -> Answer:
    comment = _own(call)
    acts.edit_comment(call.world, comment, call.account, _body(call))
    return Answer(200, render.comment(call.world, comment))


@route("DELETE", "/repos/{owner}/{repo}/issues/comments/{comment_id}", DISCUSS)
def delete_comment(call: Call) -> Answer:
    acts.delete_comment(call.world, _own(call), call.account)
    return Answer(204)


def _own(call: Call) -> Comment:
    """Writers may edit and delete what others wrote."""
    comment = call.comment()
    if comment.user is not call.account and not call.may("write"):
        raise Refusal(403, "Must have write rights to Repository.")
    return comment
