"""What may not be seen is not found; what may not be done is named."""

from pathlib import Path

import pytest

from infra.hub.acts.accounts import delete_account
from infra.hub.acts.repositories import create_repository, rename_repository, transfer_repository
from infra.hub.running import Hub
from infra.hub.state.repositories import Repository
from tests.infra.hub.app import SHOP, AppClient, as_person


@pytest.fixture
def vault(hub: Hub, app: AppClient, source: Path) -> Repository:
    acme = hub.account("acme")
    return create_repository(hub.world, acme, "vault", source, private=True)


async def test_a_private_repository_is_hidden_not_forbidden(
    hub: Hub, app: AppClient, vault: Repository
) -> None:
    outside = await app.sign_in(repositories=["shop"])
    assert (await outside.get("/repos/acme/vault")).status_code == 404
    assert (await as_person(hub, "sam", "GET", "/repos/acme/vault")).status_code == 404
    assert (await app.get("/repos/acme/vault")).status_code == 404
    assert (await as_person(hub, "maya", "GET", "/repos/acme/vault")).status_code == 200


async def test_a_missing_permission_is_named(app: AppClient) -> None:
    reader = await app.sign_in(permissions={"contents": "read"})
    refused = await reader.post(f"{SHOP}/issues", {"title": "x"})
    assert refused.status_code == 403
    assert refused.json()["message"] == "Resource not accessible by integration"
    accepted = refused.headers["x-accepted-github-permissions"]
    assert accepted == "issues=write; pull_requests=write"


async def test_every_answer_to_a_token_says_which_permission_would_do(bot: AppClient) -> None:
    shown = await bot.get(f"{SHOP}/contents/README.md")
    assert shown.headers["x-accepted-github-permissions"] == "contents=read"


@pytest.mark.parametrize(
    ("login", "permission", "role"),
    [
        ("maya", "admin", "admin"),
        ("jon", "write", "write"),
        ("rita", "read", "read"),
        ("sam", "read", "read"),
    ],
)
async def test_the_permission_endpoint_tells_each_role(
    bot: AppClient, login: str, permission: str, role: str
) -> None:
    shown = (await bot.get(f"{SHOP}/collaborators/{login}/permission")).json()
    assert (shown["permission"], shown["role_name"]) == (permission, role)
    assert shown["user"]["login"] == login


async def test_maintain_reads_write_and_triage_reads_read(hub: Hub, bot: AppClient) -> None:
    shop, jon, rita = (
        hub.repository("acme/shop"),
        hub.account("jon"),
        hub.account("rita"),
    )
    shop.collaborators |= {jon.id: "maintain", rita.id: "triage"}
    maintain = (await bot.get(f"{SHOP}/collaborators/jon/permission")).json()
    triage = (await bot.get(f"{SHOP}/collaborators/rita/permission")).json()
    assert (maintain["permission"], maintain["role_name"]) == ("write", "maintain")
    assert (triage["permission"], triage["role_name"]) == ("read", "triage")


async def test_a_stranger_has_none_in_a_private_repository(
    bot: AppClient, vault: Repository
) -> None:
    shown = await bot.get(f"/repos/{vault.full_name}/collaborators/sam/permission")
    assert (shown.status_code, shown.json()["permission"]) == (200, "none")


async def test_an_unknown_user_has_no_permission_entry(bot: AppClient) -> None:
    assert (await bot.get(f"{SHOP}/collaborators/nobody/permission")).status_code == 404


async def test_names_are_case_insensitive(bot: AppClient) -> None:
    assert (await bot.get("/repos/ACME/Shop")).json()["full_name"] == "acme/shop"
    assert (await bot.get(f"{SHOP}/collaborators/MAYA/permission")).json()["permission"] == "admin"


async def test_a_renamed_repository_redirects(hub: Hub, bot: AppClient) -> None:
    shop, maya = hub.repository("acme/shop"), hub.account("maya")
    issue = (await bot.post(f"{SHOP}/issues", {"title": "Before"})).json()["number"]
    rename_repository(hub.world, shop, "store", maya)
    moved = await bot.get(f"{SHOP}/issues/{issue}")
    assert moved.status_code == 301
    followed = await bot.get(moved.headers["location"])
    assert followed.json()["title"] == "Before"
    assert (await bot.post(f"{SHOP}/issues", {"title": "x"})).status_code == 307


async def test_a_transferred_repository_redirects(hub: Hub, bot: AppClient) -> None:
    shop, maya = hub.repository("acme/shop"), hub.account("maya")
    transfer_repository(hub.world, shop, maya, maya)
    assert (await as_person(hub, "maya", "GET", SHOP)).status_code == 301
    assert (await as_person(hub, "maya", "GET", "/repos/maya/shop")).status_code == 200
    assert (await bot.get("/repos/maya/shop")).status_code == 200, "public, so still readable"
    assert (await bot.post("/repos/maya/shop/issues", {"title": "x"})).status_code == 403


async def test_an_archived_repository_is_read_only(hub: Hub, bot: AppClient) -> None:
    shop = hub.repository("acme/shop")
    shop.archived = True
    assert (await bot.get(SHOP)).json()["archived"] is True
    refused = await bot.post(f"{SHOP}/issues", {"title": "x"})
    assert (refused.status_code, "archived" in refused.json()["message"]) == (403, True)


async def test_a_deleted_account_leaves_its_words_without_author(hub: Hub, bot: AppClient) -> None:
    issue = await hub.as_user("sam").open_issue("acme/shop", "From sam")
    comment = await hub.as_user("sam").comment("acme/shop", issue.number, "and this")
    await hub.as_user("sam").react("acme/shop", comment.id)
    sam = hub.account("sam")
    delete_account(sam)
    path = f"{SHOP}/issues/comments/{comment.id}"
    assert (await bot.get(f"{SHOP}/issues/{issue.number}")).json()["user"] is None
    assert (await bot.get(path)).json()["user"] is None
    assert (await bot.get(f"{path}/reactions")).json()[0]["user"] is None


async def test_nobody_reads_what_is_public_and_writes_nothing(app: AppClient) -> None:
    assert (await app.get(f"{SHOP}/issues")).status_code == 200
    assert (await app.post(f"{SHOP}/issues", {"title": "x"})).status_code == 401
