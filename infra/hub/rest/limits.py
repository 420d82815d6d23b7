"""GitHub's rate limits: the hourly one, and the one on creating content."""

from dataclasses import dataclass, field

from infra.hub.rest.actors import Actor, AsInstallation, Nobody
from infra.hub.rest.refusal import Refusal
from infra.hub.state.world import Json, World

HOUR = 3600


@dataclass
class Window:
    ends: float
    used: int = 0
    writes: list[float] = field(default_factory=list)


class Limits:
    def __init__(self, world: World) -> None:
        self._world = world
        self._windows: dict[str, Window] = {}

    def window(self, actor: Actor) -> Window:
        now = self._world.clock.now().timestamp()
        key = _key(actor)
        window = self._windows.get(key)
        if window is None or window.ends <= now:
            window = self._windows[key] = Window(now + HOUR)
        return window

    def size(self, actor: Actor) -> int:
        return 60 if isinstance(actor, Nobody) else self._world.switches.primary_limit

    def spend(self, actor: Actor) -> None:
        window = self.window(actor)
        if window.used >= self.size(actor):
            raise Refusal(403, f"API rate limit exceeded for {actor.name}.")
        window.used += 1

    def refund(self, actor: Actor) -> None:
        """A 304 costs nothing of the hourly limit."""
        self.window(actor).used -= 1

    def spend_content(self, actor: Actor) -> None:
        window, now = self.window(actor), self._world.clock.now().timestamp()
        window.writes = [at for at in window.writes if at > now - HOUR]
        switches = self._world.switches
        minute = sum(at > now - 60 for at in window.writes)
        for limit, spent in (
            (switches.content_per_minute, minute),
            (switches.content_per_hour, len(window.writes)),
        ):
            if limit is not None and spent >= limit:
                raise secondary_limit(60)
        window.writes.append(now)

    def headers(self, actor: Actor) -> dict[str, str]:
        return {f"x-ratelimit-{name}": str(value) for name, value in self._facts(actor).items()}

    def overview(self, actor: Actor) -> Json:
        core = {key: value for key, value in self._facts(actor).items() if key != "resource"}
        return {"resources": {"core": core, "search": core}, "rate": core}

    def _facts(self, actor: Actor) -> Json:
        window, size = self.window(actor), self.size(actor)
        return {
            "limit": size,
            "remaining": max(0, size - window.used),
            "used": window.used,
            "reset": int(window.ends),
            "resource": "core",
        }


def secondary_limit(retry_after: int | None) -> Refusal:
    """`retry-after` is sent only sometimes; the words always."""
    return Refusal(
        403,
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        headers={} if retry_after is None else {"retry-after": str(retry_after)},
    )


def _key(actor: Actor) -> str:
    if isinstance(actor, AsInstallation):
        return f"installation {actor.token.installation.id}"
    return actor.name
