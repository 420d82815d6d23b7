"""Check runs, suites and statuses on commits."""

import pytest

from infra.hub.acts.accounts import add_account
from infra.hub.acts.apps import AppForm, install, mint, register_app
from infra.hub.running import Hub
from tests.infra.hub.app import SHOP, AppClient, session_key


async def _tip(bot: AppClient) -> str:
    sha: str = (await bot.get(f"{SHOP}/commits/main")).json()["sha"]
    return sha


async def _run(bot: AppClient, **fields: object) -> dict[str, object]:
    sent = {"name": "baro", "head_sha": await _tip(bot), **fields}
    made = await bot.post(f"{SHOP}/check-runs", sent)
    assert made.status_code == 201, made.text
    found: dict[str, object] = made.json()
    return found


async def test_a_run_goes_from_queued_to_completed(bot: AppClient) -> None:
    run = await _run(bot, external_id="change-1")
    path = f"{SHOP}/check-runs/{run['id']}"
    assert (run["status"], run["conclusion"], run["external_id"]) == ("queued", None, "change-1")
    await bot.patch(path, {"status": "in_progress"})
    output = {"title": "Green", "summary": "all passed", "text": "details"}
    done = {"status": "completed", "conclusion": "success", "output": output}
    await bot.patch(path, done)
    shown = (await bot.get(path)).json()
    assert (shown["status"], shown["conclusion"]) == ("completed", "success")
    assert shown["output"]["title"] == "Green"
    assert shown["completed_at"].endswith("Z")


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "completed"},
        {"output": {"title": "t", "summary": "s" * 65_536}},
        {"output": {"title": "t", "summary": "s", "text": "t" * 65_536}},
        {"actions": [{"label": "a", "description": "b", "identifier": "c"}] * 4},
        {"actions": [{"label": "a" * 21, "description": "b", "identifier": "c"}]},
        {"head_sha": "1" * 40},
    ],
    ids=["no conclusion", "long summary", "long text", "four actions", "long label", "no commit"],
)
async def test_a_wrong_run_is_refused(bot: AppClient, wrong: dict[str, object]) -> None:
    sent = {"name": "baro", "head_sha": await _tip(bot), **wrong}
    assert (await bot.post(f"{SHOP}/check-runs", sent)).status_code == 422


async def test_annotations_come_fifty_at_a_time_and_add_up(bot: AppClient) -> None:
    note = {
        "path": "README.md",
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "warning",
        "message": "hm",
    }
    output = {"title": "t", "summary": "s", "annotations": [note] * 50}
    run = await _run(bot, output=output)
    path = f"{SHOP}/check-runs/{run['id']}"
    await bot.patch(path, {"output": output})
    too_many = {"output": {**output, "annotations": [note] * 51}}
    assert (await bot.patch(path, too_many)).status_code == 422
    assert (await bot.get(path)).json()["output"]["annotations_count"] == 100
    assert len((await bot.get(f"{path}/annotations?per_page=100")).json()) == 100


async def test_only_the_app_that_made_a_run_changes_it(hub: Hub, bot: AppClient) -> None:
    run = await _run(bot)
    acme = hub.account("acme")
    form = AppForm("Other CI", {"checks": "write"}, (), private_key=session_key())
    other = register_app(hub.world, add_account(hub.world, "other-maker"), form)
    token = mint(hub.world, install(hub.world, other, acme))
    stranger = AppClient(hub, bot.seeded, token.value)
    refused = await stranger.patch(f"{SHOP}/check-runs/{run['id']}", {"status": "in_progress"})
    assert refused.status_code == 403


async def test_the_runs_of_a_commit_are_the_latest_of_each_name(bot: AppClient) -> None:
    await _run(bot)
    second = await _run(bot, status="completed", conclusion="failure")
    other = await _run(bot, name="other")
    latest = (await bot.get(f"{SHOP}/commits/main/check-runs")).json()
    every = (await bot.get(f"{SHOP}/commits/main/check-runs?filter=all")).json()
    named = (await bot.get(f"{SHOP}/commits/main/check-runs?check_name=other")).json()
    assert {each["id"] for each in latest["check_runs"]} == {second["id"], other["id"]}
    assert (latest["total_count"], every["total_count"]) == (2, 3)
    assert [each["id"] for each in named["check_runs"]] == [other["id"]]


async def test_a_suite_gathers_an_apps_runs_on_a_commit(bot: AppClient) -> None:
    sha = await _tip(bot)
    made = await bot.post(f"{SHOP}/check-suites", {"head_sha": sha})
    again = await bot.post(f"{SHOP}/check-suites", {"head_sha": sha})
    await _run(bot, status="completed", conclusion="success")
    assert (made.status_code, again.status_code) == (201, 200)
    suite = (await bot.get(f"{SHOP}/check-suites/{made.json()['id']}")).json()
    assert (suite["status"], suite["conclusion"]) == ("completed", "success")
    runs = (await bot.get(f"{SHOP}/check-suites/{suite['id']}/check-runs")).json()
    assert runs["total_count"] == 1
    listed = (await bot.get(f"{SHOP}/commits/main/check-suites")).json()
    assert [each["id"] for each in listed["check_suites"]] == [suite["id"]]


async def test_a_push_makes_a_suite(hub: Hub, bot: AppClient) -> None:
    await hub.as_user("maya").write_file("acme/shop", "a.txt", "a\n")
    listed = (await bot.get(f"{SHOP}/commits/main/check-suites")).json()
    assert listed["check_suites"][0]["head_branch"] == "main"


async def test_statuses_combine_to_the_worst(app: AppClient, hub: Hub, bot: AppClient) -> None:
    sha, jon = await _tip(bot), hub.as_user("jon")
    assert (await bot.post(f"{SHOP}/statuses/{sha}", {"state": "success"})).status_code == 403
    assert (await bot.get(f"{SHOP}/commits/main/status")).json()["state"] == "pending"
    for context, state in (("ci", "pending"), ("ci", "success"), ("lint", "failure")):
        await jon.set_status("acme/shop", sha, context, state)
    combined = (await bot.get(f"{SHOP}/commits/main/status")).json()
    assert (combined["state"], combined["total_count"]) == ("failure", 2)
    listed = (await bot.get(f"{SHOP}/commits/main/statuses")).json()
    assert [each["context"] for each in listed] == ["lint", "ci", "ci"]
