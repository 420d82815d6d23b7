"""People of the hub, for tests and the demo: they act over REST as a browser would."""

import base64
import re
from typing import Literal

import httpx
from pydantic import BaseModel, ConfigDict, TypeAdapter

from infra.hub.git.merges import MergeMethod
from infra.hub.state.reactions import Content

API_PREFIX = "/api/v3"


class Seen(BaseModel):
    """The fields of an answer that people look at."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class SeenUser(Seen):
    id: int
    login: str


class SeenIssue(Seen):
    id: int
    number: int
    title: str
    body: str | None
    state: Literal["open", "closed"]
    html_url: str
    user: SeenUser | None
    locked: bool


class SeenComment(Seen):
    id: int
    body: str
    html_url: str
    user: SeenUser | None


class SeenReaction(Seen):
    id: int
    content: Content
    user: SeenUser | None


class SeenEnd(Seen):
    ref: str
    sha: str


class SeenPull(SeenIssue):
    draft: bool
    merged_at: str | None
    head: SeenEnd
    base: SeenEnd


class SeenFile(Seen):
    filename: str
    status: str
    additions: int
    deletions: int
    patch: str | None = None


class SeenRun(Seen):
    id: int
    name: str
    status: str
    conclusion: str | None
    head_sha: str


class SeenRuns(Seen):
    check_runs: list[SeenRun]


class HubRefused(Exception):
    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"{answer.request.method} {answer.request.url}: {answer.text}")
        self.status = answer.status_code


class Person:
    """One account's hands; `quiet` acts without any webhook being sent."""

    def __init__(self, base_url: str, login: str, *, quiet: bool = False) -> None:
        self._base = base_url.rstrip("/")
        self.login = login
        self._quiet = quiet

    def quietly(self) -> "Person":
        return Person(self._base, self.login, quiet=True)

    async def open_issue(self, repo: str, title: str, body: str = "") -> SeenIssue:
        sent = {"title": title, "body": browser_text(body)}
        return SeenIssue.model_validate(await self._do("POST", f"/repos/{repo}/issues", sent))

    async def issue(self, repo: str, number: int) -> SeenIssue:
        return SeenIssue.model_validate(await self._do("GET", f"/repos/{repo}/issues/{number}"))

    async def edit_issue(self, repo: str, number: int, **fields: object) -> SeenIssue:
        path = f"/repos/{repo}/issues/{number}"
        return SeenIssue.model_validate(await self._do("PATCH", path, fields))

    async def close(self, repo: str, number: int) -> SeenIssue:
        return await self.edit_issue(repo, number, state="closed")

    async def reopen(self, repo: str, number: int) -> SeenIssue:
        return await self.edit_issue(repo, number, state="open")

    async def lock(self, repo: str, number: int) -> None:
        await self._do("PUT", f"/repos/{repo}/issues/{number}/lock", {})

    async def label(self, repo: str, number: int, *names: str) -> None:
        await self._do("POST", f"/repos/{repo}/issues/{number}/labels", {"labels": names})

    async def comment(self, repo: str, number: int, body: str) -> SeenComment:
        path = f"/repos/{repo}/issues/{number}/comments"
        done = await self._do("POST", path, {"body": browser_text(body)})
        return SeenComment.model_validate(done)

    async def comments(self, repo: str, number: int) -> list[SeenComment]:
        rows = await self._every(f"/repos/{repo}/issues/{number}/comments")
        return TypeAdapter(list[SeenComment]).validate_python(rows)

    async def read_comment(self, repo: str, comment_id: int) -> SeenComment:
        path = f"/repos/{repo}/issues/comments/{comment_id}"
        return SeenComment.model_validate(await self._do("GET", path))

    async def edit_comment(self, repo: str, comment_id: int, body: str) -> SeenComment:
        path = f"/repos/{repo}/issues/comments/{comment_id}"
        done = await self._do("PATCH", path, {"body": browser_text(body)})
        return SeenComment.model_validate(done)

    async def delete_comment(self, repo: str, comment_id: int) -> None:
        await self._do("DELETE", f"/repos/{repo}/issues/comments/{comment_id}")

    async def tick(self, repo: str, comment_id: int, label: str) -> SeenComment:
        """Click the first empty box whose line says `label`; the page sends the whole body."""
        comment = await self.read_comment(repo, comment_id)
        path = f"/repos/{repo}/issues/comments/{comment_id}"
        done = await self._do("PATCH", path, {"body": ticked(comment.body, label)})
        return SeenComment.model_validate(done)

    async def react(self, repo: str, comment_id: int, content: Content = "+1") -> SeenReaction:
        path = f"/repos/{repo}/issues/comments/{comment_id}/reactions"
        return SeenReaction.model_validate(await self._do("POST", path, {"content": content}))

    async def unreact(self, repo: str, comment_id: int, reaction_id: int) -> None:
        path = f"/repos/{repo}/issues/comments/{comment_id}/reactions/{reaction_id}"
        await self._do("DELETE", path)

    async def reactions(self, repo: str, comment_id: int) -> list[SeenReaction]:
        rows = await self._every(f"/repos/{repo}/issues/comments/{comment_id}/reactions")
        return TypeAdapter(list[SeenReaction]).validate_python(rows)

    async def react_to_issue(self, repo: str, number: int, content: Content) -> SeenReaction:
        path = f"/repos/{repo}/issues/{number}/reactions"
        return SeenReaction.model_validate(await self._do("POST", path, {"content": content}))

    async def open_pull(
        self, repo: str, head: str, title: str, *, base: str = "main", body: str = ""
    ) -> SeenPull:
        sent = {"title": title, "head": head, "base": base, "body": browser_text(body)}
        return SeenPull.model_validate(await self._do("POST", f"/repos/{repo}/pulls", sent))

    async def pull(self, repo: str, number: int) -> SeenPull:
        return SeenPull.model_validate(await self._do("GET", f"/repos/{repo}/pulls/{number}"))

    async def pulls(self, repo: str) -> list[SeenPull]:
        rows = await self._every(f"/repos/{repo}/pulls?state=all")
        return TypeAdapter(list[SeenPull]).validate_python(rows)

    async def files(self, repo: str, number: int) -> list[SeenFile]:
        rows = await self._every(f"/repos/{repo}/pulls/{number}/files")
        return TypeAdapter(list[SeenFile]).validate_python(rows)

    async def merge(self, repo: str, number: int, method: MergeMethod = "merge") -> None:
        await self._do("PUT", f"/repos/{repo}/pulls/{number}/merge", {"merge_method": method})

    async def review(
        self,
        repo: str,
        number: int,
        event: Literal["APPROVE", "REQUEST_CHANGES", "COMMENT"],
        body: str = "",
        lines: dict[tuple[str, int], str] | None = None,
    ) -> None:
        """`lines` holds what is said at a (path, line)."""
        notes = [
            {"path": path, "line": line, "body": browser_text(text)}
            for (path, line), text in (lines or {}).items()
        ]
        sent = {"event": event, "body": browser_text(body), "comments": notes}
        await self._do("POST", f"/repos/{repo}/pulls/{number}/reviews", sent)

    async def check_runs(self, repo: str, ref: str) -> list[SeenRun]:
        found = await self._do("GET", f"/repos/{repo}/commits/{ref}/check-runs")
        return SeenRuns.model_validate(found).check_runs

    async def press(self, repo: str, check_run_id: int, identifier: str) -> None:
        """One of a check run's buttons; REST has no word for a click, so the hub's controls do."""
        url = f"{self._base}/_hub/repos/{repo}/check-runs/{check_run_id}/actions"
        sent = {"identifier": identifier, "user": self.login}
        async with httpx.AsyncClient(verify=False, trust_env=False) as client:
            _checked(await client.post(url, json=sent))

    async def set_status(
        self, repo: str, sha: str, context: str, state: str, description: str = ""
    ) -> None:
        """As a CI service that is no App reports."""
        sent = {"context": context, "state": state, "description": description}
        await self._do("POST", f"/repos/{repo}/statuses/{sha}", sent)

    async def read_file(self, repo: str, path: str, ref: str = "main") -> str:
        answer = await self._send(
            "GET", f"/repos/{repo}/contents/{path}?ref={ref}", None, accept="raw+json"
        )
        return answer.text

    async def write_file(self, repo: str, path: str, text: str, branch: str = "main") -> None:
        """One commit on `branch`, over whatever is there."""
        sent: dict[str, object] = {
            "message": f"Write {path}",
            "content": base64.b64encode(text.encode()).decode(),
            "branch": branch,
        }
        answer = await self._send("GET", f"/repos/{repo}/contents/{path}?ref={branch}", None)
        if answer.is_success:
            sent["sha"] = answer.json()["sha"]
        await self._do("PUT", f"/repos/{repo}/contents/{path}", sent)

    async def branch_off(self, repo: str, branch: str, start: str = "main") -> None:
        found = await self._do("GET", f"/repos/{repo}/git/ref/heads/{start}")
        sha = SeenRef.model_validate(found).object.sha
        sent = {"ref": f"refs/heads/{branch}", "sha": sha}
        await self._do("POST", f"/repos/{repo}/git/refs", sent)

    async def delete_branch(self, repo: str, branch: str) -> None:
        await self._do("DELETE", f"/repos/{repo}/git/refs/heads/{branch}")

    async def _every(self, path: str) -> list[object]:
        rows: list[object] = []
        url = f"{path}{'&' if '?' in path else '?'}per_page=100"
        while url:
            answer = await self._send("GET", url, None)
            rows += _checked(answer).json()
            url = answer.links.get("next", {}).get("url", "").partition(API_PREFIX)[2]
        return rows

    async def _do(self, method: str, path: str, sent: object = None) -> object:
        answer = _checked(await self._send(method, path, sent))
        return answer.json() if answer.content else None

    async def _send(
        self, method: str, path: str, sent: object, accept: str = "json"
    ) -> httpx.Response:
        headers = {
            "X-Hub-User": self.login,
            "User-Agent": "person",
            "Accept": f"application/vnd.github.{accept}",
        }
        if self._quiet:
            headers["X-Hub-Quiet"] = "1"
        # No TLS on loopback: building a context would cost more than the call.
        async with httpx.AsyncClient(verify=False, trust_env=False, timeout=30) as client:
            return await client.request(
                method, f"{self._base}{API_PREFIX}{path}", json=sent, headers=headers
            )


class SeenObject(Seen):
    sha: str


class SeenRef(Seen):
    object: SeenObject


def browser_text(text: str) -> str:
    """A textarea's lines end with CRLF, and often one more follows."""
    return re.sub(r"\r?\n", "\r\n", text)


def ticked(body: str, label: str) -> str:
    lines = body.split("\n")
    for at, line in enumerate(lines):
        if re.match(r"\s*[-*] \[ \] ", line) and label in line:
            lines[at] = line.replace("[ ]", "[x]", 1)
            return "\n".join(lines)
    raise ValueError(f"no empty box says {label!r}")


def _checked(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise HubRefused(answer)
    return answer
