"""What the approval poll remembers between two looks; losing it costs one call per plan."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.github.issues import Seen
from bot.store.ids import PlanId


@dataclass
class Polls:
    looked_at: dict[PlanId, datetime] = field(default_factory=dict)
    seen: dict[PlanId, Seen] = field(default_factory=dict)
