"""One issue is one change, however often and by whomever it is asked for."""

import asyncio

from bot.store import changes, installations
from bot.store.engine import Store
from bot.store.ids import RepositoryId
from bot.store.states import ChangeState, InstallationState, RepositoryState, Subject
from tests.support.builders import JON, MAYA
from tests.support.clock import TestClock
from tests.support.stored import INSTALLATION, REPOSITORY, a_change, a_repository


async def test_an_issue_asked_for_at_once_by_two_is_one_change(store: Store) -> None:
    repository = await a_repository(store)
    first, second = await asyncio.gather(
        changes.open_change(store, repository, 12, Subject.issue, MAYA),
        changes.open_change(store, repository, 12, Subject.issue, JON),
    )
    assert first == second
    assert first.state is ChangeState.asked
    assert first.requester in (MAYA, JON)


async def test_a_change_is_found_by_the_pull_request_made_for_it(store: Store) -> None:
    change = await a_change(store)
    await changes.set_pull(store, change.id, 40, "baro/12-export")
    found = await changes.by_pull(store, REPOSITORY, 40)
    assert found is not None
    assert (found.id, found.branch) == (change.id, "baro/12-export")
    assert await changes.by_pull(store, REPOSITORY, 12) is None


async def test_a_persons_pull_request_is_its_own_change(store: Store) -> None:
    repository = await a_repository(store)
    change = await changes.open_change(store, repository, 41, Subject.pull, JON)
    assert await changes.by_pull(store, repository, 41) == change
    assert await changes.by_issue(store, repository, 41) == change


async def test_a_state_is_left_only_for_where_it_may_go(store: Store, clock: TestClock) -> None:
    change = await a_change(store)
    clock.tick(5)
    moved = await changes.set_state(
        store, change.id, ChangeState.merged, only_from={ChangeState.delivered}
    )
    assert not moved
    assert await changes.set_state(store, change.id, ChangeState.declined, "closed already")
    now = await changes.get(store, change.id)
    assert now is not None
    assert (now.state, now.note, now.updated_at) == (
        ChangeState.declined,
        "closed already",
        clock(),
    )
    assert await changes.in_state(store, ChangeState.declined) == (now,)
    assert await changes.in_state(store, ChangeState.asked) == ()


async def test_a_new_requester_takes_over(store: Store) -> None:
    change = await a_change(store)
    await changes.set_requester(store, change.id, JON)
    found = await changes.get(store, change.id)
    assert found is not None
    assert found.requester == JON


async def test_a_renamed_repository_keeps_its_id(store: Store) -> None:
    repository = await a_repository(store)
    await installations.repository_seen(store, repository, INSTALLATION, "acme", "store")
    assert await installations.repository_named(store, "acme", "shop") is None
    found = await installations.repository_named(store, "ACME", "Store")
    assert found is not None
    assert (found.id, found.full_name) == (repository, "acme/store")


async def test_a_name_taken_over_belongs_to_the_living_repository(store: Store) -> None:
    old = await a_repository(store)
    await installations.set_repository_state(store, old, RepositoryState.removed)
    new = await a_repository(store, RepositoryId(REPOSITORY - 1))
    found = await installations.repository_named(store, "acme", "shop")
    assert found is not None
    assert found.id == new
    assert len(await installations.repositories_of(store, INSTALLATION)) == 2


async def test_a_limited_installation_says_until_when(store: Store, clock: TestClock) -> None:
    await a_repository(store)
    await installations.limit(store, INSTALLATION, clock.tick(60))
    await installations.set_state(store, INSTALLATION, InstallationState.suspended)
    found = await installations.get(store, INSTALLATION)
    assert found is not None
    assert (found.limited_until, found.state) == (clock(), InstallationState.suspended)
    await installations.seen(store, INSTALLATION, "acme")
    assert [each.limited_until for each in await installations.every_installation(store)] == [
        clock()
    ]
