"""Log lines: ours, uvicorn's and the libraries' through one door, with secrets taken out."""

import logging
import sys
from collections.abc import Callable, Mapping, Sequence

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

# Each of their lines at info is one request of ours; the ledger and our own lines tell.
_CHATTY = (
    "alembic",
    "httpx",
    "httpx2",
    "httpcore",
    "arq",
    "openai",
    "anthropic",
    "uvicorn.access",
    "uvicorn.error",
)


def configure_logs(
    form: str, level: str, redact: Callable[[str], str], hidden: Sequence[str] = ()
) -> None:
    """Standard error, as text for people or one JSON object per line.

    `redact` knows secrets by their shape; `hidden` are those that only we know to be secret.
    """
    shared = _processors(redact, hidden)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer(form),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _processors(redact: Callable[[str], str], hidden: Sequence[str]) -> list[Processor]:
    def clean(value: object) -> object:
        match value:
            case str():
                for secret in hidden:
                    value = value.replace(secret, "[secret removed]")
                return redact(value)
            case Mapping():
                return {key: clean(each) for key, each in value.items()}
            case list() | tuple() | set() | frozenset():
                return [clean(each) for each in value]
            case BaseException():
                return clean(str(value))
            case _:
                return value

    def without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        # structlog's own bookkeeping begins with an underscore, and is needed as it is.
        return {key: one if key[0] == "_" else clean(one) for key, one in event.items()}

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_secrets,
    ]


def _renderer(form: str) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(default=str)
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
