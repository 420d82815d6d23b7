"""The App's own delivery log: how missed webhooks are found and asked for again."""

from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from pydantic import TypeAdapter

from bot.github.answers import HookDelivery
from bot.github.identity import Identity

MANY = TypeAdapter(list[HookDelivery])
PAGES = 20


async def deliveries_since(identity: Identity, since: datetime) -> list[HookDelivery]:
    """Newest first, back to `since`; the log is paged by a cursor in `Link`."""
    found: list[HookDelivery] = []
    params: dict[str, str | int] = {"per_page": 100}
    for _ in range(PAGES):
        answer = await identity.as_app("GET", "/app/hook/deliveries", params=params)
        page = MANY.validate_json(answer.content)
        found += [one for one in page if one.delivered_at >= since]
        link = answer.links.get("next")
        if not link or not page or page[-1].delivered_at < since:
            break
        params = {"per_page": 100, "cursor": _cursor(link["url"])}
    return found


async def redeliver(identity: Identity, delivery_id: int) -> None:
    """GitHub sends the same payload with the same GUID again."""
    await identity.as_app("POST", f"/app/hook/deliveries/{delivery_id}/attempts")


def _cursor(url: str) -> str:
    return parse_qs(urlsplit(url).query)["cursor"][0]
