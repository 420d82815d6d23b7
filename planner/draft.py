"""The planner's own call: a draft in structured output, with one chance to repair its contents."""

from collections.abc import Callable
from dataclasses import dataclass

from llm.backend import Backend, Job, Limits, Output
from llm.meter import CallLabel, Meter
from llm.routing import Phase, Route
from planner.bounds import Bounds
from planner.choice import Choice
from planner.contract import cap
from planner.plan import Enforcement, Rule
from planner.problems import problems
from planner.reading import Draft, read
from planner.rendering import render
from planner.replies import PlanReply
from planner.repository import FoundChecks
from planner.request import Request


@dataclass(frozen=True)
class Drafted:
    """A draft, and the note that it had to be asked for twice."""

    draft: Draft
    enforcements: tuple[Enforcement, ...] = ()


@dataclass(frozen=True)
class Task:
    """What a draft is made from."""

    request: Request
    facts: tuple[str, ...]
    repo_map: str
    choice: Choice
    found: FoundChecks
    bounds: Bounds


async def draft(task: Task, route: Route, backend: Backend, meter: Meter) -> Drafted:
    asked_again = list[tuple[str, ...]]()

    def wrong(reply: PlanReply) -> str | None:
        """Told once; what is still wrong in the second reply is the contract's to put right."""
        found = _problems(reply, task)
        if not found or asked_again:
            return None
        asked_again.append(found)
        return "\n".join(
            ["This plan cannot run yet. Send all of it again, with these put right:"]
            + [f"- {problem}" for problem in found]
        )

    result = await backend.run(_job(task, route, meter, wrong))
    assert isinstance(result.output, PlanReply)
    notes = (Enforcement(rule=Rule.repaired, before="; ".join(p)) for p in asked_again)
    return Drafted(read(result.output, task.found.gate), tuple(notes))


def _problems(reply: PlanReply, task: Task) -> tuple[str, ...]:
    return problems(read(reply, task.found.gate), task.choice.mode, task.bounds)


def _job(task: Task, route: Route, meter: Meter, wrong: Callable[[PlanReply], str | None]) -> Job:
    mode = task.choice.mode
    return Job(
        label=CallLabel(phase=Phase.draft),
        route=route,
        system=render("draft"),
        shared=render("map", repo_map=task.repo_map),
        prompt=render(
            "draft_task",
            request=task.request,
            facts=task.facts,
            mode=mode,
            at_most=cap(mode, task.bounds),
            reason=task.choice.reason,
            checks=task.found.gate,
        ),
        outputs=(Output("plan", "The whole plan.", PlanReply),),
        meter=meter,
        validate=wrong,
        limits=Limits(steps=6, max_output_tokens=16_000, repairs=1),
    )
