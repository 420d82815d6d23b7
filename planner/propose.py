"""The door: from a request and a read-only repository to a plan, a question or a refusal.

Model errors (llm.errors) reach the caller unchanged.
"""

from collections.abc import Callable
from dataclasses import dataclass

from llm.backend import Backend
from llm.meter import Meter
from llm.routing import Route, Routes
from planner.bounds import Bounds as Bounds
from planner.facts import DeclineReason, Situation
from planner.plan import Plan
from planner.repository import FoundChecks as FoundChecks
from planner.repository import RepositoryView
from planner.request import Request


@dataclass(frozen=True)
class Crew:
    """Who answers: the routes that the repository allows, their backends, and the meter."""

    routes: Routes
    backend_for: Callable[[Route], Backend]
    meter: Meter


@dataclass(frozen=True)
class Proposed:
    plan: Plan


@dataclass(frozen=True)
class Asked:
    """One to three questions; the answers come back in the next request."""

    questions: tuple[str, ...]


@dataclass(frozen=True)
class Declined:
    reason: DeclineReason


@dataclass(frozen=True)
class Continued:
    """The request is a focused follow-up on this open pull request; nothing was planned."""

    pull: int


@dataclass(frozen=True)
class Refused:
    """The draft stayed wrong after its repair turn; the problems, in plan words."""

    problems: tuple[str, ...]


Outcome = Proposed | Asked | Declined | Continued | Refused


async def propose(
    request: Request,
    situation: Situation,
    repository: RepositoryView,
    found: FoundChecks,
    bounds: Bounds,
    crew: Crew,
) -> Outcome:
    raise NotImplementedError
