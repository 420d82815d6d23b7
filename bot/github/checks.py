"""Check runs: the mirror of our status on a pull request's head."""

from typing import Literal

from bot.github.answers import Answer, CheckRun
from bot.github.client import Client

Conclusion = Literal["success", "failure", "neutral", "cancelled"]


class _Page(Answer):
    check_runs: tuple[CheckRun, ...]


async def check_run_by_key(client: Client, sha: str, external_id: str) -> CheckRun | None:
    """Ours on that commit, found by the id we gave it."""
    params: dict[str, str | int] = {"per_page": 100, "filter": "all"}
    answer = await client.read(f"{client.root}/commits/{sha}/check-runs", params=params)
    runs = _Page.model_validate_json(answer.content).check_runs
    return next((run for run in runs if run.external_id == external_id), None)


async def create_check_run(
    client: Client,
    *,
    name: str,
    sha: str,
    external_id: str,
    conclusion: Conclusion,
    title: str,
    summary: str,
) -> CheckRun:
    json = {
        "name": name,
        "head_sha": sha,
        "external_id": external_id,
        "status": "completed",
        "conclusion": conclusion,
        "output": {"title": title, "summary": summary},
    }
    answer = await client.write("POST", f"{client.root}/check-runs", json)
    return CheckRun.model_validate_json(answer.content)
