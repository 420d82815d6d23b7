"""The App was installed, removed, suspended, or a repository came, went or moved."""

from bot.hooks import InstallationChanged, RepositoryMoved, Where
from bot.services import Services
from bot.store import installations
from bot.store.ids import InstallationId, RepositoryId
from bot.store.states import InstallationState, RepositoryState

STATES = {
    "created": InstallationState.active,
    "unsuspend": InstallationState.active,
    "new_permissions_accepted": InstallationState.active,
    "suspend": InstallationState.suspended,
    "deleted": InstallationState.deleted,
}


async def on_installation(services: Services, event: InstallationChanged) -> None:
    """Runs keep their state; work resumes by itself when the installation is back."""
    store, installation = services.store, InstallationId(event.installation)
    services.identity.forget(event.installation)
    state = STATES.get(event.action)
    if state is not None or await installations.get(store, installation) is None:
        await installations.seen(
            store, installation, event.account, state or InstallationState.active
        )
    for where in event.added:
        await seen(services, where)
    for repository in event.removed:
        await installations.set_repository_state(
            store, RepositoryId(repository), RepositoryState.removed
        )


async def on_repository(services: Services, event: RepositoryMoved) -> None:
    """A rename or a transfer: the ids stay, owner and name follow."""
    await seen(services, event.where, is_archived=event.is_archived)


async def seen(services: Services, where: Where, *, is_archived: bool = False) -> None:
    """Write down what this event calls the repository; its installation first."""
    store, installation = services.store, InstallationId(where.installation)
    known = await installations.get(store, installation)
    # GitHub sends nothing for an installation that is suspended or gone.
    if known is None or known.state is not InstallationState.active:
        await installations.seen(store, installation, where.owner)
    await installations.repository_seen(
        store,
        RepositoryId(where.repository),
        installation,
        where.owner,
        where.name,
        RepositoryState.archived if is_archived else RepositoryState.active,
    )
