"""A feature over independent files: a wave of stories at once, one of which recovers."""

import subprocess
from pathlib import Path

from infra.demo.texts import EXPORT, issue, sample_files
from infra.hub.seed import IssueSeed
from tests.support.stage import SHOP, Stage, a_stage, baro, number_of_pull


def repaired() -> dict[str, str]:
    """The sample with its bug mended, so that the gate is green on the base."""
    files = sample_files()
    before = """discounted = product.price.percent_off(product.discount(quantity))
    return discounted * quantity"""
    after = "return (product.price * quantity).percent_off(product.discount(quantity))"
    assert before in files["shop/pricing.py"]
    return files | {"shop/pricing.py": files["shop/pricing.py"].replace(before, after)}


async def test_four_stories_in_waves_become_one_green_pull_request(tmp_path: Path) -> None:
    text = issue(EXPORT)
    feature = IssueSeed(title=text.title, body=text.body, author="jon")
    async with a_stage(tmp_path, files=repaired(), issues=(feature,)) as stage, baro(stage):
        maya = stage.person("maya")
        await maya.comment(SHOP, 1, "/baro plan")
        plan = await stage.comment(1, "waiting for approval")
        assert "**parallel**" in plan.body
        await maya.react(SHOP, plan.id)
        finished = await stage.comment(1, "is ready")
        pull = await maya.pull(SHOP, number_of_pull(finished.body))
        assert not pull.draft
        await maya.merge(SHOP, pull.number)
        await stage.comment(pull.number, "Merged as")
        assert suite_is_green(stage)


def suite_is_green(stage: Stage) -> bool:
    """The sample's own tests on what was merged, by git and python alone."""
    clone = stage.folder / "merged"
    repository = stage.hub.world.repository(SHOP)
    assert repository is not None
    subprocess.run(["git", "clone", "-q", str(repository.path), str(clone)], check=True)
    run = ["python3", "-m", "unittest", "discover", "-s", "tests", "-t", "."]
    return subprocess.run(run, cwd=clone, capture_output=True, check=False).returncode == 0
