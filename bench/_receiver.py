"""The real webhook route as a process: `python -m bench._receiver stored|unstored DIR`."""

import asyncio
import socket
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.routing import BaseRoute

from bot.store.deliveries import NewDelivery
from bot.store.engine import Store
from bot.store.ids import Guid
from bot.store.inbox import Inbox, open_inbox
from bot.store.migrate import migrate
from bot.webhooks import webhook_route

SECRET = b"a secret of the benchmark"


class Nowhere:
    """Takes everything and keeps nothing."""

    async def put(self, new: NewDelivery) -> bool:
        return bool(new.guid)

    async def close(self) -> None:
        return


async def receive(how: str, folder: Path) -> None:
    url = f"sqlite+aiosqlite:///{folder}/baro.db"
    await migrate(url)
    async with Store(url) as store:
        inbox: Inbox = open_inbox(store) if how == "stored" else Nowhere()
        routes: list[BaseRoute] = [webhook_route([SECRET], inbox, _sleep_on)]
        app = FastAPI(routes=routes, openapi_url=None, docs_url=None, redoc_url=None)
        listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        print(listening.getsockname()[1], flush=True)
        config = uvicorn.Config(app, log_level="error", access_log=False, lifespan="off")
        await uvicorn.Server(config).serve(sockets=[listening])
        await inbox.close()


async def _sleep_on(_: Guid) -> None:
    """Nobody is woken: what is measured ends with the answer."""


if __name__ == "__main__":
    asyncio.run(receive(sys.argv[1], Path(sys.argv[2])))
