"""Webhooks: signed, told once, listed, repeated on request; who hears what."""

import hashlib
import hmac
import json
from urllib.parse import parse_qs

import pytest

from infra.hub.acts.accounts import add_account
from infra.hub.acts.apps import (
    accept_permissions,
    change_repositories,
    install,
    ping,
    set_hook,
    suspend,
    uninstall,
    unsuspend,
)
from infra.hub.acts.issues import delete_issue
from infra.hub.acts.repositories import create_repository, rename_repository, transfer_repository
from infra.hub.running import Hub
from tests.infra.hub.app import SHOP, AppClient
from tests.infra.hub.conftest import SECRET
from tests.infra.hub.receiver import Receiver, receiving

_ISSUE_ACTIONS = (
    "opened",
    "edited",
    "labeled",
    "closed",
    "reopened",
    "locked",
    "unlabeled",
    "deleted",
)


async def test_a_delivery_is_signed_over_its_raw_bytes(hub: Hub, receiver: Receiver) -> None:
    await hub.as_user("maya").open_issue("acme/shop", "An issue")
    await hub.quiet()
    got = receiver.last("issues opened")
    signed = hmac.new(SECRET.encode(), got.body, hashlib.sha256).hexdigest()
    assert got.headers["x-hub-signature-256"] == f"sha256={signed}"
    assert got.headers["x-hub-signature"].startswith("sha1=")
    assert got.headers["user-agent"].startswith("GitHub-Hookshot/")
    assert got.headers["x-github-hook-installation-target-type"] == "integration"
    assert got.headers["x-github-hook-id"].isdigit()
    assert len(got.guid) == 36


async def test_a_form_delivery_is_signed_as_sent(
    hub: Hub, app: AppClient, receiver: Receiver
) -> None:
    set_hook(hub.world.apps[app.seeded.app_id], receiver.url, SECRET, form=True)
    await hub.as_user("maya").open_issue("acme/shop", "An issue")
    await hub.quiet()
    got = receiver.got[-1]
    signed = hmac.new(SECRET.encode(), got.body, hashlib.sha256).hexdigest()
    assert got.headers["x-hub-signature-256"] == f"sha256={signed}"
    assert json.loads(parse_qs(got.body.decode())["payload"][0])["action"] == "opened"


async def test_a_repository_event_names_its_installation_shortly(
    hub: Hub, app: AppClient, receiver: Receiver
) -> None:
    await hub.as_user("maya").open_issue("acme/shop", "An issue")
    await hub.quiet()
    payload = receiver.got[-1].payload
    assert set(payload["installation"]) == {"id", "node_id"}
    assert payload["installation"]["id"] == app.seeded.installation_id
    assert payload["sender"]["login"] == "maya"


async def test_an_issues_life_is_told(hub: Hub, bot: AppClient, receiver: Receiver) -> None:
    maya = hub.as_user("maya")
    number = (await maya.open_issue("acme/shop", "An issue", "text")).number
    await maya.edit_issue("acme/shop", number, title="Better", body="more")
    await maya.label("acme/shop", number, "bug")
    await maya.close("acme/shop", number)
    await maya.reopen("acme/shop", number)
    await maya.lock("acme/shop", number)
    await bot.delete(f"{SHOP}/issues/{number}/labels")
    delete_issue(hub.world, hub.repository("acme/shop").issues[number], hub.account("maya"))
    await hub.quiet()
    assert sorted(receiver.names) == sorted(f"issues {each}" for each in _ISSUE_ACTIONS)
    edited = receiver.last("issues edited").payload
    assert edited["changes"] == {"title": {"from": "An issue"}, "body": {"from": "text"}}
    assert receiver.last("issues labeled").payload["label"]["name"] == "bug"


async def test_a_comments_life_is_told_and_ones_own_too(
    hub: Hub, bot: AppClient, receiver: Receiver
) -> None:
    number = (await hub.as_user("maya").open_issue("acme/shop", "An issue")).number
    made = (await bot.post(f"{SHOP}/issues/{number}/comments", {"body": "- [ ] go"})).json()
    await hub.as_user("jon").tick("acme/shop", made["id"], "go")
    await hub.as_user("jon").delete_comment("acme/shop", made["id"])
    await hub.quiet()
    assert receiver.names.count("issue_comment created") == 1
    assert receiver.last("issue_comment created").payload["sender"]["login"] == "baro[bot]"
    edited = receiver.last("issue_comment edited").payload
    assert edited["changes"]["body"]["from"] == "- [ ] go"
    assert edited["comment"]["body"] == "- [x] go"
    assert (edited["sender"]["login"], edited["comment"]["user"]["login"]) == ("jon", "baro[bot]")
    assert "issue_comment deleted" in receiver.names


