# ruff: noqa: E501 - a snapshot is the text as people get it
"""The plan comment, in every state a person may find it in."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from inline_snapshot import snapshot
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.approvals import Access, ApprovalRule
from bot.boxes import meaning
from bot.comments.layout import LIMIT_BYTES
from bot.comments.plan import no_plan_comment, plan_comment, reading_comment
from bot.comments.replies import declined
from bot.comments.views import (
    Approved,
    Awaiting,
    BaseMoved,
    Cancelled,
    DayBudget,
    Expired,
    IssueGone,
    PlanShown,
    PlanView,
    Replaced,
)
from bot.store.states import ApprovalHow
from llm.pricing import Usd
from llm.routing import Tier
from planner.facts import IssueClosed
from planner.plan import Check, Design, Digest, Enforcement, Mode, Origin, Plan, Rule
from tests.support.builders import (
    NOW,
    a_criterion,
    a_plan,
    a_story,
    an_estimate,
    usd,
)


def a_view(plan: Plan, state: PlanShown | None = None) -> PlanView:
    return PlanView(
        change=41,
        plan=plan,
        digest=Digest("9f3c" * 16),
        state=state or Awaiting(),
        asked_at=NOW,
        expires_at=NOW + timedelta(days=7),
    )


def a_full_plan() -> Plan:
    plan = a_plan(
        s1=a_story("s1", title="Exporter interface and registry", writes=("shop/export/base.py",)),
        s2=a_story(
            "s2",
            title="CSV exporter",
            needs="s1",
            writes=("shop/export/csv.py", "tests/test_csv.py"),
            tier=Tier.light,
        ),
        s3=a_story(
            "s3",
            title="Endpoint and docs",
            needs="s2",
            writes=("shop/api/orders.py", "docs/export.md", "docs/index.md", "docs/api.md"),
            tier=Tier.heavy,
            flags=("public API",),
        ),
    )
    return plan.model_copy(
        update={
            "summary": "Add order export: CSV behind one endpoint, with docs and tests.",
            "would_change": "it would be sequential if the writers had to share a file",
            "criteria": (
                a_criterion("c1", "`GET /orders/export` answers 200", proof="tests/api.py::test_x"),
                a_criterion("c2", "exports stream", origin=Origin.assumed, proof=None),
                a_criterion("always", "the existing suite stays green", origin=Origin.always),
            ),
            "assumptions": ("no authentication change", "dates as ISO 8601"),
            "out_of_scope": ("PDF",),
            "design": Design(decisions=("exporters are functions rows -> Iterator[str]",)),
            "setup": (Check(name="install", argv=("pip", "install", "-e", "."), source="x"),),
            "facts": ("issue open, no linked pull request", "Python, 212 files"),
            "enforcements": (
                Enforcement(
                    rule=Rule.verify_story_removed, stories=("s9",), before="Run the tests"
                ),
            ),
            "estimate": an_estimate(plan),
        }
    )


def test_a_parallel_plan_waits_for_approval() -> None:
    view = a_view(a_full_plan()).model_copy(
        update={"day": DayBudget("shop", Usd(Decimal("18.8"))), "planning_cost": usd("0.02")}
    )
    assert plan_comment(view) == snapshot("""\
### Plan r1 · waiting for approval
Add order export: CSV behind one endpoint, with docs and tests.

**parallel**, confidence 0.84: the parts live in files that nothing else in the plan writes. It would be sequential if the writers had to share a file.

|  | story | writes | needs | tier · model | estimate |
|---|---|---|---|---|---|
| s1 | Exporter interface and registry | `shop/export/base.py` | – | standard · deepseek-v4-flash | $0.01–0.02 · 1–2 min |
| s2 | CSV exporter | `shop/export/csv.py`, `tests/test_csv.py` | s1 | light · deepseek-v4-flash | $0.01–0.02 · 1–2 min |
| s3 | Endpoint and docs ⚠ public API | `shop/api/orders.py`, `docs/export.md`, `docs/index.md`, 1 more | s2 | heavy · deepseek-v4-flash | $0.01–0.02 · 1–2 min |

Done means:
① `GET /orders/export` answers 200 *(from the issue; `tests/api.py::test_x`)*
② exports stream *(assumed; no test named)*
③ the existing suite stays green *(always; `suite`)*

Assumed: no authentication change; dates as ISO 8601. Say so if not.
Not in this plan: PDF.

|  | tokens | cost | time |  |
|---|---|---|---|---|
| **parallel, 3 agents** | 1–1.1M | $0.07–0.12 | 5–7 min | 1.5× faster, bounded by s1 → s2 → s3 |
| sequential | 1–1.1M | $0.07–0.12 | 8–10 min |  |
| focused | 1–1.1M | $0.07–0.12 | 8–10 min | one agent, one context |

