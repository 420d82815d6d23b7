"""Products and their quantity breaks."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from shop.money import Money

Catalogue = Mapping[str, "Product"]


@dataclass(frozen=True, order=True)
class Break:
    """From this quantity on, this percentage off."""

    quantity: int
    percent: int


@dataclass(frozen=True)
class Product:
    sku: str
    name: str
    price: Money
    breaks: tuple[Break, ...] = ()

    def discount(self, quantity: int) -> int:
        """The percentage off at this quantity: that of the highest break reached."""
        return max((one.percent for one in self.breaks if quantity >= one.quantity), default=0)


def load_catalogue(path: Path) -> Catalogue:
    with path.open(encoding="utf-8", newline="") as file:
        return read_catalogue(file)


def read_catalogue(lines: Iterable[str]) -> Catalogue:
    products = (_product(row) for row in csv.DictReader(lines))
    return {product.sku: product for product in products}


def _product(row: Mapping[str, str]) -> Product:
    breaks = tuple(sorted(_break(text) for text in row["breaks"].split()))
    return Product(row["sku"], row["name"], Money.parse(row["price"]), breaks)


def _break(text: str) -> Break:
    quantity, percent = text.split(":")
    return Break(int(quantity), int(percent))
