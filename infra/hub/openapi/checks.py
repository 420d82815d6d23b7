"""The two places where what was said is checked, or is not."""

from collections.abc import Iterator
from contextlib import contextmanager

from infra.hub.openapi.violation import Violation
from infra.hub.rest.dispatch import Request, Response
from infra.hub.state.world import Json, Notice


class Checks:
    """The demo's: nothing is checked, and jsonschema is not needed."""

    def call(self, request: Request, response: Response) -> None:
        del request, response

    def webhook(self, notice: Notice, payload: Json) -> None:
        del notice, payload

    @contextmanager
    def crashes(self, where: str) -> Iterator[None]:
        del where
        yield


class StrictChecks(Checks):
    def __init__(self, violations: list[Violation]) -> None:
        # Only the test tools bring jsonschema.
        from infra.hub.openapi.conformance import check_call, check_webhook

        self._check_call, self._check_webhook = check_call, check_webhook
        self._violations = violations

    def call(self, request: Request, response: Response) -> None:
        self._violations += self._check_call(request, response)

    def webhook(self, notice: Notice, payload: Json) -> None:
        self._violations += self._check_webhook(notice, payload)

    @contextmanager
    def crashes(self, where: str) -> Iterator[None]:
        """A handler that fell over is the hub's own violation."""
        try:
            yield
        except Exception as error:
            self._violations.append(Violation(where, f"crashed: {error!r}"))
            raise