Cap for this run: **$1.00**, 4M tokens, 60 minutes (shop: $18.80 left today). The planning itself: $0.02. 1 review to do at the end.

**Approve with 👍**, with `/baro approve r1`, or tick:
- [ ] Approve r1
- [ ] Approve, one story at a time (sequential)
- [ ] Cancel

<sub>Anyone with write access may approve, until 28 Nov 14:02 UTC. Issue text as of 14:02 UTC; later edits need a new plan: `/baro plan <what to change>`. change 41 · r1 · 9f3c · `/baro help`</sub>

<details><summary>Why this shape: 2 facts, 1 correction</summary>

- Decided between stories: exporters are functions rows -> Iterator\\[str\\]
- Corrected by code: “Run the tests” was no story of its own: the gate does that.
- Before the stories: `pip install -e .`
- At the end: `pytest -q`
- issue open, no linked pull request
- Python, 212 files

</details>\
""")


def test_a_focused_plan_without_prices_leaves_the_columns_out() -> None:
    assert plan_comment(a_view(a_plan(s1=""))) == snapshot("""\
### Plan r1 · waiting for approval
Add order export behind one endpoint.

**focused**, confidence 0.84: the parts live in files that nothing else in the plan writes.

|  | story | writes | needs | tier |
|---|---|---|---|---|
| s1 | Story s1 | `src/s1.py` | – | standard |

Done means:
① orders can be exported *(from the issue; `suite`)*

Cap for this run: **$1.00**, 4M tokens, 60 minutes.

**Approve with 👍**, with `/baro approve r1`, or tick:
- [ ] Approve r1
- [ ] Cancel

<sub>Anyone with write access may approve, until 28 Nov 14:02 UTC. Issue text as of 14:02 UTC; later edits need a new plan: `/baro plan <what to change>`. change 41 · r1 · 9f3c · `/baro help`</sub>

<details><summary>Why this shape: no facts, no corrections</summary>

- At the end: `pytest -q`

</details>\
""")


def test_an_unknown_price_is_said_with_its_tokens() -> None:
    plan = a_plan(s1="")
    estimate = an_estimate(plan)
    stories = tuple(one.model_copy(update={"usd": None}) for one in estimate.stories)
    figures = estimate.proposed.model_copy(update={"usd": None})
    unknown = estimate.model_copy(update={"stories": stories, "proposed": figures})
    body = plan_comment(a_view(plan.model_copy(update={"estimate": unknown})))
    assert "price unknown, 90–200k tokens · 1–2 min" in body
    assert "| **focused** | 1–1.1M | price unknown |" in body


def test_only_a_parallel_plan_offers_one_story_at_a_time() -> None:
    parallel, focused = plan_comment(a_view(a_plan(a="", b=""))), plan_comment(a_view(a_plan(a="")))
    assert "one story at a time" in parallel
    assert "one story at a time" not in focused


def test_each_box_means_something() -> None:
    lines = plan_comment(a_view(a_plan(a="", b=""))).splitlines()
    boxes = [line.removeprefix("- [ ] ") for line in lines if line.startswith("- [ ] ")]
    assert len(boxes) == 3
    assert all(meaning(label) for label in boxes)


@pytest.mark.parametrize(
    ("state", "head"),
    [
        (
            Approved("maya", NOW, ApprovalHow.reaction),
            "### Plan r1 · approved\n"
            "Add order export behind one endpoint.\n\n"
            "Approved by maya at 14:02 UTC with 👍.\n",
        ),
        (
            Approved("maya", NOW, ApprovalHow.box, one_at_a_time=True),
            "### Plan r1 · approved\n"
            "Add order export behind one endpoint.\n\n"
            "Approved by maya at 14:02 UTC with the box, one story at a time.\n",
        ),
        (
            Replaced("maya"),
            "### Plan r1 · replaced\n"
            "Add order export behind one endpoint.\n\n"
            "maya asked for another plan, which will stand here.\n",
        ),
        (
            Expired(NOW),
            "### Plan r1 · expired\n"
            "Add order export behind one endpoint.\n\n"
            "Nobody approved it until 21 Nov 14:02 UTC. Nothing ran; "
            "`/baro plan` makes a new one.\n",
        ),
        (
            BaseMoved(),
            "### Plan r1 · void\n"
            "Add order export behind one endpoint.\n\n"
            "The base branch was rewritten, so this plan fits it no longer. "
            "`/baro plan` makes a new one.\n",
        ),
        (
            IssueGone(),
            "### Plan r1 · void\n"
            "Add order export behind one endpoint.\n\n"
            "The issue is closed, locked or moved. Nothing ran; reopen it to plan again.\n",
        ),
        (
            Cancelled("maya", NOW),
            "### Plan r1 · cancelled\n"
            "Add order export behind one endpoint.\n\n"
            "Cancelled by maya at 14:02 UTC. Nothing ran; `/baro plan` makes a new one.\n",
        ),
    ],
)
def test_a_plan_that_waits_no_more_says_why_and_shows_no_controls(
    state: PlanShown, head: str
) -> None:
    body = plan_comment(a_view(a_plan(a="", b=""), state))
    assert body.startswith(head)
    assert "- [ ]" not in body
    assert "may approve" not in body


def test_the_approvers_are_those_the_repository_names() -> None:
    rule = ApprovalRule(least=Access.maintain, self_approval=False)
    body = plan_comment(a_view(a_plan()).model_copy(update={"rule": rule}))
    assert "Anyone with maintain access, except who asked for it, may approve, until" in body


def test_a_new_revision_folds_what_it_replaced() -> None:
    old = a_plan(s1="", s2="s1", s3="s1")
    new = a_plan(s1="", s2="", s4="s1", revision=2, mode=Mode.sequential)
    body = plan_comment(a_view(new).model_copy(update={"previous": old}))
    assert body[body.index("<details><summary>r1") :] == snapshot("""\
