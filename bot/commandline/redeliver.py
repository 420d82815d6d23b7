"""`baro redeliver`: one webhook again, by the GUID that GitHub shows for it."""

from datetime import UTC, datetime, timedelta

import typer

from bot.github.deliveries import deliveries_since
from bot.github.deliveries import redeliver as ask_again
from bot.services import identity_of
from bot.settings import Settings

LOOK_BACK = timedelta(days=3)


async def redeliver(settings: Settings, guid: str) -> bool:
    """GitHub keeps what it sent for three days; False where this is not among it."""
    identity, transport = identity_of(settings)
    try:
        found = await deliveries_since(identity, datetime.now(UTC) - LOOK_BACK)
        known = next((one for one in found if one.guid == guid), None)
        if known is None:
            typer.echo(f"GitHub has no delivery {guid} of the last three days.")
            return False
        await ask_again(identity, known.id)
    finally:
        await transport.close_pool()
    typer.echo(f"GitHub sends {guid} ({known.event}) again.")
    return True
