"""Webhook deliveries, as GitHub lists them to the App."""

from dataclasses import dataclass, field
from datetime import datetime

from infra.hub.state.apps import App


@dataclass(eq=False)
class Delivery:
    id: int
    guid: str  # stays the same when the delivery is repeated
    app: App
    event: str
    action: str | None
    installation_id: int | None
    repository_id: int | None
    body: bytes  # JSON, signed as sent
    created_at: datetime
    delivered_at: datetime | None = None
    redelivery: bool = False
    status: str = "pending"
    status_code: int = 0
    seconds: float = 0
    request_headers: dict[str, str] = field(default_factory=dict)
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: str = ""

    @property
    def is_done(self) -> bool:
        return self.delivered_at is not None

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status_code < 300
