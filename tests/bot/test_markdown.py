"""Foreign words are shown on the way out, and can do nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.comments.layout import cell
from bot.markdown import code, inline, plain

GAP = "\u200b"
HOSTILE = st.text(alphabet="@#`<>![]()*_~|\\/&;-+=:.1 \n\raBfixes\u200b\u202e", max_size=60)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Add order export", "Add order export"),
        ("run `pytest -q` twice", "run `pytest -q` twice"),
        ("keep snake_case_names", "keep snake_case_names"),
        ("ask @maya or @acme/team", f"ask @{GAP}maya or @{GAP}acme/team"),
        ("mail a@b.example", "mail a@b.example"),
        ("fixes #12, GH-3, acme/shop#4", f"fixes #{GAP}12, GH-{GAP}3, acme/shop#{GAP}4"),
        ("`fixes #5`", f"`fi{GAP}xes #5`"),
        ("![x](https://e.vil/a.png)", r"!\[x\](`https://e.vil/a.png)`"),
        ("see https://e.vil/?q=1 now", "see `https://e.vil/?q=1` now"),
        ("see www.e.vil now", "see `www.e.vil` now"),
        ("<img src=x>", "&lt;img src=x>"),
        ("&#64;maya", f"&amp;#{GAP}64;maya"),
        ("*bold* _it_ ~~no~~", r"\*bold\* \_it\_ \~\~no\~\~"),
        ("a | b", r"a \| b"),
        ("it's `open", r"it's \`open"),
        ("```\ncode\n```", r"\`\`\` code \`\`\`"),
        ("two\n\nlines", "two lines"),
        ("/lgtm", r"\/lgtm"),
        ("- item", r"\- item"),
        ("# head", r"\# head"),
        ("> said", r"\> said"),
        ("1. first", r"1\. first"),
        ("un\u202eseen\u200b \U000e0041text", "unseen text"),
    ],
)
def test_a_line_is_only_text(text: str, shown: str) -> None:
    assert inline(text) == shown


@given(HOSTILE)
def test_no_line_becomes_anything_but_text_and_code(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(inline(text))
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert kinds <= {"text", "text_special", "code_inline"}


@given(HOSTILE)
def test_no_line_mentions_or_refers_once_it_is_rendered(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(inline(text))
    for child in (child for token in tokens for child in token.children or ()):
        if child.type != "code_inline":
            assert not re.search(r"(?<![^\W_])@\w|#\d", child.content)


@given(HOSTILE)
def test_code_is_one_code_span(text: str) -> None:
    (_, paragraph, _) = MarkdownIt("commonmark").parse(f"x {code(text)} y")
    kinds = [child.type for child in paragraph.children or ()]
    assert kinds == ["text", "code_inline", "text"]


@given(HOSTILE)
def test_a_cell_stays_one_cell(text: str) -> None:
    table = f"| a | b |\n|---|---|\n| {cell(inline(text))} | {cell(code(text))} |"
    tokens = MarkdownIt("commonmark").enable("table").parse(table)
    assert sum(token.type == "td_open" for token in tokens) == 2


def test_long_text_is_cut_and_says_so() -> None:
    assert inline("word " * 100, most=12) == "word word w…"


def test_a_commit_message_can_close_nothing_not_even_in_code() -> None:
    assert plain("Round up\n\n`fixes #12` for @maya") == (
        f"Round up\n\n`fixes #{GAP}12` for @{GAP}maya"
    )
