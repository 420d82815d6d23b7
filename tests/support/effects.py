"""What baro did on GitHub, counted from the hub's own record of requests."""

import re
from collections import Counter

from tests.support.stage import Stage

KINDS = {
    "comment": r"/repos/[^/]+/[^/]+/issues/\d+/comments",
    "pull": r"/repos/[^/]+/[^/]+/pulls",
    "check": r"/repos/[^/]+/[^/]+/check-runs",
}


def made(stage: Stage) -> Counter[str]:
    """How many comments, pull requests and check runs baro created."""
    return Counter(
        kind
        for one in list(stage.hub.traffic)
        for kind, path in KINDS.items()
        if one.method == "POST"
        and one.status == 201
        and one.actor == stage.bot
        and re.fullmatch(path, one.path)
    )


def comments_made(stage: Stage, number: int) -> int:
    """How many of them in one thread."""
    path = rf"/repos/[^/]+/[^/]+/issues/{number}/comments$"
    return len(stage.hub.traffic.matching("POST", path, 201, re.escape(stage.bot)))
