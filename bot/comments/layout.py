"""Blocks of a comment, and how a body too long for GitHub is shortened and says so."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

LIMIT_BYTES = 59_600
"""GitHub refuses 65,536 characters; we stop at 60,000 bytes, of which the marker takes some."""


@dataclass(frozen=True)
class Rows:
    """A block that may lose its last rows. `what` names one of them, as in "3 more facts"."""

    head: str
    rows: tuple[str, ...]
    what: str
    foot: str = ""

    def shown(self, count: int) -> str:
        left = len(self.rows) - count
        note = f"\n*{left} more {self.what} not shown: a comment holds no more.*" if left else ""
        return "\n".join(part for part in (self.head, *self.rows[:count], note, self.foot) if part)


Block = str | Rows


def fit(blocks: Sequence[Block], limit_bytes: int = LIMIT_BYTES) -> str:
    """One body of all blocks. If it is too long, the last block with rows is shortened first."""
    counts = [len(block.rows) if isinstance(block, Rows) else 0 for block in blocks]
    for at in reversed(range(len(blocks))):
        while counts[at] and _size(_body(blocks, counts)) > limit_bytes:
            counts[at] = counts[at] * 7 // 8
    return _body(blocks, counts)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], what: str) -> Rows:
    return Rows(f"{_row(head)}\n|{'---|' * len(head)}", tuple(_row(row) for row in rows), what)


def folded(summary: str, rows: Sequence[str], what: str) -> Rows:
    """Rows behind one line that a reader may open."""
    return Rows(f"<details><summary>{summary}</summary>\n", tuple(rows), what, foot="\n</details>")


def listed(title: str, items: Sequence[str], what: str) -> Block:
    return Rows(f"{title}\n", tuple(f"- {item}" for item in items), what) if items else ""


def small(text: str) -> str:
    return f"<sub>{text}</sub>"


def cell(markdown: str) -> str:
    """A pipe ends a cell even within code."""
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(markdown.split()))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell(each) for each in cells)} |"


def _body(blocks: Sequence[Block], counts: Sequence[int]) -> str:
    texts = (
        block.shown(count) if isinstance(block, Rows) else block
        for block, count in zip(blocks, counts, strict=True)
    )
    return "\n\n".join(text for text in texts if text)


def _size(body: str) -> int:
    return len(body.encode())
