"""Markdown as a thread shows it: tables, folds and boxes, and nothing that could run."""

import re
from collections.abc import Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

TAGS = {
    *("a", "b", "blockquote", "br", "code", "del", "details", "em", "h1", "h2", "h3", "h4", "hr"),
    *("i", "li", "ol", "p", "pre", "s", "strong", "sub", "summary", "sup", "table", "tbody", "td"),
    *("th", "thead", "tr", "ul"),
}
ATTRIBUTES = {"a": {"href"}, "td": {"align"}, "th": {"align"}, "code": {"class"}, "b": {"class"}}

_NUMBER = re.compile(r"(?<![\w/&])(#\d+)\b|(?<![\w/`])(@[a-z\d][a-z\d-]*)", re.IGNORECASE)
_BOX = re.compile(r"<li>(?:<p>)?\[([ xX])\] (.*?)(?:</p>)?</li>", re.DOTALL)


def rendered(body: str, repository_page: str, *, may_tick: bool = False) -> str:
    """Safe HTML. Boxes are numbered in order, as the page's script flips them in the text."""
    html = _markdown(repository_page).render(body)
    clean = nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, strip_comments=True)
    numbers = iter(range(10_000))

    def box(found: re.Match[str]) -> str:
        checked = " checked" if found[1] != " " else ""
        shut = "" if may_tick else ' disabled title="Only people with write access can tick this"'
        number = next(numbers)
        return (
            f'<li class="task"><label><input type="checkbox" data-box="{number}"{checked}{shut}> '
            f"{found[2]}</label></li>"
        )

    return _BOX.sub(box, clean)


def _markdown(repository_page: str) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"breaks": True, "html": True}).enable(
        ["table", "strikethrough"]
    )

    def references(state: StateCore) -> None:
        for token in state.tokens:
            if token.children:
                token.children = list(_linked(token.children, repository_page))

    parser.core.ruler.push("references", references)
    return parser


def _linked(tokens: Sequence[Token], repository_page: str) -> list[Token]:
    """`#12` becomes a link and `@maya` stands out, in plain text only."""
    found: list[Token] = []
    for token in tokens:
        if token.type != "text" or not _NUMBER.search(token.content):
            found.append(token)
            continue
        for part in _NUMBER.split(token.content):
            if part:
                found.append(_piece(part, repository_page))
    return found


def _piece(part: str, repository_page: str) -> Token:
    if re.fullmatch(r"#\d+", part):
        link = f'<a href="{repository_page}/issues/{part[1:]}">{part}</a>'
        return Token("html_inline", "", 0, content=link)
    if part.startswith("@"):
        return Token("html_inline", "", 0, content=f'<b class="mention">{part}</b>')
    return Token("text", "", 0, content=part)
