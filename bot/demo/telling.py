"""What the demo prints: one line per step, with the seconds since it began."""

import time

import typer


class Teller:
    """Counts from its own beginning."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def __call__(self, text: str) -> None:
        typer.echo(f"{self.seconds:6.1f}s  {text}")

    def title(self, text: str) -> None:
        typer.secho(f"\n{text}", bold=True)

    def note(self, text: str) -> None:
        typer.echo(f"         {text}")
