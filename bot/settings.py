"""What the operator decides: read once, from the environment and one file, and nowhere else."""

import ipaddress
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)

SECRETS = (
    "BARO_PRIVATE_KEY",
    "BARO_WEBHOOK_SECRET",
    "BARO_DATABASE_URL",
    "BARO_REDIS_URL",
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
)
SETTINGS_FILE = "BARO_SETTINGS_FILE"
KEY_PREFIX = "BARO_KEY_"
# Read by the test suite, not by baro.
_OTHERS = ("BARO_TEST_",)


class SettingsError(Exception):
    """A setting that cannot be used; the text is one line that begins with its name."""


def _base_url(value: str) -> str:
    parts = urlsplit(value.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http or https URL")
    if parts.query or parts.fragment or parts.username:
        raise ValueError("must be a plain base URL, without user, query or fragment")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("must use https: http is for loopback only")
    return parts.geturl().rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _database_url(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    scheme, _, rest = url.partition("://")
    drivers = {
        "sqlite": "sqlite+aiosqlite",
        "sqlite+aiosqlite": "sqlite+aiosqlite",
        "postgres": "postgresql+asyncpg",
        "postgresql": "postgresql+asyncpg",
        "postgresql+asyncpg": "postgresql+asyncpg",
    }
    if scheme not in drivers or not rest:
        raise ValueError("must be a sqlite+aiosqlite:// or postgresql+asyncpg:// URL")
    return SecretStr(f"{drivers[scheme]}://{rest}")


def _redis_url(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must be a redis://, rediss:// or unix:// URL")
    return value


def _lines(value: str) -> str:
    """A PEM on one line, as environment files want it, gets its line ends back."""
    return value.replace("\\n", "\n").strip() + "\n"


def _secrets(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(secret for part in value.split(",") if (secret := part.strip()))


def _routes(value: str) -> str:
    """The text of the routes, read from the file when the setting is a path."""
    looks_inline = "\n" in value or "{" in value or ": " in value
    if not value or looks_inline:
        return value
    try:
        return Path(value).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"cannot read {value}: {_why(error)}") from error


BaseUrl = Annotated[str, AfterValidator(_base_url)]
Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseModel):
    """Every setting by the name it has in the environment, with its default and meaning."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True
    )

    github_api_url: BaseUrl = Field(
        "https://api.github.com",
        alias="BARO_GITHUB_API_URL",
        description="REST base, with any prefix; http only for loopback",
    )
    github_web_url: BaseUrl = Field(
        "https://github.com",
        alias="BARO_GITHUB_WEB_URL",
        description="Base of links and of clone URLs: `{web}/{owner}/{repo}.git`",
    )
    app_id: Annotated[int, Field(gt=0)] | None = Field(
        None, alias="BARO_APP_ID", description="The GitHub App's id"
    )
    private_key: Annotated[SecretStr, BeforeValidator(_lines)] | None = Field(
        None,
        alias="BARO_PRIVATE_KEY",
        description="The App's private key (PEM); written on one line it may use `\\n`",
    )
    webhook_secrets: Annotated[tuple[SecretStr, ...], BeforeValidator(_secrets)] = Field(
        (),
        alias="BARO_WEBHOOK_SECRET",
        description="The webhook secret; several, separated by commas, while rotating",
    )
    host: str = Field("127.0.0.1", alias="BARO_HOST", description="Address to listen on")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(
        8000, alias="BARO_PORT", description="Port to listen on; 0 takes a free one"
    )
    data_dir: Annotated[Path, AfterValidator(Path.absolute)] = Field(
        Path(".baro"),
        alias="BARO_DATA_DIR",
        description="All state: database, mirrors, workspaces, logs",
    )
    database: Annotated[SecretStr, AfterValidator(_database_url)] | None = Field(
        None,
        alias="BARO_DATABASE_URL",
        description="SQLAlchemy async URL; unset: SQLite in the data folder",
    )
    redis: Annotated[SecretStr, AfterValidator(_redis_url)] | None = Field(
        None,
        alias="BARO_REDIS_URL",
        description="Queue for several processes; unset: the worker runs inside the app",
    )
    approval_poll_seconds: Annotated[float, Field(ge=0.2)] = Field(
        10.0,
        alias="BARO_APPROVAL_POLL_SECONDS",
        description="Fastest poll for reactions and boxes; backs off; at least 0.2",
    )
    http_timeout_seconds: Seconds = Field(
        10.0, alias="BARO_HTTP_TIMEOUT_SECONDS", description="Timeout of a request to GitHub"
    )
    retry_base_seconds: Seconds = Field(
        1.0, alias="BARO_RETRY_BASE_SECONDS", description="First pause before a request is repeated"
    )
    status_edit_seconds: Annotated[float, Field(ge=0)] = Field(
        10.0,
        alias="BARO_STATUS_EDIT_SECONDS",
        description="Shortest time between two edits of a status comment",
    )
    workers_stories: Annotated[int, Field(ge=1, le=64)] = Field(
        4, alias="BARO_WORKERS_STORIES", description="Stories at once in this process"
    )
    sandbox: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")] = Field(
        "auto",
        alias="BARO_SANDBOX",
        description="`auto`, or a driver by name; `none` must be asked for",
    )
    public_url: BaseUrl | None = Field(
        None,
        alias="BARO_PUBLIC_URL",
        description="Where people would reach pages of baro; there are none yet, "
        "so nothing links to it",
    )
    write_spacing_seconds: Annotated[float, Field(ge=0)] = Field(
        1.0,
        alias="BARO_WRITE_SPACING_SECONDS",
        description="Pause between two writes to GitHub for one installation",
    )
    sweep_seconds: Annotated[float, Field(ge=1)] = Field(
        120.0,
        alias="BARO_SWEEP_SECONDS",
        description="How often unfinished and missed work is looked for; at least 1",
    )
    lease_seconds: Annotated[float, Field(ge=1)] = Field(
        30.0,
        alias="BARO_LEASE_SECONDS",
        description="How long work stays with a silent worker; at least 1",
    )
    plan_expiry_hours: Annotated[float, Field(gt=0)] = Field(
        168.0, alias="BARO_PLAN_EXPIRY_HOURS", description="How long a plan can be approved"
    )
    queue_poll_seconds: Annotated[float, Field(ge=0.01)] = Field(
        0.1,
        alias="BARO_QUEUE_POLL_SECONDS",
        description="How often a worker looks for jobs; at least 0.01",
    )
    model_silence_seconds: Seconds = Field(
        180.0,
        alias="BARO_MODEL_SILENCE_SECONDS",
        description="A model that sends nothing for so long is given up",
    )
    command_silence_seconds: Seconds = Field(
        900.0,
        alias="BARO_COMMAND_SILENCE_SECONDS",
        description="A command that prints nothing for so long is stopped",
    )
    log_format: Literal["console", "json"] = Field(
        "console", alias="BARO_LOG_FORMAT", description="`console` or `json`"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", alias="BARO_LOG_LEVEL", description="`debug`, `info`, `warning` or `error`"
    )
    routes: Annotated[str, AfterValidator(_routes)] = Field(
        "",
        alias="BARO_ROUTES",
        description="Models by phase and tier, YAML or JSON, inline or a path; "
        "unset: from the keys present",
    )
    openai_api_key: SecretStr | None = Field(
        None, alias="OPENAI_API_KEY", description="Key for OpenAI, or for what speaks like it"
    )
    openai_base_url: BaseUrl | None = Field(
        None, alias="OPENAI_BASE_URL", description="Base URL for the OpenAI key"
    )
    anthropic_api_key: SecretStr | None = Field(
        None, alias="ANTHROPIC_API_KEY", description="Key for Anthropic"
    )
    anthropic_base_url: BaseUrl | None = Field(
        None, alias="ANTHROPIC_BASE_URL", description="Base URL for the Anthropic key"
    )
    endpoint_keys: dict[str, SecretStr] = Field(
        {},
        alias="BARO_KEY_<NAME>",
        description="Key of the endpoint called `name` in `BARO_ROUTES`",
    )
    unknown: tuple[str, ...] = Field(
        (), alias="", description="Names that begin with BARO_ and mean nothing to this version"
    )

    @property
    def database_url(self) -> str:
        if self.database is None:
            return f"sqlite+aiosqlite:///{self.data_dir / 'baro.db'}"
        return self.database.get_secret_value()

    @property
    def redis_url(self) -> str | None:
        return None if self.redis is None else self.redis.get_secret_value()

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value that must not be seen in a log, however it got there."""
        keys = (self.private_key, self.openai_api_key, self.anthropic_api_key)
        given = (*keys, *self.webhook_secrets, *self.endpoint_keys.values())
        return tuple(one.get_secret_value() for one in given if one is not None)

    @property
    def route_keys(self) -> dict[str, str]:
        """Endpoint name -> key, as `llm.routing.parse_routes` takes them."""
        return {name: key.get_secret_value() for name, key in self.endpoint_keys.items()}


@dataclass(frozen=True)
class AppCredentials:
    """What serving GitHub needs and other commands do not."""

    app_id: int
    private_key: SecretStr
    webhook_secrets: tuple[SecretStr, ...]


class SettingRow(NamedTuple):
    """One line of the settings table in the documentation."""

    name: str
    default: str
    meaning: str


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; the environment wins over the settings file."""
    file = environ.get(SETTINGS_FILE, "")
    lines = _from_file(file) if file else {}
    _refuse_unknown(lines, file)
    values = {**_with_secret_files(lines), **_with_secret_files(_ours(environ))}
    known = {name: value for name, value in values.items() if name in _NAMES and value}
    try:
        return Settings.model_validate(
            {
                **known,
                "BARO_KEY_<NAME>": dict(_endpoint_keys(values)),
                "": tuple(sorted(name for name in values if _is_unknown(name))),
            }
        )
    except ValidationError as error:
        raise SettingsError(_one_line(error)) from None


def require_app(settings: Settings) -> AppCredentials:
    """The App's identity, or the one line that says which part of it is missing."""
    if settings.app_id is None:
        raise SettingsError("BARO_APP_ID: is not set; it is on the GitHub App's settings page")
    if settings.private_key is None:
        raise SettingsError(
            "BARO_PRIVATE_KEY: is not set; name the downloaded PEM in BARO_PRIVATE_KEY_FILE"
        )
    if not settings.webhook_secrets:
        raise SettingsError(
            "BARO_WEBHOOK_SECRET: is not set; webhooks without a secret could come from anyone"
        )
    try:
        load_pem_private_key(settings.private_key.get_secret_value().encode(), password=None)
    except (ValueError, TypeError):
        raise SettingsError("BARO_PRIVATE_KEY: is not a private key in PEM form") from None
    return AppCredentials(settings.app_id, settings.private_key, settings.webhook_secrets)


def describe() -> Iterator[SettingRow]:
    """Every setting, its default and its meaning, in the order of the documentation."""
    yield SettingRow(SETTINGS_FILE, "", "A file of `NAME=value` lines; the environment wins")
    for field in Settings.model_fields.values():
        if field.alias:
            default = field.default
            shown = (
                ""
                if default in (None, (), {})
                else f"{default:g}"
                if isinstance(default, float)
                else str(default)
            )
            yield SettingRow(field.alias, shown, field.description or "")


_NAMES = frozenset(field.alias for field in Settings.model_fields.values() if field.alias)


def _from_file(path: str) -> dict[str, str]:
    try:
        with open(path, encoding="utf-8") as stream:
            return {k: v for k, v in dotenv_values(stream=stream, interpolate=False).items() if v}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{SETTINGS_FILE}: cannot read {path}: {_why(error)}") from None


def _ours(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environ.items()
        if name.startswith("BARO_") or name.removesuffix("_FILE") in _NAMES
    }


def _with_secret_files(values: Mapping[str, str]) -> dict[str, str]:
    """`NAME_FILE` stands for the content of that file; beside `NAME` one of them is wrong."""
    found = dict(values)
    for pointer, path in values.items():
        name = pointer.removesuffix("_FILE")
        if name == pointer or not (name in SECRETS or _is_endpoint_key(name)) or not path:
            continue
        if values.get(name):
            raise SettingsError(f"{pointer}: {name} is set too; keep one of them")
        try:
            found[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{pointer}: cannot read {path}: {_why(error)}") from None
        if not found[name]:
            raise SettingsError(f"{pointer}: {path} is empty")
        del found[pointer]
    return found


def _endpoint_keys(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if _is_endpoint_key(name) and value:
            yield name.removeprefix(KEY_PREFIX).lower(), value


def _is_endpoint_key(name: str) -> bool:
    return re.fullmatch(rf"{KEY_PREFIX}[A-Z0-9_]+", name) is not None


def _is_unknown(name: str) -> bool:
    return not (
        name in _NAMES
        or name == SETTINGS_FILE
        or name.removesuffix("_FILE") in SECRETS
        or _is_endpoint_key(name)
        or name.startswith(_OTHERS)
    )


def _refuse_unknown(values: Mapping[str, str], file: str) -> None:
    """A misspelt line in a file is a mistake; in the environment it may be somebody else's."""
    for name in values:
        if _is_unknown(name):
            raise SettingsError(f"{name}: no such setting, in {file}")


def _why(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "it is not UTF-8 text"


def _one_line(error: ValidationError) -> str:
    first, *others = error.errors(include_url=False, include_input=False)
    text = first["msg"].removeprefix("Value error, ")
    also = sorted({str(other["loc"][0]) for other in others} - {str(first["loc"][0])})
    more = f" (also wrong: {', '.join(also)})" if also else ""
    return f"{first['loc'][0]}: {text[0].lower()}{text[1:]}{more}"
