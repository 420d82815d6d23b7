"""How GitHub says no."""

from dataclasses import dataclass, field

from infra.hub.state.world import Json

DOCS = "https://docs.github.com/rest"


@dataclass
class Refusal(Exception):
    status: int
    message: str
    errors: list[Json] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> Json:
        shown: Json = {"message": self.message, "documentation_url": DOCS}
        if self.errors:
            shown["errors"] = self.errors
        shown["status"] = str(self.status)
        return shown


def not_found() -> Refusal:
    return Refusal(404, "Not Found")


def invalid(resource: str, field_name: str, code: str, message: str | None = None) -> Refusal:
    """A 422; `code` is GitHub's word: missing, invalid, already_exists, custom..."""
    error: Json = {"resource": resource, "field": field_name, "code": code}
    if message is not None:
        error["message"] = message
    return Refusal(422, "Validation Failed", [error])


def unprocessable(message: str) -> Refusal:
    return Refusal(422, message)


def bad_credentials() -> Refusal:
    return Refusal(401, "Bad credentials")
