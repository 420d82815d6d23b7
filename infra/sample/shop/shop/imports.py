"""Orders from a CSV file; a bad line is named and the rest is imported."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from shop.catalogue import Catalogue
from shop.orders import Line, NumberTaken, Order, OrderBook


@dataclass(frozen=True)
class Report:
    imported: int
    problems: tuple[str, ...]


def import_orders(lines: Iterable[str], book: OrderBook, catalogue: Catalogue) -> Report:
    """Lines with the same number make one order; an order with a bad line is left out whole."""
    orders: dict[int, Order] = {}
    problems: list[str] = []
    spoiled: set[int] = set()
    for place, row in enumerate(csv.DictReader(lines, restval=""), start=2):
        try:
            order = _order(row, catalogue)
        except ValueError as error:
            problems.append(f"line {place}: {error}")
            spoiled |= _number_of(row)
            continue
        known = orders.get(order.number)
        orders[order.number] = order if known is None else _joined(known, order)
    return _store(
        [order for order in orders.values() if order.number not in spoiled], book, problems
    )


def _order(row: Mapping[str, str], catalogue: Catalogue) -> Order:
    sku, quantity = row["sku"], int(row["quantity"])
    if sku not in catalogue:
        raise ValueError(f"no product {sku!r}")
    if quantity < 1:
        raise ValueError(f"quantity {quantity} is not positive")
    placed = date.fromisoformat(row["placed"])
    return Order(int(row["number"]), row["customer"], placed, (Line(sku, quantity),))


def _number_of(row: Mapping[str, str]) -> set[int]:
    return {int(row["number"])} if row["number"].isdigit() else set()


def _joined(known: Order, more: Order) -> Order:
    return Order(known.number, known.customer, known.placed, known.lines + more.lines)


def _store(orders: list[Order], book: OrderBook, problems: list[str]) -> Report:
    imported = 0
    for order in orders:
        try:
            book.add(order)
        except NumberTaken as error:
            problems.append(str(error))
        else:
            imported += 1
    return Report(imported, tuple(problems))
