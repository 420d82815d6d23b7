"""Webhooks come twice, out of order, not at all, or from somebody else."""

import hashlib
import hmac
import json
from pathlib import Path

import httpx

from tests.support.stage import SECRET, SHOP, Stage, a_tiny_stage, baro, planned, settled, until


async def test_a_forged_or_unsigned_webhook_is_refused(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage) as url:
        body = json.dumps({"action": "created"}).encode()
        wrong = hmac.new(b"guessed", body, hashlib.sha256).hexdigest()
        headers = {"X-GitHub-Delivery": "one", "X-GitHub-Event": "issue_comment"}
        async with httpx.AsyncClient(trust_env=False) as client:
            unsigned = await client.post(f"{url}/webhook", content=body, headers=headers)
            headers["X-Hub-Signature-256"] = f"sha256={wrong}"
            forged = await client.post(f"{url}/webhook", content=body, headers=headers)
        assert (unsigned.status_code, forged.status_code) == (401, 401)


async def test_an_unknown_event_is_taken_and_ignored(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage) as url:
        body = b'{"action": "sprouted", "wings": 2}'
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "X-GitHub-Delivery": "two",
            "X-GitHub-Event": "dragon",
            "X-Hub-Signature-256": f"sha256={signature}",
        }
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(f"{url}/webhook", content=body, headers=headers)
        assert answer.status_code == 202
        await settled(stage)


async def test_a_doubled_webhook_plans_once(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        stage.hub.hook_fault(kind="duplicate", times=None)
        plan = await planned(stage)
        await stage.person("maya").react(SHOP, plan.id)
        await stage.comment(1, "is ready")
        await settled(stage)
        assert len(stage.said(1, "kind=plan")) == 1
        assert posted_by_us(stage) == 3, "plan, status and the last word"


async def test_a_lost_webhook_is_found_in_githubs_log(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        dropped = stage.hub.hook_fault(kind="drop", event="issue_comment")
        await stage.person("maya").comment(SHOP, 1, "/baro plan")
        await stage.comment(1, "waiting for approval", 40)
        assert dropped.hits == 1


async def test_events_out_of_order_converge(tmp_path: Path) -> None:
    """The issue's closing overtakes the command: nothing is planned on a closed issue."""
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        stage.hub.hook_fault(kind="reorder", event="issue_comment")
        await stage.person("maya").comment(SHOP, 1, "/baro plan")
        await stage.person("maya").close(SHOP, 1)
        await stage.comment(1, "is closed")
        assert stage.said(1, "waiting for approval") == []


async def test_a_command_in_a_new_issue_counts(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        opened = await stage.person("jon").open_issue(
            SHOP, "Numbers need verbs", "Add doubling.\n\n/baro plan\n"
        )
        await stage.comment(opened.number, "waiting for approval")

        async def seen() -> bool:
            repository = stage.hub.world.repository(SHOP)
            assert repository is not None
            return [one.content for one in repository.issues[opened.number].reactions] == ["eyes"]

        await until(seen)


def posted_by_us(stage: Stage) -> int:
    path = f"/repos/{SHOP}/issues/1/comments"
    return len(stage.hub.traffic.matching("POST", path, actor=r".*bot"))
