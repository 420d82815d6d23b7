"""Webhook deliveries; they were refused, lost or answered."""

import json

from infra.hub.state.clock import stamp
from infra.hub.state.deliveries import Delivery
from infra.hub.state.world import Json


def delivery_item(found: Delivery) -> Json:
    return {
        "id": found.id,
        "guid": found.guid,
        "delivered_at": stamp(found.delivered_at or found.created_at),
        "redelivery": found.redelivery,
        "duration": round(found.seconds, 2),
        "status": found.status,
        "status_code": found.status_code,
        "event": found.event,
        "action": found.action,
        "installation_id": found.installation_id,
        "repository_id": found.repository_id,
        "throttled_at": None,
    }


def delivery(found: Delivery) -> Json:
    return {
        **delivery_item(found),
        "url": found.app.hook_url or "",
        "request": {"headers": found.request_headers, "payload": json.loads(found.body)},
        "response": {"headers": found.response_headers, "payload": found.response_body},
    }
