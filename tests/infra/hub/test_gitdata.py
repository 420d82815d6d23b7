"""Contents, git's own objects and refs over REST, on the same store git reads."""

import base64

import pytest

from infra.hub.acts.repositories import add_ruleset
from infra.hub.git.store import run
from infra.hub.running import Hub
from tests.infra.hub.app import SHOP, AppClient


async def _tip(bot: AppClient, branch: str = "main") -> str:
    sha: str = (await bot.get(f"{SHOP}/git/ref/heads/{branch}")).json()["object"]["sha"]
    return sha


async def test_contents_are_a_file_a_folder_or_raw(bot: AppClient) -> None:
    file = (await bot.get(f"{SHOP}/contents/src/cart.py")).json()
    folder = (await bot.get(f"{SHOP}/contents/src?ref=main")).json()
    root = (await bot.get(f"{SHOP}/contents/")).json()
    raw = await bot.get(f"{SHOP}/contents/README.md", Accept="application/vnd.github.raw+json")
    readme = (await bot.get(f"{SHOP}/readme")).json()
    assert base64.b64decode(file["content"]).startswith(b"total = 0\n")
    assert [(each["name"], each["type"]) for each in folder] == [("cart.py", "file")]
    assert {each["name"]: each["type"] for each in root} == {"README.md": "file", "src": "dir"}
    assert raw.text == "# Shop\n"
    assert readme["path"] == "README.md"


@pytest.mark.parametrize("path", ["nowhere.txt", "src/nowhere", "README.md?ref=nowhere"])
async def test_what_is_not_there_is_404(bot: AppClient, path: str) -> None:
    assert (await bot.get(f"{SHOP}/contents/{path}")).status_code == 404


async def test_a_file_is_written_over_the_one_that_was_read(bot: AppClient) -> None:
    path, text = f"{SHOP}/contents/docs/a.md", base64.b64encode(b"one\n").decode()
    made = await bot.put(path, {"message": "Add", "content": text})
    stale = await bot.put(path, {"message": "Edit", "content": text, "sha": "0" * 40})
    sha = made.json()["content"]["sha"]
    edited = await bot.put(path, {"message": "Edit", "content": text, "sha": sha})
    assert (made.status_code, stale.status_code, edited.status_code) == (201, 409, 200)
    gone = await bot.send("DELETE", path, {"message": "Drop", "sha": sha}, {})
    assert gone.status_code == 200
    assert (await bot.get(path)).status_code == 404
    assert made.json()["commit"]["verification"]["verified"] is True


async def test_a_commit_is_built_from_blobs_and_trees(hub: Hub, bot: AppClient) -> None:
    base = await _tip(bot)
    blob = (await bot.post(f"{SHOP}/git/blobs", {"content": "hi\n"})).json()["sha"]
    entries = [
        {"path": "hi.txt", "mode": "100755", "type": "blob", "sha": blob},
        {"path": "src/cart.py", "mode": "100644", "type": "blob", "sha": None},
        {"path": "a/b.txt", "mode": "100644", "type": "blob", "content": "b\n"},
    ]
    tree = (await bot.post(f"{SHOP}/git/trees", {"base_tree": base, "tree": entries})).json()
    sent = {"message": "Built", "tree": tree["sha"], "parents": [base]}
    commit = (await bot.post(f"{SHOP}/git/commits", sent)).json()
    made = await bot.post(f"{SHOP}/git/refs", {"ref": "refs/heads/built", "sha": commit["sha"]})
    assert made.status_code == 201
    listed = run(hub.repository("acme/shop").path, "ls-tree", "-r", "built").decode()
    assert [line.split()[0::3] for line in listed.splitlines()] == [
        ["100644", "README.md"],
        ["100644", "a/b.txt"],
        ["100755", "hi.txt"],
    ]
    assert commit["verification"]["verified"] is True, "GitHub signs what it commits itself"
    seen = (await bot.get(f"{SHOP}/git/trees/built?recursive=1")).json()
    assert "a/b.txt" in [each["path"] for each in seen["tree"]]
    assert (await bot.get(f"{SHOP}/git/blobs/{blob}")).json()["size"] == 3


async def test_a_commit_with_an_author_of_its_own_is_not_signed(bot: AppClient) -> None:
    base = await _tip(bot)
    tree = (await bot.get(f"{SHOP}/git/commits/{base}")).json()["tree"]["sha"]
    author = {"name": "Someone", "email": "someone@example.com", "date": "2026-01-02T03:04:05Z"}
    sent = {"message": "x", "tree": tree, "parents": [base], "author": author}
    commit = (await bot.post(f"{SHOP}/git/commits", sent)).json()
    assert commit["author"] == author
    assert commit["verification"]["verified"] is False


async def test_unknown_objects_are_refused(bot: AppClient) -> None:
    nothing = "1" * 40
    sent = {"message": "x", "tree": nothing, "parents": []}
    assert (await bot.post(f"{SHOP}/git/commits", sent)).status_code == 422
    ref = {"ref": "refs/heads/x", "sha": nothing}
    assert (await bot.post(f"{SHOP}/git/refs", ref)).status_code == 422
    assert (await bot.get(f"{SHOP}/git/commits/{nothing}")).status_code == 404
    assert (await bot.get(f"{SHOP}/git/blobs/{nothing}")).status_code == 404
    assert (await bot.get(f"{SHOP}/commits/{nothing}")).status_code == 422


