"""A small map of the repository, drawn for one goal: where things are, and what is in the files
that the goal is likely to touch."""

import ast
import math
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from planner.repository import RepositoryView
from planner.words import terms

CHARACTERS_PER_TOKEN = 3.6
LARGEST_FILE = 100_000
MOST_TERMS = 80
FILES_READ = 150


def repository_map(repository: RepositoryView, goal: str, tokens: int = 3_000) -> str:
    """Paths first, then signatures or first lines of the best files, within the budget."""
    budget = int(tokens * CHARACTERS_PER_TOKEN)
    paths = [path for path in repository.paths() if not _is_noise(path)]
    wanted = terms(goal)[:MOST_TERMS]
    texts = _texts(repository, _ranked({path: path for path in paths}, wanted))
    best = _ranked({path: f"{path} {text}" for path, text in texts.items()}, wanted)
    listing = _listing(paths, budget // 3)
    outlines = (_outline(path, texts[path]) for path in best)
    return "\n\n".join([listing, *_within(outlines, budget - len(listing))])


def _is_noise(path: str) -> bool:
    return bool(_NOISE.search(path))


_NOISE = re.compile(
    r"(^|/)(node_modules|vendor|third_party|dist|build|__pycache__|\.git|\.venv|site-packages)/"
    r"|\.(min\.(js|css)|map|svg|png|jpe?g|gif|ico|woff2?|ttf|pdf|zip|gz|whl|snap|pb\.go)$"
    r"|_pb2\.pyi?$|(^|/)[\w.-]*(\.lock|-lock\.\w+)$"
)


def _ranked(texts: Mapping[str, str], wanted: Sequence[str]) -> list[str]:
    """Paths by the goal's words in their texts; a word that most texts hold says nothing."""
    held = {
        path: [word for word in wanted if word in lower]
        for path, lower in ((path, text.lower()) for path, text in texts.items())
    }
    counts = Counter(word for words in held.values() for word in words)
    weight = {word: math.log((1 + len(texts)) / count) for word, count in counts.items()}

    def place(path: str) -> tuple[float, bool, int, str]:
        found = sum(weight[word] for word in held[path])
        return -found, "test" in path.lower(), path.count("/"), path

    return sorted(texts, key=place)


def _texts(repository: RepositoryView, paths: Sequence[str]) -> dict[str, str]:
    contents = {path: repository.read(path) for path in paths[:FILES_READ]}
    return {
        path: content.decode("utf-8", "replace")
        for path, content in contents.items()
        if content and len(content) <= LARGEST_FILE and b"\0" not in content
    }


def _outline(path: str, text: str) -> str:
    lines = signatures(text) if path.endswith(".py") else _first_lines(text)
    return "\n".join([f"{path}:", *(f"  {line}" for line in lines)])


def signatures(source: str) -> list[str]:
    """Top-level functions and classes with their methods; the first lines where it has none."""
    try:
        with warnings.catch_warnings():
            # Somebody else's invalid escapes are no warning of ours.
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _first_lines(source)
    return [line for node in tree.body for line in _signature(node)] or _first_lines(source)


def _signature(node: ast.stmt, indent: str = "") -> Iterable[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
            yield f"{indent}def {node.name}({ast.unparse(node.args)}){returns}"[:160]
        case ast.ClassDef():
            bases = ", ".join(ast.unparse(base) for base in node.bases)
            yield f"{indent}class {node.name}({bases})" if bases else f"{indent}class {node.name}"
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield from _signature(inner, indent + "  ")
        case ast.Assign(targets=[ast.Name(id=name)]) if name.isupper():
            yield f"{indent}{name}"
        case _:
            return


def _first_lines(text: str) -> list[str]:
    lines = (line.strip() for line in text.splitlines())
    return [line[:120] for line in lines if line][:6]


def _listing(paths: Sequence[str], budget: int) -> str:
    """Every path if they fit, else files per folder, else the top folders."""
    for lines in (paths, _per_folder(paths, 3), _per_folder(paths, 1)):
        text = "\n".join([f"{len(paths)} files:", *lines])
        if len(text) <= budget:
            return text
    return text[:budget].rpartition("\n")[0]


def _per_folder(paths: Sequence[str], depth: int) -> list[str]:
    folders = Counter("/".join(PurePosixPath(path).parts[:-1][:depth]) for path in paths)
    return [f"{folder or '.'}/ ({count} files)" for folder, count in sorted(folders.items())]


def _within(blocks: Iterable[str], budget: int) -> Iterable[str]:
    for block in blocks:
        budget -= len(block) + 2
        if budget < 0:
            return
        yield block
