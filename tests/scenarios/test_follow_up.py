"""`/baro fix` on baro's own pull request: one more commit there, never a second pull request."""

from pathlib import Path

from infra.demo.texts import EXPORT, FOLLOW_UP, issue
from infra.hub.seed import IssueSeed
from tests.scenarios.test_parallel import repaired, suite_is_green
from tests.support.stage import SHOP, a_stage, baro, number_of_pull


async def test_a_fix_becomes_a_commit_on_the_same_branch(tmp_path: Path) -> None:
    text = issue(EXPORT)
    feature = IssueSeed(title=text.title, body=text.body, author="jon")
    async with a_stage(tmp_path, files=repaired(), issues=(feature,)) as stage, baro(stage):
        maya = stage.person("maya")
        await maya.comment(SHOP, 1, "/baro plan")
        plan = await stage.comment(1, "waiting for approval")
        await maya.react(SHOP, plan.id)
        number = number_of_pull((await stage.comment(1, "is ready")).body)
        before = await maya.pull(SHOP, number)

        await maya.comment(SHOP, number, FOLLOW_UP)
        await stage.comment(number, "is ready")

        after = await maya.pull(SHOP, number)
        assert after.head.sha != before.head.sha
        assert [pull.number for pull in await maya.pulls(SHOP)] == [number]
        assert "**Follow-ups:**" in (after.body or "")
        assert "Closes #1" in (after.body or "")
        await maya.merge(SHOP, number)
        merged = await stage.comment(number, "Merged as")
        assert "follow-ups" in merged.body
        assert suite_is_green(stage)