async def test_refs_move_forward_unless_forced(hub: Hub, bot: AppClient) -> None:
    old = await _tip(bot)
    await hub.as_user("maya").write_file("acme/shop", "a.txt", "a\n")
    new = await _tip(bot)
    path = f"{SHOP}/git/refs/heads/main"
    assert (await bot.patch(path, {"sha": old})).status_code == 422
    assert (await bot.patch(path, {"sha": old, "force": True})).status_code == 200
    assert (await bot.patch(path, {"sha": new})).status_code == 200
    assert (await bot.patch(f"{SHOP}/git/refs/heads/none", {"sha": new})).status_code == 422


async def test_hidden_refs_are_made_matched_and_deleted(bot: AppClient) -> None:
    sha = await _tip(bot)
    for story in ("s1", "s2"):
        ref = {"ref": f"refs/baro/7/{story}", "sha": sha}
        assert (await bot.post(f"{SHOP}/git/refs", ref)).status_code == 201
    assert (await bot.post(f"{SHOP}/git/refs", ref)).status_code == 422, "it exists"
    found = (await bot.get(f"{SHOP}/git/matching-refs/baro/7")).json()
    assert [each["ref"] for each in found] == ["refs/baro/7/s1", "refs/baro/7/s2"]
    assert (await bot.delete(f"{SHOP}/git/refs/baro/7/s1")).status_code == 204
    assert (await bot.get(f"{SHOP}/git/ref/baro/7/s1")).status_code == 404
    assert (await bot.delete(f"{SHOP}/git/refs/baro/7/s1")).status_code == 422


@pytest.mark.parametrize("ref", ["heads/x", "refs/x", "refs/heads/a..b"])
async def test_a_wrong_ref_name_is_refused(bot: AppClient, ref: str) -> None:
    refused = await bot.post(f"{SHOP}/git/refs", {"ref": ref, "sha": await _tip(bot)})
    assert refused.status_code == 422


async def test_a_branch_may_have_slashes_in_its_name(hub: Hub, bot: AppClient) -> None:
    await hub.as_user("maya").branch_off("acme/shop", "baro/41/export")
    shown = (await bot.get(f"{SHOP}/branches/baro/41/export")).json()
    encoded = (await bot.get(f"{SHOP}/branches/baro%2F41%2Fexport")).json()
    assert shown["name"] == encoded["name"] == "baro/41/export"
    assert [each["name"] for each in (await bot.get(f"{SHOP}/branches")).json()] == [
        "baro/41/export",
        "main",
    ]
    assert (await bot.get(f"{SHOP}/branches/none")).status_code == 404
    assert (await bot.get(f"{SHOP}/commits/baro/41/export/status")).status_code == 200


async def test_rules_and_protection_hold_over_rest_too(hub: Hub, bot: AppClient) -> None:
    shop = hub.repository("acme/shop")
    add_ruleset(hub.world, shop, "release/*", "creation")
    shop.protected.add("main")
    sha = await _tip(bot)
    rules = (await bot.get(f"{SHOP}/rules/branches/release/1")).json()
    assert [each["type"] for each in rules] == ["creation"]
    assert (await bot.get(f"{SHOP}/rules/branches/main")).json() == []
    ruled = await bot.post(f"{SHOP}/git/refs", {"ref": "refs/heads/release/1", "sha": sha})
    protected = await bot.patch(f"{SHOP}/git/refs/heads/main", {"sha": sha})
    assert "GH013" in ruled.json()["message"]
    assert "GH006" in protected.json()["message"]
    assert (await bot.get(f"{SHOP}/branches/main")).json()["protected"] is True


async def test_commits_are_listed_compared_and_found_in_pulls(hub: Hub, bot: AppClient) -> None:
    maya = hub.as_user("maya")
    await maya.branch_off("acme/shop", "work")
    await maya.write_file("acme/shop", "a.txt", "a\n", "work")
    await maya.write_file("acme/shop", "b.txt", "b\n", "main")
    compared = (await bot.get(f"{SHOP}/compare/main...work")).json()
    assert (compared["status"], compared["ahead_by"], compared["behind_by"]) == ("diverged", 1, 1)
    assert [each["filename"] for each in compared["files"]] == ["a.txt"]
    assert (await bot.get(f"{SHOP}/compare/main...main")).json()["status"] == "identical"
    assert (await bot.get(f"{SHOP}/compare/main...none")).status_code == 404
    found = (await bot.get(f"{SHOP}/commits?sha=work&path=a.txt")).json()
    assert [each["commit"]["message"] for each in found] == ["Write a.txt"]
    pull = await maya.open_pull("acme/shop", "work", "Work")
    holding = (await bot.get(f"{SHOP}/commits/{found[0]['sha']}/pulls")).json()
    assert [each["number"] for each in holding] == [pull.number]
    sha = await bot.get(f"{SHOP}/commits/work", Accept="application/vnd.github.sha")
    assert sha.text == found[0]["sha"]
