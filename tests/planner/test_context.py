"""The map shows what a goal is likely to touch, within its budget."""

from inline_snapshot import snapshot

from planner.context import CHARACTERS_PER_TOKEN, repository_map, signatures
from tests.planner.builders import MemoryRepository

ORDERS = '''"""Orders."""
LIMIT = 10

class OrderExporter(Base):
    def rows(self, since: int = 0) -> list[str]:
        return []

async def load(order_id: str) -> str: ...
'''


def test_the_map_lists_paths_and_then_the_best_files() -> None:
    shop = MemoryRepository(
        {
            "README.md": "# Shop\n\nA shop.\n",
            "shop/orders.py": ORDERS,
            "shop/users.py": "def load(): ...\n",
            "node_modules/left-pad/index.js": "noise",
            "poetry.lock": "noise",
        }
    )
    assert repository_map(shop, "Export orders with OrderExporter") == snapshot("""\
3 files:
README.md
shop/orders.py
shop/users.py

shop/orders.py:
  LIMIT
  class OrderExporter(Base)
    def rows(self, since: int=0) -> list[str]
  def load(order_id: str) -> str

README.md:
  # Shop
  A shop.

shop/users.py:
  def load()\
""")


def test_a_word_inside_a_file_ranks_it_above_a_mere_neighbour() -> None:
    files = {f"shop/m{n}.py": "def nothing(): ...\n" for n in range(20)}
    shop = MemoryRepository(files | {"zoo/last.py": "class OrderExporter: ...\n"})
    _, best, *_ = repository_map(shop, "fix OrderExporter").split("\n\n")
    assert best.startswith("zoo/last.py:")


def test_the_map_keeps_its_budget_in_a_large_repository() -> None:
    files = {f"pkg{n % 40}/sub{n % 7}/module_{n}.py": ORDERS for n in range(5_000)}
    drawn = repository_map(MemoryRepository(files), "orders", tokens=1_000)
    assert len(drawn) <= 1_000 * CHARACTERS_PER_TOKEN
    assert drawn.startswith("5000 files:\npkg0/")


def test_a_file_that_does_not_parse_shows_its_first_lines() -> None:
    assert signatures("def broken(:\n    pass\n") == ["def broken(:", "pass"]
    assert signatures('x = "\\d"\n') == ['x = "\\d"']


def test_binary_and_missing_files_are_left_out() -> None:
    drawn = repository_map(MemoryRepository({"data.bin": "a\0b", "empty.txt": ""}), "data")
    assert drawn == "2 files:\ndata.bin\nempty.txt"


def test_an_empty_repository_has_a_map() -> None:
    assert repository_map(MemoryRepository({}), "anything") == "0 files:"
