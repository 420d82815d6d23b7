"""The boxes of a plan comment, and how a tick is told from any other edit.

GitHub reports a ticked box as an edited comment with its old text. The edit may have changed
anything, so it counts only if one box flipped and not one other character is different.
"""

import re
from dataclasses import dataclass

APPROVE_SEQUENTIAL = "Approve, one story at a time (sequential)"
CANCEL = "Cancel"


def approve_label(revision: int) -> str:
    return f"Approve r{revision}"


def box(label: str) -> str:
    return f"- [ ] {label}"


@dataclass(frozen=True)
class ApproveBox:
    revision: int


@dataclass(frozen=True)
class ApproveSequentialBox:
    pass


@dataclass(frozen=True)
class CancelBox:
    pass


Box = ApproveBox | ApproveSequentialBox | CancelBox


@dataclass(frozen=True)
class Flip:
    """The old body's own marker says which plan the box belonged to."""

    label: str
    ticked: bool


def flip(old: str, new: str) -> Flip | None:
    before, after = _lines(old), _lines(new)
    if len(before) != len(after):
        return None
    differing = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    if len(differing) != 1:
        return None
    was, now = (_BOX.fullmatch(line) for line in differing[0])
    if not was or not now or was["label"] != now["label"]:
        return None
    if was["before"] != now["before"] or _is_ticked(was) is _is_ticked(now):
        return None
    return Flip(label=was["label"].strip(), ticked=_is_ticked(now))


def meaning(label: str) -> Box | None:
    """What a box of ours asks for; a label we never wrote asks for nothing."""
    if label == APPROVE_SEQUENTIAL:
        return ApproveSequentialBox()
    if label == CANCEL:
        return CancelBox()
    revision = re.fullmatch(r"Approve r([1-9][0-9]{0,5})", label)
    return ApproveBox(int(revision[1])) if revision else None


_BOX = re.compile(r"(?P<before>\s*[-*+] )\[(?P<tick>[ xX])\](?P<label> .*)")


def _is_ticked(line: re.Match[str]) -> bool:
    return line["tick"] != " "


def _lines(body: str) -> list[str]:
    return body.replace("\r\n", "\n").split("\n")
