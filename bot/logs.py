"""Log lines: ours, uvicorn's and the libraries' through one door, with secrets taken out."""

import logging
import sys
from collections.abc import Callable

import structlog
from structlog.types import EventDict, Processor, WrappedLogger


def configure_logs(form: str, level: str, redact: Callable[[str], str]) -> None:
    """Standard error, as text for people or one JSON object per line."""

    def without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {key: redact(one) if isinstance(one, str) else one for key, one in event.items()}

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_secrets,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Each of their lines at this level is one request of ours; the ledger and our own lines tell.
    for chatty in (
        "alembic",
        "httpx",
        "httpx2",
        "httpcore",
        "arq",
        "openai",
        "anthropic",
        "uvicorn.error",
    ):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
