"""Issues, comments and labels as GitHub keeps them."""

import pytest

from infra.hub.acts.issues import delete_issue, transfer_issue
from infra.hub.acts.repositories import create_repository
from infra.hub.people import HubRefused
from infra.hub.running import Hub
from tests.infra.hub.app import SHOP, AppClient, as_person


async def _issue(bot: AppClient, **fields: object) -> int:
    made = await bot.post(f"{SHOP}/issues", {"title": "An issue", **fields})
    assert made.status_code == 201
    number: int = made.json()["number"]
    return number


async def test_an_issue_is_opened_read_edited_and_closed(bot: AppClient) -> None:
    number = await _issue(bot, body="why", labels=["bug", "made up"])
    closed = (await bot.patch(f"{SHOP}/issues/{number}", {"state": "closed"})).json()
    assert [label["name"] for label in closed["labels"]] == ["bug", "made up"]
    assert (closed["state"], closed["state_reason"]) == ("closed", "completed")
    assert closed["closed_by"]["login"] == "baro[bot]"
    reopened = (await bot.patch(f"{SHOP}/issues/{number}", {"state": "open"})).json()
    assert (reopened["closed_at"], reopened["state_reason"]) == (None, "reopened")


async def test_lists_are_filtered(hub: Hub, bot: AppClient) -> None:
    await _issue(bot, title="one", labels=["bug"])
    two = await _issue(bot, title="two")
    await bot.patch(f"{SHOP}/issues/{two}", {"state": "closed"})
    await hub.as_user("rita").open_issue("acme/shop", "three")

    async def titles(query: str) -> list[str]:
        return [each["title"] for each in (await bot.get(f"{SHOP}/issues?{query}")).json()]

    assert await titles("") == ["three", "one"]
    assert await titles("state=all&direction=asc") == ["one", "two", "three"]
    assert await titles("labels=bug") == ["one"]
    assert await titles("creator=rita") == ["three"]
    assert await titles("since=2999-01-01T00:00:00Z") == []


async def test_an_issue_needs_a_title(bot: AppClient) -> None:
    refused = await bot.post(f"{SHOP}/issues", {"body": "no title"})
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {"resource": "Issue", "field": "title", "code": "missing_field"}
    ]


async def test_an_unknown_issue_is_404_and_a_deleted_one_410(hub: Hub, bot: AppClient) -> None:
    number = await _issue(bot)
    shop, maya = hub.repository("acme/shop"), hub.account("maya")
    delete_issue(hub.world, shop.issues[number], maya)
    assert (await bot.get(f"{SHOP}/issues/{number}")).status_code == 410
    assert (await bot.post(f"{SHOP}/issues/{number}/comments", {"body": "x"})).status_code == 410
    assert (await bot.get(f"{SHOP}/issues/999")).status_code == 404


async def test_disabled_issues_are_410(hub: Hub, bot: AppClient) -> None:
    number = await _issue(bot)
    shop = hub.repository("acme/shop")
    shop.has_issues = False
    assert (await bot.get(f"{SHOP}/issues/{number}")).status_code == 410
    assert (await bot.post(f"{SHOP}/issues", {"title": "x"})).status_code == 410


async def test_a_transferred_issue_redirects(hub: Hub, bot: AppClient) -> None:
    number = await _issue(bot)
    shop, maya, acme = (
        hub.repository("acme/shop"),
        hub.account("maya"),
        hub.account("acme"),
    )
    other = create_repository(hub.world, acme, "other")
    transfer_issue(hub.world, shop.issues[number], other, maya)
    moved = await bot.get(f"{SHOP}/issues/{number}")
    assert (moved.status_code, moved.headers["location"]) == (
        301,
        f"{hub.api_url}/repos/acme/other/issues/1",
    )


async def test_a_comment_is_written_read_edited_and_deleted(bot: AppClient) -> None:
    number = await _issue(bot)
    made = (await bot.post(f"{SHOP}/issues/{number}/comments", {"body": "first"})).json()
    path = f"{SHOP}/issues/comments/{made['id']}"
    assert (await bot.patch(path, {"body": "second"})).json()["body"] == "second"
    listed = await bot.get(f"{SHOP}/issues/{number}/comments")
    everywhere = await bot.get(f"{SHOP}/issues/comments?sort=updated&direction=desc")
    assert [each["body"] for each in listed.json()] == ["second"]
    assert [each["body"] for each in everywhere.json()] == ["second"]
    assert (await bot.delete(path)).status_code == 204
    assert (await bot.get(path)).status_code == 404
    assert (await bot.get(f"{path}/reactions")).status_code == 404


@pytest.mark.parametrize("body", ["", " \r\n", "x" * 65_537], ids=["empty", "blank", "too long"])
async def test_a_comment_of_the_wrong_length_is_refused(bot: AppClient, body: str) -> None:
    number = await _issue(bot)
    refused = await bot.post(f"{SHOP}/issues/{number}/comments", {"body": body})
    assert refused.status_code == 422


