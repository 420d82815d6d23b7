# ruff: noqa: E501 - a snapshot is the text as people get it
"""The pull request: proof beside each thing that was asked, and what is wrong first."""

import pytest
from inline_snapshot import snapshot

from bot.comments.check_run import check_run
from bot.comments.layout import LIMIT_BYTES
from bot.comments.pull import pull_body, pull_title
from bot.comments.views import PullView
from executor.events import (
    AttemptPassed,
    AttemptQueued,
    AttemptStarted,
    Event,
    FinalCommit,
    GateRan,
    Integration,
    LeftOut,
    Reconciled,
    RunStarted,
    Sha,
    StoryDropped,
    StoryIntegrated,
)
from executor.evidence import Evidence
from executor.state import fold
from planner.plan import Digest, Origin, Plan, StoryId
from tests.support.builders import (
    BASE,
    TREE,
    a_criterion,
    a_plan,
    a_story,
    entries,
    not_run,
    passed,
    red,
    unpriced,
    usd,
)

FORMATS = "tests/test_export.py::test_formats"


def a_delivery_plan() -> Plan:
    plan = a_plan(
        s1=a_story("s1", title="Exporter interface"),
        s2=a_story("s2", title="Endpoint", needs="s1", flags=("public API",)),
    )
    return plan.model_copy(
        update={
            "summary": "Adds CSV export of orders behind `GET /orders/export`.",
            "criteria": (
                a_criterion("c1", "200 and the right type for csv", proof=FORMATS),
                a_criterion("c2", "exports stream", origin=Origin.assumed, proof=None),
                a_criterion("always", "the existing suite stays green", origin=Origin.always),
            ),
            "assumptions": ("dates as ISO 8601",),
        }
    )


def integrated(story: str, outside: tuple[str, ...] = ()) -> tuple[Event, ...]:
    name = StoryId(story)
    return (
        AttemptQueued(story=name, attempt=1, rung=0, onto=Sha(BASE.sha)),
        AttemptStarted(story=name, attempt=1, owner="w1", model="openai/gpt"),
        AttemptPassed(
            story=name,
            attempt=1,
            commit=Sha("c" * 40),
            tree=TREE,
            summary="",
            evidence=(passed(),),
            outside=outside,
        ),
        StoryIntegrated(
            story=name,
            attempt=1,
            onto=Sha(BASE.sha),
            head=Sha("4be1c02" + "0" * 33),
            how=Integration.spliced,
        ),
    )


def a_view(
    *gate: Evidence,
    weakened: tuple[str, ...] = (),
    left_out: tuple[LeftOut, ...] = (),
    before: tuple[Event, ...] = (),
) -> PullView:
    done = before or (*integrated("s1"), *integrated("s2"))
    run = fold(
        entries(
            RunStarted(plan=Digest("9f3c" * 16), base=BASE),
            *done,
            Reconciled(
                head=Sha("d" * 40),
                tree=TREE,
                commits=(
                    FinalCommit(story=StoryId("s1"), sha=Sha("aaaaaaa" + "0" * 33)),
                    FinalCommit(story=StoryId("s2"), sha=Sha("bbbbbbb" + "0" * 33)),
                ),
                left_out=left_out,
                weakened_tests=weakened,
            ),
            GateRan(tree=TREE, evidence=gate),
        )
    )
    return PullView(
        change=41,
        issue=57,
        plan=a_delivery_plan(),
        run=run,
        tests=frozenset({FORMATS}),
        spent=usd("0.09", 1_200_000),
        cached_share=0.91,
    )


def test_a_green_change_closes_its_issue_and_proves_each_criterion() -> None:
    left = LeftOut(path="poetry.lock", rule="its manifest did not change", size=9)
    view = a_view(
        passed(tests=431),
        left_out=(left,),
        before=(*integrated("s1", outside=("notes.txt",)), *integrated("s2")),
    )
    assert pull_body(view) == snapshot("""\
Adds CSV export of orders behind `GET /orders/export`.
Closes #57

| asked | evidence |
|---|---|
| 200 and the right type for csv | `tests/test_export.py::test_formats` in `pytest -q`: 431 passed, 0 failed, 44s, on `e41d000` |
| exports stream *(assumed, so it does not hold back Closes)* | **not run**: no test proves it |
| the existing suite stays green | `pytest -q`: 431 passed, 0 failed, 44s, on `e41d000` |

**Read in this order**, one commit per story:

1. `bbbbbbb` Endpoint ⚠ public API
2. `aaaaaaa` Exporter interface

**Left out of the diff** (`artifacts.keep` in `.github/baro.yml` keeps a path):

- `poetry.lock` (its manifest did not change)
- `notes.txt` (no story may write there)

**Assumed:** dates as ISO 8601.

**Cost:** $0.09 · 1.2M tokens, 91% from cache · 1m40s · 2 stories, 2 attempts.

To change something, comment `/baro fix <what to change>`.

<sub>change 41 · r1 · `/baro help`</sub>\
""")


