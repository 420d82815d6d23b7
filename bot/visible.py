"""What a reader on GitHub sees of a text: everything hidden is gone before a model reads it.

Gone are HTML comments, the attributes of tags, the alternative text of images, titles and
definitions of links, and characters without a shape. Code is shown as it stands, and stays.
"""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

_ROUNDS = 8


def visible(text: str) -> str:
    """`text` without what is hidden in it.

    Taking something away may join what is left into something hidden again, so it is repeated;
    a text that is still not at rest then was made for that, and loses its tags and links.
    """
    shown = without_shapeless(text)
    for _ in range(_ROUNDS):
        before, shown = shown, _without_hidden(shown)
        if shown == before:
            return shown
    return shown.replace("<", "").replace("]", "")


# Controls, zero-width and bidirectional marks, soft hyphens, fillers, variation selectors (except
# the one that makes an emoji of a sign) and the tag characters, which spell ASCII unseen.
_SHAPELESS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb"
    "\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def without_shapeless(text: str) -> str:
    """`text` without characters nobody can see; its lines end in a newline."""
    return _SHAPELESS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _without_hidden(text: str) -> str:
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    lines = text.split("\n")
    code, html = _lines_of(tokens, "fence", "code_block"), _lines_of(tokens, "html_block")
    kept: list[str] = []
    for first, last in _chunks(len(lines), code, _edges(tokens)):
        chunk = "\n".join(lines[first:last])
        kept.append(chunk if first in code else _HIDING.sub(_replacement, chunk))
        if first in html and _OPEN_END.search(chunk):
            break
    return "\n".join(kept)


def _lines_of(tokens: list[Token], *kinds: str) -> frozenset[int]:
    return frozenset(
        line for token in tokens if token.type in kinds and token.map for line in range(*token.map)
    )


def _edges(tokens: list[Token]) -> frozenset[int]:
    """Where a block begins or ends: no comment or code span reaches across such a line."""
    leaves = (token for token in tokens if token.map and token.nesting == 0)
    return frozenset(line for token in leaves for line in token.map or ())


def _chunks(count: int, code: frozenset[int], edges: frozenset[int]) -> Iterator[tuple[int, int]]:
    first = 0
    for line in range(1, count + 1):
        if line == count or line in edges or (line in code) != (first in code):
            yield first, line
            first = line


# Within a block of HTML, what is opened and not closed hides the rest of the page.
_OPEN_END = re.compile(
    r"<!--(?!.*-->)|<(?:script|style|template|textarea|title)\b(?!.*</)", re.DOTALL
)
_COMMENT = r"<!--(?:>|->|.*?(?:-->|\Z))"
_HIDING = re.compile(
    r"(?P<escaped>\\[!-/:-@\[-`{-~])"
    r"|(?P<code>(?<!`)(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`))"
    rf"|(?P<comment>{_COMMENT})"
    r"|(?P<odd><\?.*?(?:\?>|\Z)|<![A-Za-z].*?(?:>|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z))"
    r"|<(?P<unread>script|style|template|noscript|textarea|title|iframe)\b.*?"
    r"(?:</(?P=unread)\s*>|\Z)"
    r"|<(?P<tag>/?[A-Za-z][\w-]*+)(?:[\s/](?:\"[^\"]*\"|'[^']*'|[^\"'<>])*+)?>"
    r"|^ {0,3}(?:> ?)*\[(?P<definition>[^\]\n]+)\]:[^\n]*(?:\n[ \t]*[\"'(][^\n]*)?$"
    r"|!\[(?P<alt>(?:[^\[\]\\]|\\.|\[[^\[\]]*\])*)(?=\][(\[])"
    r"|\]\((?P<target>[ \t]*(?:<[^<>\n]*>|[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*))\s+"
    r"(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\))\s*\)",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)


def _replacement(found: re.Match[str]) -> str:
    groups = found.groupdict()
    if groups["escaped"] or groups["code"]:
        return found[0]
    if groups["tag"]:
        return f"<{groups['tag']}>"
    if groups["alt"] is not None:
        return "!["
    if groups["target"] is not None:
        return f"]({groups['target'].strip()})"
    return ""
