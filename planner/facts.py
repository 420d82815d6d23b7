"""What code finds out before any model is asked, and what it decides from that alone."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from planner.plan import Frozen
from planner.request import Request


class PullState(StrEnum):
    open = "open"
    closed = "closed"
    merged = "merged"


class PullReference(Frozen):
    """A pull request that the request or the platform links to; `ours` if baro opened it."""

    number: int
    state: PullState
    title: str = ""
    merged_sha: str | None = None
    merged_at: datetime | None = None
    ours: bool = False
    same_repository: bool = True


class Situation(Frozen):
    """What the caller knows about the subject, read from the platform just now.

    `closing` is the pull request that the platform links as the one that closes the issue.
    `empty` is a repository without a commit, or without the branch to start from.
    """

    subject_kind: Literal["issue", "pull"]
    number: int
    state: Literal["open", "closed"] = "open"
    locked: bool = False
    archived: bool = False
    empty: bool = False
    references: tuple[PullReference, ...] = ()
    closing: PullReference | None = None


@dataclass(frozen=True)
class RepositoryArchived:
    pass


@dataclass(frozen=True)
class RepositoryEmpty:
    pass


@dataclass(frozen=True)
class IssueClosed:
    number: int


@dataclass(frozen=True)
class AlreadyMerged:
    number: int
    sha: str | None
    at: datetime | None


@dataclass(frozen=True)
class PullClosed:
    """A pull request that was closed without being merged."""

    number: int


@dataclass(frozen=True)
class PullElsewhere:
    """A bare link to a pull request of another repository."""

    number: int


@dataclass(frozen=True)
class DeclinedByIntake:
    """The model's reason: text to be quoted and neutralised, not a sentence of ours."""

    text: str


DeclineReason = (
    RepositoryArchived
    | RepositoryEmpty
    | IssueClosed
    | AlreadyMerged
    | PullClosed
    | PullElsewhere
    | DeclinedByIntake
)


@dataclass(frozen=True)
class FollowUp:
    """The request is only a link to an open pull request: the work belongs on that one."""

    pull: int


def decided(request: Request, situation: Situation) -> DeclineReason | FollowUp | None:
    """The answer that needs no model, or None."""
    if situation.archived:
        return RepositoryArchived()
    if situation.empty:
        return RepositoryEmpty()
    return _subject_done(request, situation) or _bare_link(request, situation)


def bare_links(request: Request) -> tuple[int, ...]:
    """The pull requests that a request links to when it says nothing else."""
    said = " ".join((request.goal, request.words, *request.answers)).strip()
    if not said or _LINK.sub("", said).strip(" \t\r\n.,;:<>()[]*-_"):
        return ()
    return tuple(dict.fromkeys(int(number) for number in _LINK.findall(said)))


_LINK = re.compile(r"(?:https?://[^\s<>()]+?/pull/|(?:[\w.-]+/[\w.-]+)?#)(\d+)(?:[/?#][^\s<>()]*)?")


def _subject_done(request: Request, situation: Situation) -> DeclineReason | None:
    merged, said_more = situation.closing, request.words.strip() or request.answers
    if merged and merged.state is PullState.merged and not said_more:
        return _over(merged)
    if situation.state == "open":
        return None
    if situation.subject_kind == "issue":
        return IssueClosed(situation.number)
    itself = (pull for pull in situation.references if pull.number == situation.number)
    return _over(next(itself, PullReference(number=situation.number, state=PullState.closed)))


def _bare_link(request: Request, situation: Situation) -> DeclineReason | FollowUp | None:
    """One open pull request is a follow-up; several links are decided only if all are over."""
    known = {pull.number: pull for pull in reversed(situation.references)}
    linked = [known[number] for number in bare_links(request) if number in known]
    if not linked:
        return None
    if foreign := [pull for pull in linked if not pull.same_repository]:
        return PullElsewhere(foreign[0].number)
    if all(pull.state is not PullState.open for pull in linked):
        return _over(linked[0])
    return FollowUp(linked[0].number) if len(linked) == 1 else None


def _over(pull: PullReference) -> AlreadyMerged | PullClosed:
    if pull.state is PullState.merged:
        return AlreadyMerged(pull.number, pull.merged_sha, pull.merged_at)
    return PullClosed(pull.number)
