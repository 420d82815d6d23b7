import asyncio
import os
import shutil
import time
from pathlib import Path

import pytest

from executor.sandbox.bubblewrap import Bubblewrap
from executor.sandbox.none import Unwalled
from executor.sandbox.policy import Policy
from executor.sandbox.port import NoSandbox, Sandbox

needs_bubblewrap = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="install the package bubblewrap"
)


@pytest.fixture(params=[pytest.param("bubblewrap", marks=needs_bubblewrap), "none"])
def driver(request: pytest.FixtureRequest) -> Sandbox:
    return Bubblewrap() if request.param == "bubblewrap" else Unwalled()


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    return Policy(workspace=workspace, wall_seconds=20)


async def test_a_command_works_in_its_workspace(driver: Sandbox, policy: Policy) -> None:
    (policy.workspace / "sub").mkdir()
    finished = await driver.run(["sh", "-c", "pwd; echo hi > made; ls"], policy)
    assert (finished.exit_code, finished.output.splitlines()[1:]) == (0, ["made", "sub"])
    assert (policy.workspace / "made").read_text() == "hi\n"
    below = await driver.run(["pwd"], policy, cwd="sub")
    assert below.output.endswith("workspace/sub\n")


async def test_python_is_there(driver: Sandbox, policy: Policy) -> None:
    script = "import ssl, sqlite3, getpass, socket; print(getpass.getuser() != '')"
    finished = await driver.run(["python3", "-c", script], policy)
    assert finished.output == "True\n"


async def test_exit_codes_are_passed_on(driver: Sandbox, policy: Policy) -> None:
    finished = await driver.run(["sh", "-c", "echo no >&2; exit 3"], policy)
    assert (finished.exit_code, finished.output, finished.signalled) == (3, "no\n", None)


async def test_a_missing_program_exits_as_in_a_shell(driver: Sandbox, policy: Policy) -> None:
    finished = await driver.run(["no-such-program"], policy)
    assert finished.exit_code == 127
    assert "not found" in finished.output


async def test_a_signal_is_named(driver: Sandbox, policy: Policy) -> None:
    finished = await driver.run(["sh", "-c", "kill -9 $$"], policy)
    assert (finished.exit_code, finished.signalled, finished.stopped) == (137, 9, "")


async def test_both_streams_keep_their_order(driver: Sandbox, policy: Policy) -> None:
    finished = await driver.run(["sh", "-c", "echo a; echo b >&2; echo c"], policy)
    assert finished.output == "a\nb\nc\n"


async def test_time_is_limited(driver: Sandbox, policy: Policy) -> None:
    hasty = policy.model_copy(update={"wall_seconds": 0.4})
    finished = await driver.run(["sh", "-c", "echo begun; sleep 30"], hasty)
    assert (finished.timed_out, finished.stopped) == (True, "timed out after 0.4 s")
    assert finished.output == "begun\n"
    assert finished.seconds < 5


async def test_silence_is_limited_and_talk_is_not(driver: Sandbox, policy: Policy) -> None:
    quiet = policy.model_copy(update={"silence_seconds": 0.5})
    finished = await driver.run(["sh", "-c", "echo begun; sleep 30"], quiet)
    assert (finished.timed_out, finished.stopped) == (True, "timed out: silent for 0.5 s")
    talking = "for i in 1 2 3 4 5 6; do echo $i; sleep 0.15; done"
    assert (await driver.run(["sh", "-c", talking], quiet)).exit_code == 0


async def test_the_whole_tree_dies_with_its_command(driver: Sandbox, policy: Policy) -> None:
    late = "(sleep 1; touch late) & echo done"
    finished = await driver.run(["sh", "-c", late], policy)
    assert finished.output == "done\n"
    await asyncio.sleep(1.3)
    assert not (policy.workspace / "late").exists()


async def test_cancelling_kills_the_tree(driver: Sandbox, policy: Policy) -> None:
    command = ["sh", "-c", "touch begun; sleep 1.5; touch late"]
    running = asyncio.create_task(driver.run(command, policy))
    await asyncio.sleep(0.6)
    assert (policy.workspace / "begun").exists()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await asyncio.sleep(1.2)
    assert not (policy.workspace / "late").exists()


