"""`baro demo`: sets the ground, plays the scenes, and says what to open in a browser."""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

import typer

from bot.demo.ground import REPOSITORY, DemoFailed, Ground, Setup, ground
from bot.demo.scenes import bug, feature, nothing_to_do
from bot.demo.telling import Teller
from bot.services import read_routes
from bot.settings import read_settings
from bot.store import changes, ledger
from bot.store.engine import Store
from bot.store.states import ChangeState
from executor.sandbox.pick import pick
from executor.sandbox.port import NoSandbox
from infra.demo.texts import EXPORT, issue
from infra.hub.people import SeenPull
from llm.pricing import Cost
from llm.routing import Phase


@dataclass(frozen=True)
class Options:
    is_headless: bool = False
    is_broken: bool = False
    is_live: bool = False
    source: Path | None = None
    sandbox: str = "auto"
    port: int = 0


async def play(options: Options) -> bool:
    """Whether every step came out as it should; a failed one is named."""
    if (refused := _refusal(options)) is not None:
        typer.echo(f"baro demo: {refused}", err=True)
        return False
    tell = Teller()
    try:
        sandbox = await _sandbox(options, tell)
        with tempfile.TemporaryDirectory(prefix="baro-demo-") as folder:
            setup = Setup(sandbox, options.is_broken, options.is_live, options.source, options.port)
            _introduce(options)
            async with ground(Path(folder), setup) as stage:
                return await _play(stage, options, tell)
    except (DemoFailed, NoSandbox) as error:
        typer.secho(f"\nFAILED after {tell.seconds:.1f} s: {error}", fg="red", err=True)
        return False


def _refusal(options: Options) -> str | None:
    if options.is_live and read_routes(read_settings()).route(Phase.intake) is None:
        return "--live needs a model: set OPENAI_API_KEY, ANTHROPIC_API_KEY or BARO_ROUTES"
    if options.source is None:
        return None
    if not options.is_live:
        return "--repo needs --live: prepared replies know the sample only"
    return "--repo is played by you: leave out --headless" if options.is_headless else None


async def _sandbox(options: Options, tell: Teller) -> str:
    """The driver that works here; for our own sample, and only for it, none is good enough."""
    try:
        return (await pick(options.sandbox)).name
    except NoSandbox as error:
        if options.source is not None or options.sandbox != "auto":
            raise
        tell.note(f"No sandbox here ({error}).")
        tell.note("The sample is ours, so its stories run without one.")
        return "none"


def _introduce(options: Options) -> None:
    if options.is_live:
        typer.echo("Live models: each run is capped at $1.00, 4M tokens and 60 minutes.")
    else:
        typer.echo(
            "The models' words are prepared replies; tokens are measured, no cost is claimed."
        )
        typer.echo("The loop, the tools, the sandbox, the checks and git are the real ones.")


async def _play(stage: Ground, options: Options, tell: Teller) -> bool:
    tell(f"hub {stage.hub.web_url}/{REPOSITORY}, baro {stage.baro_url}")
    if options.source is not None:
        return await _leave_running(stage, tell, None)
    fixed = await bug(stage, tell, is_live=options.is_live)
    await nothing_to_do(stage, tell, fixed)
    if not options.is_headless:
        return await _leave_running(stage, tell, fixed)
    await feature(stage, tell, is_live=options.is_live, is_broken=options.is_broken)
    await _sum_up(stage, tell)
    if options.is_broken:
        typer.secho(
            "One reply was wrong on purpose: the gate is red and the pull request a draft.",
            fg="red",
        )
    return not options.is_broken


async def _sum_up(stage: Ground, tell: Teller) -> None:
    tell.title("What it took")
    async with Store(stage.database_url) as store:
        for change in await changes.in_state(store, *ChangeState):
            cost = await ledger.cost_of_change(store, change.id)
            tell.note(f"#{change.number}: {change.state.value}, {_tokens(cost)}")
    tell.note(f"{tell.seconds:.1f} s in all")


def _tokens(cost: Cost) -> str:
    if not cost.tokens:
        return "no model was asked"
    return f"{cost.tokens:,} tokens" + (f", ${cost.known:.4f}" if cost.known else "")


async def _leave_running(stage: Ground, tell: Teller, fixed: SeenPull | None) -> bool:
    """Until Ctrl-C; one issue waits to be planned by whoever opened the page."""
    web = f"{stage.hub.web_url}/{REPOSITORY}"
    tell.title("Your turn")
    if fixed is not None:
        text = issue(EXPORT)
        opened = await stage.hub.as_user("jon").open_issue(REPOSITORY, text.title, text.body)
        tell.note(f"open    {web}/issues/{opened.number}")
        tell.note("as      maya (top right), comment `/baro plan`, read the plan, give it a 👍")
        tell.note(f"seen    {web}/pull/{fixed.number}, the bug's pull request")
    else:
        tell.note(f"open    {web}/issues, write an issue, comment `/baro plan`")
    tell.note("Ctrl-C ends it; nothing is left behind.")
    await asyncio.Event().wait()
    return True
