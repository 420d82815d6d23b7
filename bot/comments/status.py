"""The status comment: where a run stands, what it has cost, and the one thing to do next."""

from datetime import datetime

from bot.comments.durations import between, clock
from bot.comments.evidence import brief
from bot.comments.failures import failure, failure_class
from bot.comments.layout import Block, fit, small, table
from bot.comments.money import cost, cost_and_tokens, tokens, usd
from bot.comments.views import MergedView, StatusView
from bot.comments.words import count, joined, story_name
from bot.markdown import code, inline
from executor.events import Outcome, RunFinished
from executor.scheduler import draft_reasons
from executor.state import Attempt, Stage, StoryState
from planner.plan import Story


def status_comment(view: StatusView) -> str:
    finished = view.run.finished
    return fit(
        [
            f"### {_headline(view)}",
            _finished(view, finished) if finished else _blocked(view),
            _stories(view),
            _footer(view),
        ]
    )


def status_moved_comment(pull: int) -> str:
    """What stays on the issue once the pull request is open."""
    return f"### Finished\nThe work is in #{pull}, and so is its status."


def merged_comment(view: MergedView) -> str:
    """The last edit: what the merged change cost."""
    total = view.runs + view.planning + view.follow_ups
    parts = [f"{cost(view.planning)} for the plan", f"{cost(view.runs)} for the run{_lost(view)}"]
    if view.follow_ups.tokens:
        parts.append(f"{cost(view.follow_ups)} for follow-ups")
    lines = [
        f"Models: {cost_and_tokens(total)}; {joined(parts)}.",
        f"Asked to merged in {between(view.asked_at, view.merged_at)}.",
    ]
    if view.review_rounds is not None:
        lines.append(f"{count(view.review_rounds, 'review round').capitalize()}.")
    merged = f"### Merged as {code(view.merged_sha[:7])} · cost of this change: {cost(total)}"
    return f"{merged}\n{' '.join(lines)}\n\n{small(f'change {view.change}')}"


def _lost(view: MergedView) -> str:
    failed = view.failed_attempts
    return f" ({count(failed, 'failed attempt')} included)" if failed else ""


def _headline(view: StatusView) -> str:
    run, total = view.run, len(view.plan.stories)
    if run.started_at is None:
        return f"Queued · {count(total, 'story')}"
    done = sum(run.story(story.id).integrated is not None for story in view.plan.stories)
    progress = f"{done} of {count(total, 'story')} done"
    took = between(run.started_at, run.finished_at or view.now)
    return f"{_state_word(view)} · {progress} · {took} · {_spent(view)}"


def _state_word(view: StatusView) -> str:
    run = view.run
    if run.finished is None:
        return "Blocked" if _obstacles(view) else _step_word(view)
    match run.finished.outcome:
        case Outcome.delivered:
            return "Finished"
        case Outcome.draft:
            return "Finished as a draft"
        case Outcome.nothing:
            return "Finished, nothing to change"
        case Outcome.cancelled:
            return "Cancelled"
        case Outcome.failed:
            return "Failed"


def _step_word(view: StatusView) -> str:
    run = view.run
    if run.cancelled_by:
        return "Stopping"
    if run.reconciled is None:
        return "Running"
    return "Checking the whole" if run.gate is None else "Opening the pull request"


def _spent(view: StatusView) -> str:
    caps = view.plan.caps
    if view.spent.unpriced_tokens and caps.tokens is not None:
        return f"{cost(view.spent)} (cap {tokens(caps.tokens)})"
    if caps.usd is None:
        return cost(view.spent)
    return f"{cost(view.spent)} of {usd(caps.usd)}"


def _obstacles(view: StatusView) -> list[str]:
    """What holds the run up now, each with what to do about it."""
    found = []
    if view.run.cap:
        found.append(f"{_sentence(view.run.cap)} No further story starts; what is done is kept.")
    for story in view.plan.stories:
        last = view.run.story(story.id).last
        until = last.not_before if last and last.stage is Stage.queued else None
        if until and until > view.now:
            found.append(f"{inline(story.id, 40)} waits{_why(view, story)} {_resumes(until)}")
    return found


def _why(view: StatusView, story: Story) -> str:
    failures = [attempt.failure for attempt in view.run.story(story.id).attempts]
    before = next((each for each in reversed(failures) if each), None)
    return f": {failure_class(before.kind)}." if before else "."


def _resumes(until: datetime) -> str:
    return f"It goes on at {clock(until)}."


def _blocked(view: StatusView) -> str:
    return "\n".join(_obstacles(view))


