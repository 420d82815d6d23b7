"""The demo's texts as they are used: issues by name, and the models' prepared replies."""

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parent / "sample" / "shop"

ROUNDING, EXPORT, MERGED = "1-rounding", "2-export", "3-merged"
FOLLOW_UP = "/baro fix Suggest a file name such as orders.csv, with Content-Disposition"

# The wrong route also swallows `/orders/7`. The story's own tests do not see it, the suite does.
_RIGHT = r'(r"/orders/export", {"GET": _export}),'
_WRONG = r'(r"/orders/\w+", {"GET": _export}),'


_CACHES = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}


@dataclass(frozen=True)
class IssueText:
    title: str
    body: str


def issue(name: str, *, pull_url: str = "") -> IssueText:
    """`pull_url` is where the merged pull request is that the third issue consists of."""
    text = (HERE / "issues" / f"{name}.md").read_text("utf-8")
    heading, _, body = text.partition("\n")
    return IssueText(heading.removeprefix("# "), body.strip().replace("{pull_url}", pull_url))


def sample_files() -> dict[str, str]:
    """The sample repository as it is seeded; what tools left behind in the checkout is not."""
    return {
        file.relative_to(SAMPLE).as_posix(): file.read_text("utf-8")
        for file in sorted(SAMPLE.rglob("*"))
        if file.is_file() and not _CACHES.intersection(file.parts)
    }


def replies(*, broken: bool = False) -> str:
    """A script for the scripted backend; the broken one differs in one deliberately wrong reply."""
    text = (HERE / "replies.yaml").read_text("utf-8")
    if not broken:
        return text
    before, right, after = text.partition(_RIGHT)
    if not right:
        raise ValueError("the reply that --break spoils is not in replies.yaml")
    return before + _WRONG + after
