"""The two mutations REST has no word for: a pull out of draft, and back into it."""

import re

from pydantic import BaseModel, ConfigDict, ValidationError

from infra.hub.acts.pulls import mark_draft, mark_ready
from infra.hub.render.accounts import node_id
from infra.hub.rest.actors import Actor, writer
from infra.hub.rest.needs import WRITE_PULLS, check_access
from infra.hub.rest.refusal import Refusal
from infra.hub.state.pulls import Pull
from infra.hub.state.world import Json, World

_ACTS = {"markPullRequestReadyForReview": mark_ready, "convertPullRequestToDraft": mark_draft}
_NODE = re.compile(r"PR_[\w-]+")


class Query(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    query: str
    variables: dict[str, object] | None = None


def run_query(world: World, actor: Actor, body: bytes) -> Json:
    """The named mutation on the pull whose node id stands in the text or the variables."""
    try:
        sent = Query.model_validate_json(body)
    except ValidationError as error:
        raise Refusal(400, "Problems parsing JSON") from error
    name = next((each for each in _ACTS if each in sent.query), None)
    pull = _pull(world, f"{sent.query} {sent.variables}")
    if name is None or pull is None:
        return {"data": None, "errors": [{"type": "NOT_FOUND", "message": "Could not resolve"}]}
    by = writer(actor)
    check_access(world, actor, pull.repository, WRITE_PULLS)
    _ACTS[name](world, pull, by)
    shown = {"id": node_id("PR", pull.id), "isDraft": pull.draft, "number": pull.number}
    return {"data": {name: {"pullRequest": shown}}}


def _pull(world: World, text: str) -> Pull | None:
    named = set(_NODE.findall(text))
    every = (pull for repo in world.repositories.values() for pull in repo.pulls())
    return next((pull for pull in every if node_id("PR", pull.id) in named), None)
