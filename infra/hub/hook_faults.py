"""Faults of webhooks: twice, late, not at all, out of order."""

import re
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from infra.hub.state.deliveries import Delivery


class HookFaultForm(BaseModel):
    """`drop`: recorded as failed. `lose`: never recorded. `reorder`: sent after the next one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["duplicate", "delay", "drop", "lose", "reorder"]
    event: str = ".*"
    action: str = ".*"
    sent: str = ""
    times: int | None = 1
    seconds: float = 0


@dataclass(eq=False)
class HookFault:
    id: int
    form: HookFaultForm
    hits: int = 0

    def matches(self, delivery: Delivery) -> bool:
        form = self.form
        return (
            (form.times is None or self.hits < form.times)
            and re.fullmatch(form.event, delivery.event) is not None
            and re.fullmatch(form.action, delivery.action or "") is not None
            and re.search(form.sent.encode(), delivery.body) is not None
        )
