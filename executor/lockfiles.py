"""Lockfiles, and the manifests that are a reason for one to change."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

_MANIFESTS: dict[str, tuple[str, ...]] = {
    "package-lock.json": ("package.json",),
    "npm-shrinkwrap.json": ("package.json",),
    "yarn.lock": ("package.json",),
    "pnpm-lock.yaml": ("package.json", "pnpm-workspace.yaml"),
    "bun.lock": ("package.json",),
    "bun.lockb": ("package.json",),
    "deno.lock": ("deno.json", "deno.jsonc"),
    "poetry.lock": ("pyproject.toml",),
    "uv.lock": ("pyproject.toml",),
    "pdm.lock": ("pyproject.toml",),
    "pylock.toml": ("pyproject.toml",),
    "Pipfile.lock": ("Pipfile",),
    "Cargo.lock": ("Cargo.toml",),
    "go.sum": ("go.mod",),
    "go.work.sum": ("go.work", "go.mod"),
    "Gemfile.lock": ("Gemfile", "*.gemspec"),
    "composer.lock": ("composer.json",),
    "mix.lock": ("mix.exs",),
    "pubspec.lock": ("pubspec.yaml",),
    "Package.resolved": ("Package.swift",),
    "Podfile.lock": ("Podfile",),
    "flake.lock": ("flake.nix",),
    "gradle.lockfile": ("build.gradle", "build.gradle.kts"),
    "packages.lock.json": ("*.csproj", "*.fsproj", "Directory.Packages.props"),
    "conan.lock": ("conanfile.txt", "conanfile.py"),
    ".terraform.lock.hcl": ("*.tf",),
}


def is_lockfile(path: str) -> bool:
    return _name(path) in _MANIFESTS


def has_its_manifest(lockfile: str, changed: Iterable[str]) -> bool:
    """Whether a manifest changed beside the lockfile, above it, or below it as in a workspace."""
    patterns = _MANIFESTS[_name(lockfile)]
    folder = _folder(lockfile)
    return any(
        any(fnmatchcase(_name(path), pattern) for pattern in patterns)
        and (folder.startswith(_folder(path)) or _folder(path).startswith(folder))
        for path in changed
    )


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _folder(path: str) -> str:
    folder = path.rpartition("/")[0]
    return f"{folder}/" if folder else ""
