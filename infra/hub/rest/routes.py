"""Handlers by the path template GitHub's description gives their operation."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from infra.hub.rest.call import Answer, Call
from infra.hub.rest.needs import Need

Handler = Callable[[Call], Answer]

# These hold slashes: a branch `baro/1/a`, a file `src/a.py`.
_SLASHED = {"path", "ref", "basehead", "branch", "dir"}
_VARIABLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Route:
    method: str
    template: str
    need: Need | None
    handler: Handler
    pattern: re.Pattern[str]


class Routes(list[Route]):
    """One area's routes; called, it is the decorator that adds one."""

    def __call__(
        self, method: str, template: str, need: Need | None
    ) -> Callable[[Handler], Handler]:
        """`need` None: the call is about no repository, and the handler checks who calls."""

        def add(handler: Handler) -> Handler:
            self.append(Route(method, template, need, handler, pattern_of(template)))
            return handler

        return add


def pattern_of(template: str) -> re.Pattern[str]:
    parts = _VARIABLE.split(template)
    shown = [
        re.escape(part) if index % 2 == 0 else f"(?P<{part}>{_shape(part)})"
        for index, part in enumerate(parts)
    ]
    return re.compile("".join(shown))


def _shape(name: str) -> str:
    if name in _SLASHED:
        return ".+"
    return r"\d+" if name.endswith(("_number", "_id")) else "[^/]+"


def precedence(template: str) -> tuple[int, int]:
    """Words before variables: `issues/comments` is no issue's number."""
    return (-len(_VARIABLE.sub("", template)), len(template))
