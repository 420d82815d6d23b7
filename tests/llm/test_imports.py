"""Which modules cost a vendor's library, asked of a fresh interpreter."""

import pkgutil
import subprocess
import sys

import llm

HEAVY = {"openai", "anthropic", "pydantic_ai", "genai_prices"}


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return HEAVY & set(done.stdout.split())


def test_only_the_in_process_backend_imports_a_vendors_library() -> None:
    light = [name for _, name, _ in pkgutil.iter_modules(llm.__path__) if name != "inprocess"]
    assert loaded_by("import " + ", ".join(f"llm.{name}" for name in light)) == set()


def test_the_in_process_backend_is_imported_when_a_route_asks_for_it() -> None:
    statement = (
        "from llm.backends import backend_for; from tests.llm.builders import a_route; "
        "backend_for(a_route())"
    )
    assert "pydantic_ai" in loaded_by(statement)
