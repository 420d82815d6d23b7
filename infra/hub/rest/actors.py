"""Who is calling: nobody, an App, one of its installations, or a person."""

import base64
import binascii
from dataclasses import dataclass
from datetime import timedelta

import jwt
from jwt.types import Options

from infra.hub.rest.refusal import Refusal, bad_credentials
from infra.hub.state.accounts import Account
from infra.hub.state.apps import App, Token
from infra.hub.state.world import World

LONGEST_JWT_SECONDS = 600
JWT_SLACK_SECONDS = 60

# The hub judges the claims itself, by its own clock and in GitHub's words.
_SIGNATURE_ONLY: Options = {
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_aud": False,
    "verify_jti": False,
}


@dataclass(frozen=True)
class Nobody:
    name: str = "nobody"


@dataclass(frozen=True)
class AsApp:
    app: App

    @property
    def name(self) -> str:
        return f"app {self.app.slug}"


@dataclass(frozen=True)
class AsInstallation:
    token: Token

    @property
    def name(self) -> str:
        return self.token.installation.app.bot.login


@dataclass(frozen=True)
class AsPerson:
    account: Account

    @property
    def name(self) -> str:
        return self.account.login


Actor = Nobody | AsApp | AsInstallation | AsPerson


def identify(world: World, headers: dict[str, str], cookies: dict[str, str]) -> Actor:
    """A person acts by `X-Hub-User` or the pages' cookie; a program by its Authorization."""
    given = headers.get("authorization")
    if given is not None:
        scheme, _, value = given.partition(" ")
        if scheme.lower() in {"bearer", "token"}:
            return _by_token(world, value.strip())
        raise bad_credentials()
    login = headers.get("x-hub-user") or cookies.get("hub_user")
    if login is None:
        return Nobody()
    return _person(world, login)


def writer(actor: Actor) -> Account:
    """Whoever the author of what this caller writes will be."""
    if isinstance(actor, AsPerson):
        return actor.account
    if isinstance(actor, AsInstallation):
        return actor.token.installation.app.bot
    raise bad_credentials()


def identify_git(world: World, headers: dict[str, str]) -> Actor:
    """git sends Basic: `x-access-token:TOKEN`, or a person's login and `ghp_<login>`."""
    given = headers.get("authorization")
    if given is None:
        return Nobody()
    scheme, _, value = given.partition(" ")
    if scheme.lower() != "basic":
        return _by_token(world, value)
    try:
        _, _, password = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise bad_credentials() from error
    return _by_token(world, password)


def _by_token(world: World, value: str) -> Actor:
    if value.count(".") == 2:
        return AsApp(_app_of(world, value))
    if value.startswith("ghp_"):
        return _person(world, value.removeprefix("ghp_"))
    token = world.tokens.get(value)
    if token is None or token.revoked or token.expires_at <= world.clock.now():
        raise bad_credentials()
    if token.installation.removed:
        raise bad_credentials()
    if token.installation.suspended_at is not None:
        raise Refusal(403, "This installation has been suspended")
    return AsInstallation(token)


def _person(world: World, login: str) -> AsPerson:
    account = world.account(login)
    if account is None or account.kind != "User":
        raise bad_credentials()
    return AsPerson(account)


def _app_of(world: World, value: str) -> App:
    try:
        issuer = str(jwt.decode(value, options={"verify_signature": False}).get("iss"))
    except jwt.InvalidTokenError as error:
        raise Refusal(401, "A JSON web token could not be decoded") from error
    app = next((a for a in world.apps.values() if issuer in {str(a.id), a.client_id}), None)
    if app is None:
        raise Refusal(401, "Integration not found")
    _check_times(world, _verified(value, app))
    return app


def _verified(value: str, app: App) -> dict[str, object]:
    try:
        claims: dict[str, object] = jwt.decode(
            value, app.public_key, algorithms=["RS256"], options=_SIGNATURE_ONLY
        )
    except jwt.InvalidTokenError as error:
        raise Refusal(401, "A JSON web token could not be decoded") from error
    return claims


def _check_times(world: World, claims: dict[str, object]) -> None:
    now = world.clock.now().timestamp()
    expires, issued = claims.get("exp"), claims.get("iat")
    if not isinstance(expires, int | float):
        raise Refusal(401, "'Expiration time' claim ('exp') must be a numeric value")
    if not isinstance(issued, int | float):
        raise Refusal(401, "Missing 'issued at' claim ('iat') in assertion")
    longest = timedelta(seconds=LONGEST_JWT_SECONDS + JWT_SLACK_SECONDS).total_seconds()
    if expires > now + longest or expires - issued > longest:
        raise Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
    if expires <= now:
        raise Refusal(401, "'Expiration time' claim ('exp') is in the past")
    if issued > now + JWT_SLACK_SECONDS:
        raise Refusal(401, "'Issued at' claim ('iat') must be in the past")
