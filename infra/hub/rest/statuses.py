"""Commit statuses, one by one and combined."""

from typing import Annotated

from pydantic import Field

from infra.hub.git.store import open_store, resolve
from infra.hub.render import checks as render
from infra.hub.rest.call import Answer, Body, Call
from infra.hub.rest.commits import find_commit
from infra.hub.rest.needs import READ_STATUSES, WRITE_STATUSES
from infra.hub.rest.refusal import unprocessable
from infra.hub.rest.routes import Routes
from infra.hub.state.checks import CommitStatus, StatusState

route = Routes()


class StatusBody(Body):
    state: StatusState
    context: str = "default"
    description: Annotated[str, Field(max_length=140)] | None = None
    target_url: str | None = None


@route("POST", "/repos/{owner}/{repo}/statuses/{sha}", WRITE_STATUSES)
def create_status(call: Call) -> Answer:
    sent, sha = call.body(StatusBody, "Status"), call.params["sha"]
    if resolve(open_store(call.repo.path), sha) is None:
        raise unprocessable(f"No commit found for SHA: {sha}")
    status = CommitStatus(
        call.world.next_id(),
        sha,
        sent.state,
        sent.context,
        sent.description,
        sent.target_url,
        call.account,
        call.world.clock.now(),
    )
    call.repo.statuses.append(status)
    return Answer(201, render.status(call.world, call.repo, status))


@route("GET", "/repos/{owner}/{repo}/commits/{ref}/status", READ_STATUSES)
def show_combined(call: Call) -> Answer:
    sha = str(find_commit(open_store(call.repo.path), call.params["ref"]).id)
    found = [each for each in call.repo.statuses if each.sha == sha]
    return Answer(200, render.combined_status(call.world, call.repo, sha, found))


@route("GET", "/repos/{owner}/{repo}/commits/{ref}/statuses", READ_STATUSES)
def list_statuses(call: Call) -> Answer:
    sha = str(find_commit(open_store(call.repo.path), call.params["ref"]).id)
    found = [each for each in reversed(call.repo.statuses) if each.sha == sha]
    return call.page(found, lambda each: render.status(call.world, call.repo, each))
