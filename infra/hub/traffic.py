"""A record of every REST and git request, for tests that count."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class Exchange:
    kind: Literal["rest", "git"]
    method: str
    path: str  # below the API's base; for git below the web's
    status: int  # 0: the connection was dropped
    actor: str
    at: datetime
    seconds: float
    request: bytes
    faulted: bool


class Traffic(list[Exchange]):
    def matching(
        self, method: str = ".*", path: str = ".*", status: int | None = None, actor: str = ".*"
    ) -> list[Exchange]:
        """Those whose method, path and actor match these regular expressions from the start."""
        return [
            each
            for each in self
            if re.fullmatch(method, each.method)
            and re.match(path, each.path)
            and re.match(actor, each.actor)
            and status in (None, each.status)
        ]
