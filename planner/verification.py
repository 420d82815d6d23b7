"""Stories that only run the tests: the gate does that, so an agent is not paid for it."""

import re
from collections.abc import Sequence

from planner.plan import Enforcement, Rule, Story
from planner.shape import Shape, replaced


def without_verification(shape: Shape) -> Shape:
    """What they verified inherits their criteria; who waited for them waits for that instead."""
    while gone := next((story for story in shape.stories if only_verifies(story)), None):
        if len(shape.stories) == 1:
            break
        shape = _without(shape, gone)
    return shape


def only_verifies(story: Story) -> bool:
    """It writes nothing, and says that it runs checks."""
    return not story.writes and bool(_RUNS_CHECKS.search(f"{story.title}\n{story.goal}"))


_RUNS_CHECKS = re.compile(
    r"\b(run|verify|validate|execute|check|confirm|ensure)\w*\b.*"
    r"\b(tests?|suite|checks?|lint\w*|build|ci|gate|everything|works?|passe?s?|green)\b",
    re.IGNORECASE,
)


def _without(shape: Shape, gone: Story) -> Shape:
    left = tuple(_past(story, gone) for story in shape.stories if story.id != gone.id)
    heir = _heir(left, gone)
    acceptance = tuple(dict.fromkeys((*heir.acceptance, *gone.acceptance)))
    removed = Enforcement(
        rule=Rule.verify_story_removed,
        stories=(gone.id,),
        before=gone.title,
        after=heir.id if gone.acceptance else "",
    )
    return shape.corrected(
        replaced(left, heir.model_copy(update={"acceptance": acceptance})), removed
    )


def _past(story: Story, gone: Story) -> Story:
    if gone.id not in story.needs:
        return story
    needs = (n for need in story.needs for n in (gone.needs if need == gone.id else (need,)))
    return story.model_copy(
        update={"needs": tuple(dict.fromkeys(need for need in needs if need != story.id))}
    )


def _heir(left: Sequence[Story], gone: Story) -> Story:
    return next((story for story in reversed(left) if story.id in gone.needs), left[-1])