async def test_an_edit_that_changes_nothing_is_not_told(
    hub: Hub, bot: AppClient, receiver: Receiver
) -> None:
    number = (await hub.as_user("maya").open_issue("acme/shop", "An issue")).number
    comment = await hub.as_user("maya").comment("acme/shop", number, "same")
    await hub.as_user("maya").edit_comment("acme/shop", comment.id, "same")
    await hub.quiet()
    assert "issue_comment edited" not in receiver.names


async def test_a_pulls_life_is_told_as_a_pull(hub: Hub, receiver: Receiver) -> None:
    maya = hub.as_user("maya")
    await maya.branch_off("acme/shop", "work")
    await maya.write_file("acme/shop", "a.txt", "a\n", "work")
    number = (await maya.open_pull("acme/shop", "work", "Work", body="why")).number
    await maya.write_file("acme/shop", "a.txt", "b\n", "work")
    await maya.edit_issue("acme/shop", number, body="because")
    await maya.close("acme/shop", number)
    await maya.reopen("acme/shop", number)
    await maya.comment("acme/shop", number, "on a pull")
    await maya.merge("acme/shop", number)
    await hub.quiet()
    told = [name for name in receiver.names if name.startswith("pull_request ")]
    assert sorted(told) == sorted(
        f"pull_request {action}"
        for action in ["opened", "synchronize", "edited", "closed", "reopened", "closed"]
    )
    assert not [name for name in receiver.names if name.startswith("issues ")]
    synchronized = receiver.last("pull_request synchronize").payload
    assert synchronized["after"] == synchronized["pull_request"]["head"]["sha"]
    assert synchronized["before"] != synchronized["after"]
    assert "pull_request" in receiver.last("issue_comment created").payload["issue"]
    assert receiver.last("pull_request closed").payload["pull_request"]["merged"] is True


async def test_a_review_is_told_with_each_of_its_comments(hub: Hub, receiver: Receiver) -> None:
    maya = hub.as_user("maya")
    await maya.branch_off("acme/shop", "work")
    await maya.write_file("acme/shop", "a.txt", "a\n", "work")
    number = (await maya.open_pull("acme/shop", "work", "Work")).number
    lines = {("a.txt", 1): "why?"}
    await hub.as_user("jon").review("acme/shop", number, "REQUEST_CHANGES", "Not yet", lines)
    await hub.quiet()
    review = receiver.last("pull_request_review submitted").payload["review"]
    comment = receiver.last("pull_request_review_comment created").payload["comment"]
    assert (review["state"], review["body"]) == ("changes_requested", "Not yet")
    assert comment["pull_request_review_id"] == review["id"]


async def test_branches_and_pushes_are_told_and_hidden_refs_are_not(
    hub: Hub, bot: AppClient, receiver: Receiver
) -> None:
    maya = hub.as_user("maya")
    await maya.branch_off("acme/shop", "work")
    await maya.write_file("acme/shop", "src/cart.py", "total = 1\n", "work")
    await maya.delete_branch("acme/shop", "work")
    await hub.quiet()
    assert sorted(set(receiver.names)) == ["check_suite requested", "create", "delete", "push"]
    pushes = [each.payload for each in receiver.got if each.event == "push"]
    written = next(each for each in pushes if each["commits"])
    assert written["commits"][0]["modified"] == ["src/cart.py"]
    assert written["ref"] == "refs/heads/work"
    before = len(receiver.got)
    sha = (await bot.get(f"{SHOP}/commits/main")).json()["sha"]
    await bot.post(f"{SHOP}/git/refs", {"ref": "refs/baro/1/a", "sha": sha})
    await bot.delete(f"{SHOP}/git/refs/baro/1/a")
    await hub.quiet()
    assert len(receiver.got) == before


async def test_check_runs_and_their_buttons_are_told(
    hub: Hub, bot: AppClient, receiver: Receiver
) -> None:
    sha = (await bot.get(f"{SHOP}/commits/main")).json()["sha"]
    action = {"label": "Retry", "description": "Run it again", "identifier": "retry"}
    sent = {"name": "baro", "head_sha": sha, "status": "in_progress", "actions": [action]}
    run = (await bot.post(f"{SHOP}/check-runs", sent)).json()
    path = f"{SHOP}/check-runs/{run['id']}"
    await bot.patch(path, {"status": "completed", "conclusion": "failure"})
    await bot.post(f"{path}/rerequest")
    await hub.as_user("jon").press("acme/shop", run["id"], "retry")
    await bot.post(f"{SHOP}/check-suites/{run['check_suite']['id']}/rerequest")
    await hub.quiet()
    assert sorted(receiver.names) == [
        "check_run completed",
        "check_run created",
        "check_run requested_action",
        "check_run rerequested",
        "check_suite rerequested",
    ]
    pressed = receiver.last("check_run requested_action").payload
    assert pressed["requested_action"] == {"identifier": "retry"}
    assert pressed["sender"]["login"] == "jon"


