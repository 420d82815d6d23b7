"""What every command that works starts with: the settings, and logs as they ask for."""

import sys

import typer

from bot.settings import Settings, SettingsError, read_settings


def started() -> Settings:
    """Read the settings; a wrong one ends the program with its one line."""
    try:
        settings = read_settings()
    except SettingsError as error:
        typer.echo(f"baro: {error}", err=True)
        sys.exit(2)
    _configure_logs(settings)
    return settings


def with_a_shared_queue(settings: Settings) -> Settings:
    """A worker of its own with a queue of its own would wait for ever."""
    if settings.redis_url is None:
        typer.echo(
            "baro: BARO_REDIS_URL: is not set; without it the worker runs inside `baro serve`",
            err=True,
        )
        sys.exit(2)
    return settings


def _configure_logs(settings: Settings) -> None:
    from bot.logs import configure_logs
    from executor.secrets import redact

    configure_logs(settings.log_format, settings.log_level, redact, hidden=settings.secrets)
