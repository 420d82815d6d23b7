"""The plan as it was approved: what the executor is given, and what people are shown."""

from bot.store.approvals import ONE_AT_A_TIME, Approval
from bot.store.plans import PlanRow
from planner.plan import Mode, Plan


def approved_plan(plan: PlanRow, approval: Approval | None) -> Plan:
    """The stored plan, to the letter; ticking *one story at a time* only ever narrows it."""
    if approval is None or approval.source != ONE_AT_A_TIME:
        return plan.plan
    return plan.plan.model_copy(update={"mode": Mode.sequential, "agents": 1})
