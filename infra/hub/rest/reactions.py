"""Reactions on issues, comments and review comments."""

from collections.abc import Callable

from infra.hub.acts.reactions import Subject, react
from infra.hub.render.issues import reaction
from infra.hub.rest.call import Answer, Body, Call
from infra.hub.rest.needs import DISCUSS, READ_ISSUES, READ_PULLS, REVIEW, Need
from infra.hub.rest.refusal import Refusal, not_found
from infra.hub.rest.routes import Routes
from infra.hub.state.issues import Issue
from infra.hub.state.pulls import ReviewComment
from infra.hub.state.reactions import Content

route = Routes()


class ReactionBody(Body):
    content: Content


def _routes(base: str, find: Callable[[Call], Subject], read: Need, write: Need) -> None:
    @route("GET", f"{base}/reactions", read)
    def list_reactions(call: Call) -> Answer:
        wanted = call.query.get("content")
        found = [each for each in find(call).reactions if wanted in (None, each.content)]
        return call.page(found, lambda each: reaction(call.world, each))

    @route("POST", f"{base}/reactions", write)
    def create_reaction(call: Call) -> Answer:
        subject, content = find(call), call.body(ReactionBody, "Reaction").content
        if isinstance(subject, Issue) and subject.locked and not call.may("write"):
            raise Refusal(403, "Unable to create reaction because issue is locked.")
        made, is_new = react(call.world, subject, call.account, content)
        return Answer(201 if is_new else 200, reaction(call.world, made))

    @route("DELETE", f"{base}/reactions/{{reaction_id}}", write)
    def delete_reaction(call: Call) -> Answer:
        subject, wanted = find(call), call.number("reaction_id")
        found = next((each for each in subject.reactions if each.id == wanted), None)
        if found is None:
            raise not_found()
        if found.user is not call.account:
            raise Refusal(403, "Must be the author of the reaction.")
        subject.reactions.remove(found)
        return Answer(204)


def _review_comment(call: Call) -> ReviewComment:
    found = call.repo.review_comment(call.number("comment_id"))
    if found is None:
        raise not_found()
    return found


_routes("/repos/{owner}/{repo}/issues/{issue_number}", Call.issue, READ_ISSUES, DISCUSS)
_routes("/repos/{owner}/{repo}/issues/comments/{comment_id}", Call.comment, READ_ISSUES, DISCUSS)
_routes("/repos/{owner}/{repo}/pulls/comments/{comment_id}", _review_comment, READ_PULLS, REVIEW)
