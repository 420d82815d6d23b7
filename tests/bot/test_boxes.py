"""A tick is one flipped box and no other difference."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.boxes import (
    APPROVE_SEQUENTIAL,
    CANCEL,
    ApproveBox,
    ApproveSequentialBox,
    Box,
    CancelBox,
    Flip,
    approve_label,
    box,
    flip,
    meaning,
)

BODY = f"Plan r1\n\n{box('Approve r1')}\n{box('Cancel')}\n\nfooter"


def test_a_ticked_box_is_a_flip() -> None:
    ticked = BODY.replace("[ ] Approve r1", "[x] Approve r1")
    assert flip(BODY, ticked) == Flip("Approve r1", ticked=True)
    assert flip(ticked, BODY) == Flip("Approve r1", ticked=False)


def test_a_browsers_line_ends_are_no_difference() -> None:
    ticked = BODY.replace("[ ] Cancel", "[X] Cancel").replace("\n", "\r\n")
    assert flip(BODY, ticked) == Flip("Cancel", ticked=True)


@pytest.mark.parametrize(
    "edited",
    [
        BODY,
        BODY.replace("[ ]", "[x]"),
        BODY.replace("[ ] Approve r1", "[x] Approve r2"),
        BODY.replace("[ ] Approve r1", "[x] Approve r1 "),
        BODY.replace("[ ] Cancel", "[x] Cancel").replace("footer", "foot"),
        BODY.replace("- [ ] Cancel", "* [x] Cancel"),
        BODY.replace("- [ ] Cancel", "  - [x] Cancel"),
        BODY + "\n- [x] Approve r1",
        BODY.replace("[ ] Cancel", "[y] Cancel"),
        "",
    ],
)
def test_any_other_edit_is_not(edited: str) -> None:
    assert flip(BODY, edited) is None


@given(st.text(alphabet="- []xX Aapprove r1\n", max_size=40), st.text(max_size=40))
def test_whatever_changes_beside_a_box_makes_it_no_flip(old: str, new: str) -> None:
    found = flip(old, new)
    if found is not None:
        marks = {"[ ]": "[]", "[x]": "[]", "[X]": "[]"}
        for mark, none in marks.items():
            old, new = old.replace(mark, none), new.replace(mark, none)
        assert old.replace("\r\n", "\n") == new.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("label", "asked"),
    [
        (approve_label(3), ApproveBox(3)),
        (APPROVE_SEQUENTIAL, ApproveSequentialBox()),
        (CANCEL, CancelBox()),
        ("Approve r3 and push to main", None),
        ("Approve r0", None),
        ("", None),
    ],
)
def test_a_label_means_what_we_wrote(label: str, asked: Box | None) -> None:
    assert meaning(label) == asked