async def test_an_installations_life_is_told_without_subscribing(
    hub: Hub, app: AppClient, receiver: Receiver
) -> None:
    world, maya = hub.world, hub.account("maya")
    installation = world.installations[app.seeded.installation_id]
    other = create_repository(world, hub.account("acme"), "other")
    install(world, installation.app, maya)
    change_repositories(world, installation, maya, removed=(other,))
    change_repositories(world, installation, maya, added=(other,))
    suspend(world, installation, maya)
    unsuspend(world, installation, maya)
    accept_permissions(world, installation, {"issues": "write"}, maya)
    uninstall(world, installation, maya)
    ping(world, world.apps[app.seeded.app_id])
    await hub.quiet()
    assert sorted(receiver.names) == [
        "installation created",
        "installation deleted",
        "installation new_permissions_accepted",
        "installation suspend",
        "installation unsuspend",
        "installation_repositories added",
        "installation_repositories removed",
        "ping",
    ]
    assert (
        receiver.last("installation suspend").payload["installation"]["account"]["login"] == "acme"
    )


async def test_renaming_and_transferring_are_told(
    hub: Hub, app: AppClient, receiver: Receiver
) -> None:
    shop, maya = hub.repository("acme/shop"), hub.account("maya")
    rename_repository(hub.world, shop, "store", maya)
    await hub.quiet()
    renamed = receiver.last("repository renamed").payload
    assert renamed["changes"]["repository"]["name"]["from"] == "shop"
    assert renamed["repository"]["full_name"] == "acme/store"
    with hub.world.quietly():
        install(hub.world, hub.world.apps[app.seeded.app_id], maya)
    transfer_repository(hub.world, shop, maya, maya)
    await hub.quiet()
    transferred = receiver.last("repository transferred").payload
    assert transferred["changes"]["owner"]["from"]["organization"]["login"] == "acme"


async def test_a_transfer_out_of_reach_is_not_told(
    hub: Hub, app: AppClient, receiver: Receiver
) -> None:
    maya = hub.account("maya")
    transfer_repository(hub.world, hub.repository("acme/shop"), maya, maya)
    await hub.quiet()
    assert receiver.got == []


async def test_only_subscribed_events_are_told(
    hub: Hub, app: AppClient, receiver: Receiver
) -> None:
    hub.world.installations[app.seeded.installation_id].events.remove("issues")
    number = (await hub.as_user("maya").open_issue("acme/shop", "An issue")).number
    await hub.as_user("maya").comment("acme/shop", number, "hello")
    await hub.quiet()
    assert receiver.names == ["issue_comment created"]


async def test_a_suspended_or_foreign_installation_hears_nothing(
    hub: Hub, app: AppClient, receiver: Receiver
) -> None:
    sam = add_account(hub.world, "tom")
    create_repository(hub.world, sam, "own")
    await hub.as_user("tom").open_issue("tom/own", "Elsewhere")
    suspend(hub.world, hub.world.installations[app.seeded.installation_id], hub.account("maya"))
    await hub.as_user("maya").open_issue("acme/shop", "An issue")
    await hub.quiet()
    assert receiver.names == ["installation suspend"]


async def test_a_change_may_go_untold(hub: Hub, bot: AppClient, receiver: Receiver) -> None:
    await hub.as_user("maya").quietly().open_issue("acme/shop", "In silence")
    await hub.quiet()
    assert receiver.got == []
    assert (await bot.get(f"{SHOP}/issues/1")).json()["title"] == "In silence"


async def test_a_failed_delivery_is_not_retried_and_can_be_repeated(
    hub: Hub, app: AppClient, receiver: Receiver
) -> None:
    receiver.status = 500
    await hub.as_user("maya").open_issue("acme/shop", "An issue")
    await hub.quiet()
    assert len(receiver.got) == 1
    failed = (await app.as_app("GET", "/app/hook/deliveries?status=failure")).json()
    assert [(each["event"], each["status_code"]) for each in failed] == [("issues", 500)]
    receiver.status = 202
    again = await app.as_app("POST", f"/app/hook/deliveries/{failed[0]['id']}/attempts")
    assert again.status_code == 202
    await hub.quiet()
    first, second = receiver.got
    assert (first.guid, first.body) == (second.guid, second.body)
    listed = (await app.as_app("GET", "/app/hook/deliveries")).json()
    assert [(each["redelivery"], each["status"]) for each in listed] == [
        (True, "OK"),
        (False, "Invalid HTTP Response: 500"),
    ]
    assert listed[0]["guid"] == listed[1]["guid"]
    one = (await app.as_app("GET", f"/app/hook/deliveries/{listed[0]['id']}")).json()
    assert one["request"]["headers"]["X-GitHub-Delivery"] == first.guid
    assert one["request"]["payload"]["action"] == "opened"


