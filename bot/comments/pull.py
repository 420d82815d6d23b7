"""The pull request's title and body: what was asked, what proves it, and what to look at first."""

from datetime import timedelta

from bot.comments.durations import duration
from bot.comments.evidence import evidence
from bot.comments.layout import Block, Rows, fit, listed, small, table
from bot.comments.money import cost_and_tokens
from bot.comments.views import PullView
from bot.comments.words import count
from bot.markdown import code, inline, plain
from bot.proofs import Proof, closes, proofs
from executor.events import FinalCommit
from executor.evidence import EvidenceState
from executor.scheduler import draft_reasons
from executor.state import RunState
from planner.plan import Mode, Origin, Story

_LEFT_OUT_SHOWN = 30


def pull_title(view: PullView) -> str:
    return plain(" ".join(view.plan.title.split()), 200)


def pull_body(view: PullView) -> str:
    proved = proofs(view.plan, view.run, view.tests)
    reasons = pull_reasons(view)
    weakened = view.run.reconciled.weakened_tests if view.run.reconciled else ()
    return fit(
        [
            listed("**A draft, because:**", reasons, "reasons"),
            listed("**⚠ Tests were weakened:**", [inline(each) for each in weakened], "tests"),
            f"{inline(view.plan.summary, 1500)}{_issue(view, proved, reasons)}",
            _asked(view, proved),
            _order(view),
            _follow_ups(view),
            _left_out(view.run),
            _assumed(view),
            _cost(view),
            "To change something, comment `/baro fix <what to change>`.",
            _footer(view),
        ]
    )


def pull_reasons(view: PullView) -> list[str]:
    """Why it is a draft; none: it is ready."""
    return [inline(each) for each in draft_reasons(view.plan, view.run)]


def _issue(view: PullView, proved: tuple[Proof, ...], reasons: list[str]) -> str:
    """GitHub closes the issue on this word, so it is earned: all that was asked is proved."""
    if view.issue is None:
        return ""
    word = "Closes" if closes(proved) and not reasons else "Part of"
    return f"\n{word} #{view.issue}"


def _asked(view: PullView, proved: tuple[Proof, ...]) -> Block:
    tree = view.run.reconciled.tree if view.run.reconciled else ""
    rows = [(_criterion(proof), _proof(proof, tree)) for proof in proved]
    return table(["asked", "evidence"], rows, "criteria")


def _criterion(proof: Proof) -> str:
    text = inline(proof.criterion.text)
    if proof.criterion.origin is Origin.assumed:
        return f"{text} *(assumed, so it does not hold back Closes)*"
    return text


def _proof(proof: Proof, tree: str) -> str:
    if not proof.evidence:
        return f"**not run**: {proof.reason}"
    said = "; ".join(evidence(one) for one in proof.evidence)
    if proof.state is EvidenceState.passed:
        said = f"{said}, on {code(tree[:7])}"
    name = proof.criterion.proof or ""
    is_check = all(name in (one.check, one.argv[-1:]) for one in proof.evidence)
    is_several = name == ", ".join(one.check for one in proof.evidence)
    return said if is_check or is_several else f"{code(name, 160)} in {said}"


def _order(view: PullView) -> Block:
    """Stories are commits: what is risky first, then as planned."""
    commits = {each.story: each.sha for each in _commits(view.run)}
    stories = [story for story in view.plan.stories if story.id in commits]
    if len(stories) < 2:
        return ""
    rows = tuple(
        f"{at}. {code(commits[story.id][:7])} {inline(story.title, 120)}{_risk(story)}"
        for at, story in enumerate(sorted(stories, key=lambda story: not story.flags), start=1)
    )
    return Rows("**Read in this order**, one commit per story:\n", rows, "stories")


def _follow_ups(view: PullView) -> Block:
    """What was asked for after the first delivery, each a commit of its own."""
    rows = [f"{code(one.commit[:7])} {inline(one.title, 120)}" for one in view.follow_ups]
    return listed("**Follow-ups:**", rows, "follow-ups")


def _risk(story: Story) -> str:
    return f" ⚠ {inline(', '.join(story.flags), 80)}" if story.flags else ""


def _commits(run: RunState) -> tuple[FinalCommit, ...]:
    return run.reconciled.commits if run.reconciled else ()


def _left_out(run: RunState) -> Block:
    left = run.reconciled.left_out if run.reconciled else ()
    rows = [
        *(f"{code(each.path, 120)} ({inline(each.rule, 80)})" for each in left),
        *(f"{code(path, 120)} (no story may write there)" for path in _outside(run)),
    ]
    if not rows:
        return ""
    title = "**Left out of the diff** (`artifacts.keep` in `.github/baro.yml` keeps a path):"
    more = len(rows) - _LEFT_OUT_SHOWN
    shown = [*rows[:_LEFT_OUT_SHOWN], *([f"{more} more"] if more > 0 else [])]
    return listed(title, shown, "paths")


def _outside(run: RunState) -> list[str]:
    """What commands changed outside the surface of a story, in the attempts that were taken."""
    taken = (state.last for state in run.stories.values() if state.integrated)
    return sorted({path for attempt in taken if attempt for path in attempt.outside})


def _assumed(view: PullView) -> str:
    assumed = "; ".join(inline(each, 200).rstrip(".") for each in view.plan.assumptions[:12])
    return f"**Assumed:** {assumed}." if assumed else ""


def _cost(view: PullView) -> str:
    """Only what was measured: no tokens, no share of the cache."""
    run = view.run
    tries = sum(len(state.attempts) for state in run.stories.values())
    cached = f", {view.cached_share:.0%} from cache" if view.cached_share is not None else ""
    parts = [
        *([f"{cost_and_tokens(view.spent)}{cached}"] if view.spent.tokens else []),
        *_took(view),
        f"{count(len(view.plan.stories), 'story')}, {count(tries, 'attempt')}",
    ]
    return f"**Cost:** {' · '.join(parts)}."


def _took(view: PullView) -> list[str]:
    run = view.run
    if run.started_at is None or run.last_at is None:
        return []
    took = ((run.finished_at or run.last_at) - run.started_at).total_seconds()
    in_order = _working_time(run).total_seconds()
    if view.plan.mode is not Mode.parallel or took <= 0 or in_order < 1.1 * took:
        return [duration(took)]
    return [f"{duration(took)}, {in_order / took:.1f}× faster than in order"]


def _working_time(run: RunState) -> timedelta:
    times = (
        attempt.ended_at - attempt.started_at
        for state in run.stories.values()
        for attempt in state.attempts
        if attempt.started_at and attempt.ended_at
    )
    return sum(times, timedelta())


def _footer(view: PullView) -> str:
    log = f" · [log]({view.log_url})" if view.log_url else ""
    return small(f"change {view.change} · r{view.plan.revision}{log} · `/baro help`")
