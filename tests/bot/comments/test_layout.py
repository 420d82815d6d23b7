"""A body that would be too long is shortened where it says least, and says so."""

from hypothesis import given
from hypothesis import strategies as st

from bot.comments.layout import Block, Rows, fit, folded, listed, table


def test_what_fits_is_left_alone() -> None:
    blocks: list[Block] = [
        "head",
        "",
        table(["a", "b"], [["1", "x|y"]], "rows"),
        listed("Few:", ["z"], "things"),
    ]
    assert fit(blocks) == "head\n\n| a | b |\n|---|---|\n| 1 | x\\|y |\n\nFew:\n\n- z"


def test_the_last_block_with_rows_is_shortened_first() -> None:
    rows = ["row"] * 50
    body = fit([listed("First:", rows, "rows"), listed("Last:", rows, "rows"), "foot"], 500)
    assert body.count("- row") > 50
    assert "more rows not shown: a comment holds no more." in body
    assert body.endswith("foot")
    assert len(body.encode()) <= 500


def test_a_fold_stays_closed_when_it_is_shortened() -> None:
    body = fit([folded("Why", ["- word"] * 100, "lines")], 200)
    assert body.startswith("<details><summary>Why</summary>\n\n- word\n")
    assert body.endswith("\n\n</details>")


@given(st.lists(st.lists(st.text(max_size=50), max_size=30), max_size=4))
def test_no_body_is_longer_than_allowed(rows: list[list[str]]) -> None:
    blocks = [Rows("head", tuple(each), "rows", "foot") for each in rows]
    assert len(fit(["top", *blocks, "end"], 800).encode()) <= 800
