"""Files that many changes touch are recognised by their path."""

import pytest

from planner.hubs import HubKind, flags, hub, shared


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("pyproject.toml", HubKind.manifest),
        ("web/package.json", HubKind.manifest),
        ("requirements-dev.txt", HubKind.manifest),
        ("poetry.lock", HubKind.lockfile),
        ("web/package-lock.json", HubKind.lockfile),
        ("shop/migrations/0007_export.py", HubKind.migration),
        ("db/migrate/**", HubKind.migration),
        ("shop/export/__init__.py", HubKind.barrel),
        ("web/src/index.ts", HubKind.barrel),
        ("shop/urls.py", HubKind.routes),
        (".github/workflows/ci.yml", HubKind.ci),
        ("shop/migration_notes.py", None),
        ("shop/export/csv.py", None),
        ("docs/index.md", None),
        ("**", None),
    ],
)
def test_a_path_is_this_kind_of_hub(path: str, kind: HubKind | None) -> None:
    found = hub(path)
    assert (found.kind if found else None) is kind


def test_a_manifest_and_its_lockfile_are_one_hub() -> None:
    assert shared(["web/package.json"], ["web/package-lock.json"]) == (
        "web/package.json",
        "web/package-lock.json",
    )
    assert shared(["web/package.json"], ["api/package-lock.json"]) == ()


def test_two_new_migrations_of_one_folder_are_one_hub() -> None:
    assert shared(["shop/migrations/0007_a.py"], ["shop/migrations/0008_b.py"])
    assert not shared(["shop/migrations/0007_a.py"], ["users/migrations/0003_b.py"])


@pytest.mark.parametrize(
    ("writes", "words"),
    [
        ([".github/workflows/ci.yml"], ("CI",)),
        ([".github/**"], ("CI", "CODEOWNERS", "baro configuration")),
        (["CODEOWNERS"], ("CODEOWNERS",)),
        ([".github/baro.yml"], ("baro configuration",)),
        ([".husky/pre-commit"], ("hooks",)),
        (["pyproject.toml", "uv.lock"], ("manifest", "lockfile")),
        (["shop/migrations/0007_a.py"], ("migration",)),
        (["billing/tax.py"], ("protected path",)),
        (["shop/csv.py", "**"], ()),
    ],
)
def test_an_approver_is_shown_these_flags(writes: list[str], words: tuple[str, ...]) -> None:
    assert flags(writes, protected=("billing/**",)) == words
