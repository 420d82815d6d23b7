"""Reactions: made once, counted, listed in pages, and told to nobody."""

import pytest

from infra.hub.acts.accounts import add_account
from infra.hub.running import Hub
from infra.hub.state.reactions import CONTENTS
from tests.infra.hub.app import SHOP, AppClient
from tests.infra.hub.receiver import Receiver


async def _comment(hub: Hub) -> int:
    issue = await hub.as_user("maya").open_issue("acme/shop", "An issue")
    return (await hub.as_user("maya").comment("acme/shop", issue.number, "a plan")).id


async def test_a_repeated_reaction_is_the_same_one(hub: Hub, bot: AppClient) -> None:
    path = f"{SHOP}/issues/comments/{await _comment(hub)}/reactions"
    first = await bot.post(path, {"content": "eyes"})
    again = await bot.post(path, {"content": "eyes"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


async def test_a_reaction_moves_the_count_and_not_the_time(hub: Hub, bot: AppClient) -> None:
    path = f"{SHOP}/issues/comments/{await _comment(hub)}"
    before = (await bot.get(path)).json()
    hub.world.clock.advance(5)
    for content in CONTENTS:
        assert (await bot.post(f"{path}/reactions", {"content": content})).status_code == 201
    after = (await bot.get(path)).json()
    assert after["updated_at"] == before["updated_at"]
    assert after["reactions"]["total_count"] == 8
    assert after["reactions"]["+1"] == 1


async def test_only_the_eight_contents_exist(hub: Hub, bot: AppClient) -> None:
    path = f"{SHOP}/issues/comments/{await _comment(hub)}/reactions"
    assert (await bot.post(path, {"content": "tada"})).status_code == 422


async def test_reactions_come_in_pages_of_thirty_by_content(hub: Hub, bot: AppClient) -> None:
    comment = await _comment(hub)
    for number in range(31):
        add_account(hub.world, f"fan{number}")
        await hub.as_user(f"fan{number}").react("acme/shop", comment)
    await hub.as_user("jon").react("acme/shop", comment, "heart")
    path = f"{SHOP}/issues/comments/{comment}/reactions"
    first = await bot.get(f"{path}?content=%2B1")
    second = await bot.get(first.links["next"]["url"])
    assert (len(first.json()), len(second.json())) == (30, 1)
    assert len((await bot.get(f"{path}?per_page=100")).json()) == 32


async def test_a_reaction_is_taken_back_by_its_author_only(hub: Hub, bot: AppClient) -> None:
    comment = await _comment(hub)
    theirs = await hub.as_user("rita").react("acme/shop", comment)
    path = f"{SHOP}/issues/comments/{comment}/reactions"
    assert (await bot.delete(f"{path}/{theirs.id}")).status_code == 403
    await hub.as_user("rita").unreact("acme/shop", comment, theirs.id)
    assert (await bot.get(path)).json() == []
    assert (await bot.delete(f"{path}/{theirs.id}")).status_code == 404


async def test_a_poll_of_unchanged_reactions_is_a_304(hub: Hub, bot: AppClient) -> None:
    comment = await _comment(hub)
    path = f"{SHOP}/issues/comments/{comment}/reactions?content=%2B1&per_page=100"
    first = await bot.get(path)
    tag = {"If-None-Match": first.headers["etag"]}
    assert (await bot.get(path, **tag)).status_code == 304
    await hub.as_user("jon").react("acme/shop", comment)
    assert [each["user"]["login"] for each in (await bot.get(path, **tag)).json()] == ["jon"]


async def test_issues_take_reactions_too_unless_locked(hub: Hub, bot: AppClient) -> None:
    issue = await hub.as_user("maya").open_issue("acme/shop", "An issue")
    made = await hub.as_user("sam").react_to_issue("acme/shop", issue.number, "rocket")
    listed = await bot.get(f"{SHOP}/issues/{issue.number}/reactions")
    assert [each["id"] for each in listed.json()] == [made.id]
    await hub.as_user("maya").lock("acme/shop", issue.number)
    with pytest.raises(Exception, match="locked"):
        await hub.as_user("sam").react_to_issue("acme/shop", issue.number, "heart")


async def test_no_webhook_tells_of_a_reaction(hub: Hub, receiver: Receiver, bot: AppClient) -> None:
    comment = await _comment(hub)
    await hub.quiet()
    before = receiver.names
    await hub.as_user("jon").react("acme/shop", comment)
    await bot.post(f"{SHOP}/issues/comments/{comment}/reactions", {"content": "eyes"})
    await hub.quiet()
    assert receiver.names == before
