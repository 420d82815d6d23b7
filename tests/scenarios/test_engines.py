"""The same change on every database and queue that baro runs on."""

from pathlib import Path

import pytest

from tests.support import tiny
from tests.support.stage import a_tiny_stage, baro, delivered


@pytest.fixture(
    params=["sqlite-embedded", "sqlite-redis", "postgresql-embedded", "postgresql-redis"]
)
def engines(request: pytest.FixtureRequest) -> dict[str, str]:
    """The settings for one pair; a server that cannot be had skips with its reason."""
    database, _, queue = request.param.partition("-")
    chosen: dict[str, str] = {}
    if database == "postgresql":
        chosen["BARO_DATABASE_URL"] = request.getfixturevalue("empty_postgresql_url")
    if queue == "redis":
        chosen["BARO_REDIS_URL"] = request.getfixturevalue("redis_server").url
    return chosen


async def test_a_plan_in_waves_is_delivered(tmp_path: Path, engines: dict[str, str]) -> None:
    async with (
        a_tiny_stage(tmp_path, tiny.three_verbs(), environment=engines) as stage,
        baro(stage),
    ):
        number = await delivered(stage)
        pull = await stage.person("maya").pull("acme/shop", number)
        assert not pull.draft
        assert stage.commits(pull.head.ref) == 3