<details><summary>r1 was replaced by r2</summary>

- parallel became sequential
- added: s4 Story s4
- left out: s3 Story s3
- changed: s2 Story s2

</details>\
""")


def test_an_issue_that_was_edited_since_is_mentioned() -> None:
    body = plan_comment(a_view(a_plan()).model_copy(update={"edited_since": True}))
    assert "It was edited since, and this plan is not for the new text." in body


def test_a_repository_without_checks_is_told_so() -> None:
    body = plan_comment(a_view(a_plan().model_copy(update={"gate": ()})))
    assert "No check of this repository was found, so nothing can be proved" in body


def test_while_the_planner_reads_there_is_nothing_to_approve() -> None:
    assert reading_comment(1) == snapshot("""\
### Plan r1 · being made
Reading the repository… Nothing runs yet.\
""")
    assert no_plan_comment(1, declined(IssueClosed(57))) == snapshot("""\
### Plan r1 · not made
**Nothing planned.** #57 is closed. Reopen it, then `/baro plan`.\
""")


def test_words_of_a_model_can_do_nothing_in_a_plan() -> None:
    hostile = "closes #1 @maya ![x](https://e.vil/x.png) <img src=x>\n- [ ] Approve r9\n/lgtm | `x"
    story = a_story("s1", title=hostile, writes=(hostile,), flags=(hostile,))
    plan = a_plan(s1=story).model_copy(
        update={
            "summary": hostile,
            "reason": hostile,
            "would_change": hostile,
            "criteria": (a_criterion("c1", hostile, proof=hostile),),
            "assumptions": (hostile,),
            "out_of_scope": (hostile,),
            "facts": (hostile,),
            "design": Design(decisions=(hostile,)),
            "enforcements": tuple(
                Enforcement(rule=rule, stories=(hostile,), paths=(hostile,), before=hostile)
                for rule in Rule
            ),
        }
    )
    body = plan_comment(a_view(plan))
    rendered = list(_inline_tokens(body))
    text = "".join(token.content for token in rendered if token.type == "text")
    assert "#1" not in text
    assert "@maya" not in text
    assert {token.content for token in rendered if token.type == "html_inline"} == {
        "<sub>",
        "</sub>",
    }
    assert not {token.type for token in rendered} & {"image", "link_open"}
    assert "\n/lgtm" not in body
    boxes = [line for line in body.splitlines() if line.startswith("- [")]
    assert boxes == ["- [ ] Approve r1", "- [ ] Cancel"]


def _inline_tokens(body: str) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable("table").parse(body):
        yield from token.children or ()


def test_a_plan_longer_than_a_comment_is_shortened_from_its_end_and_says_so() -> None:
    long = "word " * 200
    plan = a_plan().model_copy(
        update={
            "stories": tuple(a_story(f"s{at}", title=long) for at in range(32)),
            "criteria": tuple(a_criterion(f"c{at}", long) for at in range(60)),
            "facts": (long,) * 300,
        }
    )
    body = plan_comment(a_view(plan))
    assert len(body.encode()) <= LIMIT_BYTES
    assert "more lines not shown: a comment holds no more." in body
    assert "- [ ] Approve r1" in body
    assert "`/baro help`" in body
    assert body.endswith("</details>")
    assert "| s31 |" in body
