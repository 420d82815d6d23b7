"""The plan comment: what would be built, in which shape, for how much, and how to say yes."""

from typing import assert_never

from bot.boxes import APPROVE_SEQUENTIAL, CANCEL, approve_label, box
from bot.comments.corrections import correction
from bot.comments.durations import clock, day_and_clock, minutes
from bot.comments.layout import Block, Rows, fit, folded, small, table
from bot.comments.money import cost, token_span, tokens, usd, usd_span
from bot.comments.views import (
    Approved,
    Awaiting,
    BaseMoved,
    Cancelled,
    Expired,
    IssueGone,
    PlanShown,
    PlanView,
    Replaced,
)
from bot.comments.words import commands, count, files, story_name, who_may
from bot.markdown import code, inline
from bot.store.states import ApprovalHow
from planner.plan import (
    Criterion,
    Estimate,
    Figures,
    Mode,
    Origin,
    Plan,
    Story,
    StoryEstimate,
    StoryId,
)


def plan_comment(view: PlanView) -> str:
    plan, waiting = view.plan, isinstance(view.state, Awaiting)
    return fit(
        [
            f"### Plan r{plan.revision} · {_state_word(view.state)}\n{inline(plan.summary, 1500)}",
            _state_line(view.state, plan.revision),
            _shape(plan),
            _stories(plan),
            _done_means(plan),
            _assumed(plan),
            _figures(plan.estimate) if plan.estimate else "",
            _cap(view),
            _controls(plan) if waiting else "",
            _footer(view),
            _why(plan),
            _previous(view.previous, plan) if view.previous else "",
        ]
    )


def reading_comment(revision: int) -> str:
    """While the planner works; the plan takes this comment over."""
    return f"### Plan r{revision} · being made\nReading the repository… Nothing runs yet."


def no_plan_comment(revision: int, why: str) -> str:
    """Where planning ended without a plan; `why` is one of the short replies' first lines."""
    return f"### Plan r{revision} · not made\n{why}"


def plan_moved_comment(pull: int) -> str:
    """What stays on the issue where planning began before it was known to be a follow-up."""
    return f"### Plan\nIt is made and approved on #{pull}."


def planning_cancelled(by: str) -> str:
    return f"Cancelled by {inline(by)} before there was a plan." if by else "Cancelled."


def _state_word(state: PlanShown) -> str:
    match state:
        case Awaiting():
            return "waiting for approval"
        case Approved():
            return "approved"
        case Replaced():
            return "replaced"
        case Expired():
            return "expired"
        case BaseMoved() | IssueGone():
            return "void"
        case Cancelled():
            return "cancelled"
        case _:
            assert_never(state)


def _state_line(state: PlanShown, revision: int) -> str:
    again = "`/baro plan` makes a new one."
    match state:
        case Awaiting():
            return ""
        case Approved(by=by, at=at, how=how, one_at_a_time=slowly):
            shape = ", one story at a time" if slowly else ""
            return f"Approved by {inline(by)} at {clock(at)} {_how(how, revision)}{shape}."
        case Replaced(by=by):
            return f"{inline(by)} asked for another plan, which will stand here."
        case Expired(at=at):
            return f"Nobody approved it until {day_and_clock(at)}. Nothing ran; {again}"
        case BaseMoved():
            return f"The base branch was rewritten, so this plan fits it no longer. {again}"
        case IssueGone():
            return "The issue is closed, locked or moved. Nothing ran; reopen it to plan again."
        case Cancelled(by=by, at=at):
            return f"Cancelled by {inline(by)} at {clock(at)}. Nothing ran; {again}"
        case _:
            assert_never(state)


def _how(how: ApprovalHow, revision: int) -> str:
    match how:
        case ApprovalHow.reaction:
            return "with 👍"
        case ApprovalHow.box:
            return "with the box"
        case ApprovalHow.command:
            return f"with `/baro approve r{revision}`"
        case ApprovalHow.fix:
            return "with `/baro fix`"
        case _:
            assert_never(how)


def _shape(plan: Plan) -> str:
    why = inline(plan.reason, 600).rstrip(".")
    change = inline(plan.would_change, 400).rstrip(".")
    other = f" {change[0].upper()}{change[1:]}." if change else ""
    return f"**{plan.mode}**, confidence {plan.confidence:.2f}: {why}.{other}"


def _stories(plan: Plan) -> Rows:
    estimates = {each.story: each for each in plan.estimate.stories} if plan.estimate else {}
    head = ["", "story", "writes", "needs", "tier · model" if estimates else "tier"]
    rows = [_story(story, estimates.get(story.id)) for story in plan.stories]
    if not estimates:
        return table(head, [row[:-1] for row in rows], "stories")
    return table([*head, "estimate"], rows, "stories")


def _story(story: Story, estimate: StoryEstimate | None) -> list[str]:
    model = f" · {inline(estimate.model, 60)}" if estimate else ""
    return [
        inline(story.id, 40),
        story_name(story),
        files(story.writes) or "anything",
        inline(", ".join(story.needs), 120) or "–",
        f"{story.tier}{model}",
        _story_estimate(estimate) if estimate else "–",
    ]


def _story_estimate(estimate: StoryEstimate) -> str:
    price = usd_span(estimate.usd)
    if estimate.usd is None:
        price = f"{price}, {token_span(estimate.tokens)} tokens"
    return f"{price} · {minutes(estimate.minutes)}"


def _done_means(plan: Plan) -> Rows:
    rows = tuple(
        f"{_numeral(at)} {inline(each.text)} {_origin(each)}"
        for at, each in enumerate(plan.criteria, start=1)
    )
    return Rows("Done means:", rows, "criteria")


