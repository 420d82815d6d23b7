"""Ids that do not mix; runs, stories and calls have theirs where they are made."""

from typing import NewType

InstallationId = NewType("InstallationId", int)
RepositoryId = NewType("RepositoryId", int)
ChangeId = NewType("ChangeId", int)
RequestId = NewType("RequestId", int)
PlanId = NewType("PlanId", int)
Guid = NewType("Guid", str)
