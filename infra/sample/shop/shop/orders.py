"""Orders, and the book that keeps them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Line:
    sku: str
    quantity: int


@dataclass(frozen=True)
class Order:
    number: int
    customer: str
    placed: date
    lines: tuple[Line, ...]


class NumberTaken(Exception):
    """There is an order with this number already."""


class OrderBook:
    """Every order by its number. The server answers on several threads, hence the lock."""

    def __init__(self) -> None:
        self._orders: dict[int, Order] = {}
        self._lock = threading.Lock()

    def add(self, order: Order) -> None:
        with self._lock:
            if order.number in self._orders:
                raise NumberTaken(f"order {order.number} exists")
            self._orders[order.number] = order

    def get(self, number: int) -> Order | None:
        return self._orders.get(number)

    def placed_between(self, first: date = date.min, last: date = date.max) -> Iterator[Order]:
        """The orders of these days, both included, oldest first."""
        with self._lock:
            orders = sorted(self._orders.values(), key=lambda order: (order.placed, order.number))
        return (order for order in orders if first <= order.placed <= last)
