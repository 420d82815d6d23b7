"""The short replies, each said once: what notifies people, and always names the next action."""

from collections.abc import Sequence
from typing import assert_never

from bot.approvals import ApprovalRule, Ignored, Void
from bot.commands import HELP, Malformed, Unknown
from bot.comments.durations import day
from bot.comments.layout import fit, table
from bot.comments.words import access, count, joined, mention
from bot.markdown import code, inline
from planner.facts import (
    AlreadyMerged,
    DeclinedByIntake,
    DeclineReason,
    IssueClosed,
    PullClosed,
    PullElsewhere,
    RepositoryArchived,
    RepositoryEmpty,
)

_NAMED = 3


def questions(asked: Sequence[str]) -> str:
    number = {1: "One question", 2: "Two questions", 3: "Three questions"}[min(len(asked), 3)]
    rows = [f"{at}. {inline(each, 400)}" for at, each in enumerate(asked[:3], start=1)]
    title = f"**{number} before I plan** (this costs nothing until you answer):"
    return "\n".join([title, *rows, "", "Reply here in your own words."])


def declined(reason: DeclineReason) -> str:
    match reason:
        case AlreadyMerged(number=number, sha=sha, at=at):
            when = f" on {day(at)}" if at else ""
            commit = f" ({code(sha[:7])})" if sha else ""
            return f"**Nothing to do.** #{number} was merged{when}{commit}. {_ELSEWHERE}"
        case PullClosed(number=number):
            return (
                f"**Nothing to do.** #{number} was closed without being merged. Reopen it, or "
                "say in an issue what should be built, and comment `/baro plan` there."
            )
        case PullElsewhere(number=number):
            return (
                f"**Nothing planned.** #{number} belongs to another repository. "
                "Say here what this one should change, and comment `/baro plan` again."
            )
        case IssueClosed(number=number):
            return f"**Nothing planned.** #{number} is closed. Reopen it, then `/baro plan`."
        case RepositoryArchived():
            return "**Nothing planned.** This repository is archived, so nobody can change it."
        case RepositoryEmpty():
            return (
                "**Nothing planned.** There is no commit to start from. "
                "Push a first one to the base branch, then `/baro plan`."
            )
        case DeclinedByIntake(text=text):
            return (
                f"**Nothing planned.** {_sentence(text)} If that is not so, say what to build: "
                "`/baro plan <what to do>`."
            )
        case _:
            assert_never(reason)


_ELSEWHERE = (
    "If something in it is wrong, open an issue that says what, and comment `/baro plan` there."
)


def plan_refused(problems: Sequence[str]) -> str:
    """The draft broke a rule and stayed so after it was told."""
    rows = "\n".join(f"- {inline(each)}" for each in problems[:10])
    return (
        f"**No plan.** What came out broke a rule, also the second time:\n{rows}\n\n"
        "Nothing ran. `/baro plan <what to do>` with a smaller goal often helps."
    )


def not_permitted(repository: str, who_can: Sequence[str], rule: ApprovalRule) -> str:
    """For somebody without access: the request stays, and here is who can start it."""
    people = [mention(login) for login in who_can[:_NAMED]]
    start = f"{joined(people).replace(' and ', ' or ')} can" if people else "one of them can"
    return (
        f"Only people with {access(rule.least)} can start work in {code(repository)}. "
        f"I left the request here: {start} start it with `/baro plan`."
    )


def approval_refused(why: Ignored, rule: ApprovalRule) -> str:
    """For an approval by command or box; an ignored thumb is not answered."""
    match why:
        case Ignored.own_request:
            return "In this repository somebody other than the requester approves the plan."
        case Ignored.access_too_low:
            return f"Only people with {access(rule.least)} can approve. The plan still waits."
        case Ignored.access_unknown:
            return "GitHub did not say what access you have, so nothing was approved. Try again."
        case Ignored.not_human | Ignored.ours | Ignored.account_gone | Ignored.before_revision:
            return "Only a person can approve the plan on show. It still waits."
        case _:
            assert_never(why)


def approval_stale(why: Void, revision: int) -> str:
    """The approval named a plan that can not run; `revision` is the one on show."""
    match why:
        case Void.other_revision | Void.other_digest:
            return f"The plan on show is r{revision}. Read it, then `/baro approve r{revision}`."
        case Void.replaced:
            return f"r{revision} was replaced: somebody asked for another plan. Approve that one."
        case Void.expired:
            return f"r{revision} has expired. `/baro plan` makes a new one."
        case Void.base_moved:
            return (
                f"The base branch was rewritten, so r{revision} fits it no longer. "
                "`/baro plan` makes a new one."
            )
        case Void.not_awaiting:
            return f"r{revision} does not wait for approval any more. `/baro status` says more."
        case _:
            assert_never(why)


