"""Search issues and pulls by the few qualifiers a bot needs."""

import re

from infra.hub.render.accounts import association
from infra.hub.render.issues import issue as render_issue
from infra.hub.rest.actors import AsInstallation
from infra.hub.rest.call import Answer, Call
from infra.hub.rest.needs import READ_ISSUES, check_access
from infra.hub.rest.refusal import Refusal, invalid
from infra.hub.rest.routes import Routes
from infra.hub.state.issues import Issue
from infra.hub.state.repositories import Repository
from infra.hub.state.world import Json

route = Routes()

_WORD = re.compile(r'(?:(\w+):)?("[^"]*"|\S+)')


@route("GET", "/search/issues", None)
def search_issues(call: Call) -> Answer:
    words = [(match[1], match[2].strip('"')) for match in _WORD.finditer(call.query.get("q", ""))]
    if not words:
        raise invalid("Search", "q", "missing")
    every = [
        issue
        for repo in call.world.repositories.values()
        if _is_readable(call, repo)
        for issue in repo.issues.values()
    ]
    found = [issue for issue in every if all(_matches(issue, *word) for word in words)]
    answer = call.page(found, lambda issue: _item(call, issue))
    shown: Json = {
        "total_count": len(found),
        "incomplete_results": False,
        "items": answer.value,
        "search_type": "lexical",
    }
    return Answer(200, shown, answer.headers)


def _is_readable(call: Call, repo: Repository) -> bool:
    try:
        check_access(call.world, call.actor, repo, READ_ISSUES)
    except Refusal:
        return isinstance(call.actor, AsInstallation) and not repo.private
    return True


def _matches(issue: Issue, qualifier: str | None, value: str) -> bool:
    match qualifier:
        case "repo":
            return issue.repository.full_name.casefold() == value.casefold()
        case "is" | "type" | "state":
            facts = {issue.state, "pr" if issue.pull else "issue"}
            if issue.pull and issue.pull.merged_at:
                facts.add("merged")
            return value in facts
        case "author":
            return issue.user.login.casefold() == value.removeprefix("app/").casefold()
        case "label":
            return any(label.name == value for label in issue.labels)
        case "head":
            return issue.pull is not None and issue.pull.head_ref == value
        case None | "in":
            return (
                qualifier == "in" or value.casefold() in f"{issue.title}\n{issue.body}".casefold()
            )
        case _:
            return True


def _item(call: Call, issue: Issue) -> Json:
    """Where the issue itself may be without a body, the search result may not."""
    shown = render_issue(call.world, issue)
    return {
        **shown,
        "body": shown["body"] or "",
        "score": 1.0,
        "author_association": association(issue.user, issue.repository),
    }
