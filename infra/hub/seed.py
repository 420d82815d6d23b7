"""Fill an empty hub from a description: people, an App, repositories, issues."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from infra.hub.acts.accounts import add_account, add_organization
from infra.hub.acts.apps import AppForm, install, register_app
from infra.hub.acts.issues import open_issue
from infra.hub.acts.repositories import create_repository
from infra.hub.state.accounts import Account
from infra.hub.state.apps import App, Level
from infra.hub.state.repositories import Repository, Role
from infra.hub.state.world import World


class Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PersonSeed(Form):
    login: str
    name: str | None = None


class AppSeed(Form):
    name: str = "baro"
    permissions: dict[str, Level] = {
        "contents": "write",
        "issues": "write",
        "pull_requests": "write",
        "checks": "write",
        "statuses": "read",
        "metadata": "read",
    }
    events: tuple[str, ...] = (
        "issue_comment",
        "issues",
        "pull_request",
        "pull_request_review",
        "pull_request_review_comment",
        "push",
        "create",
        "delete",
        "check_run",
        "check_suite",
        "repository",
    )
    hook_url: str | None = None
    hook_secret: str = ""
    private_key: str | None = None  # None: a new one


class IssueSeed(Form):
    title: str
    body: str = ""
    author: str


class RepositorySeed(Form):
    name: str
    source: Path | None = None  # a folder, or a git repository
    private: bool = False
    collaborators: dict[str, Role] = {}
    issues: tuple[IssueSeed, ...] = ()


class Seed(Form):
    organization: str = "acme"
    owner: str = "maya"
    people: tuple[PersonSeed, ...] = (
        PersonSeed(login="maya", name="Maya"),
        PersonSeed(login="jon", name="Jon"),
        PersonSeed(login="rita", name="Rita"),
        PersonSeed(login="sam", name="Sam"),
    )
    app: AppSeed = AppSeed()
    repositories: tuple[RepositorySeed, ...] = ()


class Seeded(Form):
    """What a program needs to be that App."""

    app_id: int
    client_id: str
    slug: str
    private_key: str
    hook_secret: str
    installation_id: int


def shop(source: Path, issues: tuple[IssueSeed, ...] = (), app: AppSeed | None = None) -> Seed:
    """acme/shop: maya owns it, jon writes, rita reads, sam is a stranger."""
    repository = RepositorySeed(
        name="shop", source=source, collaborators={"jon": "write", "rita": "read"}, issues=issues
    )
    return Seed(app=app or AppSeed(), repositories=(repository,))


def plant(world: World, seed: Seed) -> Seeded:
    """The App is installed on all of the organisation, without a webhook about it."""
    with world.quietly():
        people = {
            each.login: add_account(world, each.login, "User", each.name) for each in seed.people
        }
        owner = people[seed.owner]
        organization = add_organization(world, seed.organization, (owner,))
        app = register_app(world, organization, _form(seed.app))
        for each in seed.repositories:
            _repository(world, organization, people, each)
        installation = install(world, app, organization)
        return seeded(app, installation.id)


def _form(seed: AppSeed) -> AppForm:
    return AppForm(
        name=seed.name,
        permissions=dict(seed.permissions),
        events=seed.events,
        hook_url=seed.hook_url,
        hook_secret=seed.hook_secret,
        private_key=seed.private_key,
    )


def seeded(app: App, installation_id: int) -> Seeded:
    return Seeded(
        app_id=app.id,
        client_id=app.client_id,
        slug=app.slug,
        private_key=app.private_key,
        hook_secret=app.hook_secret,
        installation_id=installation_id,
    )


def _repository(
    world: World, owner: Account, people: dict[str, Account], seed: RepositorySeed
) -> Repository:
    repo = create_repository(world, owner, seed.name, seed.source, private=seed.private)
    repo.collaborators |= {people[login].id: role for login, role in seed.collaborators.items()}
    for issue in seed.issues:
        open_issue(world, repo, people[issue.author], issue.title, issue.body)
    return repo
