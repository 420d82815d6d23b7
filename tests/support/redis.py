"""A Redis server of our own per test, on a socket."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway

NO_REDIS = "no redis-server on PATH: apt-get install redis-server"


@dataclass
class RedisServer:
    """A server that can be stopped and started again, on the same socket, with nothing kept."""

    binary: str
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return self.folder / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                self.binary,
                *("--port", "0"),
                *("--unixsocket", str(self.socket)),
                *("--save", ""),
                *("--dir", str(self.folder)),
            ],
            stdout=subprocess.DEVNULL,
        )
        self._wait()

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _wait(self) -> None:
        deadline = time.monotonic() + 10
        with Redis(unix_socket_path=str(self.socket)) as client:
            while time.monotonic() < deadline:
                try:
                    client.ping()
                except RedisAway:
                    time.sleep(0.02)
                else:
                    return
        raise TimeoutError("redis-server did not answer within 10 s")


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip(NO_REDIS)
    # A socket's path may hold 107 bytes; pytest's own folders can be longer.
    with tempfile.TemporaryDirectory(prefix="baro-redis-") as folder:
        server = RedisServer(binary, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(params=["embedded", "redis"])
def redis_url(request: pytest.FixtureRequest) -> str | None:
    """Both ways to run the queue; None is the one inside the process."""
    if request.param == "embedded":
        return None
    server: RedisServer = request.getfixturevalue("redis_server")
    return server.url
