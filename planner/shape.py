"""A plan in the making: what it is by now, and every correction that was made to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from planner.plan import Enforcement, Mode, Story


@dataclass(frozen=True)
class Shape:
    mode: Mode
    stories: tuple[Story, ...]
    enforcements: tuple[Enforcement, ...] = ()

    def corrected(
        self, stories: Iterable[Story], *corrections: Enforcement, mode: Mode | None = None
    ) -> Shape:
        """The next shape, which remembers how it came about."""
        return Shape(mode or self.mode, tuple(stories), (*self.enforcements, *corrections))


def replaced(stories: Iterable[Story], story: Story) -> tuple[Story, ...]:
    """The same stories, with this one in the place of its namesake."""
    return tuple(story if one.id == story.id else one for one in stories)
