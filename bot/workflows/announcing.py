"""Edits notify nobody, so the end of a run is said once, to the person who asked."""

from bot.comments import replies
from bot.place import Place
from bot.store import approvals
from bot.store.changes import Change
from bot.store.plans import PlanRow
from bot.store.runs import Run
from bot.store.states import ApprovalHow
from bot.voice import say_once
from executor.events import Outcome
from executor.scheduler import draft_reasons
from executor.state import RunState


async def announce(place: Place, change: Change, plan: PlanRow, run: Run, state: RunState) -> None:
    """Where the work was asked for: on the issue, or on the pull request for a follow-up."""
    approval = await approvals.of(place.services.store, run.plan_id)
    is_follow_up = approval is not None and approval.how is ApprovalHow.fix
    number = change.pull_number if is_follow_up and change.pull_number else change.number
    text = _text(change, plan, state)
    if text is not None:
        await say_once(place, change.id, number, f"run-{run.id}-ended", text)


def _text(change: Change, plan: PlanRow, state: RunState) -> str | None:
    """Nothing for a cancelled run: whoever cancelled it knows."""
    assert state.finished is not None
    who, outcome = change.requester.login, state.finished.outcome
    if outcome is Outcome.cancelled:
        return None
    if state.delivered is None:
        return replies.blocked(who, state.finished.reason)
    reasons = draft_reasons(plan.plan, state)
    if reasons:
        return replies.finished_draft(who, state.delivered.pull, len(reasons))
    return replies.finished(who, state.delivered.pull)
