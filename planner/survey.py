"""The facts in words: what a plan comment folds under "why this shape", and models are told."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from planner.facts import PullReference, PullState, Situation
from planner.hubs import HubKind, hub
from planner.repository import FoundChecks, RepositoryView
from planner.request import Request
from planner.words import named_paths


def facts(
    request: Request, situation: Situation, repository: RepositoryView, found: FoundChecks
) -> tuple[str, ...]:
    paths = repository.paths()
    return (
        *_subject(request, situation),
        *_named(request, paths),
        _size(paths),
        *_manifests(paths),
        *_checks(found),
    )


def _subject(request: Request, situation: Situation) -> Iterable[str]:
    subject = "issue" if situation.subject_kind == "issue" else "pull request"
    locked = ", its conversation locked" if situation.locked else ""
    yield f"{subject} #{situation.number} is {situation.state}{locked}"
    if situation.closing:
        yield f"{_pull(situation.closing)} is linked as closing it"
    others = [one for one in situation.references if one != situation.closing]
    yield from (f"mentions {_pull(one)}" for one in others if one.number != situation.number)
    if not (others or situation.closing):
        yield "no linked pull request"
    if request.edited_since:
        yield "its text was edited after this request"


def _pull(pull: PullReference) -> str:
    state = "merged" if pull.state is PullState.merged else pull.state.value
    where = "" if pull.same_repository else " of another repository"
    ours = ", opened by baro" if pull.ours else ""
    return f"pull request #{pull.number}{where} ({state}{ours})"


def _named(request: Request, paths: Sequence[str]) -> Iterable[str]:
    text = "\n".join((request.title, request.goal, request.words, *request.answers))
    for name in named_paths(text)[:8]:
        at = [path for path in paths if path == name or path.endswith(f"/{name}")]
        if name in paths:
            yield f"names `{name}` (found)"
        elif at:
            yield f"names `{name}` (found at `{at[0]}`)"
        elif _is_surely_a_path(name):
            yield f"names `{name}` (not found)"


def _is_surely_a_path(name: str) -> bool:
    """`Node.js` and `example.org` look like one too."""
    return "/" in name or (name.islower() and PurePosixPath(name).suffix in _LANGUAGES)


def _size(paths: Sequence[str]) -> str:
    languages = Counter(_LANGUAGES.get(PurePosixPath(path).suffix) for path in paths)
    known = [name for name, _ in languages.most_common() if name]
    files = "1 file" if len(paths) == 1 else f"{len(paths)} files"
    return f"{', '.join(known[:2])}, {files}" if known else files


_LANGUAGES = {
    ".py": "Python",
    ".ts": "TypeScript",
    ".tsx": "TypeScript",
    ".js": "JavaScript",
    ".jsx": "JavaScript",
    ".go": "Go",
    ".rs": "Rust",
    ".java": "Java",
    ".kt": "Kotlin",
    ".rb": "Ruby",
    ".php": "PHP",
    ".cs": "C#",
    ".c": "C",
    ".cc": "C++",
    ".cpp": "C++",
    ".swift": "Swift",
    ".ex": "Elixir",
}


def _manifests(paths: Sequence[str]) -> Iterable[str]:
    named = [path for path in paths if (at := hub(path)) and at.kind is HubKind.manifest]
    if named:
        more = f" and {len(named) - 4} more" if len(named) > 4 else ""
        yield f"manifests: {', '.join(f'`{path}`' for path in named[:4])}{more}"


def _checks(found: FoundChecks) -> Iterable[str]:
    named = ", ".join(f"`{check.name}`" for check in found.gate)
    yield f"checks: {named}" if named else "no checks found: nothing can prove this change"
    yield from found.notes
