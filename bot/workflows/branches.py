"""The one branch of a change."""

import re

from bot.store.changes import Change
from bot.store.plans import PlanRow


def branch_for(change: Change, plan: PlanRow, prefix: str) -> str:
    """A follow-up's own base branch; the change's branch; or a new name from number and title."""
    if plan.plan.base.branch and change.branch == plan.plan.base.branch:
        return change.branch
    slug = re.sub(r"[^a-z0-9]+", "-", plan.plan.title.lower()).strip("-")[:40].rstrip("-")
    return f"{prefix}{change.number}-{slug or 'change'}"
