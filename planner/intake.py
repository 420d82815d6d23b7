"""One cheap model call that decides the shape, asks, or sees that there is nothing to do."""

from dataclasses import dataclass

from llm.backend import Backend, Job, Limits, Output
from llm.meter import CallLabel, Meter
from llm.routing import Phase, Route
from planner.choice import Go
from planner.rendering import render
from planner.replies import AskReply, DeclineReply, GoReply
from planner.request import Request

MOST_QUESTIONS = 3


@dataclass(frozen=True)
class Ask:
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Decline:
    reason: str


async def intake(
    request: Request,
    facts: tuple[str, ...],
    repo_map: str,
    route: Route,
    backend: Backend,
    meter: Meter,
) -> Go | Ask | Decline:
    result = await backend.run(
        Job(
            label=CallLabel(phase=Phase.intake),
            route=route,
            system=render("intake"),
            shared=render("map", repo_map=repo_map),
            prompt=render("intake_task", request=request, facts=facts),
            outputs=OUTPUTS,
            meter=meter,
            limits=Limits(steps=4, max_output_tokens=2_000, repairs=1),
        )
    )
    return _answer(result.output)


OUTPUTS = (
    Output("go", "The work can be planned as it stands.", GoReply),
    Output("ask", "One to three questions, before anything is planned.", AskReply),
    Output("decline", "There is nothing to build.", DeclineReply),
)


def _answer(reply: object) -> Go | Ask | Decline:
    match reply:
        case GoReply(mode=mode, confidence=confidence, reason=reason):
            return Go(mode, confidence, reason)
        case AskReply(questions=questions):
            return Ask(questions[:MOST_QUESTIONS])
        case DeclineReply(reason=reason):
            return Decline(reason)
        case _:
            raise AssertionError(f"{type(reply).__name__} is none of the outputs of intake")
