"""From a model's reply to a draft in our own words: safe ids, known checks, clean globs."""

import re
import shlex
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TypeVar

from planner.plan import Check, Criterion, CriterionId, Design, Frozen, Origin, Story, StoryId
from planner.replies import CriterionReply, PlanReply, StoryReply
from planner.surfaces import normalised

Identified = TypeVar("Identified", StoryReply, CriterionReply)


class Draft(Frozen):
    """What the planner proposes, before the contract. `slips` are what reading had to put right."""

    title: str
    summary: str
    reason: str
    would_change: str = ""
    design: Design = Design()
    stories: tuple[Story, ...]
    criteria: tuple[Criterion, ...]
    assumptions: tuple[str, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    slips: tuple[str, ...] = ()


def read(reply: PlanReply, gate: Sequence[Check]) -> Draft:
    stories = _own_ids(reply.stories, "s")
    criteria = _own_ids(reply.criteria, "c")
    commands = {check.name for check in gate} | {c for s in reply.stories for c in s.checks}
    return Draft(
        title=_line(reply.title),
        summary=reply.summary,
        reason=reply.reason,
        would_change=reply.would_change,
        design=Design(decisions=reply.decisions),
        stories=tuple(
            _story(one, StoryId(id), _first(stories), _first(criteria), gate) for id, one in stories
        ),
        criteria=tuple(_criterion(one, CriterionId(id), commands) for id, one in criteria),
        assumptions=reply.assumptions,
        out_of_scope=reply.out_of_scope,
        slips=(
            *_twice("story", (story.id for story in reply.stories)),
            *_twice("criterion", (criterion.id for criterion in reply.criteria)),
            *(slip for story in reply.stories for slip in _outside(story)),
        ),
    )


def _story(
    reply: StoryReply,
    id: StoryId,
    stories: Mapping[str, str],
    criteria: Mapping[str, str],
    gate: Sequence[Check],
) -> Story:
    return Story(
        id=id,
        title=_line(reply.title),
        goal=reply.goal,
        writes=tuple(dict.fromkeys(g for w in reply.writes for g in _globs(w))),
        needs=tuple(
            dict.fromkeys(StoryId(stories.get(n.story, _slug(n.story, "s"))) for n in reply.needs)
        ),
        acceptance=tuple(
            dict.fromkeys(CriterionId(criteria[id]) for id in reply.acceptance if id in criteria)
        ),
        checks=tuple(_check(one, gate) for one in reply.checks if one) or tuple(gate),
        tier=reply.tier,
    )


def _criterion(reply: CriterionReply, id: CriterionId, commands: Container[str]) -> Criterion:
    """A proof that is neither a command we run nor a test's id proves nothing: *not run*."""
    proof = (reply.proof or "").strip()
    known = proof in commands or _TEST_ID.fullmatch(proof)
    return Criterion(
        id=id, text=_line(reply.text), origin=Origin(reply.origin), proof=proof if known else None
    )


_TEST_ID = re.compile(r"[\w./\[\]-]+(?:::|\.|/)[\w.:/\[\] -]+")


def _check(wanted: str, gate: Sequence[Check]) -> Check:
    """A found check by its name, or a command line of the planner's own."""
    for check in gate:
        if wanted in (check.name, shlex.join(check.argv)):
            return check
    try:
        argv = tuple(shlex.split(wanted))
    except ValueError:
        argv = tuple(wanted.split())
    return Check(name=wanted, argv=argv, source="plan")


def _globs(written: str) -> tuple[str, ...]:
    """`{csv,json}.py` is two globs; what leaves the repository is none."""
    if braces := _BRACES.search(written):
        options = (braces[1] or "").split(",")
        ways = (written[: braces.start()] + one + written[braces.end() :] for one in options)
        return tuple(glob for way in ways for glob in _globs(way))
    return () if not written or _leaves(written) else (normalised(written),)


_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")


def _leaves(written: str) -> bool:
    return ".." in written.split("/") or written.startswith(("~", "\\"))


def _outside(story: StoryReply) -> Iterable[str]:
    return (f"{story.id} may not write {one}" for one in story.writes if _leaves(one))


def _own_ids(replies: Sequence[Identified], letter: str) -> tuple[tuple[str, Identified], ...]:
    """Ids that can stand in a branch name, each once; the second of a name gets a number."""
    taken = dict[str, Identified]()
    for reply in replies:
        id, number = _slug(reply.id, letter), 1
        while id in taken:
            number += 1
            id = f"{_slug(reply.id, letter)}-{number}"
        taken[id] = reply
    return tuple(taken.items())


def _first(owned: Sequence[tuple[str, Identified]]) -> Mapping[str, str]:
    """From the name a model used to our id; a name used twice means its first bearer."""
    return {reply.id: id for id, reply in reversed(owned)}


def _slug(text: str, letter: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:24].strip("-")
    return slug if slug[:1].isalpha() else f"{letter}{slug}"


def _twice(what: str, ids: Iterable[str]) -> Iterable[str]:
    return (f"{what} {id} is given twice" for id, times in Counter(ids).items() if times > 1)


def _line(text: str) -> str:
    return " ".join(text.split())