def _numeral(number: int) -> str:
    return chr(ord("①") + number - 1) if number <= 20 else f"({number})"


def _origin(criterion: Criterion) -> str:
    origin = "from the issue" if criterion.origin is Origin.issue else criterion.origin.value
    if criterion.proof:
        return f"*({origin}; {code(criterion.proof, 120)})*"
    return f"*({origin}; no test named)*"


def _assumed(plan: Plan) -> str:
    assumed = "; ".join(inline(each, 200).rstrip(".") for each in plan.assumptions[:12])
    left_out = "; ".join(inline(each, 200).rstrip(".") for each in plan.out_of_scope[:12])
    lines = [f"Assumed: {assumed}. Say so if not."] if assumed else []
    return "\n".join([*lines, f"Not in this plan: {left_out}."] if left_out else lines)


def _figures(estimate: Estimate) -> Rows:
    rows = [
        _mode(estimate.proposed, is_proposed=True),
        *(_mode(each, is_proposed=False) for each in estimate.alternatives),
    ]
    return table(["", "tokens", "cost", "time", ""], rows, "modes")


def _mode(figures: Figures, *, is_proposed: bool) -> list[str]:
    several = figures.mode is Mode.parallel and figures.agents > 1
    name = f"{figures.mode}, {figures.agents} agents" if several else str(figures.mode)
    return [
        f"**{name}**" if is_proposed else name,
        token_span(figures.tokens),
        usd_span(figures.usd),
        minutes(figures.minutes),
        _speed(figures),
    ]


def _speed(figures: Figures) -> str:
    if figures.mode is Mode.focused:
        return "one agent, one context"
    if figures.speedup <= 1:
        return ""
    path = " → ".join(inline(story, 40) for story in figures.critical_path)
    return f"{figures.speedup:.1f}× faster{f', bounded by {path}' if path else ''}"


def _cap(view: PlanView) -> str:
    caps = view.plan.caps
    limits = [
        *([f"**{usd(caps.usd)}**"] if caps.usd is not None else []),
        *([f"{tokens(caps.tokens)} tokens"] if caps.tokens is not None else []),
        *([f"{caps.minutes:g} minutes"] if caps.minutes is not None else []),
    ]
    day = f" ({inline(view.day.repository)}: {usd(view.day.left)} left today)" if view.day else ""
    cap = f"Cap for this run: {', '.join(limits)}{day}." if limits else f"No cap is set{day}."
    spent = f" The planning itself: {cost(view.planning_cost)}." if view.planning_cost else ""
    return f"{cap}{spent}{_reviews(view.plan)}"


def _reviews(plan: Plan) -> str:
    if plan.estimate is None:
        return ""
    return f" {count(plan.estimate.proposed.hand_offs, 'review').capitalize()} to do at the end."


def _controls(plan: Plan) -> str:
    labels = [approve_label(plan.revision)]
    if plan.mode is Mode.parallel:
        labels.append(APPROVE_SEQUENTIAL)
    ways = f"**Approve with 👍**, with `/baro approve r{plan.revision}`, or tick:"
    return "\n".join([ways, *map(box, [*labels, CANCEL])])


def _footer(view: PlanView) -> str:
    may = f"{who_may(view.rule)}, until {day_and_clock(view.expires_at)}. "
    edited = " It was edited since, and this plan is not for the new text." * view.edited_since
    text = f"Issue text as of {clock(view.asked_at)};"
    facts = [f"change {view.change}", f"r{view.plan.revision}", view.digest[:4]]
    log = [f"[log]({view.log_url})"] if view.log_url else []
    return small(
        f"{may if isinstance(view.state, Awaiting) else ''}{text} later edits need a new plan: "
        f"`/baro plan <what to change>`.{edited} {' · '.join([*facts, *log, '`/baro help`'])}"
    )


def _why(plan: Plan) -> Block:
    """The facts, the corrections and the commands, behind one line."""
    rows = [
        *(f"- Decided between stories: {inline(each)}" for each in plan.design.decisions),
        *(f"- Corrected by code: {correction(each)}" for each in plan.enforcements),
        *(f"- Before the stories: {commands(plan.setup)}" for _ in plan.setup[:1]),
        f"- At the end: {commands(plan.gate)}" if plan.gate else f"- {_NO_GATE}",
        *(f"- {inline(each)}" for each in plan.facts),
    ]
    corrected = count(len(plan.enforcements), "correction")
    summary = f"Why this shape: {count(len(plan.facts), 'fact')}, {corrected}"
    return folded(summary, rows, "lines")


_NO_GATE = "No check of this repository was found, so nothing can be proved: it will say *not run*."


def _previous(old: Plan, new: Plan) -> Block:
    """What changed since the revision that this one replaces, by story."""
    before, after = (_by_id(plan) for plan in (old, new))
    rows = [
        *(f"- added: {_titled(after[each])}" for each in after if each not in before),
        *(f"- left out: {_titled(before[each])}" for each in before if each not in after),
        *(
            f"- changed: {_titled(after[each])}"
            for each in after
            if each in before and after[each] != before[each]
        ),
    ]
    if old.mode is not new.mode:
        rows.insert(0, f"- {old.mode} became {new.mode}")
    changes = rows or ["- the same stories, planned again"]
    return folded(f"r{old.revision} was replaced by r{new.revision}", changes, "changes")


def _by_id(plan: Plan) -> dict[StoryId, Story]:
    return {story.id: story for story in plan.stories}


def _titled(story: Story) -> str:
    return f"{inline(story.id, 40)} {inline(story.title, 120)}"
