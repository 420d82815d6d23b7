"""git over HTTP: fetch, push, and the words GitHub refuses a push with."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pygit2
import pytest
import pytest_asyncio

from infra.hub.acts.repositories import add_ruleset, create_repository
from infra.hub.git.pktline import line
from infra.hub.git.store import branch_sha, open_store, ref_target
from infra.hub.running import Hub
from tests.infra.hub.app import SHOP, AppClient
from tests.infra.hub.git import Checkout, clone, git


@pytest_asyncio.fixture
async def checkout(bot: AppClient, tmp_path: Path) -> Checkout:
    return await clone(bot.clone_url, tmp_path / "checkout")


def _remote(hub: Hub, ref: str) -> str | None:
    return ref_target(open_store(hub.repository("acme/shop").path), ref)


async def test_a_clone_has_the_repository(checkout: Checkout) -> None:
    assert (checkout.folder / "README.md").read_text() == "# Shop\n"


async def test_a_public_repository_is_cloned_by_anybody(hub: Hub, bot: AppClient) -> None:
    url = f"{hub.web_url}/acme/shop.git"
    assert (await git("ls-remote", url, at=hub.world.data)).code == 0
    assert (await git("ls-remote", url.removesuffix(".git"), at=hub.world.data)).code == 0


async def test_a_branch_push_moves_what_rest_sees(
    hub: Hub, bot: AppClient, checkout: Checkout
) -> None:
    sha = await checkout.commit({"a.txt": "a\n"})
    assert (await checkout.push("HEAD:refs/heads/baro/1")).code == 0
    assert (await bot.get(f"{SHOP}/branches/baro/1")).json()["commit"]["sha"] == sha
    assert branch_sha(hub.repository("acme/shop").path, "baro/1") == sha


async def test_hidden_refs_are_pushed_and_fetched(
    hub: Hub, bot: AppClient, checkout: Checkout, tmp_path: Path
) -> None:
    sha = await checkout.commit({"a.txt": "a\n"})
    assert (await checkout.push("HEAD:refs/baro/7/s1")).code == 0
    other = await clone(bot.clone_url, tmp_path / "other")
    await other.run("fetch", "-q", "origin", "+refs/baro/*:refs/baro/*")
    assert (await other.run("rev-parse", "refs/baro/7/s1")).strip() == sha
    assert (await checkout.push(":refs/baro/7/s1")).code == 0
    assert _remote(hub, "refs/baro/7/s1") is None


async def test_a_clone_may_be_shallow(hub: Hub, bot: AppClient, tmp_path: Path) -> None:
    await hub.as_user("maya").write_file("acme/shop", "a.txt", "a\n")
    shallow = await clone(bot.clone_url, tmp_path / "shallow", "--depth=1")
    assert (await shallow.run("rev-list", "--count", "HEAD")).strip() == "1"
    await shallow.run("fetch", "-q", "--unshallow")
    assert (await shallow.run("rev-list", "--count", "HEAD")).strip() == "2"


@pytest.mark.parametrize("version", ["0", "2"])
async def test_either_protocol_version_is_spoken(
    bot: AppClient, checkout: Checkout, version: str
) -> None:
    await checkout.run("-c", f"protocol.version={version}", "fetch", "-q", "origin")


async def test_libgit2_fetches_and_pushes(hub: Hub, bot: AppClient, tmp_path: Path) -> None:
    url, credentials = (
        f"{hub.web_url}/acme/shop.git",
        pygit2.UserPass("x-access-token", bot.token),
    )
    callbacks = pygit2.RemoteCallbacks(credentials=credentials)
    mirror = pygit2.clone_repository(url, str(tmp_path / "m"), bare=True, callbacks=callbacks)
    who = pygit2.Signature("Dev", "dev@example.com")
    tip = mirror.references["refs/remotes/origin/main"].peel(pygit2.Commit)
    made = mirror.create_commit("refs/heads/x", who, who, "m", tip.tree.id, [tip.id])
    mirror.remotes["origin"].push(["refs/heads/x:refs/baro/1/x"], callbacks=callbacks)
    assert _remote(hub, "refs/baro/1/x") == str(made)


async def test_zipped_and_chunked_bodies_are_read(hub: Hub, bot: AppClient) -> None:
    tip = _remote(hub, "refs/heads/main")
    asked = line(f"want {tip} no-progress\n".encode()) + b"0000" + line(b"done\n")
    url, kind = (
        f"{hub.web_url}/acme/shop.git/git-upload-pack",
        "application/x-git-upload-pack-request",
    )

    async def parts() -> AsyncIterator[bytes]:
        for byte in asked:
            yield bytes([byte])

    async with httpx.AsyncClient(verify=False, trust_env=False) as client:
        headers = {"Content-Type": kind}
        chunked = await client.post(url, content=parts(), headers=headers)
        zipped = await client.post(
            url, content=gzip.compress(asked), headers={**headers, "Content-Encoding": "gzip"}
        )
    assert b"PACK" in chunked.content
    assert chunked.content == zipped.content


async def test_a_big_push_in_chunks_arrives(hub: Hub, checkout: Checkout) -> None:
    await checkout.run("config", "http.postBuffer", "1000")
    noise = b"".join(bytes([n * 7919 % 251, n % 256]) for n in range(100_000))
    sha = await checkout.commit({"noise.bin": noise})
    assert (await checkout.push("HEAD:refs/heads/big")).code == 0
    assert _remote(hub, "refs/heads/big") == sha


async def test_a_push_without_token_is_asked_for_one(hub: Hub, bot: AppClient) -> None:
    url = f"{hub.web_url}/acme/shop.git/info/refs?service=git-receive-pack"
    refused = await bot.send("GET", url, None, {"Authorization": ""})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == 'Basic realm="GitHub"'


async def test_a_token_that_may_only_read_does_not_push(app: AppClient, checkout: Checkout) -> None:
    reader = await app.sign_in(permissions={"contents": "read"})
    await checkout.run("remote", "set-url", "origin", reader.clone_url)
    await checkout.commit({"a.txt": "a\n"})
    refused = await checkout.push("HEAD:refs/heads/x")
    assert "The requested URL returned error: 403" in refused.err


async def test_a_repository_out_of_reach_is_not_found(hub: Hub, bot: AppClient) -> None:
    hub.repository("acme/shop").private = True
    sam = f"{hub.web_url}/acme/shop.git".replace("http://", "http://sam:ghp_sam@")
    none = bot.clone_url.replace("shop.git", "none.git")
    for url in (sam, none):
        refused = await git("ls-remote", url, at=hub.world.data)
        assert "Repository not found" in refused.err or "not found" in refused.err
    assert (await git("ls-remote", bot.clone_url, at=hub.world.data)).code == 0


async def test_a_token_that_ran_out_does_not_push(
    hub: Hub, bot: AppClient, checkout: Checkout
) -> None:
    await checkout.commit({"a.txt": "a\n"})
    hub.world.clock.advance(3601)
    refused = await checkout.push("HEAD:refs/heads/x")
    assert refused.code != 0
    assert _remote(hub, "refs/heads/x") is None


async def test_people_push_with_a_token_of_their_own(hub: Hub, checkout: Checkout) -> None:
    await checkout.commit({"a.txt": "a\n"})
    for login, works in (("jon", True), ("rita", False)):
        url = f"{hub.web_url}/acme/shop.git".replace("http://", f"http://{login}:ghp_{login}@")
        await checkout.run("remote", "set-url", "origin", url)
        assert ((await checkout.push(f"HEAD:refs/heads/{login}")).code == 0) is works


async def test_what_is_not_a_fast_forward_is_rejected(
    hub: Hub, bot: AppClient, checkout: Checkout
) -> None:
    await hub.as_user("maya").write_file("acme/shop", "a.txt", "theirs\n")
    await checkout.commit({"a.txt": "ours\n"})
    refused = await checkout.push("HEAD:refs/heads/main")
    assert "[rejected]" in refused.err
    lease = f"--force-with-lease=main:{'1' * 40}"
    assert (await git("push", lease, "origin", "HEAD:main", at=checkout.folder)).code != 0
    assert (await checkout.push("+HEAD:refs/heads/main")).code == 0


async def test_a_stale_old_id_is_refused_by_git_itself(
    hub: Hub, bot: AppClient, checkout: Checkout
) -> None:
    """A lost race: the client saw an older tip than the server has."""
    before = _remote(hub, "refs/heads/main")
    await hub.as_user("maya").write_file("acme/shop", "a.txt", "theirs\n")
    sha = await checkout.commit({"a.txt": "ours\n"})
    pack = await checkout.pack(f"{sha}\n^{before}\n")
    command = f"{before} {sha} refs/heads/main\0 report-status".encode()
    async with httpx.AsyncClient(verify=False, trust_env=False) as client:
        answer = await client.post(
            f"{hub.web_url}/acme/shop.git/git-receive-pack",
            content=line(command) + b"0000" + pack,
            headers={"Content-Type": "application/x-git-receive-pack-request"},
            auth=("x-access-token", bot.token),
        )
    assert b"ng refs/heads/main" in answer.content


async def test_a_protected_branch_is_gh006(hub: Hub, checkout: Checkout) -> None:
    hub.repository("acme/shop").protected.add("main")
    await checkout.commit({"a.txt": "a\n"})
    refused = await checkout.push("HEAD:refs/heads/main")
    assert (
        "remote: error: GH006: Protected branch update failed for refs/heads/main." in refused.err
    )
    assert "[remote rejected] HEAD -> main (protected branch hook declined)" in refused.err


@pytest.mark.parametrize(
    ("kind", "refspec"),
    [
        ("creation", "HEAD:refs/heads/baro/new"),
        ("update", "HEAD:refs/heads/baro/old"),
        ("deletion", ":refs/heads/baro/old"),
        ("non_fast_forward", "+HEAD~1:refs/heads/baro/old"),
    ],
)
async def test_a_ruleset_is_gh013(hub: Hub, checkout: Checkout, kind: str, refspec: str) -> None:
    await checkout.commit({"a.txt": "a\n"})
    assert (await checkout.push("HEAD:refs/heads/baro/old")).code == 0
    await checkout.commit({"b.txt": "b\n"})
    if kind == "non_fast_forward":
        assert (await checkout.push("HEAD:refs/heads/baro/old")).code == 0
    add_ruleset(hub.world, hub.repository("acme/shop"), "baro/*", kind)  # type: ignore[arg-type]
    refused = await checkout.push(refspec)
    assert "remote: error: GH013: Repository rule violations found" in refused.err
    assert "(push declined due to repository rule violations)" in refused.err
    assert (await checkout.push("HEAD:refs/heads/elsewhere")).code == 0


async def test_a_secret_is_gh013_in_any_commit_of_the_push(hub: Hub, checkout: Checkout) -> None:
    hub.repository("acme/shop").secret_patterns.append(r"sk-[a-z0-9]{8}")
    await checkout.commit({"key.txt": "sk-abcd1234\n"})
    await checkout.run("rm", "-q", "key.txt")
    await checkout.commit({"a.txt": "a\n"})
    refused = await checkout.push("HEAD:refs/heads/x")
    assert "GITHUB PUSH PROTECTION" in refused.err
    assert _remote(hub, "refs/heads/x") is None


async def test_a_large_file_is_gh001(hub: Hub, checkout: Checkout) -> None:
    hub.world.switches.largest_file_bytes = 1000
    await checkout.commit({"big.bin": b"x" * 1001})
    refused = await checkout.push("HEAD:refs/heads/x")
    assert "remote: error: GH001: Large files detected." in refused.err
    assert "(pre-receive hook declined)" in refused.err


async def test_workflow_files_need_their_own_permission(
    hub: Hub, app: AppClient, checkout: Checkout
) -> None:
    await checkout.commit({".github/workflows/README.md": "even this\n"})
    refused = await checkout.push("HEAD:refs/heads/x")
    text = "refusing to allow a GitHub App to create or update workflow"
    assert f"{text} `.github/workflows/README.md` without `workflows` permission" in refused.err
    jon = f"{hub.web_url}/acme/shop.git".replace("http://", "http://jon:ghp_jon@")
    await checkout.run("remote", "set-url", "origin", jon)
    assert (await checkout.push("HEAD:refs/heads/x")).code == 0


async def test_nothing_of_a_refused_push_is_kept(hub: Hub, checkout: Checkout) -> None:
    hub.repository("acme/shop").protected.add("main")
    sha = await checkout.commit({"a.txt": "a\n"})
    refused = await checkout.push("HEAD:refs/heads/main", "HEAD:refs/heads/other")
    assert refused.code != 0
    assert _remote(hub, "refs/heads/other") is None
    assert open_store(hub.repository("acme/shop").path).get(sha) is None


async def test_a_pulls_own_refs_are_read_only(hub: Hub, bot: AppClient, checkout: Checkout) -> None:
    await checkout.commit({"a.txt": "a\n"})
    await checkout.push("HEAD:refs/heads/work")
    pull = await hub.as_user("maya").open_pull("acme/shop", "work", "Work")
    await checkout.run("fetch", "-q", "origin", f"refs/pull/{pull.number}/head")
    refused = await checkout.push(f"+HEAD~1:refs/pull/{pull.number}/head")
    assert "deny updating a hidden ref" in refused.err


async def test_an_archived_repository_takes_no_push(hub: Hub, checkout: Checkout) -> None:
    await checkout.commit({"a.txt": "a\n"})
    hub.repository("acme/shop").archived = True
    assert "403" in (await checkout.push("HEAD:refs/heads/x")).err


async def test_a_fork_takes_no_push_of_the_apps(
    hub: Hub, bot: AppClient, checkout: Checkout
) -> None:
    create_repository(hub.world, hub.account("sam"), "shop", fork_of=hub.repository("acme/shop"))
    await checkout.run("remote", "set-url", "origin", bot.clone_url.replace("acme/", "sam/"))
    await checkout.run("fetch", "-q", "origin")
    await checkout.commit({"a.txt": "a\n"})
    assert "403" in (await checkout.push("HEAD:refs/heads/x")).err
