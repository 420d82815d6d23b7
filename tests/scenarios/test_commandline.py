"""What an operator types: doctor, redeliver, check-config, and a wrong setting."""

import asyncio
import os
import sys
from pathlib import Path

from tests.support.stage import SHOP, Stage, a_tiny_stage, baro, planned


async def run(stage: Stage, *arguments: str, **environment: str) -> tuple[int, str]:
    """The command as a process, with the stage's settings; its exit code and its words."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.cli",
        *arguments,
        env={"PATH": os.environ["PATH"], **stage.environment, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_the_doctor_finds_everything_in_order(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        await planned(stage)
        code, said = await run(stage, "doctor", "--repo", SHOP)
        assert code == 0, said
        assert "✓ permissions: all granted" in said
        assert f"✓ push: a hidden ref on {SHOP} was made and deleted" in said
        assert "✗" not in said


async def test_the_doctor_names_what_is_wrong_and_the_way_out(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage:
        code, said = await run(stage, "doctor", BARO_ROUTES="", BARO_APP_ID="1")
        assert code == 1
        assert "✗ models: none is configured" in said
        assert "✗ GitHub" in said
        assert said.count("fix:") >= 2


async def test_a_webhook_is_sent_again_by_its_guid(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage, baro(stage):
        await planned(stage)
        guid = stage.hub.world.deliveries[-1].guid
        code, said = await run(stage, "redeliver", guid)
        assert (code, "again" in said) == (0, True), said
        code, said = await run(stage, "redeliver", "no-such-guid")
        assert (code, "GitHub has no delivery" in said) == (1, True), said


async def test_check_config_hides_secrets_and_names_mistakes(tmp_path: Path) -> None:
    config = tmp_path / "baro.yml"
    config.write_text("mode: fast\n")
    async with a_tiny_stage(tmp_path / "stage") as stage:
        code, said = await run(stage, "check-config")
        assert code == 0, said
        assert stage.app.hook_secret not in said
        code, said = await run(stage, "check-config", "--repo", str(config))
        assert code == 1
        assert "line 1" in said


async def test_a_wrong_setting_is_one_line_that_names_it(tmp_path: Path) -> None:
    async with a_tiny_stage(tmp_path) as stage:
        code, said = await run(stage, "serve", BARO_PORT="many")
        assert code == 2
        assert said.startswith("baro: BARO_PORT: ")
        assert len(said.splitlines()) == 1
        code, said = await run(stage, "worker")
        assert code == 2
        assert "BARO_REDIS_URL" in said


async def test_a_hub_that_is_down_at_start_is_waited_for(tmp_path: Path) -> None:
    """GitHub being away makes baro unready, never dead; what was missed is found."""
    async with a_tiny_stage(tmp_path) as stage:
        down = stage.hub.fault(path="/app", status=503, times=None)
        async with baro(stage):
            await stage.person("maya").comment(SHOP, 1, "/baro plan")
            stage.hub.faults.remove(down)
            await stage.comment(1, "waiting for approval", 40)
