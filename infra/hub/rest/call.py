"""One REST call on its way to a handler, and the answer on its way back."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, ValidationError

from infra.hub.rest.actors import Actor, AsInstallation, AsPerson, writer
from infra.hub.rest.refusal import Refusal, invalid, not_found
from infra.hub.state.accounts import Account
from infra.hub.state.apps import App
from infra.hub.state.issues import Comment, Issue
from infra.hub.state.pulls import Pull
from infra.hub.state.repositories import Repository, Role
from infra.hub.state.world import World

T = TypeVar("T")
Sent = TypeVar("Sent", bound="Body")


class Body(BaseModel):
    """What a caller sent; fields the hub has no use for are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


@dataclass(frozen=True)
class Answer:
    status: int
    value: object = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None  # instead of `value`


@dataclass
class Call:
    world: World
    actor: Actor
    method: str
    path: str
    params: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes
    found: Repository | None = None

    @property
    def repo(self) -> Repository:
        if self.found is None:
            raise not_found()
        return self.found

    @property
    def account(self) -> Account:
        """Whoever the author of what this call writes will be."""
        return writer(self.actor)

    @property
    def viewer(self) -> Account | None:
        return self.account if isinstance(self.actor, AsPerson | AsInstallation) else None

    @property
    def via(self) -> App | None:
        if isinstance(self.actor, AsInstallation):
            return self.actor.token.installation.app
        return None

    def may(self, role: Role) -> bool:
        """An App's token was judged by its permissions already."""
        if isinstance(self.actor, AsPerson):
            return self.world.has_role(self.actor.account, self.repo, role)
        return isinstance(self.actor, AsInstallation)

    def number(self, name: str) -> int:
        return int(self.params[name])

    def body(self, model: type[Sent], resource: str) -> Sent:
        try:
            sent = json.loads(self.raw or b"{}")
        except ValueError as error:
            raise Refusal(400, "Problems parsing JSON") from error
        if not isinstance(sent, dict):
            raise Refusal(400, "Body should be a JSON object")
        try:
            return model.model_validate(sent)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            code = "missing_field" if first["type"] == "missing" else "invalid"
            raise invalid(resource, where, code) from error

    def issue(self, name: str = "issue_number") -> Issue:
        repo, number = self.repo, self.number(name)
        moved = repo.transferred_issues.get(number)
        if moved is not None:
            target = f"{self.world.urls.repository(moved.repository)}/issues/{moved.number}"
            raise moved_to(self.method, target)
        if number in repo.deleted_issues:
            raise Refusal(410, "This issue was deleted")
        issue = repo.issues.get(number)
        if issue is None:
            raise not_found()
        if issue.pull is None and not repo.has_issues:
            raise Refusal(410, "Issues are disabled for this repo")
        return issue

    def pull(self) -> Pull:
        issue = self.repo.issues.get(self.number("pull_number"))
        if issue is None or issue.pull is None:
            raise not_found()
        return issue.pull

    def comment(self) -> Comment:
        comment = self.repo.comment(self.number("comment_id"))
        if comment is None:
            raise not_found()
        return comment

    def page(self, items: Sequence[T], show: Callable[[T], object], under: str = "") -> Answer:
        """A page of 30 unless asked; more than 100 is quietly 100."""
        size, page = self._size(), max(1, self._integer("page", 1))
        rows: object = [show(item) for item in items[(page - 1) * size : page * size]]
        if under:
            rows = {"total_count": len(items), under: rows}
        return Answer(200, rows, self._links(page, -(-len(items) // size)))

    def _size(self) -> int:
        return min(100, max(1, self._integer("per_page", 30)))

    def _integer(self, name: str, default: int) -> int:
        given = self.query.get(name, "")
        return int(given) if given.isdigit() else default

    def _links(self, page: int, last: int) -> dict[str, str]:
        wanted: list[tuple[str, int]] = []
        if page > 1:
            wanted.append(("prev", page - 1))
        if page < last:
            wanted.append(("next", page + 1))
            if not self.world.switches.link_without_last:
                wanted.append(("last", last))
        if page > 1:
            wanted.append(("first", 1))
        links = [f'<{self._page_url(number)}>; rel="{relation}"' for relation, number in wanted]
        return {"Link": ", ".join(links)} if links else {}

    def _page_url(self, number: int) -> str:
        query = urlencode({**self.query, "page": str(number)})
        return f"{self.world.urls.api}{self.path}?{query}"


def moved_to(method: str, url: str) -> Refusal:
    status = 301 if method in {"GET", "HEAD"} else 307
    headers = {"Location": url}
    return Refusal(
        status, "Moved Permanently" if status == 301 else "Temporary Redirect", [], headers
    )
