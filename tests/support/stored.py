"""Rows for tests: each builder makes what it needs below it."""

from bot.store import approvals, changes, installations, plans, requests, runs
from bot.store.changes import Change
from bot.store.engine import Store
from bot.store.ids import InstallationId, RepositoryId
from bot.store.plans import PlanRow
from bot.store.requests import RequestRow
from bot.store.runs import Run
from bot.store.states import ApprovalHow, RequestKind, Subject
from tests.support.builders import MAYA, a_plan

INSTALLATION = InstallationId(2**31 + 1)
REPOSITORY = RepositoryId(2**31 + 2)


async def a_repository(store: Store, repository: RepositoryId = REPOSITORY) -> RepositoryId:
    await installations.seen(store, INSTALLATION, "acme")
    await installations.repository_seen(store, repository, INSTALLATION, "acme", "shop")
    return repository


async def a_change(store: Store, number: int = 12) -> Change:
    repository = await a_repository(store)
    return await changes.open_change(store, repository, number, Subject.issue, MAYA)


async def a_request(store: Store, key: str = "comment:1", number: int = 12) -> RequestRow:
    change = await a_change(store, number)
    return await requests.add(store, change.id, key, RequestKind.plan, "{}")


async def a_stored_plan(store: Store, key: str = "comment:1", number: int = 12) -> PlanRow:
    request = await a_request(store, key, number)
    return await plans.add(store, request.change_id, request.id, a_plan(ui="api", api=""))


async def an_approved_plan(store: Store, key: str = "comment:1", number: int = 12) -> PlanRow:
    plan = await a_stored_plan(store, key, number)
    await approvals.record(store, plan.id, plan.digest, MAYA, ApprovalHow.reaction)
    approved = await plans.by_id(store, plan.id)
    assert approved is not None
    return approved


async def a_run(store: Store, key: str = "comment:1", number: int = 12) -> Run:
    plan = await an_approved_plan(store, key, number)
    return await runs.start(store, plan, f"baro/{number}")
