"""The configuration that holds for a repository now: the organisation's file under its own."""

from datetime import timedelta

from bot.approvals import ApprovalRule
from bot.config_files import Held, Loaded, Source, load
from bot.github.errors import Refused
from bot.github.repositories import file
from bot.place import Place
from bot.repo_config import PATH, RepoConfig, approval_rule
from bot.store import cursors, installations

# Long enough to spare calls within one command, short enough that an edit is seen at once.
FRESH = timedelta(seconds=20)
ORGANISATION = ".github"
ORGANISATION_PATH = "baro.yml"


async def config_of(place: Place) -> RepoConfig:
    """The configuration to work by."""
    return (await held_config(place)).config


async def rule_of(place: Place) -> ApprovalRule:
    """Who may approve here."""
    return approval_rule(await config_of(place))


async def held_config(place: Place, *, is_fresh: bool = False) -> Held:
    """Read from the default branch, never from a branch somebody proposes."""
    cache = place.services.configs
    known = cache.get(place.repository.id)
    now = place.services.clock()
    if known and not is_fresh and now - known.at < FRESH:
        return known
    loaded = load(*await _sources(place))
    if isinstance(loaded, Loaded):
        await _remember(place, loaded.config)
        held = Held(loaded.config, now)
    else:
        held = Held(await _last_good(place), now, loaded)
    cache[place.repository.id] = held
    return held


async def _sources(place: Place) -> list[Source]:
    own = await file(place.client, PATH)
    name = place.repository.full_name
    sources = [Source(f"{name} {PATH}", own)] if own else []
    shared = await _organisation(place)
    return [shared, *sources] if shared else sources


async def _organisation(place: Place) -> Source | None:
    """The owner's `.github` repository, where the App is installed on it too."""
    services, owner = place.services, place.repository.owner
    row = await installations.repository_named(services.store, owner, ORGANISATION)
    if row is None:
        return None
    try:
        text = await file(services.client(row), ORGANISATION_PATH)
    except Refused:
        return None
    return Source(f"{row.full_name} {ORGANISATION_PATH}", text) if text else None


async def _remember(place: Place, config: RepoConfig) -> None:
    name, text = _cursor(place), config.model_dump_json(by_alias=True)
    if await cursors.get(place.services.store, name) != text:
        await cursors.put(place.services.store, name, text)


async def _last_good(place: Place) -> RepoConfig:
    text = await cursors.get(place.services.store, _cursor(place))
    return RepoConfig.model_validate_json(text) if text else RepoConfig()


def _cursor(place: Place) -> str:
    return f"config:{place.repository.id}"
