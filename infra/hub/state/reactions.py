"""Reactions on issues, comments and review comments."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from infra.hub.state.accounts import Account

Content = Literal["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"]
CONTENTS: tuple[Content, ...] = get_args(Content)


@dataclass(eq=False)
class Reaction:
    id: int
    user: Account
    content: Content
    created_at: datetime


def rollup(reactions: list[Reaction]) -> dict[str, int]:
    counts: dict[str, int] = dict.fromkeys(CONTENTS, 0)
    for reaction in reactions:
        counts[reaction.content] += 1
    return {"total_count": len(reactions), **counts}
