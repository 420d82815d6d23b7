"""A marker finds our comment again, and nobody else's."""

import pytest
from inline_snapshot import snapshot

from bot.markers import Kind, Marker, is_ours, marked, parse, render, short
from planner.plan import Digest

MARKER = Marker(app=7, kind=Kind.plan, change=41, digest="9f3c")


def test_a_marker_is_one_hidden_line_at_the_end() -> None:
    assert marked("### Plan r1", MARKER) == snapshot("""\
### Plan r1

<!-- baro:v1 app=7 kind=plan change=41 digest=9f3c -->\
""")


@pytest.mark.parametrize(
    "marker",
    [
        MARKER,
        Marker(app=7, kind=Kind.reply, key="unknown:3000000001"),
        Marker(app=7, kind=Kind.status, change=1, key="run/41-1.2", digest="ab"),
    ],
)
def test_what_is_written_is_read_again(marker: Marker) -> None:
    assert parse(marked("body", marker).replace("\n", "\r\n") + "\r\n") == marker


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no marker",
        f"{render(MARKER)}\nquoted, and something after it",
        "<!-- baro:v2 app=7 kind=plan -->",
        "<!-- baro:v1 app=7 kind=poem -->",
        "<!-- baro:v1 app=x kind=plan -->",
    ],
)
def test_anything_else_is_no_marker(body: str) -> None:
    assert parse(body) is None


def test_ours_is_what_we_wrote_for_this_change_and_kind() -> None:
    body = marked("text", MARKER)
    newer = Marker(app=7, kind=Kind.plan, change=41, digest="beef")
    assert is_ours(body, author=9, us=9, expected=newer)
    assert not is_ours(body, author=8, us=9, expected=newer)
    assert not is_ours(body, author=None, us=9, expected=newer)
    assert not is_ours(body, author=9, us=9, expected=Marker(app=8, kind=Kind.plan, change=41))
    assert not is_ours(body, author=9, us=9, expected=Marker(app=7, kind=Kind.status, change=41))
    assert not is_ours(body, author=9, us=9, expected=Marker(app=7, kind=Kind.plan, change=42))


def test_a_key_that_would_break_the_line_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        render(Marker(app=7, kind=Kind.reply, key="a --> b"))


def test_people_and_markers_carry_the_beginning_of_a_digest() -> None:
    assert short(Digest("9f3c" * 16)) == "9f3c9f3c9f3c"
