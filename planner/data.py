"""Text from people and repositories as data: hidden characters gone, our own tags defused.

The tags are the same in every call, so that the prompt's prefix stays cacheable; what could be
mistaken for one is spelled with another bracket.
"""

import re
import unicodedata

TAGS = ("request", "remark", "answer", "repository", "facts")


def as_data(text: str, at_most: int = 20_000) -> str:
    """What a reader of the rendered page sees, and at most so many characters of it."""
    visible = _TAG.sub("‹", "".join(filter(_is_visible, _COMMENT.sub("", text))))
    if len(visible) <= at_most:
        return visible.strip()
    return f"{visible[:at_most].strip()}\n[cut: {len(visible) - at_most} more characters]"


_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(rf"<(?=\s*/?\s*(?:{'|'.join(TAGS)})\b)", re.IGNORECASE)


def _is_visible(character: str) -> bool:
    """Neither a control, nor a format character: bidi marks, zero widths, tag letters."""
    return character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs")
