"""Approvals: who, when, by what, for which digest; once per plan."""

from datetime import datetime
from typing import Any

from pydantic import model_validator
from sqlalchemy import insert, select, update

from bot.store.engine import Store
from bot.store.ids import PlanId
from bot.store.rows import Stored, one
from bot.store.states import ApprovalHow, PlanState
from bot.store.tables import approvals, plans
from planner.plan import Digest
from planner.request import Person

# An approval with this source runs the same plan with one agent.
ONE_AT_A_TIME = "one story at a time"


class Approval(Stored):
    """`source` says where it was seen: a reaction's or a comment's id."""

    id: int
    plan_id: PlanId
    digest: Digest
    person: Person
    at: datetime
    how: ApprovalHow
    source: str

    @model_validator(mode="before")
    @classmethod
    def _person(cls, row: dict[str, Any]) -> dict[str, Any]:
        if "person" in row:
            return row
        return {**row, "person": Person(id=row["person_id"], login=row["login"])}


async def record(
    store: Store,
    plan: PlanId,
    digest: Digest,
    person: Person,
    how: ApprovalHow,
    source: str = "",
) -> Approval | None:
    """The plan's approval, this one or the one before it; None when there is nothing to approve:
    another revision is awaiting, or it is not the plan that was read."""
    known = select(approvals).where(approvals.c.plan_id == plan)
    async with store.writing() as connection:
        locked = select(plans.c.state, plans.c.digest).where(plans.c.id == plan).with_for_update()
        row = (await connection.execute(locked)).one_or_none()
        if row is None or row.digest != digest:
            return None
        if (found := await one(connection, Approval, known)) is not None:
            return found
        if row.state != PlanState.awaiting:
            return None
        await connection.execute(
            insert(approvals).values(
                plan_id=plan,
                digest=digest,
                person_id=person.id,
                login=person.login,
                at=store.clock(),
                how=how,
                source=source,
            )
        )
        await connection.execute(
            update(plans).where(plans.c.id == plan).values(state=PlanState.approved)
        )
        return await one(connection, Approval, known)


async def of(store: Store, plan: PlanId) -> Approval | None:
    async with store.reading() as connection:
        return await one(connection, Approval, select(approvals).where(approvals.c.plan_id == plan))
