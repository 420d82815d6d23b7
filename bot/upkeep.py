"""Keeps this machine's disk in order: workspaces of the dead, mirrors grown loose."""

import asyncio
from pathlib import Path

import structlog

from bot.services import Services
from executor.git.errors import GitError
from executor.git.maintain import maintain
from executor.git.mirror import Mirror

EVERY_SECONDS = 3600.0

log = structlog.get_logger()


async def keep_tidy(services: Services) -> None:
    """At start and every hour. Each process tends its own disk: no job for the queue."""
    while True:
        for path in sorted((services.settings.data_dir / "mirrors").glob("*.git")):
            await asyncio.to_thread(_tidy, services, path)
        await asyncio.sleep(EVERY_SECONDS)


def _tidy(services: Services, path: Path) -> None:
    """A mirror that cannot be repacked now is repacked later; nothing depends on it."""
    mirror = Mirror(path)
    try:
        swept = services.workspaces(mirror).sweep()
        repacked = maintain(mirror)
    except (GitError, OSError) as error:
        log.warning("upkeep put off", mirror=path.name, reason=str(error))
        return
    if swept or repacked:
        log.info("upkeep", mirror=path.name, workspaces=swept, repacked=repacked)
