import json
import unittest
from http import HTTPStatus
from typing import Any

from shop.api import Request, Shop, answer
from tests.builders import a_shop, an_order

ORDER = {
    "number": 9,
    "customer": "Grace Hopper",
    "placed": "2026-03-05",
    "lines": [{"sku": "PAD", "quantity": 4}],
}


def ask(shop: Shop, method: str, path: str, body: object = None, **query: str) -> tuple[int, Any]:
    text = "" if body is None else json.dumps(body)
    response = answer(Request(method, path, query, text), shop)
    return response.status, json.loads("".join(response.body))


class TestReading(unittest.TestCase):
    def test_products_carry_price_and_breaks(self) -> None:
        _, products = ask(a_shop(), "GET", "/products")
        self.assertEqual(
            products[1],
            {
                "sku": "PAD",
                "name": "Notepad, A5",
                "price": "2.50",
                "breaks": [{"quantity": 20, "percent": 10}],
            },
        )

    def test_an_order_carries_its_lines_and_total(self) -> None:
        status, order = ask(a_shop(an_order(7, PAD=2)), "GET", "/orders/7")
        self.assertEqual(status, HTTPStatus.OK)
        self.assertEqual(order["lines"], [{"sku": "PAD", "quantity": 2, "total": "5.00"}])
        self.assertEqual(order["total"], "5.00")

    def test_orders_are_narrowed_by_day(self) -> None:
        shop = a_shop(an_order(1, "2026-03-02"), an_order(2, "2026-04-01"))
        _, orders = ask(shop, "GET", "/orders", to="2026-03-31")
        self.assertEqual([order["number"] for order in orders], [1])

    def test_a_day_that_is_none_is_a_bad_request(self) -> None:
        status, told = ask(a_shop(), "GET", "/orders", to="march")
        self.assertEqual(status, HTTPStatus.BAD_REQUEST)
        self.assertEqual(told["error"], "'march' is not a day, write it as 2026-03-31")

    def test_an_unknown_order_is_not_found(self) -> None:
        self.assertEqual(
            ask(a_shop(), "GET", "/orders/7"), (HTTPStatus.NOT_FOUND, {"error": "no order 7"})
        )

    def test_an_unknown_path_is_not_found(self) -> None:
        for path in ("/", "/order", "/orders/seven", "/orders/7/lines"):
            with self.subTest(path):
                self.assertEqual(ask(a_shop(), "GET", path)[0], HTTPStatus.NOT_FOUND)

    def test_a_method_that_is_not_allowed_says_which_are(self) -> None:
        self.assertEqual(
            ask(a_shop(), "DELETE", "/orders"),
            (HTTPStatus.METHOD_NOT_ALLOWED, {"error": "allowed: GET, POST"}),
        )


class TestAdding(unittest.TestCase):
    def test_a_new_order_is_kept(self) -> None:
        shop = a_shop()
        status, order = ask(shop, "POST", "/orders", ORDER)
        self.assertEqual((status, order["total"]), (HTTPStatus.CREATED, "10.00"))
        self.assertIsNotNone(shop.book.get(9))

    def test_a_number_that_is_taken_is_a_conflict(self) -> None:
        self.assertEqual(
            ask(a_shop(an_order(9)), "POST", "/orders", ORDER),
            (HTTPStatus.CONFLICT, {"error": "order 9 exists"}),
        )

    def test_what_is_wrong_with_an_order_is_said(self) -> None:
        cases = {
            "no product HAT": {**ORDER, "lines": [{"sku": "HAT", "quantity": 1}]},
            "an order needs lines with a positive quantity": {**ORDER, "lines": []},
            "not an order: 'lines'": {"number": 9},
        }
        for words, body in cases.items():
            with self.subTest(words):
                self.assertEqual(
                    ask(a_shop(), "POST", "/orders", body),
                    (HTTPStatus.BAD_REQUEST, {"error": words}),
                )
