"""Orders and a catalogue for tests: say what matters, the rest is filled in."""

from datetime import date

from shop.api import Shop
from shop.catalogue import Break, Catalogue, Product
from shop.money import Money
from shop.orders import Line, Order, OrderBook

PEN = Product("PEN", "Ballpoint pen", Money.parse("0.99"), (Break(10, 5), Break(100, 12)))
PAD = Product("PAD", "Notepad, A5", Money.parse("2.50"), (Break(20, 10),))
CATALOGUE: Catalogue = {"PEN": PEN, "PAD": PAD}


def an_order(number: int = 1001, placed: str = "2026-03-02", **quantities: int) -> Order:
    lines = tuple(Line(sku, quantity) for sku, quantity in (quantities or {"PAD": 2}).items())
    return Order(number, "Ada Lovelace", date.fromisoformat(placed), lines)


def a_shop(*orders: Order) -> Shop:
    shop = Shop(CATALOGUE, OrderBook())
    for order in orders:
        shop.book.add(order)
    return shop
