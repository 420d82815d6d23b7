import unittest
from datetime import date

from shop.orders import NumberTaken, OrderBook
from tests.builders import an_order


class TestOrderBook(unittest.TestCase):
    def setUp(self) -> None:
        self.book = OrderBook()
        self.book.add(an_order(1002, "2026-03-05"))
        self.book.add(an_order(1001, "2026-03-02"))
        self.book.add(an_order(1003, "2026-04-01"))

    def numbers(self, *days: date) -> list[int]:
        return [order.number for order in self.book.placed_between(*days)]

    def test_an_order_is_found_by_its_number(self) -> None:
        self.assertEqual(self.book.get(1001), an_order(1001, "2026-03-02"))
        self.assertIsNone(self.book.get(7))

    def test_a_number_is_given_once(self) -> None:
        with self.assertRaises(NumberTaken):
            self.book.add(an_order(1001))

    def test_orders_come_oldest_first(self) -> None:
        self.assertEqual(self.numbers(), [1001, 1002, 1003])

    def test_both_days_of_a_period_are_included(self) -> None:
        self.assertEqual(self.numbers(date(2026, 3, 5), date(2026, 4, 1)), [1002, 1003])