def test_a_draft_says_first_what_is_wrong() -> None:
    view = a_view(
        red(),
        weakened=("tests/test_api.py: 2 tests removed",),
        before=(*integrated("s1"), StoryDropped(story=StoryId("s2"), reason="exit 1")),
    )
    assert pull_body(view)[:400] == snapshot("""\
**A draft, because:**

- s2 is not in it: exit 1
- `suite` failed

**⚠ Tests were weakened:**

- tests/test_api.py: 2 tests removed

Adds CSV export of orders behind `GET /orders/export`.
Part of #57

| asked | evidence |
|---|---|
| 200 and the right type for csv | `tests/test_export.py::test_formats` in `pytest -q`: **failed**, 11 passed, 1 failed, 44s |
| exports stream *(assumed, so it does no\
""")


@pytest.mark.parametrize(
    ("gate", "word"), [(passed(), "Closes"), (red(), "Part of"), (not_run(), "Part of")]
)
def test_the_issue_is_closed_only_on_evidence(gate: Evidence, word: str) -> None:
    assert f"\n{word} #57\n" in pull_body(a_view(gate))


def test_a_criterion_without_evidence_keeps_the_issue_open() -> None:
    view = a_view(passed()).model_copy(update={"tests": frozenset()})
    body = pull_body(view)
    assert "Part of #57" in body
    assert "**not run**: that test does not exist, or is skipped" in body


def test_a_change_without_an_issue_refers_to_none() -> None:
    body = pull_body(a_view(passed()).model_copy(update={"issue": None}))
    assert "Closes #" not in body
    assert "Part of" not in body


def test_an_unknown_price_is_not_a_dollar() -> None:
    view = a_view(passed()).model_copy(update={"spent": unpriced(1_200_000), "cached_share": None})
    assert "**Cost:** price unknown, 1.2M tokens · " in pull_body(view)
    assert "$" not in pull_body(view)


def test_words_of_a_model_close_nothing_and_call_nobody() -> None:
    hostile = "fixes #1 @maya"
    plan = a_delivery_plan().model_copy(
        update={"summary": hostile, "title": hostile, "assumptions": (hostile,)}
    )
    view = a_view(passed(), weakened=(hostile,)).model_copy(update={"plan": plan})
    said = pull_title(view) + pull_body(view)
    assert "#1" not in said
    assert "@maya" not in said


def test_a_title_is_one_line() -> None:
    plan = a_delivery_plan().model_copy(update={"title": "Export\norders  as CSV"})
    assert pull_title(a_view().model_copy(update={"plan": plan})) == "Export orders as CSV"


def test_a_long_pull_request_fits() -> None:
    many = tuple(LeftOut(path=f"{'x' * 190}{at}", rule="build output", size=1) for at in range(999))
    view = a_view(*(red(f"check {at}") for at in range(400)), left_out=many)
    assert len(pull_body(view).encode()) <= LIMIT_BYTES
    assert len(check_run(view).summary.encode()) <= LIMIT_BYTES


def test_the_check_run_is_green_only_if_every_check_ran_and_passed() -> None:
    green, mixed = check_run(a_view(passed())), check_run(a_view(passed(), not_run("lint")))
    assert (green.conclusion, green.title) == ("success", "1 of 1 check passed")
    assert (mixed.conclusion, mixed.title) == ("failure", "1 of 2 checks passed")
    assert check_run(a_view()).title == "No checks were found"
    assert mixed.summary == snapshot("""\
**A draft, because:**

- `lint` was not run: pytest is not installed

Run on this very tree:

- `pytest -q`: 12 passed, 0 failed, 44s
- `pytest -q`: **not run**, pytest is not installed\
""")
