"""Pull requests: computed from git, with GitHub's refusals."""

import pytest

from infra.hub.acts.repositories import create_repository, delete_repository
from infra.hub.git.store import branch_sha
from infra.hub.people import HubRefused
from infra.hub.running import Hub
from tests.infra.hub.app import SHOP, AppClient


async def _branch(hub: Hub, branch: str = "work", text: str = "total = 1\n") -> None:
    maya = hub.as_user("maya")
    await maya.branch_off("acme/shop", branch)
    await maya.write_file("acme/shop", "src/cart.py", text, branch)


async def _pull(hub: Hub, bot: AppClient, **fields: object) -> int:
    await _branch(hub)
    sent = {"title": "Work", "head": "work", "base": "main", "body": "why", **fields}
    made = await bot.post(f"{SHOP}/pulls", sent)
    assert made.status_code == 201, made.text
    number: int = made.json()["number"]
    return number


async def test_counts_and_files_come_from_git(hub: Hub, bot: AppClient) -> None:
    number = await _pull(hub, bot)
    await hub.as_user("maya").write_file("acme/shop", "new.txt", "a\nb\n", "work")
    shown = (await bot.get(f"{SHOP}/pulls/{number}")).json()
    files = (await bot.get(f"{SHOP}/pulls/{number}/files")).json()
    commits = (await bot.get(f"{SHOP}/pulls/{number}/commits")).json()
    assert (shown["commits"], shown["changed_files"]) == (2, 2)
    assert (shown["additions"], shown["deletions"]) == (3, 5)
    assert {each["filename"]: each["status"] for each in files} == {
        "new.txt": "added",
        "src/cart.py": "modified",
    }
    assert files[0]["patch"] == "@@ -0,0 +1,2 @@\n+a\n+b"
    assert commits[-1]["sha"] == shown["head"]["sha"]


async def test_issues_and_pulls_share_their_numbers(hub: Hub, bot: AppClient) -> None:
    issue = await hub.as_user("maya").open_issue("acme/shop", "First")
    number = await _pull(hub, bot)
    as_issue = (await bot.get(f"{SHOP}/issues/{number}")).json()
    assert (issue.number, number) == (1, 2)
    assert as_issue["pull_request"]["url"].endswith(f"{SHOP}/pulls/2")
    assert (await bot.get(f"{SHOP}/pulls/1")).status_code == 404
    said = await bot.post(f"{SHOP}/issues/{number}/comments", {"body": "on a pull"})
    assert said.json()["html_url"].startswith(f"{hub.web_url}/acme/shop/pull/2#")


async def test_a_second_pull_for_a_branch_is_refused(hub: Hub, bot: AppClient) -> None:
    await _pull(hub, bot)
    again = await bot.post(f"{SHOP}/pulls", {"title": "x", "head": "work", "base": "main"})
    assert again.status_code == 422
    message = again.json()["errors"][0]["message"]
    assert message == "A pull request already exists for acme:work."


async def test_unknown_heads_and_bases_are_refused(hub: Hub, bot: AppClient) -> None:
    await _branch(hub)
    for head, base in (("nowhere", "main"), ("work", "nowhere"), ("other:work", "main")):
        refused = await bot.post(f"{SHOP}/pulls", {"title": "x", "head": head, "base": base})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["code"] == "invalid"


async def test_a_head_without_commits_of_its_own_is_refused(hub: Hub, bot: AppClient) -> None:
    await hub.as_user("maya").branch_off("acme/shop", "same")
    refused = await bot.post(f"{SHOP}/pulls", {"title": "x", "head": "same", "base": "main"})
    assert refused.json()["errors"][0]["message"] == "No commits between main and same"


async def test_a_fresh_head_may_be_unknown_for_a_moment(hub: Hub, bot: AppClient) -> None:
    hub.world.switches.head_lag_seconds = 2
    await _branch(hub)
    sent = {"title": "x", "head": "work", "base": "main"}
    assert (await bot.post(f"{SHOP}/pulls", sent)).status_code == 422
    hub.world.clock.advance(2)
    assert (await bot.post(f"{SHOP}/pulls", sent)).status_code == 201


async def test_mergeable_is_unknown_at_first_and_after_each_push(hub: Hub, bot: AppClient) -> None:
    number = await _pull(hub, bot)

    async def looks() -> list[tuple[bool | None, str]]:
        seen = [(await bot.get(f"{SHOP}/pulls/{number}")).json() for _ in range(2)]
        return [(each["mergeable"], each["mergeable_state"]) for each in seen]

    assert await looks() == [(None, "unknown"), (True, "clean")]
    await hub.as_user("maya").write_file("acme/shop", "src/cart.py", "total = 2\n", "work")
    assert await looks() == [(None, "unknown"), (True, "clean")]
    await hub.as_user("maya").write_file("acme/shop", "src/cart.py", "total = 3\n", "main")
    assert await looks() == [(None, "unknown"), (False, "dirty")]