async def test_deliveries_are_listed_newest_first_by_cursor(
    hub: Hub, app: AppClient, receiver: Receiver
) -> None:
    for number in range(3):
        await hub.as_user("maya").open_issue("acme/shop", f"Issue {number}")
    await hub.quiet()
    first = await app.as_app("GET", "/app/hook/deliveries?per_page=2")
    rest = await app.as_app("GET", first.links["next"]["url"])
    assert [len(first.json()), len(rest.json())] == [2, 1]
    assert first.json()[0]["id"] > rest.json()[0]["id"]
    assert "next" not in rest.links
    assert (await app.as_app("GET", "/app/hook/deliveries/1")).status_code == 404


async def test_a_payload_that_is_too_large_is_never_sent(
    hub: Hub, app: AppClient, receiver: Receiver
) -> None:
    hub.world.switches.largest_payload_bytes = 20_000
    number = (await hub.as_user("maya").open_issue("acme/shop", "An issue")).number
    await hub.as_user("maya").comment("acme/shop", number, "x" * 20_000)
    await hub.quiet()
    assert receiver.names == ["issues opened"]
    assert len((await app.as_app("GET", "/app/hook/deliveries")).json()) == 1


async def test_a_receiver_that_takes_too_long_has_failed(
    hub: Hub, app: AppClient, receiver: Receiver
) -> None:
    assert hub.world.switches.hook_timeout_seconds == 10, "GitHub's own"
    hub.world.switches.hook_timeout_seconds = 0.05
    receiver.delay = 0.2
    await hub.as_user("maya").open_issue("acme/shop", "An issue")
    await hub.quiet()
    listed = (await app.as_app("GET", "/app/hook/deliveries")).json()
    assert [(each["status"], each["status_code"]) for each in listed] == [("timed out", 0)]


async def test_a_receiver_that_is_away_has_failed(hub: Hub, app: AppClient) -> None:
    async with receiving() as gone:
        set_hook(hub.world.apps[app.seeded.app_id], gone.url, SECRET)
    await hub.as_user("maya").open_issue("acme/shop", "An issue")
    await hub.quiet()
    listed = (await app.as_app("GET", "/app/hook/deliveries")).json()
    assert listed[0]["status"].startswith("failed to connect to host")


@pytest.mark.parametrize(("kind", "heard", "listed"), [("drop", 0, 1), ("lose", 0, 0)])
async def test_a_delivery_may_be_dropped_or_lost(
    hub: Hub, app: AppClient, receiver: Receiver, kind: str, heard: int, listed: int
) -> None:
    hub.hook_fault(kind=kind, event="issues")
    await hub.as_user("maya").open_issue("acme/shop", "Unheard")
    await hub.quiet()
    assert len(receiver.got) == heard
    failed = (await app.as_app("GET", "/app/hook/deliveries?status=failure")).json()
    assert len(failed) == listed
    await hub.as_user("maya").open_issue("acme/shop", "Heard")
    await hub.quiet()
    assert len(receiver.got) == heard + 1


async def test_a_delivery_may_come_twice(hub: Hub, app: AppClient, receiver: Receiver) -> None:
    hub.hook_fault(kind="duplicate", event="issue_comment", action="created", sent="plan")
    number = (await hub.as_user("maya").open_issue("acme/shop", "An issue")).number
    await hub.as_user("maya").comment("acme/shop", number, "/baro plan")
    await hub.as_user("maya").comment("acme/shop", number, "/baro status")
    await hub.quiet()
    created = [each for each in receiver.got if each.event == "issue_comment"]
    assert len(created) == 3
    assert len({each.guid for each in created}) == 2


async def test_a_delivery_may_come_late_or_after_the_next(
    hub: Hub, app: AppClient, receiver: Receiver
) -> None:
    hub.hook_fault(kind="reorder", event="issues")
    hub.hook_fault(kind="delay", event="issue_comment", sent="slow", seconds=0.2)
    number = (await hub.as_user("maya").open_issue("acme/shop", "An issue")).number
    await hub.as_user("maya").comment("acme/shop", number, "slow")
    await hub.as_user("maya").comment("acme/shop", number, "quick")
    await hub.quiet()
    assert [each.payload.get("comment", {}).get("body") for each in receiver.got] == [
        "quick",
        None,
        "slow",
    ]
