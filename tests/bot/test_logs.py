"""Every line goes through one door, whoever wrote it, and leaves its secrets there."""

import json
import subprocess
import sys

import pytest

TOKEN = "ghs_" + "a" * 36
PROGRAM = (
    """
import logging, sys
import structlog
from bot.logs import configure_logs
from executor.secrets import redact

configure_logs(sys.argv[1], "info", redact, hidden=["the webhook secret"])
log = structlog.get_logger()
log.debug("not shown")
with structlog.contextvars.bound_contextvars(run="r1", delivery="8f14"):
    log.info("minted {token}", token="{token}", nested={{"header": ["{token}"]}})
logging.getLogger("sqlalchemy.pool").warning("lost %s", "{token}")
logging.getLogger("uvicorn.access").info("GET /webhook")
try:
    raise ValueError("refused: the webhook secret and {token}")
except ValueError:
    log.exception("failed")
try:
    raise ValueError("from a library: {token}")
except ValueError:
    logging.getLogger("arq.worker").exception("job failed")
""".replace("{token}", TOKEN)
    .replace("{{", "{")
    .replace("}}", "}")
)


@pytest.mark.parametrize("form", ["console", "json"])
def test_no_secret_passes_whoever_wrote_it(form: str) -> None:
    said = lines(form)
    text = "\n".join(said)
    assert TOKEN not in text
    assert "the webhook secret" not in text
    assert text.count("GitHub token removed") >= 4
    assert "not shown" not in text
    assert "Traceback" in text


def test_json_lines_carry_their_context() -> None:
    every = [json.loads(line) for line in lines("json")]
    minted = next(line for line in every if "minted" in line["event"])
    assert (minted["run"], minted["delivery"], minted["level"]) == ("r1", "8f14", "info")
    assert minted["timestamp"].endswith("Z")
    lost = next(line for line in every if line["event"].startswith("lost"))
    assert (lost["level"], lost["logger"]) == ("warning", "sqlalchemy.pool")
    assert any("from a library" in line.get("exception", "") for line in every)


def lines(form: str) -> list[str]:
    """In a process of its own: there is one logging configuration in each."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, form],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return done.stderr.splitlines()
