"""New files nobody asked for, known by their name or by what is in them."""

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

_BUILD, _CACHE, _LOG = "build output", "cache", "log file"
_EDITOR, _AGENT, _SECRETS = "editor or system file", "an agent's own file", "file for secrets"

# Folders that are never sources.
_FOLDERS: dict[str, str] = {
    **dict.fromkeys(
        (
            "node_modules",
            "bower_components",
            ".next",
            ".nuxt",
            ".svelte-kit",
            ".output",
            ".gradle",
            ".eggs",
            "htmlcov",
            "__pypackages__",
            "DerivedData",
            ".dart_tool",
            ".terraform",
        ),
        _BUILD,
    ),
    **dict.fromkeys(
        (
            "__pycache__",
            ".pytest_cache",
            ".mypy_cache",
            ".ruff_cache",
            ".hypothesis",
            ".tox",
            ".nox",
            ".venv",
            "venv",
            ".cache",
            ".parcel-cache",
            ".turbo",
            ".nyc_output",
            ".npm",
            ".yarn",
            ".pnpm-store",
            ".cargo-home",
            ".ipynb_checkpoints",
        ),
        _CACHE,
    ),
    **dict.fromkeys((".idea", ".vs", ".fleet", "__MACOSX"), _EDITOR),
    **dict.fromkeys(
        (".claude", ".codex", ".cursor", ".opencode", ".gemini", ".aider", ".agents"), _AGENT
    ),
}

# Folders that are sources in some repositories: left alone where the base has them, or below these.
_SOURCES = frozenset({"src", "lib", "app", "test", "tests", "docs", "scripts", "crates", "cmd"})
_DOUBTFUL: dict[str, str] = {
    **dict.fromkeys(("build", "dist", "out", "target", "coverage"), _BUILD),
    **dict.fromkeys(("logs",), _LOG),
    **dict.fromkeys((".vscode",), _EDITOR),
}

_NAMES: tuple[tuple[str, str], ...] = tuple(
    (pattern, rule)
    for rule, patterns in (
        (
            _BUILD,
            "*.egg-info *.o *.obj *.a *.so *.dylib *.dll *.exe *.class *.jar *.war",
        ),
        (_BUILD, "*.whl *.tsbuildinfo .coverage .coverage.* coverage.xml lcov.info junit.xml"),
        (_CACHE, "*.pyc *.pyo .eslintcache .stylelintcache .phpunit.result.cache *.tmp *.temp"),
        (_LOG, "*.log nohup.out *.pid *.stackdump core.[0-9]* *.prof *.cprof"),
        (_EDITOR, ".DS_Store Thumbs.db desktop.ini *.swp *.swo *~ .#* #*# *.orig *.rej *.bak"),
        (_AGENT, "prd.json CLAUDE.md CLAUDE.local.md GEMINI.md .aider* progress.txt .cursorrules"),
        (_SECRETS, ".env .env.local .env.*.local .env.production .env.development .netrc .pypirc"),
        (_SECRETS, "id_rsa id_dsa id_ecdsa id_ed25519 *.pfx *.p12 *.keystore *.jks *.kdbx"),
    )
    for pattern in patterns.split()
)

_LARGEST = 1 << 20
_LARGEST_ASSET = 512 << 10
_ASSET_ENDINGS = """
png jpg jpeg gif webp avif ico svg woff woff2 ttf otf pdf mp3 ogg wav mo
"""
_ASSETS = frozenset(_ASSET_ENDINGS.split())


def stray_by_name(path: str, owns: Callable[[str], bool]) -> str | None:
    """The rule against a new file of that name; `owns` says what the base has already."""
    *folders, name = path.split("/")
    for depth, folder in enumerate(folders):
        if folder in _FOLDERS and not owns("/".join(folders[: depth + 1])):
            return _FOLDERS[folder]
        is_source = not _SOURCES.isdisjoint(folders[:depth])
        if folder in _DOUBTFUL and not is_source and not owns("/".join(folders[: depth + 1])):
            return _DOUBTFUL[folder]
        if folder.endswith(".egg-info"):
            return _BUILD
    return next((rule for pattern, rule in _NAMES if fnmatchcase(name, pattern)), None)


def stray_by_content(path: str, size: int, read: Callable[[], bytes]) -> Iterator[str]:
    """The rules against a new file for its size, or for being a binary that is no asset."""
    if size > _LARGEST:
        yield "larger than 1 MB"
        return
    is_asset = path.rpartition(".")[2].lower() in _ASSETS
    if is_asset and size > _LARGEST_ASSET:
        yield "binary file larger than 512 kB"
    if not is_asset and b"\0" in read()[:8000]:
        yield "binary file"
