"""`baro check-config`: every setting with its origin, and a repository's file if one is named."""

import os
from pathlib import Path

import typer

from bot.commandline.refusals import refusals
from bot.config_files import Broken, Source, load
from bot.settings import SECRETS, Settings, describe, read_settings, require_app


def check_config(repository_file: Path | None) -> bool:
    """Print the table; False where something is wrong, said in its own line."""
    try:
        settings = read_settings()
    except refusals() as error:
        typer.echo(f"wrong: {error}")
        return False
    for row in describe():
        typer.echo(f"{row.name:32} {_shown(row.name, row.default):36} {_origin(row.name)}")
    for name in settings.unknown:
        typer.echo(f"ignored: {name} is no setting of baro")
    return all([_app(settings), _routes(settings), _repository(repository_file)])


def _shown(name: str, default: str) -> str:
    value = os.environ.get(name) or os.environ.get(f"{name}_FILE")
    if value is None:
        return default or "–"
    return "(hidden)" if name in SECRETS else value.splitlines()[0][:36]


def _origin(name: str) -> str:
    if os.environ.get(name):
        return "environment"
    return f"{name}_FILE" if os.environ.get(f"{name}_FILE") else "default or settings file"


def _app(settings: Settings) -> bool:
    return _fine(lambda: require_app(settings))


def _routes(settings: Settings) -> bool:
    from bot.services import read_routes

    return _fine(lambda: read_routes(settings))


def _fine(look: object) -> bool:
    assert callable(look)
    try:
        look()
    except refusals() as error:
        typer.echo(f"wrong: {error}")
        return False
    return True


def _repository(file: Path | None) -> bool:
    if file is None:
        return True
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        typer.echo(f"wrong: {file}: {error.strerror}")
        return False
    found = load(Source(str(file), text))
    typer.echo(f"wrong: {found}" if isinstance(found, Broken) else f"{file}: fine")
    return not isinstance(found, Broken)