async def test_lists_are_filtered_by_head_base_and_state(hub: Hub, bot: AppClient) -> None:
    number = await _pull(hub, bot)

    async def found(query: str) -> list[int]:
        return [each["number"] for each in (await bot.get(f"{SHOP}/pulls?{query}")).json()]

    assert await found("head=acme:work&base=main") == [number]
    assert await found("head=acme:other") == []
    assert await found("base=other") == []
    assert await found("state=closed") == []
    await bot.patch(f"{SHOP}/pulls/{number}", {"state": "closed"})
    assert await found("state=all&sort=updated&direction=desc") == [number]


async def test_a_pull_is_edited_closed_and_opened_again(hub: Hub, bot: AppClient) -> None:
    number = await _pull(hub, bot)
    path = f"{SHOP}/pulls/{number}"
    await bot.patch(path, {"title": "Better", "body": "because", "state": "closed"})
    reopened = (await bot.patch(path, {"state": "open"})).json()
    assert (reopened["title"], reopened["body"], reopened["state"]) == ("Better", "because", "open")
    assert (await bot.patch(path, {"base": "nowhere"})).status_code == 422
    with pytest.raises(HubRefused):
        await hub.as_user("rita").edit_issue("acme/shop", number, title="mine")


async def test_a_draft_leaves_that_state_by_graphql_only(hub: Hub, bot: AppClient) -> None:
    number = await _pull(hub, bot, draft=True)
    path = f"{SHOP}/pulls/{number}"
    draft = (await bot.patch(path, {"draft": False})).json()
    assert draft["draft"] is True
    assert (await bot.put(f"{path}/merge")).status_code == 405
    mutation = "mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id})"
    sent = {"query": mutation + " { pullRequest { id } } }", "variables": {"id": draft["node_id"]}}
    done = (await bot.post(f"{hub.web_url}/api/graphql", sent)).json()
    assert done["data"]["markPullRequestReadyForReview"]["pullRequest"]["isDraft"] is False
    assert (await bot.get(path)).json()["draft"] is False
    unknown = (await bot.post(f"{hub.web_url}/api/graphql", {"query": "{ viewer }"})).json()
    assert unknown["errors"][0]["type"] == "NOT_FOUND"


@pytest.mark.parametrize(("method", "parents"), [("merge", 2), ("squash", 1), ("rebase", 1)])
async def test_each_merge_method_leaves_its_kind_of_commit(
    hub: Hub, bot: AppClient, method: str, parents: int
) -> None:
    number = await _pull(hub, bot)
    merged = await bot.put(f"{SHOP}/pulls/{number}/merge", {"merge_method": method})
    tip = (await bot.get(f"{SHOP}/commits/main")).json()
    shown = (await bot.get(f"{SHOP}/pulls/{number}")).json()
    assert merged.json()["sha"] == tip["sha"] == shown["merge_commit_sha"]
    assert len(tip["parents"]) == parents
    assert (shown["merged"], shown["merged_by"]["login"]) == (True, "baro[bot]")
    assert (await bot.get(f"{SHOP}/pulls/{number}/merge")).status_code == 204


async def test_a_pull_that_conflicts_or_moved_is_not_merged(hub: Hub, bot: AppClient) -> None:
    number = await _pull(hub, bot)
    path = f"{SHOP}/pulls/{number}/merge"
    assert (await bot.put(path, {"sha": "0" * 40})).status_code == 409
    await hub.as_user("maya").write_file("acme/shop", "src/cart.py", "total = 3\n", "main")
    assert (await bot.put(path)).status_code == 405
    assert (await bot.get(path)).status_code == 404


async def test_readers_do_not_merge(hub: Hub, bot: AppClient) -> None:
    number = await _pull(hub, bot)
    with pytest.raises(HubRefused):
        await hub.as_user("rita").merge("acme/shop", number)
    await hub.as_user("jon").merge("acme/shop", number)


async def test_closing_words_count_on_the_default_branch_only(hub: Hub, bot: AppClient) -> None:
    maya = hub.as_user("maya")
    issue = (await maya.open_issue("acme/shop", "A bug")).number
    await maya.branch_off("acme/shop", "next")
    number = await _pull(hub, bot, body=f"Fixes #{issue}", base="next")
    await bot.put(f"{SHOP}/pulls/{number}/merge")
    assert (await maya.issue("acme/shop", issue)).state == "open"
    onward = await maya.open_pull("acme/shop", "next", "Onward", body=f"closes: #{issue}")
    await maya.merge("acme/shop", onward.number)
    assert (await maya.issue("acme/shop", issue)).state == "closed"


async def test_deleting_the_head_branch_closes_the_pull(hub: Hub, bot: AppClient) -> None:
    number = await _pull(hub, bot)
    await hub.as_user("maya").delete_branch("acme/shop", "work")
    shown = (await bot.get(f"{SHOP}/pulls/{number}")).json()
    assert (shown["state"], shown["merged"]) == ("closed", False)
    refused = await bot.patch(f"{SHOP}/pulls/{number}", {"state": "open"})
    assert refused.status_code == 422


