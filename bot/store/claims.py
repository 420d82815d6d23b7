"""Taking a row for a while: one conditional UPDATE, the same on both engines."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, or_


def fresh_owner(owner: str) -> str:
    return f"{owner}#{secrets.token_hex(3)}"


def until(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)


def free(table: Table, now: datetime) -> ColumnElement[bool]:
    """Under no live lease."""
    return or_(table.c.lease_until.is_(None), table.c.lease_until < now)


def held(table: Table, owner: str) -> ColumnElement[bool]:
    """Still ours: past its time but taken by nobody is ours too."""
    return table.c.lease_owner == owner


NO_LEASE = {"lease_owner": None, "lease_until": None}
