"""How every answer looks: pages, tags, times, ids, limits."""

import re

import httpx
import pytest

from infra.hub.running import Hub
from tests.infra.hub.app import SHOP, AppClient


async def _open(hub: Hub, bot: AppClient, count: int) -> None:
    for number in range(count):
        await bot.post(f"{SHOP}/issues", {"title": f"Issue {number}"})


async def test_lists_come_in_pages_of_thirty_with_absolute_links(hub: Hub, bot: AppClient) -> None:
    await _open(hub, bot, 65)
    first = await bot.get(f"{SHOP}/issues?state=all")
    assert len(first.json()) == 30
    assert first.links["next"]["url"] == f"{hub.api_url}{SHOP}/issues?state=all&page=2"
    assert first.links["last"]["url"].endswith("page=3")
    assert "prev" not in first.links
    last = await bot.get(first.links["last"]["url"])
    assert len(last.json()) == 5
    assert set(last.links) == {"prev", "first"}


async def test_more_than_a_hundred_is_quietly_a_hundred(hub: Hub, bot: AppClient) -> None:
    await _open(hub, bot, 101)
    page = await bot.get(f"{SHOP}/issues?per_page=500")
    assert len(page.json()) == 100
    hub.world.switches.link_without_last = True
    assert set((await bot.get(f"{SHOP}/issues?per_page=50")).links) == {"next"}


async def test_what_has_not_changed_is_a_free_304(bot: AppClient) -> None:
    first = await bot.get(f"{SHOP}/labels")
    used = first.headers["x-ratelimit-used"]
    again = await bot.get(f"{SHOP}/labels", **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["x-ratelimit-used"] == used
    assert first.headers["cache-control"] == "private, max-age=60, s-maxage=60"
    assert "Authorization" in first.headers["vary"]


async def test_a_tag_belongs_to_one_token(app: AppClient, bot: AppClient) -> None:
    other = await app.sign_in()
    one, two = await bot.get(f"{SHOP}/labels"), await other.get(f"{SHOP}/labels")
    assert one.json() == two.json()
    assert one.headers["etag"] != two.headers["etag"]


async def test_ids_do_not_fit_in_32_bits_and_times_are_whole_seconds(bot: AppClient) -> None:
    issue = (await bot.post(f"{SHOP}/issues", {"title": "x"})).json()
    assert issue["id"] > 2**31
    assert issue["user"]["id"] > 2**31
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", issue["created_at"])


async def test_a_call_without_user_agent_is_forbidden(hub: Hub, bot: AppClient) -> None:
    async with httpx.AsyncClient(verify=False, trust_env=False) as client:
        request = client.build_request("GET", f"{hub.api_url}/zen")
        del request.headers["user-agent"]
        assert (await client.send(request)).status_code == 403


async def test_an_unknown_api_version_is_refused(bot: AppClient) -> None:
    assert (await bot.get(SHOP, **{"X-GitHub-Api-Version": "2022-11-28"})).status_code == 200
    assert (await bot.get(SHOP, **{"X-GitHub-Api-Version": "1999-01-01"})).status_code == 400


async def test_every_answer_counts_the_hourly_limit(bot: AppClient) -> None:
    first = await bot.get(SHOP)
    second = await bot.get("/repos/acme/none")
    names = ("limit", "remaining", "used", "reset", "resource")
    assert all(f"x-ratelimit-{name}" in second.headers for name in names)
    assert int(first.headers["x-ratelimit-used"]) + 1 == int(second.headers["x-ratelimit-used"])
    free = (await bot.get("/rate_limit")).json()
    assert free["rate"]["used"] == int(second.headers["x-ratelimit-used"])


async def test_over_the_hourly_limit_remaining_is_zero(hub: Hub, bot: AppClient) -> None:
    hub.world.switches.primary_limit = 2
    await bot.get(SHOP)
    await bot.get(SHOP)
    refused = await bot.get(SHOP)
    assert refused.status_code == 403
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert "API rate limit exceeded" in refused.json()["message"]
    hub.world.clock.advance(3601)
    again = await bot.sign_in()
    assert (await again.get(SHOP)).status_code == 200


@pytest.mark.parametrize(
    ("switch", "limit"), [("content_per_minute", 80), ("content_per_hour", 500)]
)
async def test_creating_content_too_fast_meets_the_secondary_limit(
    hub: Hub, bot: AppClient, switch: str, limit: int
) -> None:
    setattr(hub.world.switches, switch, 2)
    assert limit > 2, "GitHub's own; the switch brings it into reach"
    await bot.post(f"{SHOP}/issues", {"title": "1"})
    await bot.post(f"{SHOP}/issues", {"title": "2"})
    refused = await bot.post(f"{SHOP}/issues", {"title": "3"})
    assert refused.status_code == 403
    assert refused.headers["retry-after"] == "60"
    assert "secondary rate limit" in refused.json()["message"]
    assert (await bot.get(SHOP)).status_code == 200, "reading goes on"


async def test_a_body_that_is_no_json_is_a_400(hub: Hub, bot: AppClient) -> None:
    async with httpx.AsyncClient(verify=False, trust_env=False) as client:
        url, headers = f"{hub.api_url}{SHOP}/issues", {"Authorization": f"token {bot.token}"}
        assert (await client.post(url, content=b"{", headers=headers)).status_code == 400
        assert (await client.post(url, content=b"[]", headers=headers)).status_code == 400
