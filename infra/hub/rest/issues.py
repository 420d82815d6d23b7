"""Issues, their labels, their lock, their timeline."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from pydantic import Field

from infra.hub.acts import issues as acts
from infra.hub.render import issues as render
from infra.hub.render.accounts import simple_user
from infra.hub.rest.call import Answer, Body, Call
from infra.hub.rest.needs import DISCUSS, READ_ISSUES, TRIAGE, WRITE_ISSUES
from infra.hub.rest.refusal import Refusal, invalid, not_found
from infra.hub.rest.routes import Routes
from infra.hub.state.clock import stamp
from infra.hub.state.issues import CloseReason, Issue, IssueState, Label, Mention
from infra.hub.state.world import Json

route = Routes()

LONGEST_BODY = 65_536


def check_length(resource: str, body: str | None) -> None:
    if body is not None and len(body) > LONGEST_BODY:
        text = f"body is too long (maximum is {LONGEST_BODY} characters)"
        raise invalid(resource, "body", "custom", text)


@route("GET", "/repos/{owner}/{repo}/issues", READ_ISSUES)
def list_issues(call: Call) -> Answer:
    if not call.repo.has_issues:
        raise Refusal(410, "Issues are disabled for this repo")
    wanted = call.query.get("state", "open")
    labels = {name for name in call.query.get("labels", "").split(",") if name}
    creator = call.query.get("creator", "").casefold()
    found = [
        issue
        for issue in call.repo.issues.values()
        if wanted in ("all", issue.state)
        and labels <= {label.name for label in issue.labels}
        and creator in ("", issue.user.login.casefold())
        and issue.updated_at >= since(call)
    ]
    found.sort(key=_sorting(call), reverse=call.query.get("direction", "desc") == "desc")
    return call.page(found, lambda issue: render.issue(call.world, issue))


def _sorting(call: Call) -> Callable[[Issue], tuple[float, int]]:
    by = call.query.get("sort", "created")

    def key(issue: Issue) -> tuple[float, int]:
        if by == "comments":
            return (len(issue.comments), issue.number)
        moment = issue.updated_at if by == "updated" else issue.created_at
        return (moment.timestamp(), issue.number)

    return key


def since(call: Call) -> datetime:
    given = call.query.get("since", "1970-01-01T00:00:00Z")
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        raise invalid("Issue", "since", "invalid") from error
    return moment if moment.tzinfo else moment.astimezone()


class IssueBody(Body):
    title: Annotated[str, Field(min_length=1)]
    body: str | None = None
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()


@route("POST", "/repos/{owner}/{repo}/issues", DISCUSS)
def create_issue(call: Call) -> Answer:
    if not call.repo.has_issues:
        raise Refusal(410, "Issues are disabled for this repo")
    sent = call.body(IssueBody, "Issue")
    check_length("Issue", sent.body)
    issue = acts.open_issue(call.world, call.repo, call.account, sent.title, sent.body, call.via)
    if sent.labels and call.may("triage"):
        acts.set_labels(call.world, issue, call.account, list(sent.labels))
    shown = render.issue(call.world, issue)
    return Answer(201, shown, {"Location": str(shown["url"])})


@route("GET", "/repos/{owner}/{repo}/issues/{issue_number}", READ_ISSUES)
def show_issue(call: Call) -> Answer:
    return Answer(200, render.issue(call.world, call.issue()))


class IssueEditBody(Body):
    title: Annotated[str, Field(min_length=1)] | None = None
    body: str | None = None
    state: IssueState | None = None
    state_reason: CloseReason | None = None
    labels: list[str] | None = None
    assignees: list[str] | None = None


@route("PATCH", "/repos/{owner}/{repo}/issues/{issue_number}", DISCUSS)
def edit_issue(call: Call) -> Answer:
    sent, issue = call.body(IssueEditBody, "Issue"), call.issue()
    check_length("Issue", sent.body)
    if issue.user is not call.account and not call.may("triage"):
        raise Refusal(403, "Must have triage rights to Repository.")
    world, by = call.world, call.account
    acts.edit_issue(world, issue, by, acts.IssueEdit(sent.title, sent.body))
    if sent.labels is not None:
        acts.set_labels(world, issue, by, sent.labels)
    if sent.assignees is not None:
        people = [world.account(login) for login in sent.assignees]
        issue.assignees = [each for each in people if each is not None]
    if sent.state == "closed":
        acts.close_issue(world, issue, by, sent.state_reason or "completed")
    elif sent.state == "open":
        acts.reopen_issue(world, issue, by)
    return Answer(200, render.issue(world, issue))


@route("PUT", "/repos/{owner}/{repo}/issues/{issue_number}/lock", WRITE_ISSUES)
def lock_issue(call: Call) -> Answer:
    acts.lock_issue(call.world, call.issue(), call.account, locked=True)
    return Answer(204)


@route("DELETE", "/repos/{owner}/{repo}/issues/{issue_number}/lock", WRITE_ISSUES)
def unlock_issue(call: Call) -> Answer:
    acts.lock_issue(call.world, call.issue(), call.account, locked=False)
    return Answer(204)


@route("GET", "/repos/{owner}/{repo}/issues/{issue_number}/timeline", READ_ISSUES)
def list_timeline(call: Call) -> Answer:
    return call.page(call.issue().mentions, lambda mention: _mention(call, mention))


def _mention(call: Call, mention: Mention) -> Json:
    source = render.issue(call.world, mention.source)
    return {
        "event": "cross-referenced",
        "actor": simple_user(call.world, mention.by),
        "created_at": stamp(mention.at),
        "updated_at": stamp(mention.at),
        "source": {"type": "issue", "issue": source},
    }


class LabelsBody(Body):
    labels: tuple[str, ...] = ()


@route("GET", "/repos/{owner}/{repo}/issues/{issue_number}/labels", READ_ISSUES)
def list_issue_labels(call: Call) -> Answer:
    return _labels(call, call.issue())


def _labels(call: Call, issue: Issue) -> Answer:
    return call.page(issue.labels, lambda each: render.label(call.world, call.repo, each))


@route("POST", "/repos/{owner}/{repo}/issues/{issue_number}/labels", TRIAGE)
def add_issue_labels(call: Call) -> Answer:
    issue = call.issue()
    names = [label.name for label in issue.labels]
    names += call.body(LabelsBody, "Label").labels
    acts.set_labels(call.world, issue, call.account, names)
    return _labels(call, issue)


@route("PUT", "/repos/{owner}/{repo}/issues/{issue_number}/labels", TRIAGE)
def set_issue_labels(call: Call) -> Answer:
    issue = call.issue()
    names = call.body(LabelsBody, "Label").labels
    acts.set_labels(call.world, issue, call.account, list(names))
    return _labels(call, issue)


@route("DELETE", "/repos/{owner}/{repo}/issues/{issue_number}/labels", TRIAGE)
def clear_issue_labels(call: Call) -> Answer:
    acts.set_labels(call.world, call.issue(), call.account, [])
    return Answer(204)


@route("DELETE", "/repos/{owner}/{repo}/issues/{issue_number}/labels/{name}", TRIAGE)
def remove_issue_label(call: Call) -> Answer:
    issue, gone = call.issue(), call.params["name"].casefold()
    kept = [label.name for label in issue.labels if label.name.casefold() != gone]
    if len(kept) == len(issue.labels):
        raise Refusal(404, "Label does not exist")
    acts.set_labels(call.world, issue, call.account, kept)
    return _labels(call, issue)


@route("GET", "/repos/{owner}/{repo}/labels", READ_ISSUES)
def list_labels(call: Call) -> Answer:
    return call.page(call.repo.labels, lambda each: render.label(call.world, call.repo, each))


class LabelBody(Body):
    name: str
    color: str = "ededed"
    description: str | None = None


@route("POST", "/repos/{owner}/{repo}/labels", WRITE_ISSUES)
def create_label(call: Call) -> Answer:
    sent = call.body(LabelBody, "Label")
    if call.repo.label(sent.name) is not None:
        raise invalid("Label", "name", "already_exists")
    label = Label(call.world.next_id(), sent.name, sent.color, sent.description)
    call.repo.labels.append(label)
    return Answer(201, render.label(call.world, call.repo, label))


@route("GET", "/repos/{owner}/{repo}/labels/{name}", READ_ISSUES)
def show_label(call: Call) -> Answer:
    label = call.repo.label(call.params["name"])
    if label is None:
        raise not_found()
    return Answer(200, render.label(call.world, call.repo, label))
