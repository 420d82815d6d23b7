"""What a call needs: a permission of an App's token, a role of a person."""

from dataclasses import dataclass

from infra.hub.rest.actors import Actor, AsApp, AsInstallation, AsPerson, Nobody
from infra.hub.rest.refusal import Refusal, bad_credentials, not_found
from infra.hub.state.apps import LEVELS, Level, Permissions
from infra.hub.state.repositories import Repository, Role
from infra.hub.state.world import World


@dataclass(frozen=True)
class Need:
    permissions: tuple[str, ...]  # any one of them will do
    level: Level
    role: Role
    archived: bool = False  # allowed in an archived repository

    @property
    def accepted(self) -> str:
        """The value of `X-Accepted-GitHub-Permissions`."""
        return "; ".join(f"{name}={self.level}" for name in self.permissions)

    def met_by(self, granted: Permissions) -> bool:
        wanted = LEVELS[self.level]
        return any(LEVELS.get(granted.get(name, ""), 0) >= wanted for name in self.permissions)


def _read(*permissions: str) -> Need:
    return Need(permissions, "read", "read", archived=True)


def _write(*permissions: str, role: Role = "write") -> Need:
    return Need(permissions, "write", role)


METADATA = _read("metadata")
READ_CONTENTS = _read("contents")
WRITE_CONTENTS = _write("contents")
READ_ISSUES = _read("issues", "pull_requests")
DISCUSS = _write("issues", "pull_requests", role="read")
WRITE_ISSUES = _write("issues", "pull_requests")
TRIAGE = _write("issues", "pull_requests", role="triage")
READ_PULLS = _read("pull_requests")
WRITE_PULLS = _write("pull_requests")
REVIEW = _write("pull_requests", role="read")
READ_CHECKS = _read("checks")
WRITE_CHECKS = _write("checks")
READ_STATUSES = _read("statuses")
WRITE_STATUSES = _write("statuses")
ADMINISTER = Need(("administration",), "write", "admin", archived=True)


def check_access(world: World, actor: Actor, repo: Repository, need: Need) -> None:
    """404 hides what may not be seen; 403 names what may not be done."""
    match actor:
        case Nobody():
            _check_nobody(repo, need)
        case AsApp():
            raise Refusal(401, "Requires authentication: use an installation access token")
        case AsInstallation(token):
            _check_installation(actor, repo, need)
            del token
        case AsPerson(account):
            if world.role(account, repo) is None:
                raise not_found()
            if not world.has_role(account, repo, need.role):
                raise Refusal(403, f"Must have {need.role} rights to Repository.")
    if repo.archived and not need.archived:
        raise Refusal(403, "Repository was archived so is read-only.")


def _check_nobody(repo: Repository, need: Need) -> None:
    if repo.private:
        raise not_found()
    if need.level != "read":
        raise Refusal(401, "Requires authentication")


def _check_installation(actor: AsInstallation, repo: Repository, need: Need) -> None:
    token = actor.token
    chosen = token.repository_ids
    covered = token.installation.covers(repo.id, repo.owner)
    if not covered or (chosen is not None and repo.id not in chosen):
        if repo.private:
            raise not_found()
        if need.level == "read":
            return
        raise _inaccessible(need)
    if not need.met_by(token.permissions):
        raise _inaccessible(need)


def _inaccessible(need: Need) -> Refusal:
    headers = {"X-Accepted-GitHub-Permissions": need.accepted}
    return Refusal(403, "Resource not accessible by integration", headers=headers)


def require_app(actor: Actor) -> AsApp:
    if isinstance(actor, AsApp):
        return actor
    raise Refusal(401, "A JSON web token could not be decoded")


def require_installation(actor: Actor) -> AsInstallation:
    if isinstance(actor, AsInstallation):
        return actor
    if isinstance(actor, Nobody):
        raise bad_credentials()
    raise Refusal(403, "You must authenticate with an installation access token")
