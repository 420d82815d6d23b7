"""Figures and small words, the same in every comment."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bot.comments.corrections import correction
from bot.comments.durations import between, clock, day_and_clock, duration, minutes
from bot.comments.evidence import brief, evidence
from bot.comments.failures import failure, failure_class
from bot.comments.money import cost, token_span, tokens, usd, usd_span
from bot.comments.words import count, files, joined
from executor.failure import Failure, FailureClass
from llm.pricing import Cost
from planner.plan import Enforcement, Rule
from tests.support import builders
from tests.support.builders import NOW, a_span, not_run, passed, red, unpriced


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "$0.00"), ("0.004", "under $0.01"), ("0.055", "$0.06"), ("1234.5", "$1,234.50")],
)
def test_money_has_cents(amount: str, text: str) -> None:
    assert usd(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1k"),
        (21_400, "21k"),
        (999_600, "1M"),
        (1_234_567, "1.2M"),
        (4_000_000, "4M"),
    ],
)
def test_tokens_are_round(count: int, text: str) -> None:
    assert tokens(count) == text


def test_an_unknown_price_is_never_a_number() -> None:
    assert cost(unpriced(1_200_000)) == "price unknown, 1.2M tokens"
    mixed = builders.usd("0.03") + unpriced(1_200_000)
    assert cost(mixed) == "$0.03 and price unknown, 1.2M tokens"
    assert cost(Cost()) == "$0.00"
    assert usd_span(None) == "price unknown"


def test_spans_say_no_more_than_they_must() -> None:
    assert usd_span(a_span("0.07", "0.12")) == "$0.07–0.12"
    assert usd_span(a_span("0.07", "0.071")) == "$0.07"
    assert usd_span(a_span("0.001", "0.02")) == "up to $0.02"
    assert token_span(a_span("90000", "200000")) == "90–200k"
    assert token_span(a_span("900000", "1200000")) == "900k–1.2M"
    assert minutes(a_span("4.6", "6.2")) == "4–7 min"
    assert minutes(a_span("0.2", "0.9")) == "up to 1 min"
    assert minutes(a_span("2", "2")) == "2 min"


def test_time_is_short_and_utc() -> None:
    assert [duration(seconds) for seconds in (0, 8, 250, 4320)] == [
        "under 1s",
        "8s",
        "4m10s",
        "1h12m",
    ]
    assert between(NOW, NOW + timedelta(seconds=70)) == "1m10s"
    assert clock(NOW) == "14:02 UTC"
    assert day_and_clock(NOW) == "21 Nov 14:02 UTC"


def test_lists_read_as_people_write_them() -> None:
    assert [joined(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert [count(number, "story") for number in (0, 1, 2)] == [
        "no stories",
        "1 story",
        "2 stories",
    ]
    assert files(["a", "b", "c", "d"]) == "`a`, `b`, `c`, 1 more"


@pytest.mark.parametrize("kind", list(FailureClass))
def test_every_failure_has_words(kind: FailureClass) -> None:
    assert failure(Failure(kind=kind, reason="x")) == f"{failure_class(kind)}: x"
    assert failure(Failure(kind=kind, reason="")) == failure_class(kind)


def test_evidence_is_told_in_three_states() -> None:
    assert evidence(passed(tests=431)) == "`pytest -q`: 431 passed, 0 failed, 44s"
    assert evidence(red()) == "`pytest -q`: **failed**, 11 passed, 1 failed, 44s"
    assert evidence(not_run()) == "`pytest -q`: **not run**, pytest is not installed"
    silent = passed("lint").model_copy(update={"counts": None})
    assert evidence(silent) == "`pytest -q`: passed, 44s"
    assert brief([]) == "–"
    assert brief([passed(), passed()]) == "24 passed"
    assert brief([passed(), red()]) == "**1 failed**, 11 passed"
    assert brief([passed(), not_run()]) == "`suite` **not run**"


def an_enforcement(rule: Rule, **given: object) -> Enforcement:
    return Enforcement.model_validate({"rule": rule, **given})


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (
            an_enforcement(Rule.low_confidence, before="parallel", after="sequential"),
            "Confidence was low, so parallel was narrowed to sequential.",
        ),
        (
            an_enforcement(Rule.mode_asked, before="parallel", after="focused"),
            "A person asked for focused; baro would have chosen parallel.",
        ),
        (
            an_enforcement(Rule.collapsed, stories=("s1", "s2"), before="5", after="1"),
            "The planner proposed 5 stories; focused runs one, so they were joined.",
        ),
        (
            an_enforcement(Rule.folded, before="14", after="12"),
            "14 stories are more than the limit; they were folded to 12.",
        ),
        (
            an_enforcement(
                Rule.serialised,
                stories=("s2", "s3"),
                paths=("shop/x.py",),
                after="s3 after s2",
            ),
            "s2 and s3 may both write `shop/x.py`, so s3 after s2.",
        ),
        (
            an_enforcement(Rule.serialised, stories=("s2", "s3"), after="s3 after s2"),
            "s2 and s3 are not proved to write different files, so s3 after s2.",
        ),
        (
            an_enforcement(
                Rule.hub_owned, stories=("s1", "s2"), paths=("package.json",), after="s1"
            ),
            "`package.json` has one owner, s1; s2 may not write it.",
        ),
        (
            an_enforcement(Rule.verify_story_removed, stories=("s9",), before="Run the tests"),
            "“Run the tests” was no story of its own: the gate does that.",
        ),
        (
            an_enforcement(
                Rule.degraded, stories=("s1", "s2"), before="parallel", after="sequential"
            ),
            "parallel became sequential: no two stories can run side by side.",
        ),
        (
            an_enforcement(
                Rule.degraded, stories=("s1", "s2"), before="sequential", after="focused"
            ),
            "sequential became focused: s1 and s2 wait for each other in a circle.",
        ),
        (
            an_enforcement(Rule.criterion_assigned, stories=("s1",), after="c1, c2"),
            "Criteria c1, c2 had no owner and went to s1.",
        ),
        (
            an_enforcement(Rule.repaired, stories=("s1",), before="s7, s8", after=""),
            "s1 waited for stories that do not exist: s7, s8.",
        ),
        (
            an_enforcement(Rule.repaired, stories=("s1",), paths=("**",), after="**"),
            "s1 named no files, so it may write anywhere and runs beside nothing.",
        ),
        (
            an_enforcement(Rule.gate_only_base_checks, after="pytest"),
            "The gate runs only what the base has: pytest.",
        ),
        (
            an_enforcement(Rule.edge_completed, after="s3 after s1"),
            "An order that was implied is written down: s3 after s1.",
        ),
    ],
)
def test_every_correction_has_a_sentence(made: Enforcement, sentence: str) -> None:
    assert correction(made) == sentence