async def test_a_pull_from_a_fork_outlives_the_fork(hub: Hub, bot: AppClient) -> None:
    sam = hub.account("sam")
    fork = create_repository(hub.world, sam, "shop", fork_of=hub.repository("acme/shop"))
    await hub.as_user("sam").write_file("sam/shop", "src/cart.py", "total = 9\n", "main")
    made = await hub.as_user("sam").open_pull("acme/shop", "sam:main", "From a fork")
    shown = (await bot.get(f"{SHOP}/pulls/{made.number}")).json()
    assert shown["head"]["repo"]["full_name"] == "sam/shop"
    assert (await bot.get(f"{SHOP}/pulls/{made.number}/files")).json()[0]["deletions"] == 5
    delete_repository(hub.world, fork)
    assert (await bot.get(f"{SHOP}/pulls/{made.number}")).json()["head"]["repo"] is None


async def test_a_pull_whose_head_reaches_its_base_counts_as_merged(
    hub: Hub, bot: AppClient
) -> None:
    number = await _pull(hub, bot)
    head = branch_sha(hub.repository("acme/shop").path, "work")
    await bot.patch(f"{SHOP}/git/refs/heads/main", {"sha": head})
    shown = (await bot.get(f"{SHOP}/pulls/{number}")).json()
    assert (shown["merged"], shown["merge_commit_sha"]) == (True, head)


async def test_a_pull_is_read_as_a_diff(hub: Hub, bot: AppClient) -> None:
    number = await _pull(hub, bot)
    shown = await bot.get(f"{SHOP}/pulls/{number}", Accept="application/vnd.github.diff")
    assert shown.text.startswith("diff --git a/src/cart.py b/src/cart.py\n")


async def test_reviewers_are_asked_among_those_who_may_write(hub: Hub, bot: AppClient) -> None:
    path = f"{SHOP}/pulls/{await _pull(hub, bot)}/requested_reviewers"
    asked = await bot.post(path, {"reviewers": ["jon"]})
    assert [each["login"] for each in asked.json()["requested_reviewers"]] == ["jon"]
    assert (await bot.post(path, {"reviewers": ["rita"]})).status_code == 422


async def test_a_review_holds_its_comments_on_lines(hub: Hub, bot: AppClient) -> None:
    number = await _pull(hub, bot)
    path = f"{SHOP}/pulls/{number}"
    lines = {("src/cart.py", 1): "why one?"}
    await hub.as_user("jon").review("acme/shop", number, "REQUEST_CHANGES", "Not yet", lines)
    review = (await bot.get(f"{path}/reviews")).json()[0]
    comment = (await bot.get(f"{path}/reviews/{review['id']}/comments")).json()[0]
    assert (review["state"], review["body"]) == ("CHANGES_REQUESTED", "Not yet")
    assert (comment["line"], comment["body"]) == (1, "why one?")
    assert comment["diff_hunk"].startswith("@@ -1,5 +1 @@")
    reply = await bot.post(f"{path}/comments/{comment['id']}/replies", {"body": "because"})
    assert reply.json()["in_reply_to_id"] == comment["id"]
    assert len((await bot.get(f"{path}/comments")).json()) == 2
    one = f"{SHOP}/pulls/comments/{reply.json()['id']}"
    assert (await bot.patch(one, {"body": "since"})).json()["body"] == "since"
    assert (await bot.post(f"{one}/reactions", {"content": "+1"})).status_code == 201
    assert (await bot.get(one)).json()["reactions"]["+1"] == 1
    assert (await bot.delete(one)).status_code == 204
    assert (await bot.get(one)).status_code == 404


async def test_nobody_approves_their_own_pull(hub: Hub, bot: AppClient) -> None:
    path = f"{SHOP}/pulls/{await _pull(hub, bot)}/reviews"
    assert (await bot.post(path, {"event": "APPROVE"})).status_code == 422
    assert (await bot.post(path, {"event": "COMMENT", "body": "ok"})).status_code == 200


async def test_a_pending_review_is_seen_by_its_author_until_submitted(
    hub: Hub, app: AppClient, bot: AppClient
) -> None:
    number = await _pull(hub, bot)
    path = f"{SHOP}/pulls/{number}/reviews"
    pending = (await bot.post(path, {"body": "thinking"})).json()
    assert (pending["state"], "submitted_at" in pending) == ("PENDING", False)
    assert (await app.get(path)).json() == []
    await bot.post(f"{path}/{pending['id']}/events", {"event": "COMMENT"})
    assert [each["state"] for each in (await app.get(path)).json()] == ["COMMENTED"]
    again = await bot.post(f"{path}/{pending['id']}/events", {"event": "COMMENT"})
    assert again.status_code == 422


async def test_a_note_on_a_file_outside_the_diff_is_refused(hub: Hub, bot: AppClient) -> None:
    path = f"{SHOP}/pulls/{await _pull(hub, bot)}/comments"
    sent = {"path": "README.md", "body": "x", "line": 1, "commit_id": "0" * 40}
    assert (await bot.post(path, sent)).status_code == 422
