"""Domain values for tests, in which only what matters to the test is written down."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from executor.events import Entry, Event
from executor.evidence import Evidence, EvidenceState, TestCounts
from llm.meter import Caps
from llm.pricing import Cost, Usd
from llm.routing import Tier
from planner.plan import (
    Base,
    Check,
    Criterion,
    CriterionId,
    Estimate,
    Figures,
    Mode,
    Origin,
    Plan,
    Span,
    Story,
    StoryEstimate,
    StoryId,
)
from planner.request import Person, Request

NOW = datetime(2025, 11, 21, 14, 2, tzinfo=UTC)
BASE = Base(branch="main", sha="b" * 40)
TREE = "e41d" + "0" * 36
MAYA = Person(id=3_000_000_001, login="maya")
JON = Person(id=3_000_000_002, login="jon")
SUITE = Check(name="suite", argv=("pytest", "-q"), source="pyproject.toml")


def a_plan(*, mode: Mode | None = None, revision: int = 1, **needs: str | Story) -> Plan:
    """`a_plan(ui="api", api="")`: two stories, ui needs api. A whole `Story` may be given too.

    The mode is what the stories allow, unless it is given; anything else is changed by
    `model_copy(update=...)`.
    """
    stories = tuple(
        given if isinstance(given, Story) else a_story(name, needs=given)
        for name, given in (needs or {"s1": ""}).items()
    )
    natural = Mode.focused if len(stories) == 1 else Mode.parallel
    return Plan(
        revision=revision,
        title="Export orders",
        summary="Add order export behind one endpoint.",
        mode=mode or natural,
        confidence=0.84,
        reason="the parts live in files that nothing else in the plan writes",
        stories=stories,
        criteria=(a_criterion("c1", "orders can be exported"),),
        gate=(SUITE,),
        base=BASE,
        caps=Caps(usd=Usd(Decimal("1.00")), tokens=4_000_000, minutes=60),
        agents=3 if (mode or natural) is Mode.parallel else 1,
    )


def a_story(
    name: str = "s1",
    *,
    needs: str = "",
    writes: tuple[str, ...] | None = None,
    title: str | None = None,
    tier: Tier = Tier.standard,
    acceptance: tuple[str, ...] = ("c1",),
    flags: tuple[str, ...] = (),
) -> Story:
    """A story that owns a file of its own; `needs` are ids with spaces between them."""
    return Story(
        id=StoryId(name),
        title=title or f"Story {name}",
        goal=f"Do {name}.",
        writes=writes or (f"src/{name}.py",),
        needs=tuple(StoryId(need) for need in needs.split()),
        acceptance=tuple(CriterionId(each) for each in acceptance),
        tier=tier,
        flags=flags,
    )


def a_criterion(
    name: str = "c1",
    text: str = "it works",
    *,
    origin: Origin = Origin.issue,
    proof: str | None = "suite",
) -> Criterion:
    return Criterion(id=CriterionId(name), text=text, origin=origin, proof=proof)


def a_request(goal: str = "Export orders as CSV.", *, mode: Mode | None = None) -> Request:
    return Request(title="Export orders", goal=goal, mode=mode, asked_by=MAYA, at=NOW)


def passed(check: str = "suite", *, tests: int = 12, tree: str = TREE) -> Evidence:
    return Evidence(
        check=check,
        argv=("pytest", "-q"),
        state=EvidenceState.passed,
        tree=tree,
        exit_code=0,
        seconds=44.0,
        counts=TestCounts(passed=tests, failed=0),
    )


def red(check: str = "suite", *, tests: int = 11, failed: int = 1, tree: str = TREE) -> Evidence:
    return Evidence(
        check=check,
        argv=("pytest", "-q"),
        state=EvidenceState.failed,
        tree=tree,
        exit_code=1,
        seconds=44.0,
        tail="FAILED tests/test_export.py::test_formats",
        counts=TestCounts(passed=tests, failed=failed),
    )


def not_run(check: str = "suite", *, reason: str = "pytest is not installed") -> Evidence:
    return Evidence(
        check=check, argv=("pytest", "-q"), state=EvidenceState.not_run, tree=TREE, reason=reason
    )


def usd(amount: str, tokens: int = 100_000) -> Cost:
    return Cost(known=Usd(Decimal(amount)), tokens=tokens)


def unpriced(tokens: int) -> Cost:
    return Cost(tokens=tokens, unpriced_tokens=tokens, reasons=frozenset({"no price is known"}))


def a_span(low: str, high: str) -> Span:
    return Span(low=Decimal(low), high=Decimal(high))


def an_estimate(plan: Plan) -> Estimate:
    """Round figures for every story and mode, with prices known."""
    return Estimate(
        proposed=_figures(plan, plan.mode),
        alternatives=tuple(_figures(plan, mode) for mode in _narrower(plan.mode)),
        stories=tuple(
            StoryEstimate(
                story=story.id,
                model="deepseek-v4-flash",
                tokens=a_span("90000", "200000"),
                usd=a_span("0.01", "0.02"),
                minutes=a_span("1", "2"),
            )
            for story in plan.stories
        ),
    )


def entries(*events: Event, start: datetime = NOW, seconds: int = 10) -> tuple[Entry, ...]:
    """A journal in which something happened every so many seconds."""
    return tuple(
        Entry(seq=seq, at=start + timedelta(seconds=seconds * (seq - 1)), event=event)
        for seq, event in enumerate(events, start=1)
    )


def _narrower(mode: Mode) -> tuple[Mode, ...]:
    widest_first = (Mode.parallel, Mode.sequential, Mode.focused)
    return widest_first[widest_first.index(mode) + 1 :]


def _figures(plan: Plan, mode: Mode) -> Figures:
    parallel = mode is Mode.parallel
    return Figures(
        mode=mode,
        agents=plan.agents if parallel else 1,
        stories=1 if mode is Mode.focused else len(plan.stories),
        tokens=a_span("1000000", "1100000"),
        usd=a_span("0.07", "0.12"),
        minutes=a_span("5", "7") if parallel else a_span("8", "10"),
        speedup=Decimal("1.5") if parallel else Decimal(1),
        critical_path=tuple(story.id for story in plan.stories) if parallel else (),
    )
