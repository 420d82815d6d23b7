import unittest

from shop.imports import import_orders
from shop.orders import Line, OrderBook
from tests.builders import CATALOGUE, an_order

HEADER = "number,customer,placed,sku,quantity"


class TestImport(unittest.TestCase):
    def setUp(self) -> None:
        self.book = OrderBook()

    def problems(self, *rows: str) -> tuple[str, ...]:
        return import_orders([HEADER, *rows], self.book, CATALOGUE).problems

    def test_lines_with_the_same_number_make_one_order(self) -> None:
        self.assertEqual(
            self.problems("1,Ada,2026-03-02,PEN,3", "1,Ada,2026-03-02,PAD,2"),
            (),
        )
        order = self.book.get(1)
        assert order is not None
        self.assertEqual(order.lines, (Line("PEN", 3), Line("PAD", 2)))

    def test_a_bad_line_is_named_and_the_other_orders_are_imported(self) -> None:
        self.assertEqual(
            self.problems("1,Ada,2026-03-02,PEN,3", "2,Ada,2026-03-02,HAT,1"),
            ("line 3: no product 'HAT'",),
        )
        self.assertIsNotNone(self.book.get(1))
        self.assertIsNone(self.book.get(2))

    def test_an_order_with_a_bad_line_is_left_out_whole(self) -> None:
        self.problems("1,Ada,2026-03-02,PEN,3", "1,Ada,2026-03-02,PAD,0")
        self.assertIsNone(self.book.get(1))

    def test_a_number_that_is_taken_is_a_problem(self) -> None:
        self.book.add(an_order(1))
        self.assertEqual(self.problems("1,Ada,2026-03-02,PEN,3"), ("order 1 exists",))
