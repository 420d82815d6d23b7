"""What GitHub knows about a request's subject, read just now: the half of the facts we fetch."""

import re

from bot.github import issues, pulls
from bot.github.answers import Pull
from bot.github.errors import NotThere
from bot.place import Place
from planner.facts import PullReference, PullState, Situation
from planner.request import Request

# A goal full of links is looked into this far.
REFERENCES = 10


async def situation(place: Place, number: int, request: Request, *, archived: bool) -> Situation:
    """Re-read from GitHub: the event that woke us is only a hint."""
    issue = await issues.issue(place.client, number)
    found = [
        reference
        for one in _numbers(place, f"{request.goal}\n{request.words}")
        if one != number and (reference := await _reference(place, one))
    ]
    return Situation(
        subject_kind="pull" if issue.pull_request else "issue",
        number=number,
        state="open" if issue.state == "open" else "closed",
        locked=issue.locked,
        archived=archived,
        references=(*found, *_elsewhere(place, f"{request.goal}\n{request.words}")),
    )


async def _reference(place: Place, number: int) -> PullReference | None:
    """The pull request of that number; a number that is none says nothing."""
    try:
        found = await pulls.pull(place.client, number)
    except NotThere:
        return None
    bot = await place.client.bot()
    return PullReference(
        number=number,
        state=_state(found),
        title=found.title,
        merged_sha=found.merge_commit_sha if found.merged else None,
        merged_at=found.merged_at,
        ours=found.user is not None and found.user.id == bot.user_id,
    )


def _state(pull: Pull) -> PullState:
    if pull.merged or pull.merged_at:
        return PullState.merged
    return PullState.open if pull.state == "open" else PullState.closed


def _numbers(place: Place, text: str) -> list[int]:
    """Numbers named in this repository: `#12`, or a link to an issue or pull request."""
    web = re.escape(place.services.settings.github_web_url)
    name = re.escape(place.repository.full_name)
    link = rf"{web}/{name}/(?:pull|issues)/(\d+)"
    found = [int(one) for one in re.findall(link, text, re.IGNORECASE)]
    found += [int(one) for one in re.findall(r"(?<![\w/#])#(\d{1,9})\b", text)]
    return list(dict.fromkeys(found))[:REFERENCES]


def _elsewhere(place: Place, text: str) -> list[PullReference]:
    """Links to pull requests of other repositories: we may not read them, and say so."""
    web = re.escape(place.services.settings.github_web_url)
    found = re.findall(rf"{web}/([\w.-]+/[\w.-]+)/pull/(\d+)", text, re.IGNORECASE)
    ours = place.repository.full_name.lower()
    return [
        PullReference(number=int(number), state=PullState.open, same_repository=False)
        for name, number in found[:REFERENCES]
        if name.lower() != ours
    ]
