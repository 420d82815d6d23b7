"""Low confidence narrows; a person's word wins over intake."""

import pytest

from planner.choice import Go, chosen
from planner.plan import Mode, Rule


@pytest.mark.parametrize(
    ("mode", "confidence", "expected"),
    [
        (Mode.parallel, 0.6, Mode.parallel),
        (Mode.parallel, 0.59, Mode.sequential),
        (Mode.parallel, 0.39, Mode.focused),
        (Mode.sequential, 0.4, Mode.sequential),
        (Mode.sequential, 0.39, Mode.focused),
        (Mode.focused, 0.1, Mode.focused),
    ],
)
def test_confidence_narrows_and_never_widens(mode: Mode, confidence: float, expected: Mode) -> None:
    choice = chosen(Go(mode, confidence, ""), asked=None)
    assert choice.mode is expected
    assert [one.rule for one in choice.enforcements] == (
        [Rule.low_confidence] if expected is not mode else []
    )


def test_an_explicit_mode_wins_over_intake_and_is_recorded() -> None:
    choice = chosen(Go(Mode.focused, 0.3, "one file"), asked=Mode.parallel)
    assert choice.mode is Mode.parallel
    assert [(e.rule, e.before, e.after) for e in choice.enforcements] == [
        (Rule.mode_asked, "focused", "parallel")
    ]


def test_a_mode_that_agrees_with_intake_needs_no_note() -> None:
    assert chosen(Go(Mode.parallel, 0.2, ""), asked=Mode.parallel).enforcements == ()
