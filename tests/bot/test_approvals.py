"""Whose thumb counts, and whether the plan under it still holds."""

from datetime import timedelta

import pytest

from bot.approvals import (
    Access,
    ApprovalRule,
    Approver,
    Ignored,
    PlanFacts,
    Thumb,
    Valid,
    Void,
    approver,
    refusal,
    validity,
    worth_asking,
)
from bot.store.states import PlanState
from planner.request import Person
from tests.support.builders import JON, MAYA, NOW

US = 3_000_000_099
LATER = NOW + timedelta(minutes=3)
WRITERS = {MAYA.id: Access.write, JON.id: Access.write}


def a_thumb(
    person: Person | None = JON, *, id: int = 1, seconds: float = 60, is_human: bool = True
) -> Thumb:
    return Thumb(id, person, is_human, NOW + timedelta(seconds=seconds))


def judged(
    *thumbs: Thumb,
    access: dict[int, Access] | None = None,
    rule: ApprovalRule | None = None,
) -> Person | tuple[Ignored, ...]:
    verdict = approver(
        thumbs,
        posted_at=NOW,
        us=US,
        requester=MAYA.id,
        rule=rule or ApprovalRule(),
        access=WRITERS if access is None else access,
    )
    return verdict.person if isinstance(verdict, Approver) else tuple(one.why for one in verdict)


def test_a_writers_thumb_approves() -> None:
    assert judged(a_thumb()) == JON


def test_the_first_thumb_that_counts_is_the_approval() -> None:
    early, late = a_thumb(MAYA, id=9, seconds=5), a_thumb(JON, id=2, seconds=9)
    assert judged(late, early) == MAYA


def test_the_requester_may_approve_unless_the_repository_says_otherwise() -> None:
    assert judged(a_thumb(MAYA)) == MAYA
    strict = ApprovalRule(self_approval=False)
    assert judged(a_thumb(MAYA), rule=strict) == (Ignored.own_request,)
    assert judged(a_thumb(MAYA), a_thumb(JON, id=2), rule=strict) == JON


@pytest.mark.parametrize(
    ("thumb", "why"),
    [
        (a_thumb(None), Ignored.account_gone),
        (a_thumb(is_human=False), Ignored.not_human),
        (a_thumb(Person(id=US, login="baro[bot]"), is_human=False), Ignored.ours),
        (a_thumb(seconds=-1), Ignored.before_revision),
        (a_thumb(Person(id=7, login="reader")), Ignored.access_too_low),
        (a_thumb(Person(id=8, login="stranger")), Ignored.access_unknown),
    ],
)
def test_every_other_thumb_is_ignored_for_a_reason(thumb: Thumb, why: Ignored) -> None:
    assert judged(thumb, access={7: Access.triage}) == (why,)


def test_a_thumb_in_the_second_of_posting_counts() -> None:
    posted = NOW + timedelta(milliseconds=700)
    verdict = approver(
        [a_thumb(seconds=0)],
        posted_at=posted,
        us=US,
        requester=MAYA.id,
        rule=ApprovalRule(),
        access=WRITERS,
    )
    assert isinstance(verdict, Approver)


def test_a_repository_may_ask_for_more_than_write() -> None:
    rule = ApprovalRule(least=Access.maintain)
    assert judged(a_thumb(), rule=rule) == (Ignored.access_too_low,)
    assert judged(a_thumb(), rule=rule, access={JON.id: Access.admin}) == JON


def test_only_people_whose_thumb_could_count_are_looked_up() -> None:
    thumbs = [a_thumb(), a_thumb(JON, id=2), a_thumb(MAYA, id=3, seconds=-9), a_thumb(None, id=4)]
    assert worth_asking(thumbs, posted_at=NOW, us=US) == (JON,)


def test_what_github_did_not_answer_is_a_refusal() -> None:
    assert refusal(JON, None, ApprovalRule(), requester=MAYA.id) is Ignored.access_unknown


def a_stored_plan(state: PlanState = PlanState.awaiting) -> PlanFacts:
    return PlanFacts(revision=2, digest="9f3c" * 16, state=state, expires_at=LATER)


def test_the_plan_on_show_can_be_approved() -> None:
    assert validity(a_stored_plan(), NOW, base_is_ancestor=True) == Valid("9f3c" * 16)


def test_naming_the_revision_or_the_digest_on_show_changes_nothing() -> None:
    verdict = validity(
        a_stored_plan(), NOW, base_is_ancestor=True, named_revision=2, named_digest="9f3c9f3c"
    )
    assert verdict == Valid("9f3c" * 16)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (PlanState.approved, Void.not_awaiting),
        (PlanState.cancelled, Void.not_awaiting),
        (PlanState.void, Void.not_awaiting),
        (PlanState.replaced, Void.replaced),
        (PlanState.expired, Void.expired),
    ],
)
def test_a_plan_that_does_not_wait_can_not_be_approved(state: PlanState, why: Void) -> None:
    assert validity(a_stored_plan(state), NOW, base_is_ancestor=True) is why


def test_an_approval_of_something_else_is_void() -> None:
    plan = a_stored_plan()
    assert validity(plan, LATER, base_is_ancestor=True) is Void.expired
    assert validity(plan, NOW, base_is_ancestor=False) is Void.base_moved
    assert validity(plan, NOW, base_is_ancestor=True, named_revision=1) is Void.other_revision
    assert validity(plan, NOW, base_is_ancestor=True, named_digest="beef") is Void.other_digest
    assert validity(plan, NOW, base_is_ancestor=True, named_digest="") is Void.other_digest
