"""What the controls hold on to, and what they are sent."""

from typing import Protocol

from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from infra.hub.faults import Faults
from infra.hub.hooks import Hooks
from infra.hub.openapi.violation import Violation
from infra.hub.state.accounts import Account
from infra.hub.state.issues import Comment
from infra.hub.state.repositories import Repository
from infra.hub.state.world import World
from infra.hub.traffic import Traffic


class Controlled(Protocol):
    @property
    def world(self) -> World: ...
    @property
    def faults(self) -> Faults: ...
    @property
    def traffic(self) -> Traffic: ...
    @property
    def hooks(self) -> Hooks: ...
    @property
    def violations(self) -> list[Violation]: ...
    def unread(self, author: str) -> list[Comment]: ...


class Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def named_repository(world: World, full_name: str) -> Repository:
    found = world.repository(full_name)
    if found is None:
        raise HTTPException(404, full_name)
    return found


def named_account(world: World, login: str) -> Account:
    found = world.account(login)
    if found is None:
        raise HTTPException(404, login)
    return found