def _finished(view: StatusView, finished: RunFinished) -> str:
    """What came of it, why, and the next action."""
    pull = view.pull or (view.run.delivered.pull if view.run.delivered else None)
    kept = _kept(view)
    match finished.outcome:
        case Outcome.delivered:
            return f"Every check is green. Review #{pull}." if pull else ""
        case Outcome.draft:
            reasons = [inline(each) for each in draft_reasons(view.plan, view.run)]
            because = "\n".join(f"- {each}" for each in reasons)
            next_step = "`/baro retry` runs what failed once more; `/baro fix …` changes the rest."
            return f"#{pull} is a draft, because:\n{because}\n\n{next_step}"
        case Outcome.nothing:
            return f"{_sentence(finished.reason)} No pull request was opened."
        case Outcome.cancelled:
            by = inline(view.run.cancelled_by or "")
            who = f"Cancelled by {by}." if by else "Cancelled."
            return f"{who} No pull request was opened.{kept} `/baro plan` plans again."
        case Outcome.failed:
            again = "`/baro retry` runs what failed once more, `/baro plan` plans again."
            return f"{_sentence(finished.reason)} No pull request was opened.{kept} {again}"


def _kept(view: StatusView) -> str:
    """Nothing is kept of a run in which no try has passed."""
    tries = (one for story in view.run.stories.values() for one in story.attempts)
    if view.kept_at is None or not any(one.commit for one in tries):
        return ""
    return f" The work is kept at {code(view.kept_at)}."


def _sentence(text: str) -> str:
    """A recorded reason, as a sentence."""
    words = inline(text, 400).rstrip(".")
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _stories(view: StatusView) -> Block:
    """Columns that nothing is known for yet are left out."""
    rows = [_row(view, story) for story in view.plan.stories]
    head = ["", "story", "state", "checks", "tries", "cost"]
    known = [at for at in range(len(head)) if at < 3 or any(row[at] != "–" for row in rows)]
    return table([head[at] for at in known], [[row[at] for at in known] for row in rows], "stories")


def _row(view: StatusView, story: Story) -> list[str]:
    state = view.run.story(story.id)
    spent = view.story_costs.get(story.id)
    return [
        inline(story.id, 40),
        story_name(story),
        _story_state(view, story, state),
        brief(state.last.evidence) if state.last else "–",
        _tries(state),
        cost(spent) if spent and spent.tokens else "–",
    ]


def _story_state(view: StatusView, story: Story, state: StoryState) -> str:
    if state.integrated:
        return f"✓ merged {code(state.integrated.head[:7])}"
    if state.dropped:
        return f"✗ left out: {inline(state.dropped, 200)}"
    if view.run.finished:
        return "not done"
    if state.last is None:
        waiting = [need for need in story.needs if not view.run.story(need).integrated]
        return f"waits for {inline(joined(waiting), 120)}" if waiting else "waits for an agent"
    return _attempt_state(state.last, view.doing.get(story.id, ""), view.now)


def _attempt_state(attempt: Attempt, doing: str, now: datetime) -> str:
    match attempt.stage:
        case Stage.queued:
            later = attempt.not_before and attempt.not_before > now
            return f"tries again at {clock(attempt.not_before or now)}" if later else "starting"
        case Stage.working:
            return f"working: {inline(doing, 160)}" if doing else "working"
        case Stage.passed:
            return "done, to be merged"
        case Stage.failed:
            return f"✗ {failure(attempt.failure)}" if attempt.failure else "✗ failed"
        case Stage.lost:
            return "its worker was lost; starting again"
        case Stage.conflicted:
            return "its lines were changed by another story; starting again"


def _tries(state: StoryState) -> str:
    """A lost worker costs no try."""
    tries = [attempt for attempt in state.attempts if attempt.stage is not Stage.lost]
    failed = [attempt.failure for attempt in tries if attempt.failure]
    if not tries:
        return "–"
    why = list(dict.fromkeys(failure_class(each.kind) for each in failed))
    stronger = " on a stronger model" if tries[-1].rung else ""
    if failed and state.integrated:
        why.append(f"then passed{stronger}")
    elif stronger:
        why.append(f"now{stronger}")
    return f"{len(tries)} ({'; '.join(why)})" if why else str(len(tries))


def _footer(view: StatusView) -> str:
    last = f"Last event {view.run.last_at:%H:%M:%S} UTC" if view.run.last_at else ""
    issue = f"for #{view.issue}" if view.issue else ""
    log = f"[log]({view.log_url})" if view.log_url else ""
    stop = "" if view.run.finished or view.run.cancelled_by else "`/baro cancel`"
    facts = [last, f"change {view.change} · r{view.plan.revision}", issue, log, stop]
    return small(" · ".join(fact for fact in facts if fact))
