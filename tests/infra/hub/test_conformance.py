"""The check against GitHub's description finds what does not fit it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from infra.hub.openapi.description import document, operation
from infra.hub.rest.areas import every
from infra.hub.running import Hub, running_hub
from infra.hub.seed import AppSeed, plant, shop
from tests.infra.hub.app import SHOP, AppClient, session_key


@pytest_asyncio.fixture
async def bot(tmp_path: Path, source: Path) -> AsyncIterator[AppClient]:
    """On a hub whose violations are the point."""
    async with running_hub(tmp_path / "hub", check=True) as hub:
        seed = shop(source, app=AppSeed(private_key=session_key()))
        yield await AppClient(hub, plant(hub.world, seed)).sign_in()


def _found(hub: Hub) -> list[tuple[str, str]]:
    return [(each.where, each.what) for each in hub.violations]


async def test_an_unknown_operation_is_a_violation(bot: AppClient) -> None:
    assert (await bot.get(f"{SHOP}/deployments")).status_code == 404
    assert _found(bot.hub) == [(f"GET {SHOP}/deployments", "unknown operation")]


async def test_an_answer_of_the_wrong_shape_is_a_violation(bot: AppClient) -> None:
    await bot.post(f"{SHOP}/issues", {"title": "x"})
    bot.hub.repository("acme/shop").issues[1].title = 5  # type: ignore[assignment]
    await bot.get(f"{SHOP}/issues/1")
    where, what = _found(bot.hub)[0]
    assert where == "GET /repos/{owner}/{repo}/issues/{issue_number}"
    assert what == "response 200 at /title: 5 is not of type 'string'"


async def test_a_request_of_the_wrong_shape_is_a_violation(bot: AppClient) -> None:
    await bot.post(f"{SHOP}/issues", {"title": "x"})
    await bot.post(f"{SHOP}/issues/1/labels", {"labels": ["a"], "remove": True})
    await bot.put(f"{SHOP}/issues/1/labels", {"labels": []})
    assert [where for where, _ in _found(bot.hub)] == [
        "PUT /repos/{owner}/{repo}/issues/{issue_number}/labels"
    ]


async def test_a_misspelt_query_is_a_violation(bot: AppClient) -> None:
    await bot.get(f"{SHOP}/issues?perpage=5")
    await bot.get(f"{SHOP}/issues?per_page=5&state=all&labels=a,b")
    await bot.get(f"{SHOP}/issues?state=opened")
    assert [what for _, what in _found(bot.hub)] == [
        "query perpage is not described",
        "query state at /: 'opened' is not one of ['open', 'closed', 'all']",
    ]


async def test_a_request_that_was_refused_may_be_wrong(bot: AppClient) -> None:
    assert (await bot.post(f"{SHOP}/issues", {"title": 5})).status_code == 422
    assert _found(bot.hub) == []


async def test_a_webhook_of_the_wrong_shape_is_a_violation(bot: AppClient) -> None:
    bot.hub.repository("acme/shop").description = 5  # type: ignore[assignment]
    await bot.post(f"{SHOP}/issues", {"title": "x"})
    where, what = _found(bot.hub)[0]
    assert where == "webhook issues-opened"
    assert what == "payload at /repository/description: 5 is not of type 'string', 'null'"


async def test_a_handler_that_falls_over_is_a_violation(bot: AppClient) -> None:
    shop = bot.hub.repository("acme/shop")
    shop.path = shop.path / "gone"
    assert (await bot.get(f"{SHOP}/branches")).status_code == 500
    assert "crashed" in _found(bot.hub)[0][1]


@pytest.mark.parametrize(
    ("method", "template"), sorted({(each.method, each.template) for each in every()})
)
def test_every_route_is_described(method: str, template: str) -> None:
    template = template.rstrip("/")
    if template.endswith("/contents"):
        template += "/{path}"
    assert operation(method, template) is not None


def test_what_the_slice_lacks_has_its_source_written_down() -> None:
    assert document()["info"]["version"] == "23.0.2"
    assert operation("POST", "/app/hook/deliveries/{delivery_id}/attempts") is not None
