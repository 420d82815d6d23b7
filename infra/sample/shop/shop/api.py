"""The API: a request in, a response out, no socket in between."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus

from shop.catalogue import Catalogue, Product
from shop.orders import Line, NumberTaken, Order, OrderBook
from shop.pricing import line_total, order_total

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Shop:
    catalogue: Catalogue
    book: OrderBook


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True)
class Response:
    """The body comes in pieces, so that a long one is never held in memory as a whole."""

    status: HTTPStatus
    body: Iterable[str]
    content_type: str = JSON


class BadRequest(Exception):
    """What is wrong with a request, in words its sender can act on."""


def answer(request: Request, shop: Shop) -> Response:
    handlers = _handlers(request.path)
    if not handlers:
        return _error(HTTPStatus.NOT_FOUND, f"nothing at {request.path}")
    if request.method not in handlers:
        return _error(HTTPStatus.METHOD_NOT_ALLOWED, f"allowed: {', '.join(handlers)}")
    try:
        return handlers[request.method](request, shop)
    except BadRequest as error:
        return _error(HTTPStatus.BAD_REQUEST, str(error))


def _products(_request: Request, shop: Shop) -> Response:
    return _json(HTTPStatus.OK, [_product_as_json(one) for one in shop.catalogue.values()])


def _orders(request: Request, shop: Shop) -> Response:
    orders = _asked_orders(request, shop)
    return _json(HTTPStatus.OK, [_order_as_json(one, shop.catalogue) for one in orders])


def _order(request: Request, shop: Shop) -> Response:
    number = request.path.rpartition("/")[2]
    order = shop.book.get(int(number))
    if order is None:
        return _error(HTTPStatus.NOT_FOUND, f"no order {number}")
    return _json(HTTPStatus.OK, _order_as_json(order, shop.catalogue))


def _add_order(request: Request, shop: Shop) -> Response:
    order = _order_from_json(request.body, shop.catalogue)
    try:
        shop.book.add(order)
    except NumberTaken as error:
        return _error(HTTPStatus.CONFLICT, str(error))
    return _json(HTTPStatus.CREATED, _order_as_json(order, shop.catalogue))


Handler = Callable[[Request, Shop], Response]

ROUTES: tuple[tuple[str, dict[str, Handler]], ...] = (
    (r"/products", {"GET": _products}),
    (r"/orders", {"GET": _orders, "POST": _add_order}),
    (r"/orders/\d+", {"GET": _order}),
)


def _handlers(path: str) -> dict[str, Handler]:
    found = (handlers for pattern, handlers in ROUTES if re.fullmatch(pattern, path))
    return next(found, {})


def _asked_orders(request: Request, shop: Shop) -> Iterable[Order]:
    """The orders that `from` and `to` ask for."""
    first = _day(request.query.get("from"), date.min)
    last = _day(request.query.get("to"), date.max)
    return shop.book.placed_between(first, last)


def _day(text: str | None, default: date) -> date:
    try:
        return default if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise BadRequest(f"{text!r} is not a day, write it as 2026-03-31") from error


def _order_from_json(body: str, catalogue: Catalogue) -> Order:
    try:
        sent = json.loads(body)
        lines = tuple(Line(str(one["sku"]), int(one["quantity"])) for one in sent["lines"])
        placed = date.fromisoformat(sent["placed"])
        order = Order(int(sent["number"]), str(sent["customer"]), placed, lines)
    except (ValueError, TypeError, KeyError) as error:
        raise BadRequest(f"not an order: {error}") from error
    unknown = sorted({line.sku for line in lines} - set(catalogue))
    if unknown:
        raise BadRequest(f"no product {', '.join(unknown)}")
    if not lines or min(line.quantity for line in lines) < 1:
        raise BadRequest("an order needs lines with a positive quantity")
    return order


def _product_as_json(product: Product) -> dict[str, object]:
    breaks = [{"quantity": one.quantity, "percent": one.percent} for one in product.breaks]
    return {
        "sku": product.sku,
        "name": product.name,
        "price": str(product.price),
        "breaks": breaks,
    }


def _order_as_json(order: Order, catalogue: Catalogue) -> dict[str, object]:
    return {
        "number": order.number,
        "customer": order.customer,
        "placed": order.placed.isoformat(),
        "lines": [_line_as_json(line, catalogue) for line in order.lines],
        "total": str(order_total(order, catalogue)),
    }


def _line_as_json(line: Line, catalogue: Catalogue) -> dict[str, object]:
    total = line_total(catalogue[line.sku], line.quantity)
    return {"sku": line.sku, "quantity": line.quantity, "total": str(total)}


def _error(status: HTTPStatus, words: str) -> Response:
    return _json(status, {"error": words})


def _json(status: HTTPStatus, value: object) -> Response:
    return Response(status, [json.dumps(value, ensure_ascii=False)])
