"""Whether a plan is approved: who may, whose thumb counts, and whether the plan still holds.

Pure. The answers of GitHub are arguments, and what is unknown is a refusal.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from bot.store.states import PlanState
from planner.request import Person


class Access(IntEnum):
    """What somebody holds on a repository, in order."""

    none = 0
    read = 1
    triage = 2
    write = 3
    maintain = 4
    admin = 5


@dataclass(frozen=True)
class ApprovalRule:
    """Who may approve here. `self_approval`: the requester may, with access enough."""

    least: Access = Access.write
    self_approval: bool = True


@dataclass(frozen=True)
class Thumb:
    """A 👍 as GitHub lists it. `person` is None where the account is gone."""

    id: int
    person: Person | None
    is_human: bool
    at: datetime


@dataclass(frozen=True)
class Approver:
    person: Person
    at: datetime
    source: str


class Ignored(StrEnum):
    """Why a thumb, a command or a box does not approve."""

    account_gone = "account_gone"
    not_human = "not_human"
    ours = "ours"
    before_revision = "before_revision"
    access_unknown = "access_unknown"
    access_too_low = "access_too_low"
    own_request = "own_request"


@dataclass(frozen=True)
class IgnoredThumb:
    thumb: Thumb
    why: Ignored


def refusal(
    person: Person, access: Access | None, rule: ApprovalRule, *, requester: int
) -> Ignored | None:
    """Why this person may not approve, whatever means they use; None if they may."""
    if access is None:
        return Ignored.access_unknown
    if access < rule.least:
        return Ignored.access_too_low
    if person.id == requester and not rule.self_approval:
        return Ignored.own_request
    return None


def worth_asking(thumbs: Iterable[Thumb], *, posted_at: datetime, us: int) -> tuple[Person, ...]:
    """Whose access has to be looked up now; everybody else is ignored without a call."""
    people = {
        thumb.person.id: thumb.person
        for thumb in thumbs
        if thumb.person and _unfit(thumb, posted_at, us) is None
    }
    return tuple(people.values())


def approver(
    thumbs: Iterable[Thumb],
    *,
    posted_at: datetime,
    us: int,
    requester: int,
    rule: ApprovalRule,
    access: Mapping[int, Access],
) -> Approver | tuple[IgnoredThumb, ...]:
    """The first thumb that counts for the revision on show, or why each one does not.

    `access` is by user id, as looked up just now; an id that is missing there is unknown.
    """
    ignored: list[IgnoredThumb] = []
    for thumb in sorted(thumbs, key=lambda thumb: (thumb.at, thumb.id)):
        why = _unfit(thumb, posted_at, us)
        if why is None and thumb.person is not None:
            why = refusal(thumb.person, access.get(thumb.person.id), rule, requester=requester)
            if why is None:
                return Approver(thumb.person, thumb.at, f"reaction {thumb.id}")
        ignored.append(IgnoredThumb(thumb, why or Ignored.account_gone))
    return tuple(ignored)


def _unfit(thumb: Thumb, posted_at: datetime, us: int) -> Ignored | None:
    if thumb.person is None:
        return Ignored.account_gone
    if thumb.person.id == us:
        return Ignored.ours
    if not thumb.is_human:
        return Ignored.not_human
    # GitHub tells whole seconds: a thumb of the second of posting is after it.
    if thumb.at < posted_at.replace(microsecond=0):
        return Ignored.before_revision
    return None


@dataclass(frozen=True)
class PlanFacts:
    """What the store knows about the plan that an approval names."""

    revision: int
    digest: str
    state: PlanState
    expires_at: datetime


class Void(StrEnum):
    """Why an approval can not be taken for this plan."""

    not_awaiting = "not_awaiting"
    replaced = "replaced"
    expired = "expired"
    base_moved = "base_moved"
    other_digest = "other_digest"
    other_revision = "other_revision"


@dataclass(frozen=True)
class Valid:
    digest: str


def validity(
    plan: PlanFacts,
    now: datetime,
    *,
    base_is_ancestor: bool,
    named_revision: int | None = None,
    named_digest: str | None = None,
) -> Valid | Void:
    """Whether this plan can be approved now.

    `named_*` is what the person's words or the edited comment pointed at, if anything; a digest
    may be its beginning, as markers carry it. The base is void after a force-push.
    """
    if named_revision not in (None, plan.revision):
        return Void.other_revision
    if named_digest is not None and not (named_digest and plan.digest.startswith(named_digest)):
        return Void.other_digest
    if plan.state is PlanState.replaced:
        return Void.replaced
    if plan.state is PlanState.expired or now >= plan.expires_at:
        return Void.expired
    if plan.state is not PlanState.awaiting:
        return Void.not_awaiting
    return Valid(plan.digest) if base_is_ancestor else Void.base_moved
