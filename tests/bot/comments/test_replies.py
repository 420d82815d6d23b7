# ruff: noqa: E501 - a snapshot is the text as people get it
"""The short replies: calm, exact, and each with the next action."""

import pytest
from inline_snapshot import snapshot

from bot.approvals import Access, ApprovalRule, Ignored, Void
from bot.commands import HELP, Malformed, Unknown, parse
from bot.comments import replies
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
from tests.support.builders import NOW

RULE = ApprovalRule()


def test_questions_cost_nothing_until_they_are_answered() -> None:
    asked = ('"Make it faster": which request?', "May the schema change, @maya?")
    assert replies.questions(asked) == snapshot("""\
**Two questions before I plan** (this costs nothing until you answer):
1. "Make it faster": which request?
2. May the schema change, @\u200bmaya?

Reply here in your own words.\
""")


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (
            AlreadyMerged(212, "a1b2c3d4e5", NOW),
            snapshot(
                "**Nothing to do.** #212 was merged on 21 Nov (`a1b2c3d`). If something in it is wrong, open an issue that says what, and comment `/baro plan` there."
            ),
        ),
        (
            AlreadyMerged(212, None, None),
            snapshot(
                "**Nothing to do.** #212 was merged. If something in it is wrong, open an issue that says what, and comment `/baro plan` there."
            ),
        ),
        (
            PullClosed(7),
            snapshot(
                "**Nothing to do.** #7 was closed without being merged. Reopen it, or say in an issue what should be built, and comment `/baro plan` there."
            ),
        ),
        (
            PullElsewhere(7),
            snapshot(
                "**Nothing planned.** #7 belongs to another repository. Say here what this one should change, and comment `/baro plan` again."
            ),
        ),
        (
            IssueClosed(57),
            snapshot("**Nothing planned.** #57 is closed. Reopen it, then `/baro plan`."),
        ),
        (
            RepositoryArchived(),
            snapshot("**Nothing planned.** This repository is archived, so nobody can change it."),
        ),
        (
            RepositoryEmpty(),
            snapshot(
                "**Nothing planned.** There is no commit to start from. Push a first one to the base branch, then `/baro plan`."
            ),
        ),
        (
            DeclinedByIntake("this is a question for #4."),
            snapshot(
                "**Nothing planned.** This is a question for #\u200b4. If that is not so, say what to build: `/baro plan <what to do>`."
            ),
        ),
    ],
)
def test_a_decline_says_why_and_what_helps(reason: DeclineReason, text: str) -> None:
    assert replies.declined(reason) == text


def test_a_plan_that_broke_a_rule_twice_names_it() -> None:
    assert replies.plan_refused(["criterion c2 has no owner"]) == snapshot("""\
**No plan.** What came out broke a rule, also the second time:
- criterion c2 has no owner

Nothing ran. `/baro plan <what to do>` with a smaller goal often helps.\
""")


def test_somebody_without_access_is_told_who_can_start_it() -> None:
    assert replies.not_permitted("acme/shop", ["maya", "jon"], RULE) == snapshot(
        "Only people with write access can start work in `acme/shop`. I left the request here: @maya or @jon can start it with `/baro plan`."
    )
    strict = ApprovalRule(least=Access.admin)
    assert replies.not_permitted("acme/shop", [], strict) == snapshot(
        "Only people with admin access can start work in `acme/shop`. I left the request here: one of them can start it with `/baro plan`."
    )


@pytest.mark.parametrize("why", list(Ignored))
def test_every_refused_approval_has_a_sentence(why: Ignored) -> None:
    assert replies.approval_refused(why, RULE).endswith(".")


@pytest.mark.parametrize(
    ("why", "text"),
    [
        (
            Void.other_revision,
            snapshot("The plan on show is r2. Read it, then `/baro approve r2`."),
        ),
        (Void.other_digest, snapshot("The plan on show is r2. Read it, then `/baro approve r2`.")),
        (
            Void.replaced,
            snapshot("r2 was replaced: somebody asked for another plan. Approve that one."),
        ),
        (Void.expired, snapshot("r2 has expired. `/baro plan` makes a new one.")),
        (
            Void.base_moved,
            snapshot(
                "The base branch was rewritten, so r2 fits it no longer. `/baro plan` makes a new one."
            ),
        ),
        (
            Void.not_awaiting,
            snapshot("r2 does not wait for approval any more. `/baro status` says more."),
        ),
    ],
)
def test_a_stale_approval_is_told_what_is_on_show(why: Void, text: str) -> None:
    assert replies.approval_stale(why, 2) == text


