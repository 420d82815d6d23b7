"""Check runs and check suites."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from infra.hub.acts import checks as acts
from infra.hub.git.store import open_store, resolve
from infra.hub.render import checks as render
from infra.hub.rest.call import Answer, Body, Call
from infra.hub.rest.commits import find_commit
from infra.hub.rest.needs import READ_CHECKS, WRITE_CHECKS
from infra.hub.rest.refusal import Refusal, invalid, not_found, unprocessable
from infra.hub.rest.routes import Routes
from infra.hub.state.apps import App
from infra.hub.state.checks import (
    Annotation,
    CheckAction,
    CheckRun,
    CheckSuite,
    Conclusion,
    RunStatus,
)

route = Routes()

LONGEST_OUTPUT = 65_535
Long = Annotated[str, Field(max_length=LONGEST_OUTPUT)]


class AnnotationBody(Body):
    path: str
    start_line: int
    end_line: int
    annotation_level: str
    message: str
    title: str | None = None
    raw_details: str | None = None
    start_column: int | None = None
    end_column: int | None = None


class OutputBody(Body):
    title: str | None = None
    summary: Long | None = None
    text: Long | None = None
    annotations: Annotated[tuple[AnnotationBody, ...], Field(max_length=50)] = ()


class ActionBody(Body):
    label: Annotated[str, Field(max_length=20)]
    description: Annotated[str, Field(max_length=40)]
    identifier: Annotated[str, Field(max_length=20)]


class RunEditBody(Body):
    name: str | None = None
    status: RunStatus | None = None
    conclusion: Conclusion | None = None
    external_id: str | None = None
    details_url: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    output: OutputBody | None = None
    actions: Annotated[tuple[ActionBody, ...], Field(max_length=3)] | None = None


class RunBody(RunEditBody):
    name: str
    head_sha: str


@route("POST", "/repos/{owner}/{repo}/check-runs", WRITE_CHECKS)
def create_run(call: Call) -> Answer:
    sent, repo, app = call.body(RunBody, "CheckRun"), call.repo, _app(call)
    if resolve(open_store(repo.path), sent.head_sha) is None:
        raise unprocessable(f"No commit found for SHA: {sent.head_sha}")
    _check_conclusion(sent)
    suite = acts.suite_of(call.world, repo, app, sent.head_sha)
    now = call.world.clock.now()
    run = CheckRun(call.world.next_id(), suite, sent.name, sent.head_sha, "queued", now)
    suite.runs.append(run)
    _apply(call, run, sent)
    acts.tell_run(call.world, "created", repo, run, call.account)
    if run.status == "completed":
        acts.tell_run(call.world, "completed", repo, run, call.account)
    shown = render.check_run(call.world, repo, run)
    return Answer(201, shown, {"Location": str(shown["url"])})


def _app(call: Call) -> App:
    if call.via is None:
        raise Refusal(403, "You must authenticate via a GitHub App.")
    return call.via


def _check_conclusion(sent: RunEditBody) -> None:
    if sent.status == "completed" and sent.conclusion is None:
        text = "conclusion is required when status is completed"
        raise invalid("CheckRun", "conclusion", "missing_field", text)


def _apply(call: Call, run: CheckRun, sent: RunEditBody) -> None:
    now = call.world.clock.now()
    run.name = sent.name or run.name
    run.external_id = sent.external_id or run.external_id
    run.details_url = sent.details_url or run.details_url
    run.started_at = sent.started_at or run.started_at
    run.status = "completed" if sent.conclusion else sent.status or run.status
    if run.status == "completed":
        run.conclusion = sent.conclusion or run.conclusion
        run.completed_at = sent.completed_at or run.completed_at or now
    else:
        run.conclusion = run.completed_at = None
    if sent.actions is not None:
        run.actions = tuple(CheckAction(**each.model_dump()) for each in sent.actions)
    if sent.output is not None:
        run.title = sent.output.title or run.title
        run.summary, run.text = sent.output.summary, sent.output.text
        run.annotations += [_annotation(each) for each in sent.output.annotations]


def _annotation(sent: AnnotationBody) -> Annotation:
    fields = sent.model_dump()
    return Annotation(level=fields.pop("annotation_level"), **fields)


@route("GET", "/repos/{owner}/{repo}/check-runs/{check_run_id}", READ_CHECKS)
def show_run(call: Call) -> Answer:
    return Answer(200, render.check_run(call.world, call.repo, _run(call)))


def _run(call: Call) -> CheckRun:
    wanted = call.number("check_run_id")
    found = next((run for run in call.repo.check_runs() if run.id == wanted), None)
    if found is None:
        raise not_found()
    return found


@route("PATCH", "/repos/{owner}/{repo}/check-runs/{check_run_id}", WRITE_CHECKS)
def update_run(call: Call) -> Answer:
    sent, run = call.body(RunEditBody, "CheckRun"), _run(call)
    if run.suite.app is not _app(call):
        raise Refusal(403, "Invalid app_id: only the App that made a check run may change it.")
    _check_conclusion(sent)
    was_open = run.status != "completed"
    _apply(call, run, sent)
    if was_open and run.status == "completed":
        acts.tell_run(call.world, "completed", call.repo, run, call.account)
    return Answer(200, render.check_run(call.world, call.repo, run))


@route("GET", "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations", READ_CHECKS)
def list_annotations(call: Call) -> Answer:
    run = _run(call)
    return call.page(
        run.annotations, lambda each: render.annotation(call.world, call.repo, run, each)
    )


@route("POST", "/repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest", WRITE_CHECKS)
def rerequest_run(call: Call) -> Answer:
    acts.tell_run(call.world, "rerequested", call.repo, _run(call), call.account)
    return Answer(201, {})


@route("GET", "/repos/{owner}/{repo}/commits/{ref}/check-runs", READ_CHECKS)
def list_runs(call: Call) -> Answer:
    sha = str(find_commit(open_store(call.repo.path), call.params["ref"]).id)
    found = [run for run in call.repo.check_runs() if run.head_sha == sha]
    return _runs(call, found)


def _runs(call: Call, found: list[CheckRun]) -> Answer:
    query = call.query
    wanted = [
        run
        for run in found
        if query.get("check_name", run.name) == run.name
        and query.get("status", run.status) == run.status
        and query.get("app_id", str(run.suite.app.id)) == str(run.suite.app.id)
    ]
    if query.get("filter", "latest") == "latest":
        wanted = list({(run.suite.app.id, run.name): run for run in wanted}.values())
    return call.page(wanted, lambda run: render.check_run(call.world, call.repo, run), "check_runs")


class SuiteBody(Body):
    head_sha: str


@route("POST", "/repos/{owner}/{repo}/check-suites", WRITE_CHECKS)
def create_suite(call: Call) -> Answer:
    sha, app = call.body(SuiteBody, "CheckSuite").head_sha, _app(call)
    if resolve(open_store(call.repo.path), sha) is None:
        raise unprocessable(f"No commit found for SHA: {sha}")
    known = [suite for suite in call.repo.suites if suite.app is app and suite.head_sha == sha]
    suite = acts.suite_of(call.world, call.repo, app, sha)
    shown = render.check_suite(call.world, call.repo, suite)
    return Answer(200 if known else 201, shown)


@route("GET", "/repos/{owner}/{repo}/check-suites/{check_suite_id}", READ_CHECKS)
def show_suite(call: Call) -> Answer:
    return Answer(200, render.check_suite(call.world, call.repo, _suite(call)))


def _suite(call: Call) -> CheckSuite:
    wanted = call.number("check_suite_id")
    found = next((suite for suite in call.repo.suites if suite.id == wanted), None)
    if found is None:
        raise not_found()
    return found


@route("GET", "/repos/{owner}/{repo}/check-suites/{check_suite_id}/check-runs", READ_CHECKS)
def list_suite_runs(call: Call) -> Answer:
    return _runs(call, _suite(call).runs)


@route("POST", "/repos/{owner}/{repo}/check-suites/{check_suite_id}/rerequest", WRITE_CHECKS)
def rerequest_suite(call: Call) -> Answer:
    acts.tell_suite(call.world, "rerequested", call.repo, _suite(call), call.account)
    return Answer(201, {})


@route("GET", "/repos/{owner}/{repo}/commits/{ref}/check-suites", READ_CHECKS)
def list_suites(call: Call) -> Answer:
    sha = str(find_commit(open_store(call.repo.path), call.params["ref"]).id)
    found = [suite for suite in call.repo.suites if suite.head_sha == sha]
    return call.page(
        found, lambda each: render.check_suite(call.world, call.repo, each), "check_suites"
    )
