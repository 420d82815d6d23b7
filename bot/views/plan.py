"""What the plan comment shows."""

from datetime import datetime, timedelta

from bot.asking import Asking
from bot.comments.views import (
    Approved,
    Awaiting,
    BaseMoved,
    Cancelled,
    Expired,
    IssueGone,
    PlanShown,
    PlanView,
    Replaced,
)
from bot.config import rule_of
from bot.place import Place
from bot.services import Services
from bot.store import approvals, ledger, plans, requests
from bot.store.changes import Change
from bot.store.plans import PlanRow
from bot.store.states import ChangeState, PlanState
from planner.plan import Digest, Plan


async def plan_view(place: Place, change: Change, plan: PlanRow) -> PlanView:
    store = place.services.store
    request = await requests.get(store, plan.request_id)
    assert request is not None
    asking = Asking.model_validate_json(request.body)
    return PlanView(
        change=change.id,
        plan=plan.plan,
        digest=Digest(plan.digest),
        state=await _shown(place, change, plan),
        asked_at=asking.request.at,
        expires_at=expires_at(place.services, plan),
        rule=await rule_of(place),
        edited_since=asking.request.edited_since,
        previous=await _previous(place, change, plan),
        planning_cost=await ledger.cost_of_request(store, plan.request_id),
    )


def expires_at(services: Services, plan: PlanRow) -> datetime:
    """A plan's time starts when people can read it."""
    hours = timedelta(hours=services.settings.plan_expiry_hours)
    return (plan.posted_at or plan.created_at) + hours


async def _previous(place: Place, change: Change, plan: PlanRow) -> Plan | None:
    if plan.revision == 1:
        return None
    before = await plans.by_revision(place.services.store, change.id, plan.revision - 1)
    return before.plan if before else None


async def _shown(place: Place, change: Change, plan: PlanRow) -> PlanShown:
    match plan.state:
        case PlanState.awaiting:
            return Awaiting()
        case PlanState.approved:
            approval = await approvals.of(place.services.store, plan.id)
            assert approval is not None
            return Approved(
                by=approval.person.login,
                at=approval.at,
                how=approval.how,
                one_at_a_time=approval.source == approvals.ONE_AT_A_TIME,
            )
        case PlanState.replaced:
            return Replaced(by=change.requester.login)
        case PlanState.expired:
            return Expired(at=expires_at(place.services, plan))
        case PlanState.cancelled:
            return Cancelled(by=change.note or change.requester.login, at=change.updated_at)
        case PlanState.void:
            closed = change.state is ChangeState.closed
            return IssueGone() if closed else BaseMoved()
