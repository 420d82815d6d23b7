"""A repository as a handler meets it: its row, and a client that speaks there as the App."""

from dataclasses import dataclass

from bot.github.answers import Repository as Answer
from bot.github.client import Client
from bot.github.repositories import repository as read_repository
from bot.services import Services
from bot.store import installations
from bot.store.ids import RepositoryId
from bot.store.installations import Repository
from bot.store.states import RepositoryState


class PlaceClosed(Exception):
    """The App cannot work there any more; the text is a sentence."""


@dataclass(frozen=True)
class Place:
    services: Services
    repository: Repository
    client: Client


async def place_of(services: Services, repository: RepositoryId) -> Place:
    """Raises PlaceClosed for a repository we never saw or that left the installation."""
    row = await installations.repository(services.store, repository)
    if row is None or row.state is RepositoryState.removed:
        raise PlaceClosed("the App is no longer installed on this repository")
    return Place(services, row, services.client(row))


async def refreshed(place: Place) -> Answer:
    """The repository as GitHub describes it now."""
    return await read_repository(place.client)
