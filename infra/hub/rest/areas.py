"""The whole API: which handler answers a path."""

from infra.hub.rest import (
    apps,
    checks,
    comments,
    commits,
    contents,
    gitdata,
    issues,
    pulls,
    reactions,
    refs,
    repositories,
    reviews,
    search,
    statuses,
    users,
)
from infra.hub.rest.routes import Route, precedence

_AREAS = (
    apps.route,
    checks.route,
    comments.route,
    commits.route,
    contents.route,
    gitdata.route,
    issues.route,
    pulls.route,
    reactions.route,
    refs.route,
    repositories.route,
    reviews.route,
    search.route,
    statuses.route,
    users.route,
)
_BY_METHOD: dict[str, list[Route]] = {}
for _each in sorted((r for area in _AREAS for r in area), key=lambda r: precedence(r.template)):
    _BY_METHOD.setdefault(_each.method, []).append(_each)


def find(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    for each in _BY_METHOD.get(method, ()):
        if match := each.pattern.fullmatch(path):
            return each, match.groupdict()
    return None


def every() -> list[Route]:
    return [each for routes in _BY_METHOD.values() for each in routes]
