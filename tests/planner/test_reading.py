"""A reply is read forgivingly, and comes out in our own words."""

from typing import Any

import pytest
from pydantic import ValidationError

from llm.routing import Tier
from planner.plan import Check, Origin
from planner.reading import Draft, read
from planner.replies import AskReply, GoReply, PlanReply

SUITE = Check(name="unittest", argv=("python3", "-m", "unittest"), source="tests/")


def a_reply(*stories: dict[str, Any], **more: Any) -> PlanReply:
    whole = {"id": "s1", "title": "One", "goal": "Do it", "writes": ["a.py"], "acceptance": ["c1"]}
    reply: dict[str, Any] = {
        "title": "Export",
        "summary": "Exports.",
        "reason": "one file",
        "criteria": [{"id": "c1", "text": "it works", "origin": "issue"}],
        "stories": [whole | story for story in stories or ({},)],
    }
    return PlanReply.model_validate(reply | more)


def drafted(*stories: dict[str, Any], **more: Any) -> Draft:
    return read(a_reply(*stories, **more), [SUITE])


def test_unknown_keys_and_loose_spellings_are_forgiven() -> None:
    draft = drafted(
        {"priority": 3, "tier": "gigantic", "needs": None, "writes": "a.py", "checks": None},
        thoughts="none",
        decisions=None,
        assumptions="dates as ISO 8601",
    )
    (story,) = draft.stories
    assert (story.tier, story.needs, story.writes) == (Tier.standard, (), ("a.py",))
    assert draft.assumptions == ("dates as ISO 8601",)


@pytest.mark.parametrize(("given", "share"), [(0.84, 0.84), (84, 0.84), (-1, 0), (1, 1), (900, 1)])
def test_a_confidence_is_a_share_of_one(given: float, share: float) -> None:
    reply = GoReply.model_validate({"mode": "focused", "confidence": given, "reason": ""})
    assert reply.confidence == share


def test_a_reply_without_stories_or_criteria_is_no_plan() -> None:
    with pytest.raises(ValidationError):
        a_reply(criteria=[])
    with pytest.raises(ValidationError):
        a_reply(stories=[])
    with pytest.raises(ValidationError):
        AskReply.model_validate({"questions": []})


def test_needs_may_be_names_or_reasons() -> None:
    draft = drafted({}, {"id": "s2", "needs": ["s1", {"story": "s1", "because": "its type"}]})
    assert draft.stories[1].needs == ("s1",)


def test_ids_are_made_safe_for_a_branch_and_followed_everywhere() -> None:
    draft = drafted(
        {"id": "Export API / v2"},
        {"id": "2", "needs": ["Export API / v2"], "acceptance": ["Crit 1"]},
        criteria=[{"id": "Crit 1", "text": "it works"}],
    )
    assert [story.id for story in draft.stories] == ["export-api-v2", "s2"]
    assert draft.stories[1].needs == ("export-api-v2",)
    assert draft.stories[1].acceptance == ("crit-1",) == (draft.criteria[0].id,)


def test_an_id_given_twice_is_a_slip_and_loses_no_story() -> None:
    draft = drafted({}, {"title": "Two"}, {"id": "s3", "needs": ["s1"]})
    assert [story.id for story in draft.stories] == ["s1", "s1-2", "s3"]
    assert draft.stories[2].needs == ("s1",)
    assert draft.slips == ("story s1 is given twice",)


def test_surfaces_are_spelled_one_way_and_stay_inside() -> None:
    draft = drafted({"writes": ["./shop/{csv,json}.py", "docs/", "docs/", "../etc", "/tests/x.py"]})
    assert draft.stories[0].writes == ("shop/csv.py", "shop/json.py", "docs/**", "tests/x.py")
    assert draft.slips == ("s1 may not write ../etc",)


def test_criteria_that_nobody_defined_are_dropped() -> None:
    assert drafted({"acceptance": ["c1", "c9"]}).stories[0].acceptance == ("c1",)


def test_checks_are_found_ones_by_name_or_command_lines_and_all_by_default() -> None:
    draft = drafted({}, {"id": "s2", "checks": ["unittest", "python3 -m unittest tests.test_csv"]})
    assert draft.stories[0].checks == (SUITE,)
    named, own = draft.stories[1].checks
    assert named == SUITE
    assert own.argv == ("python3", "-m", "unittest", "tests.test_csv")
    assert own.source == "plan"


@pytest.mark.parametrize(
    ("proof", "kept"),
    [
        ("unittest", True),
        ("tests.test_csv.TestCsv.test_header", True),
        ("tests/test_csv.py::test_header[a-b]", True),
        ("by reading the code", False),
        ("", False),
        (None, False),
    ],
)
def test_a_proof_is_a_check_or_a_test_or_nothing(proof: str | None, kept: bool) -> None:
    draft = drafted(criteria=[{"id": "c1", "text": "t", "origin": "user", "proof": proof}])
    assert draft.criteria[0].proof == (proof if kept else None)
    assert draft.criteria[0].origin is Origin.assumed
