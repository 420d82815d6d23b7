"""The door: from a request and a read-only repository to a plan, a question or a refusal.

Model errors (llm.errors) reach the caller unchanged. Nothing is run and nothing is written.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from llm.backend import Backend
from llm.errors import NoRoute
from llm.meter import Meter
from llm.routing import Phase, Route, Routes
from planner.bounds import Bounds as Bounds
from planner.choice import Go, chosen
from planner.context import repository_map
from planner.contract import Broken, Enforced, enforce
from planner.draft import Drafted, Task, draft
from planner.estimate import estimate
from planner.facts import DeclinedByIntake, DeclineReason, FollowUp, Situation, decided
from planner.intake import Ask, Decline, intake
from planner.plan import Base, Criterion, CriterionId, Origin, Plan
from planner.reading import Draft
from planner.repository import FoundChecks, RepositoryView
from planner.request import Request
from planner.survey import facts


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
    match decided(request, situation):
        case None:
            return await _planned(request, situation, repository, found, bounds, crew)
        case FollowUp(pull=pull):
            return Continued(pull)
        case reason:
            return Declined(reason)


async def _planned(
    request: Request,
    situation: Situation,
    repository: RepositoryView,
    found: FoundChecks,
    bounds: Bounds,
    crew: Crew,
) -> Outcome:
    routes = _Routes.of(crew.routes)
    # Both read the repository, which may be large.
    known = await asyncio.to_thread(facts, request, situation, repository, found)
    repo_map = await asyncio.to_thread(repository_map, repository, _goal(request))
    go = await intake(
        request, known, repo_map, routes.intake, crew.backend_for(routes.intake), crew.meter
    )
    match go:
        case Ask(questions=questions):
            return Asked(questions)
        case Decline(reason=text):
            return Declined(DeclinedByIntake(text))
        case Go():
            choice = chosen(go, request.mode)
            task = Task(request, known, repo_map, choice, found, bounds)
            return await _drafted(task, routes.draft, repository.base, crew)
        case _:
            assert_never(go)


async def _drafted(task: Task, route: Route, base: Base, crew: Crew) -> Proposed | Refused:
    drafted = await draft(task, route, crew.backend_for(route), crew.meter)
    match enforce(drafted.draft, task.choice, task.bounds):
        case Broken(problems=problems):
            return Refused(problems)
        case Enforced() as enforced:
            # The price list is a second's import, at the first plan of a process.
            plan = await asyncio.to_thread(_plan, task, drafted, enforced, base, crew.routes)
            return Proposed(plan)


@dataclass(frozen=True)
class _Routes:
    """The routes without which a plan could not be made, or not be run."""

    intake: Route
    draft: Route

    @classmethod
    def of(cls, routes: Routes) -> "_Routes":
        _needed(routes, Phase.story)
        return cls(_needed(routes, Phase.intake), _needed(routes, Phase.draft))


def _needed(routes: Routes, phase: Phase) -> Route:
    if route := routes.route(phase):
        return route
    raise NoRoute(f"no model is configured for {phase}")


def _goal(request: Request) -> str:
    return "\n".join((request.title, request.goal, request.words, *request.answers))


def _plan(task: Task, drafted: Drafted, enforced: Enforced, base: Base, routes: Routes) -> Plan:
    made, bounds = drafted.draft, task.bounds
    return Plan(
        revision=bounds.revision,
        title=made.title,
        summary=made.summary,
        mode=enforced.mode,
        confidence=task.choice.confidence,
        reason=made.reason or task.choice.reason,
        would_change=made.would_change,
        design=made.design,
        stories=enforced.stories,
        criteria=(*made.criteria, _always(made, task.found)),
        assumptions=made.assumptions,
        out_of_scope=made.out_of_scope,
        setup=task.found.setup,
        gate=task.found.gate,
        base=base,
        caps=bounds.caps,
        agents=enforced.agents,
        attempts=bounds.attempts,
        enforcements=(*drafted.enforcements, *enforced.enforcements),
        facts=task.facts,
        estimate=estimate(
            enforced.stories,
            enforced.mode,
            enforced.agents,
            lambda tier: routes.route(Phase.story, tier),
            task.request.at,
        ),
    )


def _always(made: Draft, found: FoundChecks) -> Criterion:
    """Owned by the gate and by no story; without a gate it is *not run*, and says so."""
    taken = {criterion.id for criterion in made.criteria}
    return Criterion(
        id=CriterionId("always" if "always" not in taken else "always-green"),
        text="the existing suite stays green",
        origin=Origin.always,
        proof=", ".join(check.name for check in found.gate) or None,
    )
