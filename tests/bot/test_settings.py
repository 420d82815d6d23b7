"""A setting is read once, by its name, or refused in one line that begins with it."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.settings import SettingsError, describe, read_settings, require_app

PEM = (
    Ed25519PrivateKey.generate()
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)
APP = {"BARO_APP_ID": "7", "BARO_PRIVATE_KEY": PEM, "BARO_WEBHOOK_SECRET": "s3cret"}


def test_nothing_given_is_enough_to_read_the_defaults() -> None:
    settings = read_settings({})
    assert settings.github_api_url == "https://api.github.com"
    assert settings.data_dir == Path.cwd() / ".baro"
    assert settings.database_url == f"sqlite+aiosqlite:///{Path.cwd()}/.baro/baro.db"
    assert settings.redis_url is None
    assert settings.approval_poll_seconds == 10


def test_an_empty_value_is_as_good_as_none() -> None:
    assert read_settings({"BARO_PORT": "", "BARO_REDIS_URL": ""}) == read_settings({})


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        (
            "BARO_PORT",
            "http",
            "BARO_PORT: input should be a valid integer, unable to parse string as an integer",
        ),
        ("BARO_PORT", "70000", "BARO_PORT: input should be less than or equal to 65535"),
        (
            "BARO_APPROVAL_POLL_SECONDS",
            "0.1",
            "BARO_APPROVAL_POLL_SECONDS: input should be greater than or equal to 0.2",
        ),
        (
            "BARO_LEASE_SECONDS",
            "0",
            "BARO_LEASE_SECONDS: input should be greater than or equal to 1",
        ),
        (
            "BARO_LOG_FORMAT",
            "xml",
            "BARO_LOG_FORMAT: input should be 'console' or 'json'",
        ),
        (
            "BARO_GITHUB_API_URL",
            "http://ghe.corp/api/v3",
            "BARO_GITHUB_API_URL: must use https: http is for loopback only",
        ),
        (
            "BARO_GITHUB_WEB_URL",
            "github.com",
            "BARO_GITHUB_WEB_URL: must be an http or https URL",
        ),
        (
            "BARO_GITHUB_API_URL",
            "https://me:pw@ghe.corp",
            "BARO_GITHUB_API_URL: must be a plain base URL, without user, query or fragment",
        ),
        (
            "BARO_DATABASE_URL",
            "mysql://root:hunter2@db/baro",
            "BARO_DATABASE_URL: must be a sqlite+aiosqlite:// or postgresql+asyncpg:// URL",
        ),
        (
            "BARO_REDIS_URL",
            "localhost:6379",
            "BARO_REDIS_URL: must be a redis://, rediss:// or unix:// URL",
        ),
        (
            "BARO_ROUTES",
            "/nowhere/routes.yaml",
            "BARO_ROUTES: cannot read /nowhere/routes.yaml: No such file or directory",
        ),
        (
            "BARO_WEBHOOK_SECRET_FILE",
            "/nowhere/secret",
            "BARO_WEBHOOK_SECRET_FILE: cannot read /nowhere/secret: No such file or directory",
        ),
        (
            "BARO_SETTINGS_FILE",
            "/nowhere/baro.env",
            "BARO_SETTINGS_FILE: cannot read /nowhere/baro.env: No such file or directory",
        ),
    ],
)
def test_a_bad_setting_is_one_line_that_names_it(name: str, value: str, line: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({name: value})
    assert str(refused.value) == line


def test_several_bad_settings_are_named_together() -> None:
    with pytest.raises(SettingsError, match=r"^BARO_PORT: .* \(also wrong: BARO_LEASE_SECONDS\)$"):
        read_settings({"BARO_PORT": "x", "BARO_LEASE_SECONDS": "y"})


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("https://ghe.corp/api/v3/", "https://ghe.corp/api/v3"),
        ("https://ghe.corp/api/v3", "https://ghe.corp/api/v3"),
        ("http://127.0.0.1:3000/", "http://127.0.0.1:3000"),
        ("http://[::1]:3000/api", "http://[::1]:3000/api"),
        ("http://hub.localhost:3000", "http://hub.localhost:3000"),
    ],
)
def test_a_base_url_keeps_its_prefix_and_loses_its_slash(given: str, read: str) -> None:
    assert read_settings({"BARO_GITHUB_API_URL": given}).github_api_url == read


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("postgres://u:p@db/baro", "postgresql+asyncpg://u:p@db/baro"),
        ("postgresql://u:p@db/baro", "postgresql+asyncpg://u:p@db/baro"),
        ("sqlite:////var/baro.db", "sqlite+aiosqlite:////var/baro.db"),
    ],
)
def test_a_database_gets_the_driver_that_we_have(given: str, read: str) -> None:
    assert read_settings({"BARO_DATABASE_URL": given}).database_url == read


def test_webhook_secrets_rotate_with_commas() -> None:
    settings = read_settings({"BARO_WEBHOOK_SECRET": " old , new ,"})
    assert [secret.get_secret_value() for secret in settings.webhook_secrets] == ["old", "new"]


def test_a_key_on_one_line_gets_its_line_ends_back() -> None:
    app = require_app(read_settings({**APP, "BARO_PRIVATE_KEY": PEM.replace("\n", "\\n")}))
    assert app.private_key.get_secret_value() == PEM
    assert app.app_id == 7


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    for name, text in (("key.pem", PEM), ("hook", "s3cret\n"), ("deepseek", "k1\n")):
        (tmp_path / name).write_text(text)
    settings = read_settings(
        {
            "BARO_APP_ID": "7",
            "BARO_PRIVATE_KEY_FILE": str(tmp_path / "key.pem"),
            "BARO_WEBHOOK_SECRET_FILE": str(tmp_path / "hook"),
            "BARO_KEY_DEEPSEEK_FILE": str(tmp_path / "deepseek"),
        }
    )
    app = require_app(settings)
    assert app.private_key.get_secret_value() == PEM
    assert app.webhook_secrets[0].get_secret_value() == "s3cret"
    assert settings.route_keys == {"deepseek": "k1"}


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hook").write_text("one")
    with pytest.raises(SettingsError, match=r"^BARO_WEBHOOK_SECRET_FILE: BARO_WEBHOOK_SECRET is"):
        read_settings(
            {"BARO_WEBHOOK_SECRET_FILE": str(tmp_path / "hook"), "BARO_WEBHOOK_SECRET": "two"}
        )


def test_an_empty_secret_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hook").write_text("\n")
    with pytest.raises(SettingsError, match=r"^BARO_WEBHOOK_SECRET_FILE: .* is empty$"):
        read_settings({"BARO_WEBHOOK_SECRET_FILE": str(tmp_path / "hook")})


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "baro.env"
    file.write_text('# ours\nBARO_PORT=9000\nBARO_HOST="0.0.0.0"\nOPENAI_API_KEY=sk-x\n')
    settings = read_settings({"BARO_SETTINGS_FILE": str(file), "BARO_PORT": "9001"})
    assert (settings.port, settings.host) == (9001, "0.0.0.0")
    assert settings.openai_api_key is not None


def test_a_secret_in_the_environment_wins_over_one_that_the_file_points_to(tmp_path: Path) -> None:
    (tmp_path / "hook").write_text("from the file")
    file = tmp_path / "baro.env"
    file.write_text(f"BARO_WEBHOOK_SECRET_FILE={tmp_path / 'hook'}\n")
    settings = read_settings({"BARO_SETTINGS_FILE": str(file), "BARO_WEBHOOK_SECRET": "here"})
    assert settings.webhook_secrets[0].get_secret_value() == "here"


def test_a_misspelt_name_in_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "baro.env"
    file.write_text("BARO_POTR=9000\n")
    with pytest.raises(SettingsError, match=r"^BARO_POTR: no such setting, in "):
        read_settings({"BARO_SETTINGS_FILE": str(file)})


def test_a_misspelt_name_in_the_environment_is_told() -> None:
    settings = read_settings({"BARO_POTR": "9000", "BARO_TEST_DATABASE_URL": "x", "PATH": "/bin"})
    assert settings.unknown == ("BARO_POTR",)


def test_routes_may_be_a_path_or_the_text_itself(tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text("routes: {}\n")
    assert read_settings({"BARO_ROUTES": str(file)}).routes == "routes: {}\n"
    assert read_settings({"BARO_ROUTES": '{"routes": {}}'}).routes == '{"routes": {}}'
    assert read_settings({"BARO_ROUTES": "routes:\n  x: 1"}).routes == "routes:\n  x: 1"


@pytest.mark.parametrize("missing", list(APP))
def test_serving_without_the_app_is_refused_by_name(missing: str) -> None:
    rest = {name: value for name, value in APP.items() if name != missing}
    with pytest.raises(SettingsError, match=f"^{missing}: is not set; .*$"):
        require_app(read_settings(rest))


def test_a_blank_webhook_secret_is_none() -> None:
    with pytest.raises(SettingsError, match=r"^BARO_WEBHOOK_SECRET: is not set"):
        require_app(read_settings({**APP, "BARO_WEBHOOK_SECRET": " , "}))


def test_what_is_no_private_key_is_refused_without_being_shown() -> None:
    with pytest.raises(SettingsError) as refused:
        require_app(read_settings({**APP, "BARO_PRIVATE_KEY": "hunter2"}))
    assert str(refused.value) == "BARO_PRIVATE_KEY: is not a private key in PEM form"


def test_no_secret_shows_in_the_settings_printed() -> None:
    given = {
        **APP,
        "BARO_DATABASE_URL": "postgresql://u:hunter2@db/baro",
        "BARO_REDIS_URL": "redis://:hunter2@cache",
        "OPENAI_API_KEY": "hunter2",
        "BARO_KEY_DEEPSEEK": "hunter2",
    }
    shown = repr(read_settings(given))
    assert "hunter2" not in shown
    assert "s3cret" not in shown
    assert "PRIVATE KEY" not in shown


def test_every_setting_is_described() -> None:
    rows = list(describe())
    assert all(row.meaning for row in rows)
    assert {"BARO_SETTINGS_FILE", "BARO_KEY_<NAME>", "ANTHROPIC_BASE_URL"} <= {r.name for r in rows}
