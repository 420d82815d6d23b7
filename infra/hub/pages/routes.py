"""The pages' addresses. Acting happens over REST from the browser, with the viewer's cookie."""

from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from infra.hub.pages import shown
from infra.hub.state.clock import stamp
from infra.hub.state.repositories import Repository
from infra.hub.state.world import World

HERE = Path(__file__).resolve().parent
COOKIE = "hub_user"


def routes(world: World) -> list[BaseRoute]:
    pages = _Pages(world)
    return [
        Route("/favicon.ico", pages.icon),
        Mount("/_pages", StaticFiles(directory=HERE / "static")),
        Route("/", pages.front),
        Route("/{owner}/{name}", pages.home),
        Route("/{owner}/{name}/issues", pages.issues),
        Route("/{owner}/{name}/issues/new", pages.new),
        Route("/{owner}/{name}/issues/{number:int}", pages.thread),
        Route("/{owner}/{name}/pulls", pages.pulls),
        Route("/{owner}/{name}/pull/{number:int}", pages.thread),
        Route("/{owner}/{name}/pull/{number:int}/files", pages.files),
    ]


class _Pages:
    """Holds the templates; every page reads the world under its lock."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["stamp"] = stamp
        self._templates.filters["when"] = _when

    async def icon(self, request: Request) -> Response:
        del request
        return FileResponse(HERE / "static" / "icon.svg", media_type="image/svg+xml")

    async def front(self, request: Request) -> Response:
        with self._world.lock:
            every = list(self._world.repositories.values())
            return self._page(request, None, "front.html", repositories=every)

    async def home(self, request: Request) -> Response:
        return RedirectResponse(f"{request.url.path.rstrip('/')}/issues")

    async def issues(self, request: Request) -> Response:
        return self._list(request, pulls=False)

    async def pulls(self, request: Request) -> Response:
        return self._list(request, pulls=True)

    async def new(self, request: Request) -> Response:
        with self._world.lock:
            repository = self._repository(request)
            if repository is None:
                return _missing()
            return self._page(request, repository, "new.html", tab="issues")

    async def thread(self, request: Request) -> Response:
        with self._world.lock:
            repository = self._repository(request)
            issue = repository.issues.get(request.path_params["number"]) if repository else None
            if repository is None or issue is None:
                return _missing()
            if issue.pull is not None and "/issues/" in request.url.path:
                page = self._world.urls.page(repository)
                return RedirectResponse(f"{page}/pull/{issue.number}")
            who = shown.viewer(self._world, self._login(request), repository)
            return self._page(
                request,
                repository,
                "fragment.html" if "fragment" in request.query_params else "thread.html",
                tab="pulls" if issue.pull else "issues",
                issue=issue,
                state=shown.state_of(issue),
                posts=shown.posts(self._world, issue, who),
                proposal=shown.proposal(self._world, issue.pull) if issue.pull else None,
            )

    async def files(self, request: Request) -> Response:
        with self._world.lock:
            repository = self._repository(request)
            issue = repository.issues.get(request.path_params["number"]) if repository else None
            if repository is None or issue is None or issue.pull is None:
                return _missing()
            return self._page(
                request,
                repository,
                "files.html",
                tab="pulls",
                issue=issue,
                state=shown.state_of(issue),
                proposal=shown.proposal(self._world, issue.pull),
            )

    def _list(self, request: Request, *, pulls: bool) -> Response:
        with self._world.lock:
            repository = self._repository(request)
            if repository is None:
                return _missing()
            found = shown.rows(repository, pulls=pulls)
            wanted = request.query_params.get("state", "all")
            tab = "pulls" if pulls else "issues"
            return self._page(request, repository, "list.html", tab=tab, rows=found, wanted=wanted)

    def _repository(self, request: Request) -> Repository | None:
        owner, name = request.path_params["owner"], request.path_params["name"]
        return self._world.repository(f"{owner}/{name}")

    def _login(self, request: Request) -> str:
        people = shown.people(self._world)
        asked = request.cookies.get(COOKIE, "")
        return asked if asked in people else next(iter(people), "")

    def _page(
        self, request: Request, repository: Repository | None, name: str, **more: object
    ) -> Response:
        login = self._login(request)
        html = self._templates.get_template(name).render(
            repository=repository,
            people=shown.people(self._world),
            viewer=shown.viewer(self._world, login, repository),
            **{"tab": "", **more},
        )
        response = HTMLResponse(html)
        # Never over a choice: an answer on its way would undo what was chosen meanwhile.
        if request.cookies.get(COOKIE) != login:
            response.set_cookie(COOKIE, login, samesite="lax")
        return response


def _when(at: datetime) -> str:
    return f"{at.day} {at:%b %H:%M} UTC"


def _missing() -> Response:
    return HTMLResponse("<h1>Not here</h1><p><a href='/'>All repositories</a></p>", 404)
