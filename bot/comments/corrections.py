"""What code corrected in a plan, one sentence per rule."""

from collections.abc import Sequence
from typing import assert_never

from bot.comments.words import joined
from bot.markdown import code, inline
from planner.plan import Enforcement, Rule

_SHOWN = 5


def correction(made: Enforcement) -> str:
    stories, paths = _several(made.stories), _codes(made.paths)
    before, after = inline(made.before), inline(made.after)
    match made.rule:
        case Rule.low_confidence:
            return f"Confidence was low, so {before} was narrowed to {after}."
        case Rule.mode_asked:
            return f"A person asked for {after}; baro would have chosen {before}."
        case Rule.collapsed:
            return f"The planner proposed {before} stories; focused runs one, so they were joined."
        case Rule.folded:
            return f"{before} stories are more than the limit; they were folded to {after}."
        case Rule.serialised:
            return f"{_clash(made)}, so {after or stories}."
        case Rule.hub_owned:
            return f"{paths} has one owner, {after}; {_several(made.stories[1:])} may not write it."
        case Rule.verify_story_removed:
            return f"“{before}” was no story of its own: the gate does that."
        case Rule.degraded:
            return f"{before} became {after}: {_degraded(made)}."
        case Rule.criterion_assigned:
            return f"{_criteria(made.after)} had no owner and went to {stories}."
        case Rule.repaired:
            return _repaired(made)
        case Rule.gate_only_base_checks:
            return f"The gate runs only what the base has{f': {after}' if after else ''}."
        case Rule.edge_completed:
            return f"An order that was implied is written down: {after or stories}."
        case _:
            assert_never(made.rule)


def _clash(made: Enforcement) -> str:
    first = _several(made.stories)
    if not made.paths:
        return f"{first} are not proved to write different files"
    return f"{first} may both write {_codes(made.paths)}"


def _degraded(made: Enforcement) -> str:
    if made.after == "focused" and len(made.stories) > 1:
        return f"{_several(made.stories)} wait for each other in a circle"
    if made.after == "focused":
        return "there is only one story"
    return "no two stories can run side by side"


def _criteria(ids: str) -> str:
    return f"{'criteria' if ', ' in ids else 'criterion'} {inline(ids)}".capitalize()


def _repaired(made: Enforcement) -> str:
    stories = _several(made.stories)
    if made.paths:
        return f"{stories} named no files, so it may write anywhere and runs beside nothing."
    if not made.stories:
        return f"The planner was asked once more, because {inline(made.before)}."
    return f"{stories} waited for stories that do not exist: {inline(made.before)}."


def _several(names: Sequence[str]) -> str:
    return joined([inline(name, 40) for name in names])


def _codes(paths: Sequence[str]) -> str:
    more = len(paths) - _SHOWN
    shown = [code(path, 80) for path in paths[:_SHOWN]]
    return joined([*shown, f"{more} more"] if more > 0 else shown)
