"""Small turns of phrase that several comments share."""

from collections.abc import Sequence

from bot.approvals import Access, ApprovalRule
from bot.markdown import code, inline
from planner.plan import Check, Mode, Plan, Story

_FILES_SHOWN = 3


def joined(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = words or [""]
    return f"{', '.join(first)} and {last}" if first else last


def count(number: int, noun: str) -> str:
    """`1 story`, `2 stories`; `no facts`."""
    if number == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number or 'no'} {plural}"


def files(paths: Sequence[str], shown: int = _FILES_SHOWN) -> str:
    """The first few paths as code, and how many more there are."""
    named = [code(path, 80) for path in paths[:shown]]
    more = len(paths) - shown
    return ", ".join([*named, f"{more} more"] if more > 0 else named)


def story_name(story: Story) -> str:
    """A story's title, with what a reviewer must know of it."""
    flags = f" ⚠ {inline(', '.join(story.flags), 80)}" if story.flags else ""
    return f"{inline(story.title, 120)}{flags}"


def commands(checks: Sequence[Check]) -> str:
    return ", ".join(code(" ".join(check.argv), 120) for check in checks)


def shape(plan: Plan) -> str:
    """`parallel, 2 agents`."""
    if plan.mode is Mode.parallel and plan.agents > 1:
        return f"parallel, {plan.agents} agents"
    return str(plan.mode)


def access(level: Access) -> str:
    """`write access`, as GitHub calls it."""
    return f"{level.name} access"


def who_may(rule: ApprovalRule) -> str:
    other = "" if rule.self_approval else ", except who asked for it,"
    return f"Anyone with {access(rule.least)}{other} may approve"


def mention(login: str) -> str:
    """On purpose: the one way to tell somebody. Everywhere else a name is only a name."""
    return f"@{login}"
