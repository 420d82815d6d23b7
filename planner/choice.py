"""Which mode is drafted: intake's, unless a person asked for another or confidence narrows it."""

from dataclasses import dataclass

from planner.plan import Enforcement, Mode, Rule

NO_PARALLEL_BELOW = 0.6
FOCUSED_BELOW = 0.4


@dataclass(frozen=True)
class Go:
    """Intake's answer when the work can be planned as it stands."""

    mode: Mode
    confidence: float
    reason: str


@dataclass(frozen=True)
class Choice:
    mode: Mode
    confidence: float
    reason: str
    enforcements: tuple[Enforcement, ...] = ()


def chosen(go: Go, asked: Mode | None) -> Choice:
    """Low confidence narrows and never widens; a person's word wins over both."""
    mode, rule = (asked, Rule.mode_asked) if asked else (_narrowed(go), Rule.low_confidence)
    if mode is go.mode:
        return Choice(mode, go.confidence, go.reason)
    change = Enforcement(rule=rule, before=go.mode, after=mode)
    return Choice(mode, go.confidence, go.reason, (change,))


def _narrowed(go: Go) -> Mode:
    if go.confidence < FOCUSED_BELOW:
        return Mode.focused
    if go.confidence < NO_PARALLEL_BELOW and go.mode is Mode.parallel:
        return Mode.sequential
    return go.mode
