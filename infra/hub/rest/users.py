"""Users, the caller, and the hub about itself."""

from infra.hub.render.accounts import private_user, public_user
from infra.hub.rest.actors import AsInstallation
from infra.hub.rest.call import Answer, Call
from infra.hub.rest.refusal import Refusal, not_found
from infra.hub.rest.routes import Routes

route = Routes()


@route("GET", "/users/{username}", None)
def show_user(call: Call) -> Answer:
    account = call.world.account(call.params["username"])
    if account is None:
        raise not_found()
    return Answer(200, public_user(call.world, account))


@route("GET", "/user", None)
def show_caller(call: Call) -> Answer:
    if isinstance(call.actor, AsInstallation):
        raise Refusal(403, "Resource not accessible by integration")
    return Answer(200, private_user(call.world, call.account))


@route("GET", "/rate_limit", None)
def show_limits(call: Call) -> Answer:
    """Answered by the dispatcher, which keeps the counts."""
    return Answer(200, {"path": call.path})


@route("GET", "/zen", None)
def show_zen(call: Call) -> Answer:
    del call
    text = b"Keep it logically awesome."
    return Answer(200, headers={"Content-Type": "text/plain;charset=utf-8"}, raw=text)


@route("GET", "/meta", None)
def show_meta(call: Call) -> Answer:
    del call
    return Answer(200, {"verifiable_password_authentication": False, "hooks": ["127.0.0.1/32"]})
