"""The repository's address for git, with a token minted for one purpose."""

from typing import Literal

from bot.place import Place
from executor.git.mirror import Remote


async def remote_of(place: Place, purpose: Literal["read", "push"]) -> Remote:
    """A push gets a token with most of its hour left; it is in nobody's URL, argv or config."""
    identity = place.services.identity
    repository = place.repository
    token = await identity.token(repository.installation_id, repository.id, purpose)
    return Remote(place.services.clone_url(repository), token.token)
