"""What code decides before any model is asked."""

import pytest

from planner.facts import (
    AlreadyMerged,
    DeclineReason,
    FollowUp,
    IssueClosed,
    PullClosed,
    PullElsewhere,
    PullReference,
    PullState,
    RepositoryArchived,
    RepositoryEmpty,
    Situation,
    bare_links,
    decided,
)
from tests.planner.builders import NOON, a_request

URL = "https://github.com/acme/shop/pull/212"
MERGED = PullReference(
    number=212, state=PullState.merged, merged_sha="a1b2c3d", merged_at=NOON, title="CSV export"
)
OPEN = PullReference(number=212, state=PullState.open)
CLOSED = PullReference(number=212, state=PullState.closed)


def an_issue(**more: object) -> Situation:
    return Situation.model_validate({"subject_kind": "issue", "number": 57} | more)


def a_pull(**more: object) -> Situation:
    return Situation.model_validate({"subject_kind": "pull", "number": 212} | more)


@pytest.mark.parametrize(
    ("situation", "reason"),
    [
        (an_issue(archived=True), RepositoryArchived()),
        (an_issue(empty=True), RepositoryEmpty()),
        (an_issue(state="closed"), IssueClosed(57)),
        (an_issue(closing=MERGED), AlreadyMerged(212, "a1b2c3d", NOON)),
        (an_issue(state="closed", closing=MERGED), AlreadyMerged(212, "a1b2c3d", NOON)),
        (an_issue(closing=OPEN), None),
        (a_pull(state="closed"), PullClosed(212)),
        (a_pull(state="closed", references=(MERGED,)), AlreadyMerged(212, "a1b2c3d", NOON)),
        (a_pull(), None),
        (an_issue(references=(MERGED,)), None),
        (an_issue(locked=True), None),
    ],
)
def test_the_state_of_the_subject_decides(
    situation: Situation, reason: DeclineReason | None
) -> None:
    assert decided(a_request(), situation) == reason


def test_new_words_reopen_what_a_merged_pull_request_closed() -> None:
    words = a_request(words="The header row is still missing")
    assert decided(words, an_issue(closing=MERGED)) is None


@pytest.mark.parametrize(
    ("pull", "answer"),
    [
        (MERGED, AlreadyMerged(212, "a1b2c3d", NOON)),
        (CLOSED, PullClosed(212)),
        (OPEN, FollowUp(212)),
        (OPEN.model_copy(update={"same_repository": False}), PullElsewhere(212)),
    ],
)
@pytest.mark.parametrize("goal", [URL, f"<{URL}/files>\n", f"* {URL}.", "#212", "acme/shop#212"])
def test_a_bare_link_is_decided_by_the_state_of_what_it_links_to(
    goal: str, pull: PullReference, answer: DeclineReason | FollowUp
) -> None:
    assert decided(a_request(goal), an_issue(references=(pull,))) == answer


def test_a_link_with_words_around_it_is_a_request() -> None:
    situation = an_issue(references=(MERGED,))
    assert decided(a_request(f"{URL} lost the header row"), situation) is None
    assert decided(a_request(URL, words="restore the header row"), situation) is None
    assert decided(a_request(URL, answers=("the header row is lost",)), situation) is None


def test_several_bare_links_are_declined_only_if_all_are_over() -> None:
    other = PullReference(number=213, state=PullState.open)
    over = an_issue(references=(MERGED, other.model_copy(update={"state": PullState.closed})))
    assert decided(a_request(f"{URL} #213"), over) == AlreadyMerged(212, "a1b2c3d", NOON)
    mixed = an_issue(references=(MERGED, other))
    assert decided(a_request(f"{URL} #213"), mixed) is None


def test_a_link_that_nobody_resolved_decides_nothing() -> None:
    assert bare_links(a_request(URL)) == (212,)
    assert decided(a_request(URL), an_issue()) is None


def test_an_empty_goal_is_no_link() -> None:
    assert bare_links(a_request("")) == ()
