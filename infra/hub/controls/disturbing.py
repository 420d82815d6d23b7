"""Faults, switched on and released."""

from starlette.exceptions import HTTPException
from starlette.requests import Request

from infra.hub.controls.controlled import Controlled, Form
from infra.hub.faults import Fault, FaultForm, reached
from infra.hub.hook_faults import HookFaultForm
from infra.hub.state.world import Json


async def add_fault(hub: Controlled, request: Request) -> object:
    return _fault(hub.faults.add(FaultForm.model_validate_json(await request.body())))


def _fault(fault: Fault) -> Json:
    return {
        "id": fault.id,
        "hits": fault.hits,
        "holding": fault.holding,
        **fault.form.model_dump(),
    }


async def list_faults(hub: Controlled, request: Request) -> object:
    del request
    return [_fault(fault) for fault in hub.faults.every()]


async def clear_faults(hub: Controlled, request: Request) -> None:
    del request
    hub.faults.clear()


def _found_fault(hub: Controlled, request: Request) -> Fault:
    fault = hub.faults.get(request.path_params["id"])
    if fault is None:
        raise HTTPException(404)
    return fault


class ReleaseForm(Form):
    abandon: bool = False


async def release_fault(hub: Controlled, request: Request) -> object:
    form = ReleaseForm.model_validate_json(await request.body() or b"{}")
    fault = _found_fault(hub, request)
    hub.faults.release(fault, abandon=form.abandon)
    return _fault(fault)


async def await_fault(hub: Controlled, request: Request) -> object:
    """Answers when a request is held, or with 408 after `seconds`."""
    fault = _found_fault(hub, request)
    try:
        await reached(fault, float(request.query_params.get("seconds", "10")))
    except TimeoutError as error:
        raise HTTPException(408) from error
    return _fault(fault)


async def remove_fault(hub: Controlled, request: Request) -> None:
    hub.faults.remove(_found_fault(hub, request))


async def add_hook_fault(hub: Controlled, request: Request) -> object:
    fault = hub.hooks.add_fault(HookFaultForm.model_validate_json(await request.body()))
    return {"id": fault.id}


async def clear_hook_faults(hub: Controlled, request: Request) -> None:
    del request
    hub.hooks.faults.clear()


async def await_deliveries(hub: Controlled, request: Request) -> None:
    await hub.hooks.idle(float(request.query_params.get("seconds", "10")))
