"""Create repositories and change what GitHub says about them."""

from pathlib import Path

from infra.hub.acts.announce import announce
from infra.hub.git import store
from infra.hub.render.accounts import organization, simple_user
from infra.hub.state.accounts import Account
from infra.hub.state.issues import Label
from infra.hub.state.repositories import Repository, RuleKind, Ruleset
from infra.hub.state.world import World

_LABELS = (
    ("bug", "d73a4a", "Something isn't working"),
    ("documentation", "0075ca", "Improvements or additions to documentation"),
    ("enhancement", "a2eeef", "New feature or request"),
    ("question", "d876e3", "Further information is requested"),
)


def create_repository(
    world: World,
    owner: Account,
    name: str,
    source: Path | None = None,
    *,
    private: bool = False,
    default_branch: str = "main",
    fork_of: Repository | None = None,
) -> Repository:
    """From a folder, from a git repository, from the repository it forks, or empty."""
    now, number = world.clock.now(), world.next_id()
    path = world.data / "repositories" / f"{number}.git"
    store.create(path, default_branch)
    source = fork_of.path if fork_of else source
    if source is not None:
        store.seed(path, source, default_branch, owner.login, owner.email)
    repo = Repository(number, owner, name, path, now, now, now, private)
    repo.default_branch, repo.fork_of = default_branch, fork_of
    repo.labels = [Label(world.next_id(), *row, default=True) for row in _LABELS]
    world.repositories[repo.id] = repo
    return repo


def delete_repository(world: World, repo: Repository) -> None:
    """Pulls from a deleted fork stay, with `head.repo` null."""
    del world.repositories[repo.id]
    for other in world.repositories.values():
        for pull in other.pulls():
            if pull.head_repository is repo:
                pull.head_repository = None


def rename_repository(world: World, repo: Repository, name: str, by: Account) -> None:
    old_full, old = repo.full_name, repo.name
    world.moved[old_full.casefold()] = repo.id
    repo.name = name
    changes = {"changes": {"repository": {"name": {"from": old}}}}
    announce(world, "repository", "renamed", repo, by, dict(changes))


def transfer_repository(world: World, repo: Repository, owner: Account, by: Account) -> None:
    old = repo.owner
    world.moved[repo.full_name.casefold()] = repo.id
    repo.owner = owner
    kind = "organization" if old.kind == "Organization" else "user"
    was = organization(world, old) if kind == "organization" else simple_user(world, old)
    changes = {"changes": {"owner": {"from": {kind: was}}}}
    announce(world, "repository", "transferred", repo, by, dict(changes))


def archive_repository(world: World, repo: Repository, by: Account, *, archived: bool) -> None:
    repo.archived = archived
    announce(world, "repository", "archived" if archived else "unarchived", repo, by, {})


def add_ruleset(world: World, repo: Repository, pattern: str, *kinds: RuleKind) -> Ruleset:
    ruleset = Ruleset(world.next_id(), pattern, frozenset(kinds))
    repo.rulesets.append(ruleset)
    return ruleset
