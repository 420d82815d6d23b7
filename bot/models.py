"""The models as this operator wants them: loaded off the event loop, given up when silent."""

import asyncio
from dataclasses import dataclass, replace

from bot.settings import Settings
from llm.backend import Backend, Job, Result
from llm.backends import backend_for
from llm.routing import Route


@dataclass(frozen=True)
class PatientBackend:
    """A backend whose silence is measured by the operator's setting."""

    inner: Backend
    silence_seconds: float

    async def run(self, job: Job) -> Result:
        limits = replace(job.limits, silence_seconds=self.silence_seconds)
        return await self.inner.run(replace(job, limits=limits))


def backend_of(settings: Settings, route: Route) -> Backend:
    return PatientBackend(backend_for(route), settings.model_silence_seconds)


async def loaded(route: Route | None) -> None:
    """A vendor's library takes seconds to import, and webhooks have to be answered meanwhile."""
    if route is not None:
        await asyncio.to_thread(backend_for, route)
