"""The message of a story's commit, with the trailers that tie it to its run."""

import re
from dataclasses import dataclass

from planner.plan import Story


@dataclass(frozen=True)
class Trailers:
    """`requester` is a ready `Name <e-mail>`, or None where nobody is to be named."""

    run: str
    requester: str | None = None


def story_message(story: Story, summary: str, trailers: Trailers) -> str:
    """Subject, what the story says it did, and who asked."""
    lines = [f"Baro-Run: {trailers.run}", f"Baro-Story: {story.id}"]
    if trailers.requester:
        lines.append(f"Co-authored-by: {trailers.requester}")
    subject = _harmless(" ".join(story.title.split()))
    parts = [subject, _harmless(summary.strip()), "\n".join(lines)]
    return "\n\n".join(part for part in parts if part) + "\n"


_CLOSING = re.compile(
    r"\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)(:?\s+)(?:[\w.-]+/[\w.-]+)?#(\d+)", re.IGNORECASE
)
_MENTION = re.compile(r"(?<![\w.])@(?=\w)")
_TRAILER = re.compile(r"^(?=[\w-]+-by:)", re.IGNORECASE | re.MULTILINE)


def _harmless(text: str) -> str:
    """A model wrote it: merged, `Fixes #12` would close an issue, `@maya` notify her, and a
    line that ends in `-by:` credit somebody."""
    without_closing = _CLOSING.sub(r"\1\2issue \3", text)
    return _TRAILER.sub("> ", _MENTION.sub("", without_closing))
