"""The check run on the pull request's head: the gate's verdict, with its commands."""

from dataclasses import dataclass
from typing import Literal

from bot.comments.evidence import evidence
from bot.comments.layout import Block, fit, listed
from bot.comments.views import PullView
from bot.comments.words import count
from bot.markdown import inline
from executor.evidence import EvidenceState
from executor.scheduler import draft_reasons

NAME = "baro"


@dataclass(frozen=True)
class CheckRun:
    conclusion: Literal["success", "failure"]
    title: str
    summary: str


def check_run(view: PullView) -> CheckRun:
    """Green only if every check of the gate was run on this tree and passed."""
    ran = view.run.gate.evidence if view.run.gate else ()
    reasons = [inline(each) for each in draft_reasons(view.plan, view.run)]
    passed = sum(one.state is EvidenceState.passed for one in ran)
    blocks: list[Block] = [
        listed("**A draft, because:**", reasons, "reasons"),
        listed("Run on this very tree:", [evidence(one) for one in ran], "checks"),
    ]
    return CheckRun(
        conclusion="failure" if reasons else "success",
        title=f"{passed} of {count(len(ran), 'check')} passed" if ran else "No checks were found",
        summary=fit(blocks),
    )