async def test_too_much_output_keeps_both_ends(driver: Sandbox, policy: Policy) -> None:
    small = policy.model_copy(update={"output_bytes": 4_000})
    finished = await driver.run(["seq", "1", "200000"], small)
    assert finished.cut
    assert finished.output.startswith("1\n2\n")
    assert finished.output.endswith("200000\n")
    assert len(finished.output) < 4_100


async def test_memory_is_limited_over_the_whole_tree(driver: Sandbox, policy: Policy) -> None:
    small = policy.model_copy(update={"memory_bytes": 96 * 1024**2})
    hog = "tail /dev/zero & tail /dev/zero & wait"
    finished = await driver.run(["sh", "-c", hog], small)
    assert finished.stopped == "stopped: more than 96 MB of memory"
    assert not finished.timed_out


async def test_processes_are_limited(driver: Sandbox, policy: Policy) -> None:
    few = policy.model_copy(update={"pids": 20})
    finished = await driver.run(["sh", "-c", "for i in $(seq 60); do sleep 9 & done; wait"], few)
    assert finished.stopped == "stopped: more than 20 processes" or "fork" in finished.output


async def test_the_environment_is_only_what_was_given(
    driver: Sandbox, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary")
    given = policy.model_copy(update={"env": {"COLOUR": "blue"}})
    finished = await driver.run(["env"], given)
    names = {line.partition("=")[0] for line in finished.output.splitlines()}
    assert names - {"_", "SHLVL", "OLDPWD"} <= {"PATH", "HOME", "PWD", "COLOUR"}
    assert "canary" not in finished.output


async def test_input_is_closed(driver: Sandbox, policy: Policy) -> None:
    finished = await driver.run(["cat"], policy)
    assert (finished.exit_code, finished.output) == (0, "")


async def test_no_file_is_left_open(driver: Sandbox, policy: Policy) -> None:
    await driver.run(["true"], policy)
    before = open_files()
    for _ in range(5):
        await driver.run(["true"], policy)
    assert open_files() == before


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


async def test_what_setup_installed_into_the_workspace_is_found(
    driver: Sandbox, policy: Policy
) -> None:
    tool = policy.workspace / ".venv/bin/our-linter"
    tool.parent.mkdir(parents=True)
    tool.write_text("#!/bin/sh\necho linted\n")
    tool.chmod(0o755)
    assert (await driver.run(["our-linter"], policy)).output == "linted\n"


@needs_bubblewrap
async def test_every_story_sees_its_workspace_at_the_same_path(policy: Policy) -> None:
    finished = await Bubblewrap().run(["sh", "-c", "pwd; id -u; whoami; ls -d /home /root"], policy)
    assert finished.output.splitlines()[:3] == ["/workspace", "1000", "baro"]
    assert "/home\n" not in finished.output


@needs_bubblewrap
async def test_only_named_files_of_etc_are_there(policy: Policy) -> None:
    finished = await Bubblewrap().run(["ls", "/etc"], policy)
    assert {"shadow", "environment", "pip.conf", "ssh"}.isdisjoint(finished.output.split())


@needs_bubblewrap
async def test_a_read_only_folder_is_read_only(policy: Policy, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "data").write_text("fixed\n")
    with_shared = policy.model_copy(update={"read_only": (shared,)})
    script = f"cat {shared}/data; echo changed > {shared}/data"
    finished = await Bubblewrap().run(["sh", "-c", script], with_shared)
    assert finished.output.startswith("fixed\n")
    assert (shared / "data").read_text() == "fixed\n"


@needs_bubblewrap
async def test_walls_that_cannot_be_built_are_not_a_failed_command(policy: Policy) -> None:
    absent = policy.model_copy(update={"read_only": (Path("/no/such/folder"),)})
    with pytest.raises(NoSandbox, match="/no/such/folder"):
        await Bubblewrap().run(["true"], absent)


@needs_bubblewrap
async def test_a_command_that_speaks_like_bwrap_is_a_failed_command(policy: Policy) -> None:
    finished = await Bubblewrap().run(["sh", "-c", "echo bwrap: no >&2; exit 1"], policy)
    assert finished.exit_code == 1


async def test_commands_run_side_by_side(driver: Sandbox, policy: Policy) -> None:
    started = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(driver.run(["sleep", "0.5"], policy))
    assert time.monotonic() - started < 3
