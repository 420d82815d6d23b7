"""The three changes that a demo plays: a bug, a feature, and an issue with nothing to do."""

import asyncio
import subprocess
import sys
from dataclasses import dataclass

from bot.demo.ground import REPOSITORY, DemoFailed, Ground
from bot.demo.telling import Teller
from infra.demo.texts import EXPORT, MERGED, ROUNDING, issue
from infra.hub.people import Person, SeenPull

STEP_SECONDS = 300


@dataclass(frozen=True)
class Expected:
    """How a change has to come out. `mode` None: any, for live models."""

    mode: str | None
    stories: int = 1
    is_draft: bool = False


async def bug(ground: Ground, tell: Teller, *, is_live: bool) -> SeenPull:
    """One function is wrong, and one test says so."""
    tell.title("A bug: one test fails")
    pull = await _change(ground, tell, ROUNDING, Expected(None if is_live else "focused"))
    await _merge(ground, tell, pull)
    return pull


async def feature(ground: Ground, tell: Teller, *, is_live: bool, is_broken: bool) -> SeenPull:
    """Several independent files: stories at once, in waves."""
    tell.title("A feature: several independent files")
    expected = Expected(None if is_live else "parallel", 4, is_draft=is_broken)
    pull = await _change(ground, tell, EXPORT, expected)
    if not is_broken:
        await _merge(ground, tell, pull)
    return pull


async def nothing_to_do(ground: Ground, tell: Teller, merged: SeenPull) -> None:
    """The issue is a link to a pull request that is merged already: no model is asked."""
    tell.title("An issue that is only the link of a merged pull request")
    maya = ground.hub.as_user("maya")
    url = f"{ground.hub.web_url}/{REPOSITORY}/pull/{merged.number}"
    text = issue(MERGED, pull_url=url)
    opened = await maya.open_issue(REPOSITORY, text.title, text.body)
    await maya.comment(REPOSITORY, opened.number, "/baro plan")
    tell("maya comments /baro plan")
    said = await _said(ground, maya, opened.number, "Nothing to do")
    tell(f"baro: {said.splitlines()[0]}")


async def _change(ground: Ground, tell: Teller, name: str, expected: Expected) -> SeenPull:
    """From the issue to the pull request, as two people would do it."""
    maya = ground.hub.as_user("maya")
    text = issue(name)
    opened = await ground.hub.as_user("jon").open_issue(REPOSITORY, text.title, text.body)
    tell(f"jon opens #{opened.number}: {text.title}")
    await maya.comment(REPOSITORY, opened.number, "/baro plan")
    tell("maya comments /baro plan")
    plan = await _said(ground, maya, opened.number, "waiting for approval")
    _check_plan(plan, expected)
    tell(f"baro posts a plan: {_line(plan, '**')}")
    await _thumb(ground, maya, opened.number)
    tell("maya gives it a 👍")
    ended = await _said(ground, maya, opened.number, "@maya")
    tell(f"baro: {ended.splitlines()[0]}")
    pull = await _pull_of(ground, maya, opened.number)
    if pull.draft is not expected.is_draft:
        found = "a draft" if pull.draft else "ready"
        raise DemoFailed(f"#{pull.number} is {found}, and should not be: {ended}")
    tell.note(f"issue {ground.hub.web_url}/{REPOSITORY}/issues/{opened.number}")
    tell.note(f"pull request {ground.hub.web_url}/{REPOSITORY}/pull/{pull.number}")
    return pull


def _check_plan(plan: str, expected: Expected) -> None:
    if expected.mode and f"**{expected.mode}**" not in plan:
        raise DemoFailed(f"the plan is not {expected.mode}: {_line(plan, '**')}")
    stories = sum(line.startswith("| s") for line in plan.splitlines())
    if expected.mode and stories < expected.stories:
        raise DemoFailed(f"the plan has {stories} stories, fewer than {expected.stories}")


async def _merge(ground: Ground, tell: Teller, pull: SeenPull) -> None:
    """Merge, and run the repository's own suite on the result, without baro."""
    maya = ground.hub.as_user("maya")
    await maya.merge(REPOSITORY, pull.number)
    tell(f"maya merges #{pull.number}")
    merged = await _said(ground, maya, pull.number, "Merged as")
    tell(f"baro: {merged.splitlines()[0].lstrip('# ')}")
    words = await asyncio.to_thread(_suite, ground, pull.number)
    tell(f"the sample's own tests on main: {words}")


def _suite(ground: Ground, number: int) -> str:
    clone = ground.folder / f"merged-{number}"
    repository = ground.hub.world.repository(REPOSITORY)
    assert repository is not None
    subprocess.run(["git", "clone", "-q", str(repository.path), str(clone)], check=True)
    command = [sys.executable, "-m", "unittest", "discover", "-s", "tests", "-t", "."]
    ran = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise DemoFailed(f"the suite is red after #{number} was merged:\n{ran.stderr[-1500:]}")
    return ran.stderr.strip().splitlines()[-1]


async def _thumb(ground: Ground, person: Person, number: int) -> None:
    plan = next(
        comment
        for comment in await person.comments(REPOSITORY, number)
        if comment.user and comment.user.login == ground.bot and "waiting for" in comment.body
    )
    await person.react(REPOSITORY, plan.id)


async def _pull_of(ground: Ground, person: Person, number: int) -> SeenPull:
    """The newest pull request; each of the demo's changes makes exactly one."""
    pulls = await person.pulls(REPOSITORY)
    ours = [pull for pull in pulls if pull.head.ref.startswith(f"baro/{number}-")]
    if len(ours) != 1:
        raise DemoFailed(f"#{number} has {len(ours)} pull requests: {await _all(ground, number)}")
    return await person.pull(REPOSITORY, ours[0].number)


async def _said(ground: Ground, person: Person, number: int, mark: str) -> str:
    """Wait for words of baro's in a thread; what it said instead is the failure's text."""
    try:
        async with asyncio.timeout(STEP_SECONDS):
            while True:
                for comment in await person.comments(REPOSITORY, number):
                    by_baro = comment.user is not None and comment.user.login == ground.bot
                    if by_baro and mark in comment.body:
                        return comment.body
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise DemoFailed(
            f"baro never said {mark!r} on #{number}, but: {await _all(ground, number)}"
        ) from None


async def _all(ground: Ground, number: int) -> str:
    comments = await ground.hub.as_user("maya").comments(REPOSITORY, number)
    return "\n---\n".join(comment.body for comment in comments)


def _line(text: str, start: str) -> str:
    return next((line for line in text.splitlines() if line.startswith(start)), text[:200])
