"""Other people's words on their way into our Markdown: shown, and unable to do anything.

They mention nobody, refer to and close no issue, load no image, link nowhere, command no other
bot and do not break the layout. GitHub looks for mentions and references in the rendered text,
where a backslash has no effect, so those are parted by a zero-width space.
"""

import re

from bot.visible import without_shapeless

_BREAK = "\u200b"


def inline(text: str, most: int = 300) -> str:
    """One line that is only text. Its code spans stay code."""
    line = clipped(_one_line(text), most)
    parts = (code(part[1:-1], most) if _is_code(part) else _text(part) for part in _parts(line))
    return _unblocked("".join(parts))


def code(text: str, most: int = 200) -> str:
    """One code span."""
    line = _unclosing(clipped(_one_line(text), most))
    ticks = "`" * (1 + _longest_run(line))
    pad = " " if not line or line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def plain(text: str, most: int = 2000) -> str:
    """For where nothing is rendered, such as a title or the message of a commit."""
    return clipped(_unreferring(without_shapeless(text).strip()), most)


def clipped(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _one_line(text: str) -> str:
    return " ".join(without_shapeless(text).split())


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


_CODE_SPAN = re.compile(r"((?<!`)`(?!`)[^`]+`(?!`))")


def _parts(line: str) -> list[str]:
    return _CODE_SPAN.split(line)


def _is_code(part: str) -> bool:
    return _CODE_SPAN.fullmatch(part) is not None


_URL = re.compile(r"(?:\b[a-z][a-z0-9+.-]*://|\bwww\.|\bmailto:)[^\s<>`]+", re.IGNORECASE)


def _text(text: str) -> str:
    """Text between code spans; an address is shown as code, so that it leads nowhere."""
    shown: list[str] = []
    end = 0
    for address in _URL.finditer(text):
        shown += [_escaped(text[end : address.start()]), code(address[0])]
        end = address.end()
    return "".join([*shown, _escaped(text[end:])])


# An underscore within a word is only an underscore.
_SIGN = re.compile(r"[\\`*~\[\]$|]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def _escaped(text: str) -> str:
    marked = _SIGN.sub(r"\\\g<0>", _unreferring(text))
    return marked.replace("&", "&amp;").replace("<", "&lt;")


_MENTION = re.compile(r"(?<![^\W_])@(?=\w)")
_NUMBER = re.compile(r"(#|\bGH-)(?=\d)", re.IGNORECASE)


def _unreferring(text: str) -> str:
    return _NUMBER.sub(rf"\1{_BREAK}", _MENTION.sub(f"@{_BREAK}", text))


# A squashed commit takes a body over as plain text, where code spans mean nothing.
_CLOSING = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b(?=:?\s+(?:[\w./-]*#\d|GH-\d|https?:))",
    re.IGNORECASE,
)


def _unclosing(text: str) -> str:
    return _CLOSING.sub(lambda word: word[0][:2] + _BREAK + word[0][2:], text)


def _unblocked(line: str) -> str:
    """What would begin a block at the start of a line, or command somebody's bot."""
    line = re.sub(r"^[-+=/:#>]", r"\\\g<0>", line)
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", line)
