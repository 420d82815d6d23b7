"""Faults: at a request's door, before or after its effect, over REST and git alike."""

import asyncio
from pathlib import Path

import httpx
import pytest

from infra.hub.faults import FaultForm, left
from infra.hub.git.store import branch_sha
from infra.hub.running import Hub
from tests.infra.hub.app import SHOP, AppClient
from tests.infra.hub.git import clone

ISSUES = f"{SHOP}/issues$"


def _titles(hub: Hub) -> list[str]:
    return [issue.title for issue in hub.repository("acme/shop").issues.values()]


async def test_a_status_before_the_effect_leaves_nothing_done(hub: Hub, bot: AppClient) -> None:
    hub.fault(method="POST", path=ISSUES, status=502, body="<html>Unicorn</html>")
    refused = await bot.post(f"{SHOP}/issues", {"title": "x"})
    assert (refused.status_code, refused.text) == (502, "<html>Unicorn</html>")
    assert refused.headers["content-type"].startswith("text/html")
    assert _titles(hub) == []
    assert (await bot.post(f"{SHOP}/issues", {"title": "x"})).status_code == 201


async def test_a_status_after_the_effect_hides_what_was_done(hub: Hub, bot: AppClient) -> None:
    hub.fault(method="POST", path=ISSUES, when="after", status=502)
    assert (await bot.post(f"{SHOP}/issues", {"title": "stored"})).status_code == 502
    assert _titles(hub) == ["stored"]


@pytest.mark.parametrize(("when", "stored"), [("before", []), ("after", ["x"])])
async def test_a_connection_is_dropped_before_or_after_the_effect(
    hub: Hub, bot: AppClient, when: str, stored: list[str]
) -> None:
    hub.fault(method="POST", path=ISSUES, when=when, drop=True)
    with pytest.raises(httpx.HTTPError):
        await bot.post(f"{SHOP}/issues", {"title": "x"})
    assert _titles(hub) == stored
    assert [each.status for each in hub.traffic.matching("POST", ISSUES)] == [0]


async def test_a_fault_hits_so_many_times_after_so_many_others(hub: Hub, bot: AppClient) -> None:
    hub.fault(path=ISSUES, skip=1, times=2, status=503)
    codes = [(await bot.get(f"{SHOP}/issues")).status_code for _ in range(5)]
    assert codes == [200, 503, 503, 200, 200]


async def test_a_fault_picks_its_requests(hub: Hub, bot: AppClient) -> None:
    hub.fault(method="POST", path=ISSUES, sent="poison", status=500, times=None)
    hub.fault(path=ISSUES, actor="^rita$", status=500, times=None)
    assert (await bot.post(f"{SHOP}/issues", {"title": "poison"})).status_code == 500
    assert (await bot.post(f"{SHOP}/issues", {"title": "fine"})).status_code == 201
    with pytest.raises(Exception, match=r"/issues: $"):
        await hub.as_user("rita").open_issue("acme/shop", "hers")


async def test_a_delay_takes_its_time(hub: Hub, bot: AppClient) -> None:
    hub.fault(path=ISSUES, delay=0.15)
    begun = asyncio.get_running_loop().time()
    assert (await bot.get(f"{SHOP}/issues")).status_code == 200
    assert asyncio.get_running_loop().time() - begun >= 0.15


@pytest.mark.parametrize("retry_after", [{"retry-after": "2"}, {}], ids=["said", "not said"])
async def test_a_secondary_limit_may_come_with_or_without_retry_after(
    hub: Hub, bot: AppClient, retry_after: dict[str, str]
) -> None:
    body = '{"message": "You have exceeded a secondary rate limit."}'
    hub.fault(path=ISSUES, status=403, headers=retry_after, body=body)
    refused = await bot.get(f"{SHOP}/issues")
    assert refused.status_code == 403
    assert refused.json()["message"].startswith("You have exceeded a secondary")
    assert ("retry-after" in refused.headers) is bool(retry_after)


@pytest.mark.parametrize(("when", "stored"), [("before", []), ("after", ["x"])])
async def test_a_request_is_held_at_a_point_until_released(
    hub: Hub, bot: AppClient, when: str, stored: list[str]
) -> None:
    fault = hub.fault(method="POST", path=ISSUES, when=when, hold=True)
    call = asyncio.create_task(bot.post(f"{SHOP}/issues", {"title": "x"}))
    await hub.reached(fault)
    assert _titles(hub) == stored
    assert fault.holding == 1
    hub.faults.release(fault)
    assert (await call).status_code == 201
    assert _titles(hub) == ["x"]