def test_a_command_that_does_not_exist_gets_the_nearest() -> None:
    assert replies.unknown_command(Unknown("aprove", "approve")) == snapshot(
        "baro does not know `/baro aprove`. Did you mean `/baro approve`? `/baro help` lists what it does."
    )
    assert replies.unknown_command(Unknown("`@maya`", None)) == snapshot(
        "baro does not know `` /baro `@maya` ``. `/baro help` lists what it does."
    )


def test_wrong_arguments_get_the_usage() -> None:
    (command,) = parse("/baro plan --mode fast")
    assert isinstance(command, Malformed)
    assert replies.malformed_command(command) == snapshot(
        "`--mode` is focused, sequential or parallel, not `fast`. Usage: `/baro plan [what to do] [--mode focused|sequential|parallel]`."
    )


def test_the_end_mentions_the_requester_once() -> None:
    said = [
        replies.finished("maya", 58),
        replies.finished_draft("maya", 58, 1),
        replies.finished_draft("maya", 58, 2),
        replies.blocked("maya", "the push was refused: GH006"),
    ]
    assert all(text.count("@maya") == 1 for text in said)
    assert said == snapshot(
        [
            "@maya #58 is ready: every check is green. Review it as any other.",
            "@maya #58 is a draft; 1 reason stands at its top.",
            "@maya #58 is a draft; 2 reasons stand at its top.",
            "@maya This is blocked: the push was refused: GH006. The status comment says more.",
        ]
    )


def test_every_other_reply_is_a_calm_sentence_or_two() -> None:
    said = [
        replies.nothing_to_approve(),
        replies.nothing_to_cancel(),
        replies.nothing_to_retry(),
        replies.nothing_here(),
        replies.busy(),
        replies.new_revision(2, "maya"),
        replies.no_key(),
        replies.refused_key("openai answered 401"),
        replies.planning_failed("the model's reply could not be used"),
        replies.fork_refused(),
        replies.not_ours_to_fix(),
        replies.cannot_follow_up(),
        replies.bad_configuration("`.github/baro.yml`, line 2: `capz` is unknown"),
    ]
    assert said == snapshot(
        [
            "There is no plan to approve here. `/baro plan` makes one.",
            "Nothing is running or waiting here.",
            "Nothing failed here that could be tried again. `/baro plan` makes a new plan.",
            "baro has done nothing here yet. `/baro plan` makes a plan.",
            "This change is running. `/baro cancel` stops it; then `/baro plan` plans again.",
            "Plan r2 stands above, asked for by maya. Earlier approvals do not count for it: 👍 it anew, or `/baro approve r2`.",
            "No model is configured, so nothing can be planned. Whoever runs baro sets a key or `BARO_ROUTES`, and `baro doctor` says what is missing; then `/baro plan`.",
            "The model's endpoint refused our key: openai answered 401. Whoever runs baro replaces it, and `baro doctor` checks it; then `/baro plan`.",
            "No plan came out: the model's reply could not be used. Nothing ran. `/baro plan` tries again.",
            "This pull request comes from a fork, where baro cannot push. Move the branch into this repository, or open an issue and comment `/baro plan` there.",
            "`/baro fix` works on pull requests that baro opened. For this one, `/baro plan <what to change>` makes a plan to approve first.",
            "This pull request is closed, so nothing can be added to it. Open an issue that says what is missing, and comment `/baro plan` there.",
            "`.github/baro.yml`, line 2: `capz` is unknown. The last good configuration is used until it is mended.",
        ]
    )


def test_the_help_lists_every_command() -> None:
    text = replies.help_text()
    assert text == snapshot("""\
| command | what it does | who |
|---|---|---|
| `/baro plan [what to do] [--mode focused\\|sequential\\|parallel]` | Plan this issue, or plan it again with these words. Nothing runs before it is approved. | write access |
| `/baro approve [rN]` | Approve the plan on show. A 👍 on it, or its box, does the same. | write access |
| `/baro mode focused\\|sequential\\|parallel` | Plan again in this mode. | write access |
| `/baro cancel` | Stop. What is done so far is kept and no pull request is opened. | write access |
| `/baro retry` | Run what failed once more. | write access |
| `/baro fix <what to change>` | On a pull request by baro: change it, on the same branch. | write access |
| `/baro status` | Bring the status comment up to date. | anyone |
| `/baro help` | Show this table. | anyone |\
""")
    assert text.count("\n") == len(HELP) + 1
