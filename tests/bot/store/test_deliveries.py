"""A delivery is kept once, and runs until it is done."""

from bot.store import deliveries
from bot.store.deliveries import NewDelivery
from bot.store.engine import Store
from bot.store.ids import Guid, RepositoryId
from bot.store.states import DeliveryState
from tests.support.clock import TestClock

GUID = Guid("8f14e45f-ceea-467f-a3c1-0f1c2d3e4f50")


async def test_a_redelivery_of_what_is_not_done_runs_again(store: Store) -> None:
    assert await deliveries.record(store, a_delivery())
    assert await deliveries.record(store, a_delivery())
    await deliveries.mark(store, GUID, DeliveryState.failed, "502 from GitHub")
    assert await deliveries.record(store, a_delivery())


async def test_a_redelivery_of_what_is_done_wakes_nobody(store: Store) -> None:
    await deliveries.record(store, a_delivery())
    await deliveries.mark(store, GUID, DeliveryState.done)
    assert not await deliveries.record(store, a_delivery())
    assert await deliveries.claim(store, GUID, "w1", 30) is None


async def test_a_delivery_is_in_one_pair_of_hands(store: Store, clock: TestClock) -> None:
    await deliveries.record(store, a_delivery())
    claimed = await deliveries.claim(store, GUID, "w1", 30)
    assert claimed is not None
    assert (claimed.tries, claimed.payload) == (1, b'{"zen": "x"}')
    assert await deliveries.claim(store, GUID, "w2", 30) is None
    assert await deliveries.next_received(store) == ()
    clock.tick(31)
    assert [waiting.tries for waiting in await deliveries.next_received(store)] == [1]
    again = await deliveries.claim(store, GUID, "w2", 30)
    assert again is not None
    assert again.tries == 2


async def test_deliveries_wait_in_the_order_they_came(store: Store, clock: TestClock) -> None:
    for name in ("b", "a", "c"):
        await deliveries.record(store, a_delivery(name))
        clock.tick(1)
    assert [each.guid for each in await deliveries.next_received(store, limit=2)] == ["b", "a"]
    assert await deliveries.latest_received_at(store) == clock.tick(-1)


async def test_a_pruned_delivery_is_still_known(store: Store, clock: TestClock) -> None:
    await deliveries.record(store, a_delivery())
    await deliveries.record(store, a_delivery("waiting"))
    await deliveries.mark(store, GUID, DeliveryState.done)
    assert await deliveries.prune(store, clock.tick(3600)) == 1
    assert not await deliveries.record(store, a_delivery())
    found = await deliveries.get(store, GUID)
    assert found is not None
    assert found.payload == b""


async def test_ids_above_two_to_the_thirty_one_survive(store: Store) -> None:
    await deliveries.record(store, a_delivery())
    found = await deliveries.get(store, GUID)
    assert found is not None
    assert found.repository_id == 2**31 + 2


def a_delivery(guid: str = GUID) -> NewDelivery:
    return NewDelivery(
        guid=Guid(guid),
        event="issue_comment",
        action="created",
        repository_id=RepositoryId(2**31 + 2),
        installation_id=None,
        payload=b'{"zen": "x"}',
    )