async def test_a_comment_may_be_as_long_as_65536_characters(bot: AppClient) -> None:
    number = await _issue(bot)
    made = await bot.post(f"{SHOP}/issues/{number}/comments", {"body": "ü" * 65_536})
    assert made.status_code == 201


async def test_a_locked_issue_takes_comments_from_writers_only(hub: Hub, bot: AppClient) -> None:
    number = await _issue(bot)
    await hub.as_user("jon").lock("acme/shop", number)
    path = f"{SHOP}/issues/{number}/comments"
    assert (await as_person(hub, "rita", "POST", path, {"body": "x"})).status_code == 403
    assert (await as_person(hub, "jon", "POST", path, {"body": "x"})).status_code == 201


async def test_writers_edit_what_others_wrote_and_readers_do_not(hub: Hub, bot: AppClient) -> None:
    number = await _issue(bot)
    comment = (await bot.post(f"{SHOP}/issues/{number}/comments", {"body": "- [ ] a"})).json()
    edited = await hub.as_user("jon").tick("acme/shop", comment["id"], "a")
    assert (edited.body, edited.user and edited.user.login) == ("- [x] a", "baro[bot]")
    with pytest.raises(HubRefused):
        await hub.as_user("rita").edit_comment("acme/shop", comment["id"], "mine")
    with pytest.raises(HubRefused):
        await hub.as_user("rita").delete_comment("acme/shop", comment["id"])


async def test_text_from_a_browser_ends_its_lines_with_crlf(hub: Hub, bot: AppClient) -> None:
    number = await _issue(bot)
    said = await hub.as_user("maya").comment("acme/shop", number, "/baro plan\nplease\n")
    shown = (await bot.get(f"{SHOP}/issues/comments/{said.id}")).json()
    assert shown["body"] == "/baro plan\r\nplease\r\n"


async def test_anybody_signed_in_may_open_an_issue_in_public(hub: Hub, bot: AppClient) -> None:
    issue = await hub.as_user("sam").open_issue("acme/shop", "From a stranger")
    assert (await bot.get(f"{SHOP}/issues/{issue.number}")).json()["author_association"] == "NONE"
    with pytest.raises(HubRefused):
        await hub.as_user("sam").label("acme/shop", issue.number, "bug")


async def test_labels_are_added_removed_and_made(bot: AppClient) -> None:
    number = await _issue(bot)
    path = f"{SHOP}/issues/{number}/labels"
    await bot.post(path, {"labels": ["bug", "new one"]})
    left = (await bot.delete(f"{path}/bug")).json()
    assert [label["name"] for label in left] == ["new one"]
    assert (await bot.delete(f"{path}/bug")).status_code == 404
    kept = (await bot.put(path, {"labels": ["bug"]})).json()
    assert [each["name"] for each in kept] == ["bug"]
    assert (await bot.delete(path)).status_code == 204
    made = await bot.post(f"{SHOP}/labels", {"name": "plan", "color": "ff0000"})
    again = await bot.post(f"{SHOP}/labels", {"name": "Plan"})
    assert (made.status_code, again.status_code) == (201, 422)
    assert (await bot.get(f"{SHOP}/labels/plan")).json()["color"] == "ff0000"
    assert (await bot.get(f"{path}")).json() == []


async def test_the_timeline_shows_who_named_the_issue(hub: Hub, bot: AppClient) -> None:
    first, second = await _issue(bot), await _issue(bot)
    await hub.as_user("jon").comment("acme/shop", second, f"like #{first}")
    timeline = (await bot.get(f"{SHOP}/issues/{first}/timeline")).json()
    assert [each["source"]["issue"]["number"] for each in timeline] == [second]


async def test_issues_are_searched_by_qualifiers(bot: AppClient) -> None:
    await _issue(bot, title="Cart loses items", labels=["bug"])
    other = await _issue(bot, title="Another")
    await bot.patch(f"{SHOP}/issues/{other}", {"state": "closed"})

    async def titles(query: str) -> list[str]:
        found = await bot.get(f"/search/issues?q={query}")
        return [each["title"] for each in found.json()["items"]]

    assert await titles("cart+repo:acme/shop+is:open") == ["Cart loses items"]
    assert await titles("repo:acme/shop+is:issue+is:closed+author:app/baro") == []
    assert await titles("label:bug+type:issue") == ["Cart loses items"]
    assert await titles("is:pr") == []
    assert (await bot.get("/search/issues?q=")).status_code == 422


async def test_unread_comments_are_known(hub: Hub, bot: AppClient) -> None:
    number = await _issue(bot)
    await bot.post(f"{SHOP}/issues/{number}/comments", {"body": "hello"})
    assert [each.body for each in hub.unread("baro[bot]")] == ["hello"]
    assert [each.body for each in hub.comments("acme/shop", number)] == ["hello"]
    assert hub.unread("baro[bot]") == []
