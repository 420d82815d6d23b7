"""Builders: only what a test is about is said, the rest has a plausible default."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from llm.routing import Tier
from planner.plan import Base, CriterionId, Story, StoryId
from planner.request import Person, Request

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


def a_story(
    id: str,
    needs: str = "",
    writes: Sequence[str] | None = None,
    *,
    acceptance: str = "",
    tier: Tier = Tier.standard,
    title: str = "",
) -> Story:
    return Story(
        id=StoryId(id),
        title=title or f"Build {id}",
        goal=f"Build {id}.",
        writes=(f"src/{id}.py",) if writes is None else tuple(writes),
        needs=tuple(StoryId(need) for need in needs.split()),
        acceptance=tuple(CriterionId(criterion) for criterion in acceptance.split()),
        tier=tier,
    )


def stories(**needs: str) -> tuple[Story, ...]:
    """`stories(api="", ui="api")`: ui needs api."""
    return tuple(a_story(id, wanted) for id, wanted in needs.items())


def a_request(goal: str = "Add CSV export of orders.", **more: object) -> Request:
    fields: dict[str, object] = {
        "title": "Order export",
        "goal": goal,
        "asked_by": Person(id=7, login="maya"),
        "at": NOON,
    }
    return Request.model_validate(fields | more)


@dataclass(frozen=True)
class MemoryRepository:
    """A RepositoryView over a dict."""

    files: Mapping[str, str] = field(default_factory=dict)
    base: Base = field(default_factory=lambda: Base(branch="main", sha="a" * 40))

    def paths(self) -> Sequence[str]:
        return sorted(self.files)

    def read(self, path: str) -> bytes | None:
        return self.files[path].encode() if path in self.files else None
