"""`baro doctor`: looks at everything baro needs; each line that is wrong says how to mend it."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import typer
from pydantic import BaseModel

from bot.github.errors import GitHubError
from bot.github.identity import PERMISSIONS, Identity
from bot.services import identity_of, read_routes
from bot.settings import Settings, SettingsError
from bot.store.engine import Store, utc_now
from bot.store.migrate import schema_problem
from executor.git.errors import GitError
from executor.git.mirror import Remote, open_mirror
from executor.git.trial import push_and_delete
from executor.sandbox.pick import pick
from executor.sandbox.port import NoSandbox
from executor.sandbox.probe import probe
from llm.backend import Job, Limits, Output
from llm.backends import backend_for
from llm.errors import LLMError
from llm.meter import CallLabel, Caps, MemoryMeter
from llm.pricing import Usd
from llm.route_table import RoutesError
from llm.routing import Phase, Route, Routes, Tier


@dataclass(frozen=True)
class Line:
    """One thing looked at. `fix` is what to do where it is not fine."""

    what: str
    state: Literal["ok", "warn", "bad"]
    detail: str = ""
    fix: str = ""


class Word(BaseModel):
    """The one word a model is asked for."""

    word: str


async def doctor(settings: Settings, repository: str | None, *, ask_models: bool) -> bool:
    """Print every line as it is found; False where something is bad."""
    is_fine = True
    async for line in _lines(settings, repository, ask_models):
        sign = {"ok": "✓", "warn": "!", "bad": "✗"}[line.state]
        typer.echo(f"{sign} {line.what}" + (f": {line.detail}" if line.detail else ""))
        if line.fix and line.state != "ok":
            typer.echo(f"    fix: {line.fix}")
        is_fine = is_fine and line.state != "bad"
    return is_fine


async def _lines(
    settings: Settings, repository: str | None, ask_models: bool
) -> AsyncIterator[Line]:
    for line in _tools():
        yield line
    yield await _database(settings)
    async for line in _sandbox(settings):
        yield line
    async for line in _github(settings, repository):
        yield line
    async for line in _models(settings, ask_models):
        yield line


def _tools() -> list[Line]:
    found = []
    for tool, why in (("git", "merges and checkouts"), ("grep", "the agents' search")):
        path = shutil.which(tool)
        fix = f"install {tool}"
        found.append(Line(tool, "ok" if path else "bad", path or f"missing: {why}", fix))
    return found


async def _database(settings: Settings) -> Line:
    async with Store(settings.database_url) as store:
        problem = await schema_problem(store)
    return Line(
        "database", "warn" if problem else "ok", problem or "schema current", "baro migrate"
    )


async def _sandbox(settings: Settings) -> AsyncIterator[Line]:
    try:
        found = await probe(await pick(settings.sandbox))
    except (NoSandbox, OSError) as error:
        yield Line("sandbox", "bad", str(error), "install bubblewrap, or BARO_SANDBOX=none")
        return
    broken = [finding.promise for finding in found.findings if not finding.kept]
    state: Literal["ok", "warn", "bad"] = "ok"
    if broken:
        state = "warn" if settings.sandbox == "none" else "bad"
    kept = f"{found.driver} keeps {len(found.findings) - len(broken)} of {len(found.findings)}"
    yield Line("sandbox", state, f"{kept} promises", f"not kept: {'; '.join(broken)}")
    for gap in found.gaps:
        yield Line("sandbox gap", "warn", gap)


async def _github(settings: Settings, repository: str | None) -> AsyncIterator[Line]:
    try:
        identity, transport = identity_of(settings)
    except SettingsError as error:
        yield Line("GitHub App", "bad", str(error), "see docs/install.md, step by step")
        return
    try:
        async for line in _app(identity):
            yield line
        if repository is not None:
            yield await _push(settings, identity, repository)
    except GitHubError as error:
        yield Line("GitHub", "bad", str(error), "BARO_APP_ID and its key must belong together")
    finally:
        await transport.close_pool()


async def _app(identity: Identity) -> AsyncIterator[Line]:
    app = await identity.app()
    yield Line("GitHub App", "ok", f"{app.slug}, id {app.id}")
    wanted = PERMISSIONS["talk"]
    lacking = [
        f"{name}: {level}"
        for name, level in wanted.items()
        if app.permissions.get(name) not in (level, "write", "admin")
    ]
    yield Line(
        "permissions",
        "bad" if lacking else "ok",
        f"missing {', '.join(lacking)}" if lacking else "all granted",
        "add them on the App's page; each owner then accepts them",
    )
    events = {"issue_comment", "issues", "pull_request"} - set(app.events)
    yield Line(
        "events",
        "bad" if events else "ok",
        f"not subscribed: {', '.join(sorted(events))}" if events else "subscribed",
        "tick them under Permissions & events",
    )
    yield await _hook(identity)


async def _hook(identity: Identity) -> Line:
    """GitHub tells no secret, but it tells how our endpoint answered."""
    answer = await identity.as_app("GET", "/app/hook/deliveries", params={"per_page": 30})
    codes = [one["status_code"] for one in answer.json()]
    if not codes:
        return Line("webhook", "warn", "GitHub has delivered nothing yet", "comment /baro help")
    if 401 in codes[:5]:
        return Line("webhook", "bad", "our endpoint refused a signature", "BARO_WEBHOOK_SECRET")
    reached = sum(200 <= code < 300 for code in codes)
    state: Literal["ok", "bad"] = "ok" if reached else "bad"
    return Line("webhook", state, f"{reached} of {len(codes)} got in", "the App's webhook URL")


async def _push(settings: Settings, identity: Identity, full_name: str) -> Line:
    """Make and delete a hidden ref: what every run does with its stories."""
    owner, _, name = full_name.partition("/")
    installation = await identity.installation_of(owner, name)
    if installation is None:
        return Line("push", "bad", f"the App is not installed on {full_name}", "install it there")
    found = await identity.repository_id(installation, owner, name)
    token = await identity.token(installation, found, "push")
    url = f"{settings.github_web_url}/{full_name}.git"
    mirror = open_mirror(settings.data_dir / "mirrors", found)
    try:
        push_and_delete(mirror, Remote(url, token.token))
    except GitError as error:
        return Line("push", "bad", str(error), "contents: write, and no ruleset on refs/baro")
    return Line("push", "ok", f"a hidden ref on {full_name} was made and deleted")


async def _models(settings: Settings, ask_models: bool) -> AsyncIterator[Line]:
    try:
        routes = read_routes(settings)
    except RoutesError as error:
        yield Line("models", "bad", str(error), "BARO_ROUTES")
        return
    every = _distinct(routes)
    if not every:
        yield Line("models", "bad", "none is configured", "set a vendor's key or BARO_ROUTES")
    for route in every:
        yield await _ask(route) if ask_models else Line(f"model {route}", "ok", "not asked")


def _distinct(routes: Routes) -> list[Route]:
    found = (routes.route(phase, tier) for phase in Phase for tier in Tier)
    return list({str(route): route for route in found if route is not None}.values())


async def _ask(route: Route) -> Line:
    job = Job(
        label=CallLabel(phase=Phase.intake),
        route=route,
        system="You are asked for one word to see whether you answer.",
        prompt="Answer with the word: ready.",
        outputs=(Output("answer", "The word.", Word),),
        meter=MemoryMeter(Caps(usd=Usd(Decimal("0.05"))), utc_now),
        limits=Limits(steps=2, wall_seconds=60, max_output_tokens=500),
    )
    if route.script:
        return Line(f"model {route}", "ok", "prepared replies, nobody to ask")
    try:
        result = await backend_for(route).run(job)
    except LLMError as error:
        return Line(f"model {route}", "bad", str(error), "its key, its base URL, its name")
    return Line(f"model {route}", "ok", f"answers, {result.usage.total} tokens")
