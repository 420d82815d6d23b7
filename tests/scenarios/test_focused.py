"""From a comment to a merged pull request: one story, approved by a thumb."""

from pathlib import Path

from infra.demo.texts import ROUNDING, issue
from infra.hub.seed import IssueSeed
from tests.support.stage import SHOP, a_stage, baro, number_of_pull


async def test_a_bug_becomes_one_pull_request_after_a_thumb(tmp_path: Path) -> None:
    text = issue(ROUNDING)
    bug = IssueSeed(title=text.title, body=text.body, author="jon")
    async with a_stage(tmp_path, issues=(bug,)) as stage, baro(stage):
        maya = stage.person("maya")
        await maya.comment(SHOP, 1, "/baro plan")
        plan = await stage.comment(1, "waiting for approval")
        assert "**focused**" in plan.body
        await maya.react(SHOP, plan.id)
        finished = await stage.comment(1, "is ready")
        pull = await maya.pull(SHOP, number_of_pull(finished.body))
        files = {file.filename for file in await maya.files(SHOP, pull.number)}
        assert not pull.draft
        assert files == {"shop/pricing.py", "tests/test_pricing.py"}
        assert "Closes #1" in (pull.body or "")
        await maya.merge(SHOP, pull.number)
        merged = await stage.comment(pull.number, "Merged as")
        assert "cost of this change" in merged.body
        kinds = [comment.body for comment in stage.said(1)]
        assert len(kinds) == 3, "plan, status and one word to the requester"