def nothing_to_approve() -> str:
    return "There is no plan to approve here. `/baro plan` makes one."


def nothing_to_cancel() -> str:
    return "Nothing is running or waiting here."


def nothing_to_retry() -> str:
    return "Nothing failed here that could be tried again. `/baro plan` makes a new plan."


def nothing_here() -> str:
    return "baro has done nothing here yet. `/baro plan` makes a plan."


def busy() -> str:
    return "This change is running. `/baro cancel` stops it; then `/baro plan` plans again."


def plan_deleted(revision: int) -> str:
    """Nobody can read it any more, so nobody can approve it."""
    return f"The comment with r{revision} was deleted, so it is cancelled. `/baro plan` plans anew."


def fix_needs_words() -> str:
    return "This pull request is by baro already. Say what to change: `/baro fix <what to change>`."


def new_revision(revision: int, requester: str) -> str:
    """An edit notifies nobody, so watchers are told that the plan has changed."""
    return (
        f"Plan r{revision} stands above, asked for by {inline(requester)}. "
        f"Earlier approvals do not count for it: 👍 it anew, or `/baro approve r{revision}`."
    )


def finished(requester: str, pull: int) -> str:
    return f"{mention(requester)} #{pull} is ready: every check is green. Review it as any other."


def finished_draft(requester: str, pull: int, reasons: int) -> str:
    because = f"{count(reasons, 'reason')} stand{'s' if reasons == 1 else ''}"
    return f"{mention(requester)} #{pull} is a draft; {because} at its top."


def blocked(requester: str, why: str) -> str:
    """A run that ended without a pull request, or can not go on without a person."""
    return f"{mention(requester)} This is blocked: {_clause(why)} The status comment says more."


def no_key() -> str:
    return (
        "No model is configured, so nothing can be planned. Whoever runs baro sets a key or "
        "`BARO_ROUTES`, and `baro doctor` says what is missing; then `/baro plan`."
    )


def refused_key(why: str) -> str:
    return (
        f"The model's endpoint refused our key: {_clause(why)} Whoever runs baro replaces it, "
        "and `baro doctor` checks it; then `/baro plan`."
    )


def planning_failed(why: str) -> str:
    return f"No plan came out: {_clause(why)} Nothing ran. `/baro plan` tries again."


def fork_refused() -> str:
    return (
        "This pull request comes from a fork, where baro cannot push. Move the branch into this "
        "repository, or open an issue and comment `/baro plan` there."
    )


def not_ours_to_fix() -> str:
    """`/baro fix` is an approval in itself only on a pull request that baro opened."""
    return (
        "`/baro fix` works on pull requests that baro opened. "
        "For this one, `/baro plan <what to change>` makes a plan to approve first."
    )


def continued_on(pull: int) -> str:
    """The request is a link to an open pull request, so the conversation moves there."""
    return f"#{pull} is open, so the work belongs there: its plan is made and approved on #{pull}."


def cannot_follow_up() -> str:
    return (
        "This pull request is closed, so nothing can be added to it. "
        "Open an issue that says what is missing, and comment `/baro plan` there."
    )


def unknown_command(unknown: Unknown) -> str:
    guess = f" Did you mean `/baro {unknown.nearest}`?" if unknown.nearest else ""
    said = code(f"/baro {unknown.word}", 60)
    return f"baro does not know {said}.{guess} `/baro help` lists what it does."


def malformed_command(malformed: Malformed) -> str:
    usage = next((line.usage for line in HELP if line.name == malformed.command), "/baro help")
    return f"{malformed.sentence} Usage: `{usage}`."


def bad_configuration(error: str) -> str:
    return f"{inline(error, 400)}. The last good configuration is used until it is mended."


def help_text() -> str:
    rows = [(f"`{line.usage}`", line.does, line.needs.value) for line in HELP]
    return fit([table(["command", "what it does", "who"], rows, "commands")])


def _sentence(text: str) -> str:
    clause = _clause(text)
    return f"{clause[:1].upper()}{clause[1:]}"


def _clause(text: str) -> str:
    """What follows a colon, and ends."""
    return f"{inline(text, 400).rstrip('.')}."
