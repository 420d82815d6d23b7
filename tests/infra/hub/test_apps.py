"""An App proves who it is, and its tokens reach as far as they were granted."""

from time import time

import jwt
import pytest

from infra.hub.acts.accounts import add_account
from infra.hub.acts.apps import new_private_key, register_manifest
from infra.hub.acts.repositories import create_repository
from infra.hub.running import Hub
from tests.infra.hub.app import SHOP, AppClient

NOW = int(time())


async def test_an_app_reads_itself_and_its_installations(app: AppClient) -> None:
    shown = await app.as_app("GET", "/app")
    installations = await app.as_app("GET", "/app/installations")
    found = await app.as_app("GET", f"{SHOP}/installation")
    one = await app.as_app("GET", f"/app/installations/{found.json()['id']}")
    assert shown.json()["slug"] == "baro"
    assert [each["id"] for each in installations.json()] == [found.json()["id"]]
    assert one.json()["account"]["login"] == "acme"


async def test_the_client_id_may_be_the_issuer(app: AppClient) -> None:
    bearer = app.jwt(iss=app.seeded.client_id)
    shown = await app.get("/app", Authorization=f"Bearer {bearer}")
    assert shown.status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW + 3600},
        {"iat": NOW - 900, "exp": NOW - 300},
        {"iat": NOW + 600, "exp": NOW + 700},
        {"iss": "999"},
        {"exp": None},
        {"iat": None},
    ],
    ids=["lives too long", "expired", "from the future", "unknown app", "no exp", "no iat"],
)
async def test_a_wrong_jwt_is_refused(app: AppClient, claims: dict[str, object]) -> None:
    refused = await app.get("/app", Authorization=f"Bearer {app.jwt(**claims)}")
    assert refused.status_code == 401


async def test_a_clock_a_minute_ahead_is_forgiven(app: AppClient) -> None:
    bearer = app.jwt(iat=int(time()) + 40, exp=int(time()) + 630)
    shown = await app.get("/app", Authorization=f"Bearer {bearer}")
    assert shown.status_code == 200


async def test_a_jwt_of_another_key_is_refused(app: AppClient) -> None:
    claims = {"iat": NOW - 60, "exp": NOW + 500, "iss": str(app.seeded.app_id)}
    forged = jwt.encode(claims, new_private_key(), algorithm="RS256")
    refused = await app.get("/app", Authorization=f"Bearer {forged}")
    assert refused.status_code == 401


async def test_a_jwt_opens_no_repository_and_a_token_no_app(app: AppClient, bot: AppClient) -> None:
    assert (await app.as_app("GET", SHOP)).status_code == 401
    assert (await bot.get("/app")).status_code == 401


async def test_an_unknown_token_is_bad_credentials(app: AppClient) -> None:
    refused = await app.get(SHOP, Authorization="token ghs_never_minted")
    assert refused.status_code == 401
    assert refused.json()["message"] == "Bad credentials"


async def test_a_token_says_until_when_and_for_what(app: AppClient) -> None:
    minted = (await app.mint()).json()
    assert minted["permissions"]["contents"] == "write"
    assert minted["repository_selection"] == "all"
    assert minted["expires_at"].endswith("Z")
    assert "." not in minted["expires_at"]


async def test_a_token_can_be_narrowed(hub: Hub, app: AppClient) -> None:
    acme = hub.world.account("acme")
    assert acme is not None
    other = create_repository(hub.world, acme, "other", private=True)
    narrow = await app.sign_in(repositories=["shop"], permissions={"issues": "read"})
    by_id = await app.sign_in(repository_ids=[other.id])
    assert (await narrow.get(f"{SHOP}/issues")).status_code == 200
    assert (await narrow.post(f"{SHOP}/issues", {"title": "x"})).status_code == 403
    assert (await narrow.get("/repos/acme/other")).status_code == 404
    assert (await by_id.get("/repos/acme/other")).status_code == 200
    listed = (await by_id.get("/installation/repositories")).json()
    assert [each["full_name"] for each in listed["repositories"]] == ["acme/other"]


@pytest.mark.parametrize(
    "narrowed",
    [{"permissions": {"workflows": "write"}}, {"repositories": ["nowhere"]}],
    ids=["permission not granted", "repository not covered"],
)
async def test_a_narrowing_that_widens_is_refused(
    app: AppClient, narrowed: dict[str, object]
) -> None:
    assert (await app.mint(**narrowed)).status_code == 422


async def test_a_token_lives_one_hour(hub: Hub, bot: AppClient) -> None:
    assert (await bot.get(SHOP)).status_code == 200
    hub.world.clock.advance(3601)
    refused = await bot.get(SHOP)
    assert (refused.status_code, refused.json()["message"]) == (401, "Bad credentials")


async def test_a_revoked_token_is_bad_at_once(bot: AppClient) -> None:
    assert (await bot.delete("/installation/token")).status_code == 204
    assert (await bot.get(SHOP)).status_code == 401


async def test_a_suspended_installation_mints_nothing_and_its_tokens_stop(
    app: AppClient, bot: AppClient
) -> None:
    path = f"/app/installations/{app.seeded.installation_id}"
    await app.as_app("PUT", f"{path}/suspended")
    assert (await app.mint()).status_code == 403
    assert (await bot.get(SHOP)).status_code == 403
    await app.as_app("DELETE", f"{path}/suspended")
    assert (await bot.get(SHOP)).status_code == 200


async def test_an_uninstalled_app_is_not_found(app: AppClient, bot: AppClient) -> None:
    await app.as_app("DELETE", f"/app/installations/{app.seeded.installation_id}")
    assert (await app.mint()).status_code == 404
    assert (await app.as_app("GET", f"{SHOP}/installation")).status_code == 404
    assert (await bot.get(SHOP)).status_code == 401


async def test_what_an_app_writes_is_by_its_bot(bot: AppClient) -> None:
    issue = (await bot.post(f"{SHOP}/issues", {"title": "By the App"})).json()
    account = (await bot.get("/users/baro[bot]")).json()
    assert (issue["user"]["login"], issue["user"]["type"]) == ("baro[bot]", "Bot")
    assert issue["user"]["id"] == account["id"] != bot.seeded.app_id
    assert issue["performed_via_github_app"]["slug"] == "baro"


async def test_a_manifest_is_converted_once_and_within_the_hour(hub: Hub, app: AppClient) -> None:
    registered = hub.world.apps[app.seeded.app_id]
    first = register_manifest(hub.world, registered)
    converted = await app.post(f"/app-manifests/{first.code}/conversions")
    assert converted.json()["pem"] == app.seeded.private_key
    assert (await app.post(f"/app-manifests/{first.code}/conversions")).status_code == 404
    late = register_manifest(hub.world, registered)
    hub.world.clock.advance(3601)
    assert (await app.post(f"/app-manifests/{late.code}/conversions")).status_code == 404


async def test_a_user_installation_is_found_by_login(app: AppClient) -> None:
    assert (await app.as_app("GET", "/users/acme/installation")).status_code == 200
    assert (await app.as_app("GET", "/users/sam/installation")).status_code == 404


async def test_the_hub_tells_about_itself(bot: AppClient) -> None:
    assert (await bot.get("/zen")).headers["content-type"].startswith("text/plain")
    assert "hooks" in (await bot.get("/meta")).json()
    assert (await bot.get("/users/nobody")).status_code == 404
    assert (await bot.get("/user")).status_code == 403


def test_a_login_is_taken_once(hub: Hub, app: AppClient) -> None:
    with pytest.raises(ValueError, match="maya is taken"):
        add_account(hub.world, "maya")
