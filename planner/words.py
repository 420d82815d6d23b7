"""What a request names: the words that could be identifiers or paths in the repository."""

import re

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_PATH = re.compile(
    r"(?<![\w/:.])(?:\.?[\w@\[\]-][\w.@\[\]-]*/)*[\w@\[\]-][\w.@\[\]-]*\.[A-Za-z]\w{0,5}\b"
)
# Other common words weigh little by themselves: most files hold them.
_SAYS_NOTHING = frozenset(
    {"and", "are", "but", "for", "not", "test", "tests", "that", "the", "this"}
)


def terms(text: str) -> tuple[str, ...]:
    """Lower-case words and their parts (`OrderExporter` is also order and exporter), in order."""
    found = (part for word in _IDENTIFIER.findall(text) for part in (word, *_HUMP.findall(word)))
    lower = (part.lower() for part in found)
    return tuple(dict.fromkeys(w for w in lower if len(w) > 2 and w not in _SAYS_NOTHING))


def named_paths(text: str) -> tuple[str, ...]:
    """What looks like a file in the repository: `shop/api.py`, `setup.cfg`, not a link."""
    without_links = re.sub(r"https?://\S+", " ", text)
    return tuple(dict.fromkeys(path for path in _PATH.findall(without_links) if len(path) > 3))
