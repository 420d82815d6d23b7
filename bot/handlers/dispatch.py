"""One delivery from the inbox to the handler of its event, under a claim."""

from datetime import timedelta
from typing import assert_never

from pydantic import ValidationError

from bot.github.errors import Refused, TryLater
from bot.handlers import comments, edits, endings, installations
from bot.hooks import (
    CommentDeleted,
    CommentEdited,
    CommentMade,
    Hook,
    InstallationChanged,
    IssueClosed,
    IssueOpened,
    PullClosed,
    PullReopened,
    RepositoryMoved,
    Unheard,
    read_hook,
)
from bot.place import PlaceClosed, place_of
from bot.services import Services
from bot.store import deliveries
from bot.store.ids import Guid, RepositoryId
from bot.store.states import DeliveryState

# What failed this often for a reason of its own is kept as failed, for `baro redeliver`.
DELIVERY_TRIES = 5
# A rate limit lasts an hour at most; what GitHub cannot answer for a day is given up.
LONGEST_WAIT = timedelta(days=1)


async def handle_delivery(services: Services, guid: Guid) -> None:
    """Handle it once. What may pass later stays in the inbox, and the sweep brings it back."""
    delivery = await deliveries.claim(services.store, guid, services.owner, services.lease_seconds)
    if delivery is None:
        return
    if delivery.tries > DELIVERY_TRIES:
        note = f"failed {DELIVERY_TRIES} times"
        await deliveries.mark(services.store, guid, DeliveryState.failed, note=note)
        return
    try:
        await _handle(services, read_hook(delivery.event, delivery.payload))
    except TryLater:
        if services.clock() - delivery.received_at < LONGEST_WAIT:
            await deliveries.put_back(services.store, guid)
            return
        await deliveries.mark(services.store, guid, DeliveryState.failed, note="waited too long")
        return
    except (Refused, PlaceClosed, ValidationError) as error:
        await deliveries.mark(services.store, guid, DeliveryState.failed, note=str(error)[:500])
        return
    await deliveries.mark(services.store, guid, DeliveryState.done)


async def _handle(services: Services, hook: Hook) -> None:
    match hook:
        case Unheard():
            return
        case InstallationChanged():
            await installations.on_installation(services, hook)
            return
        case RepositoryMoved():
            await installations.on_repository(services, hook)
            return
        case _:
            await installations.seen(services, hook.where)
    place = await place_of(services, RepositoryId(hook.where.repository))
    match hook:
        case CommentMade():
            await comments.on_comment(place, hook)
        case CommentEdited():
            await edits.on_edit(place, hook)
        case CommentDeleted():
            await endings.on_comment_deleted(place, hook)
        case IssueOpened():
            await comments.on_issue_opened(place, hook)
        case IssueClosed():
            await endings.on_issue_closed(place, hook)
        case PullClosed():
            await endings.on_pull_closed(place, hook)
        case PullReopened():
            await endings.on_pull_reopened(place, hook)
        case _:
            assert_never(hook)
