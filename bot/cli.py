"""The command line: parses, calls one function per command, and says errors in one line."""

# Every command imports what it needs when it is called: `baro --help` has to be instant.
import asyncio
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="baro",
    help="A self-hosted GitHub App that plans, prices, runs and proves a change.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def serve() -> None:
    """Listen for webhooks and work, until SIGTERM."""
    from bot.app import serve as run
    from bot.commandline.started import started

    _serve(run(started(), lambda url: typer.echo(f"baro listens on {url}")))


@app.command()
def worker() -> None:
    """Work without listening, beside other processes; needs BARO_REDIS_URL."""
    from bot.app import work
    from bot.commandline.started import started, with_a_shared_queue

    _serve(work(with_a_shared_queue(started())))


@app.command()
def migrate() -> None:
    """Bring the database up to this version's schema; `serve` does it too."""
    from bot.commandline.started import started
    from bot.store.migrate import migrate as run

    _run(run(started().database_url))
    typer.echo("The database is at this version's schema.")


@app.command("check-config")
def check_config(
    repo: Annotated[
        Path | None, typer.Option("--repo", help="also check this baro.yml of a repository")
    ] = None,
) -> None:
    """Show every setting with its origin, secrets hidden; exit 1 if one is wrong."""
    from bot.commandline.check_config import check_config as run

    _finish(run(repo))


@app.command()
def doctor(
    repo: Annotated[
        str | None, typer.Option("--repo", help="owner/name: also try a push to a hidden ref")
    ] = None,
    models: Annotated[
        bool, typer.Option("--models/--no-models", help="ask each model one word; costs a little")
    ] = True,
) -> None:
    """Look at everything baro needs; each line that is wrong says how to mend it."""
    from bot.commandline.started import started
    from bot.doctor import doctor as run

    _finish(_run(run(started(), repo, ask_models=models)))


@app.command()
def redeliver(
    guid: Annotated[str, typer.Argument(help="X-GitHub-Delivery of the webhook")],
) -> None:
    """Ask GitHub to send one webhook again."""
    from bot.commandline.redeliver import redeliver as run
    from bot.commandline.started import started

    _finish(_run(run(started(), guid)))


@app.command()
def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="play it all, then exit; non-zero if a step failed")
    ] = False,
    broken: Annotated[
        bool, typer.Option("--break", help="one wrong reply: must end in a red draft")
    ] = False,
    live: Annotated[
        bool, typer.Option("--live", help="the models your keys allow instead of prepared replies")
    ] = False,
    repo: Annotated[
        Path | None, typer.Option("--repo", help="your own git repository (with --live)")
    ] = None,
    sandbox: Annotated[str, typer.Option("--sandbox", help="auto, bubblewrap or none")] = "auto",
    port: Annotated[int, typer.Option("--port", help="of the hub's pages; 0 takes a free one")] = 0,
) -> None:
    """The whole product on this machine: a hub, a sample repository, and baro beside them."""
    from bot.demo.play import Options, play

    source = repo.resolve() if repo else None
    _finish(_run(play(Options(headless, broken, live, source, sandbox, port))))


def main() -> None:
    """Entry point; an expected refusal is one line on standard error and exit code 2."""
    app()


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    from bot.commandline.refusals import refusals

    try:
        return asyncio.run(work)
    except refusals() as error:
        typer.echo(f"baro: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def _serve(work: Coroutine[Any, Any, None]) -> None:
    """Everything is closed and released once `work` returns, but a thread may still hang in a
    socket, and Python would wait for it."""

    async def and_leave() -> None:
        await work
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)

    _run(and_leave())


def _finish(is_fine: bool) -> None:
    if not is_fine:
        sys.exit(1)


if __name__ == "__main__":
    main()
