"""What a test does to a hub in another process."""

import asyncio
import json
import signal
import sys
from pathlib import Path

from infra.hub.running import Hub
from infra.hub.seed import AppSeed, IssueSeed, shop
from tests.infra.hub.app import SHOP, AppClient, session_key
from tests.infra.hub.git import clone
from tests.infra.hub.receiver import Receiver


async def test_the_hub_is_a_process_of_its_own(tmp_path: Path, source: Path) -> None:
    seed = shop(
        source, (IssueSeed(title="A bug", author="rita"),), AppSeed(private_key=session_key())
    )
    (tmp_path / "seed.json").write_text(seed.model_dump_json())
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "infra.hub",
        f"--data={tmp_path / 'data'}",
        f"--seed={tmp_path / 'seed.json'}",
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    ready = json.loads(await process.stdout.readline())
    checkout = await clone(f"{ready['web_url']}/acme/shop.git", tmp_path / "checkout")
    assert (checkout.folder / "README.md").exists()
    assert ready["seeded"]["slug"] == "baro"
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(5):
        assert await process.wait() == 0


async def test_the_state_is_summed_up(hub: Hub, bot: AppClient) -> None:
    await hub.as_user("maya").open_issue("acme/shop", "An issue")
    state = (await bot.get(f"{hub.web_url}/_hub/state")).json()
    assert state["people"] == ["maya", "jon", "rita", "sam"]
    assert state["repositories"] == [{"full_name": "acme/shop", "issues": [1]}]
    assert state["api_url"] == hub.api_url


async def test_a_hub_is_seeded_over_http(hub: Hub, source: Path, app: AppClient) -> None:
    other = shop(source, app=AppSeed(name="other", private_key=session_key())).model_dump(
        mode="json"
    )
    other |= {"organization": "globex", "owner": "hank", "people": [{"login": "hank"}]}
    other["repositories"][0]["collaborators"] = {}
    made = await app.post(f"{hub.web_url}/_hub/seed", other)
    assert made.json()["slug"] == "other"
    assert hub.repository("globex/shop").default_branch == "main"


async def test_the_clock_and_the_switches_are_moved(hub: Hub, bot: AppClient) -> None:
    controls = f"{hub.web_url}/_hub"
    sent = {"mergeable_after_reads": False}
    assert (await bot.patch(f"{controls}/switches", sent)).json()["mergeable_after_reads"] is False
    assert (await bot.patch(f"{controls}/switches", {"nonsense": 1})).status_code == 422
    assert (await bot.patch(f"{controls}/switches", {"primary_limit": "x"})).status_code == 422
    assert (await bot.post(f"{controls}/clock", {"seconds": 3601})).status_code == 204
    assert (await bot.get(SHOP)).status_code == 401


async def test_tokens_are_revoked_and_installations_changed(
    hub: Hub, app: AppClient, bot: AppClient
) -> None:
    controls = f"{hub.web_url}/_hub"
    one = f"{controls}/installations/{app.seeded.installation_id}"
    assert (await bot.delete(f"{controls}/apps/baro/tokens")).status_code == 204
    assert (await bot.get(SHOP)).status_code == 401
    again = await app.sign_in()
    await bot.patch(one, {"suspended": True})
    assert (await again.get(SHOP)).status_code == 403
    await bot.patch(one, {"suspended": False, "permissions": {"issues": "read"}})
    assert (await app.mint(permissions={"contents": "read"})).status_code == 422
    await bot.patch(one, {"remove": ["acme/shop"]})
    assert (await app.as_app("GET", f"{SHOP}/installation")).status_code == 404
    await bot.patch(one, {"add": ["acme/shop"]})
    assert (await app.as_app("GET", f"{SHOP}/installation")).status_code == 200
    await bot.patch(one, {"removed": True})
    assert (await app.mint()).status_code == 404
    assert (await bot.patch(f"{controls}/installations/1", {})).status_code == 404


async def test_a_repository_is_protected_and_roles_are_given(hub: Hub, bot: AppClient) -> None:
    sent = {
        "protect": ["main"],
        "rulesets": [{"pattern": "baro/*", "kinds": ["creation"]}],
        "secret_patterns": ["sk-"],
        "roles": {"sam": "write", "jon": "none"},
    }
    assert (await bot.patch(f"{hub.web_url}/_hub/repos/acme/shop", sent)).status_code == 204
    repo = hub.repository("acme/shop")
    assert (repo.protected, repo.secret_patterns) == ({"main"}, ["sk-"])
    assert hub.world.role(hub.account("sam"), repo) == "write"
    assert hub.world.role(hub.account("jon"), repo) == "read"
    await bot.patch(f"{hub.web_url}/_hub/repos/acme/shop", {"unprotect": ["main"]})
    assert repo.protected == set()
    assert (await bot.patch(f"{hub.web_url}/_hub/repos/acme/none", {})).status_code == 404


async def test_the_hook_is_set_pinged_and_disturbed(
    hub: Hub, app: AppClient, receiver: Receiver
) -> None:
    controls = f"{hub.web_url}/_hub"
    await app.put(f"{controls}/apps/baro/hook", {"url": receiver.url, "secret": "another"})
    await app.post(f"{controls}/apps/baro/ping")
    await app.post(f"{controls}/hook-faults", {"kind": "drop", "event": "issues"})
    await hub.as_user("maya").open_issue("acme/shop", "Unheard")
    await app.post(f"{controls}/deliveries/idle")
    assert receiver.names == ["ping"]
    await app.delete(f"{controls}/hook-faults")
    assert hub.hooks.faults == []
    assert (
        await app.put(f"{controls}/apps/none/hook", {"url": None, "secret": ""})
    ).status_code == 404


async def test_violations_and_unread_comments_are_told(hub: Hub, bot: AppClient) -> None:
    controls = f"{hub.web_url}/_hub"
    number = (await hub.as_user("maya").open_issue("acme/shop", "An issue")).number
    await bot.post(f"{SHOP}/issues/{number}/comments", {"body": "unread"})
    unread = (await bot.get(f"{controls}/unread?author=baro[bot]")).json()
    assert [each["body"] for each in unread] == ["unread"]
    assert (await bot.get(f"{controls}/violations")).json() == []


async def test_an_account_is_deleted_and_has_an_avatar(hub: Hub, bot: AppClient) -> None:
    avatar = (await bot.get("/users/sam")).json()["avatar_url"]
    assert (await bot.get(avatar)).text.startswith("<svg")
    assert (await bot.delete(f"{hub.web_url}/_hub/accounts/sam")).status_code == 204
    assert (await bot.get("/users/sam")).status_code == 404
    assert (await bot.delete(f"{hub.web_url}/_hub/accounts/sam")).status_code == 404
