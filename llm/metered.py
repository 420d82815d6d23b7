"""One model request under its meter and its watch: reserved before, settled whatever happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from llm import measure
from llm.backend import Job
from llm.conversation import Reply, Speaker, Turn
from llm.errors import LLMError
from llm.meter import Clock, Finish, Intent, Settled
from llm.pricing import price
from llm.usage import Usage
from llm.watchdog import Pulse


async def speak_metered(job: Job, speaker: Speaker, turns: Sequence[Turn], clock: Clock) -> Reply:
    worst, at = measure.worst_case(job, turns), clock()
    intent = Intent(
        label=job.label, route=job.route, worst=worst, priced=price(job.route, worst, at)
    )
    call = await job.meter.reserve(intent)
    pulse, started = Pulse(job.limits.silence_seconds), time.monotonic()
    ending = Finish.cut
    reply: Reply | None = None
    try:
        async with pulse.watched(str(job.route)):
            reply = await speaker.speak(job, turns, pulse)
    except LLMError as error:
        ending = Finish.cut if error.billed else Finish.refused
        raise
    except asyncio.CancelledError:
        ending = Finish.cancelled
        raise
    finally:
        estimate = Usage(
            input=measure.tokens(measure.characters(job, turns)),
            output=measure.tokens(pulse.characters),
        )
        seconds = time.monotonic() - started
        settled = (
            _answered(job, reply, estimate, clock, seconds)
            if reply
            else _broken(job, ending, estimate, clock, seconds)
        )
        await job.meter.settle(call, settled)
    return reply


def _answered(job: Job, reply: Reply, estimate: Usage, clock: Clock, seconds: float) -> Settled:
    return Settled(
        usage=reply.usage,
        estimate=estimate,
        model=reply.model,
        priced=price(job.route, reply.usage or estimate, clock()),
        seconds=seconds,
        finish=reply.finish,
    )


def _broken(job: Job, ending: Finish, estimate: Usage, clock: Clock, seconds: float) -> Settled:
    """A refused request is known to have used nothing; one cut off has used we know not what."""
    refused = ending is Finish.refused
    return Settled(
        usage=Usage() if refused else None,
        estimate=Usage() if refused else estimate,
        model=job.route.model,
        priced=price(job.route, Usage() if refused else estimate, clock()),
        seconds=seconds,
        finish=ending,
    )
