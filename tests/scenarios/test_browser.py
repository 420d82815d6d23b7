"""A person clicks through the whole product: comment, tick, watch, read the diff, merge."""

from pathlib import Path

from playwright.async_api import Page, expect

from infra.demo.texts import ROUNDING, issue
from infra.hub.seed import IssueSeed
from tests.support.browser import a_browser
from tests.support.stage import SHOP, a_stage, baro


async def test_a_person_plans_approves_reads_and_merges(tmp_path: Path) -> None:
    text = issue(ROUNDING)
    bug = IssueSeed(title=text.title, body=text.body, author="jon")
    async with a_stage(tmp_path, issues=(bug,)) as stage, baro(stage), a_browser() as page:
        await page.goto(f"{stage.hub.web_url}/{SHOP}/issues")
        await shot(page, tmp_path, "1-issues")
        await page.get_by_role("link", name=text.title).click()
        await page.get_by_label("Comment", exact=True).fill("/baro plan")
        await page.get_by_role("button", name="Comment").click()
        await expect(page.get_by_text("waiting for approval")).to_be_visible(timeout=20_000)
        await shot(page, tmp_path, "2-plan")
        await page.get_by_label("Approve r1").check()
        await expect(page.get_by_text("is ready: every check is green")).to_be_visible(
            timeout=30_000
        )
        await expect(page.get_by_text("Approved by maya")).to_be_visible(timeout=20_000)
        await shot(page, tmp_path, "3-finished")
        await page.get_by_role("link", name="#2").first.click()
        await expect(page.get_by_role("heading", name="Checks")).to_be_visible()
        await shot(page, tmp_path, "4-pull")
        await page.get_by_role("link", name="Files").click()
        await expect(page.locator(".diff .added").first).to_be_visible()
        await shot(page, tmp_path, "5-files")
        await page.get_by_role("link", name="Conversation").click()
        await page.get_by_role("button", name="Merge").click()
        await expect(page.get_by_text("Merged as")).to_be_visible(timeout=20_000)
        await shot(page, tmp_path, "6-merged")


async def test_a_thumb_works_too_and_a_reader_may_do_less(tmp_path: Path) -> None:
    text = issue(ROUNDING)
    bug = IssueSeed(title=text.title, body=text.body, author="jon")
    async with a_stage(tmp_path, issues=(bug,)) as stage, baro(stage), a_browser() as page:
        await stage.person("maya").comment(SHOP, 1, "/baro plan")
        plan = await stage.comment(1, "waiting for approval")
        await page.goto(f"{stage.hub.web_url}/{SHOP}/issues/1")
        await page.get_by_label("Who you are").select_option("rita")
        await expect(page.get_by_text("may read and comment").first).to_be_visible()
        await expect(page.get_by_label("Approve r1")).to_be_disabled()
        await page.locator(f"#comment-{plan.id}").get_by_label("+1").click()
        await page.get_by_label("Who you are").select_option("maya")
        await expect(page.get_by_label("Approve r1")).to_be_enabled()
        assert "waiting for approval" in (await stage.comment(1, "Plan r1")).body
        await page.locator(f"#comment-{plan.id}").get_by_label("+1").click()
        await expect(page.get_by_text("is ready: every check is green")).to_be_visible(
            timeout=30_000
        )


async def shot(page: Page, folder: Path, name: str) -> None:
    await page.screenshot(path=folder / f"{name}.png", full_page=True)