async def test_a_held_request_is_abandoned_with_its_connection(hub: Hub, bot: AppClient) -> None:
    fault = hub.fault(method="POST", path=ISSUES, hold=True)
    call = asyncio.create_task(bot.post(f"{SHOP}/issues", {"title": "x"}))
    await hub.reached(fault)
    hub.faults.release(fault, abandon=True)
    with pytest.raises(httpx.HTTPError):
        await call
    assert _titles(hub) == []


async def test_a_caller_that_died_while_held_left_nothing_behind(hub: Hub, bot: AppClient) -> None:
    fault = hub.fault(method="POST", path=ISSUES, hold=True)
    call = asyncio.create_task(bot.post(f"{SHOP}/issues", {"title": "x"}))
    await hub.reached(fault)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await left(fault)
    hub.faults.release(fault)
    assert _titles(hub) == []


async def test_a_hub_stops_while_it_holds(hub: Hub, bot: AppClient) -> None:
    fault = hub.fault(path=ISSUES, hold=True)
    call = asyncio.create_task(bot.get(f"{SHOP}/issues"))
    await hub.reached(fault)
    hub.faults.clear()
    assert (await call).status_code == 200


@pytest.mark.parametrize(("when", "moved"), [("before", False), ("after", True)])
async def test_a_push_is_held_by_the_ref_it_moves(
    hub: Hub, bot: AppClient, tmp_path: Path, when: str, moved: bool
) -> None:
    checkout = await clone(bot.clone_url, tmp_path / "checkout")
    await checkout.commit({"a.txt": "a\n"})
    fault = hub.fault(path="git-receive-pack$", ref="^refs/heads/baro/", when=when, hold=True)
    assert (await checkout.push("HEAD:refs/heads/other")).code == 0
    pushing = asyncio.create_task(checkout.push("HEAD:refs/heads/baro/1"))
    await hub.reached(fault)
    path = hub.repository("acme/shop").path
    assert (branch_sha(path, "baro/1") is not None) is moved
    hub.faults.release(fault)
    assert (await pushing).code == 0
    assert branch_sha(path, "baro/1") is not None


async def test_a_push_whose_answer_is_lost_was_taken(
    hub: Hub, bot: AppClient, tmp_path: Path
) -> None:
    checkout = await clone(bot.clone_url, tmp_path / "checkout")
    await checkout.commit({"a.txt": "a\n"})
    hub.fault(path="git-receive-pack$", ref="baro", when="after", drop=True)
    assert (await checkout.push("HEAD:refs/heads/baro/1")).code != 0
    assert branch_sha(hub.repository("acme/shop").path, "baro/1") is not None


async def test_faults_are_switched_from_another_process(hub: Hub, bot: AppClient) -> None:
    controls = f"{hub.web_url}/_hub/faults"
    form = {"method": "POST", "path": ISSUES, "hold": True}
    made = (await bot.post(controls, form)).json()
    one = f"{controls}/{made['id']}"
    early = await bot.get(f"{one}/reached?seconds=0.05")
    call = asyncio.create_task(bot.post(f"{SHOP}/issues", {"title": "x"}))
    reached = await bot.get(f"{one}/reached?seconds=5")
    assert (early.status_code, reached.json()["holding"]) == (408, 1)
    await bot.post(f"{one}/release", {"abandon": False})
    assert (await call).status_code == 201
    assert [each["hits"] for each in (await bot.get(controls)).json()] == [1]
    assert (await bot.delete(one)).status_code == 204
    assert (await bot.get(controls)).json() == []
    assert (await bot.post(controls, {"unknown": 1})).status_code == 422
    assert (await bot.delete(one)).status_code == 404


def test_a_fault_names_only_what_it_knows() -> None:
    with pytest.raises(ValueError, match="Extra inputs"):
        FaultForm.model_validate({"paths": "x"})


async def test_traffic_is_a_record_to_count_in(hub: Hub, bot: AppClient) -> None:
    await bot.post(f"{SHOP}/issues", {"title": "x"})
    await hub.as_user("rita").issue("acme/shop", 1)
    posts = hub.traffic.matching("POST", ISSUES, actor=r"baro\[bot\]")
    assert [(each.status, b'"x"' in each.request) for each in posts] == [(201, True)]
    assert [each.actor for each in hub.traffic.matching("GET")] == ["rita"]
    listed = (await bot.get(f"{hub.web_url}/_hub/traffic?method=POST&path={SHOP}")).json()
    assert [each["path"] for each in listed] == [f"{SHOP}/issues"]
