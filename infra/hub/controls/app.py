"""The controls as one small application."""

from collections.abc import Awaitable, Callable

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from infra.hub.controls.changing import (
    change_installation,
    change_repository,
    delete_account,
    flip_switches,
    move_clock,
    ping,
    press_button,
    revoke_tokens,
    set_hook,
)
from infra.hub.controls.controlled import Controlled
from infra.hub.controls.disturbing import (
    add_fault,
    add_hook_fault,
    await_deliveries,
    await_fault,
    clear_faults,
    clear_hook_faults,
    list_faults,
    release_fault,
    remove_fault,
)
from infra.hub.controls.watching import (
    plant_seed,
    show_avatar,
    show_state,
    show_traffic,
    show_unread,
    show_violations,
)


def controls(hub: Callable[[], Controlled]) -> ASGIApp:
    """`hub` is asked for at each call: it and these controls hold each other."""

    def at(path: str, act: Callable[[Controlled, Request], Awaitable[object]], verb: str) -> Route:
        async def endpoint(request: Request) -> Response:
            return _answer(await act(hub(), request))

        return Route(f"/_hub/{path}", endpoint, methods=[verb])

    return Starlette(
        routes=[
            at("seed", plant_seed, "POST"),
            at("state", show_state, "GET"),
            at("faults", add_fault, "POST"),
            at("faults", list_faults, "GET"),
            at("faults", clear_faults, "DELETE"),
            at("faults/{id:int}/release", release_fault, "POST"),
            at("faults/{id:int}/reached", await_fault, "GET"),
            at("faults/{id:int}", remove_fault, "DELETE"),
            at("hook-faults", add_hook_fault, "POST"),
            at("hook-faults", clear_hook_faults, "DELETE"),
            at("deliveries/idle", await_deliveries, "POST"),
            at("traffic", show_traffic, "GET"),
            at("violations", show_violations, "GET"),
            at("unread", show_unread, "GET"),
            at("clock", move_clock, "POST"),
            at("switches", flip_switches, "PATCH"),
            at("apps/{slug}/hook", set_hook, "PUT"),
            at("apps/{slug}/ping", ping, "POST"),
            at("apps/{slug}/tokens", revoke_tokens, "DELETE"),
            at("installations/{id:int}", change_installation, "PATCH"),
            at("accounts/{login}", delete_account, "DELETE"),
            at("repos/{owner}/{repo}", change_repository, "PATCH"),
            at("repos/{owner}/{repo}/check-runs/{id:int}/actions", press_button, "POST"),
            Route("/_hub/avatars/{id:int}", show_avatar),
        ],
        exception_handlers={ValidationError: _invalid},
    )


def _answer(value: object) -> Response:
    return Response(status_code=204) if value is None else JSONResponse(value)


async def _invalid(request: Request, error: Exception) -> Response:
    del request
    return JSONResponse({"message": str(error)}, status_code=422)
