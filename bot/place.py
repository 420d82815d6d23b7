"""A repository as a handler meets it: its row, and a client that speaks there as the App."""

from dataclasses import dataclass

from bot.github.answers import Repository as Answer
from bot.github.client import Client
from bot.github.repositories import repository as read_repository
from bot.services import Services
from bot.store import installations
from bot.store.ids import RepositoryId
from bot.store.installations import Repository
from bot.store.states import InstallationState, RepositoryState


class PlaceClosed(Exception):
    """The App cannot work there any more; the text is a sentence."""


@dataclass(frozen=True)
class Place:
    services: Services
    repository: Repository
    client: Client


async def place_of(services: Services, repository: RepositoryId) -> Place:
    """Where there is work, and the App may do it.

    Raises:
        PlaceClosed: a repository we never saw, that left, or whose installation is suspended.
    """
    row = await installations.repository(services.store, repository)
    if row is None or row.state is RepositoryState.removed:
        raise PlaceClosed("the App is no longer installed on this repository")
    installation = await installations.get(services.store, row.installation_id)
    if installation is None or installation.state is not InstallationState.active:
        state = installation.state if installation else InstallationState.deleted
        raise PlaceClosed(f"the App's installation for {row.owner} is {state}")
    return Place(services, row, services.client(row))


async def is_open(services: Services, repository: RepositoryId) -> bool:
    try:
        await place_of(services, repository)
    except PlaceClosed:
        return False
    return True


async def refreshed(place: Place) -> Answer:
    """The repository as GitHub describes it now."""
    return await read_repository(place.client)
