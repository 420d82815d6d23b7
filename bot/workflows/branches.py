"""The one branch of a change."""

import re

from bot.asking import Asking
from bot.config import config_of
from bot.place import Place
from bot.store import requests, runs
from bot.store.changes import Change
from bot.store.plans import PlanRow


async def branch_for(place: Place, change: Change, plan: PlanRow) -> str:
    """The branch of the pull request it was asked for on; else the change's; else a new one."""
    row = await requests.get(place.services.store, plan.request_id)
    assert row is not None
    if Asking.model_validate_json(row.body).pull is not None:
        return plan.plan.base.branch
    if change.branch is not None:
        return change.branch
    return await _new(place, change, plan)


async def _new(place: Place, change: Change, plan: PlanRow) -> str:
    """From number and title; a branch whose pull request has ended is never taken up again."""
    prefix = (await config_of(place)).branch.prefix
    slug = re.sub(r"[^a-z0-9]+", "-", plan.plan.title.lower()).strip("-")[:40].rstrip("-")
    name = f"{prefix}{change.number}-{slug or 'change'}"
    used = {run.branch for run in await runs.every_of(place.services.store, change.id)}
    return f"{name}-r{plan.revision}" if name in used else name
