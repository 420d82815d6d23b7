import unittest

from shop.money import Money
from shop.pricing import line_total, order_total
from tests.builders import CATALOGUE, PAD, PEN, an_order


class TestLineTotal(unittest.TestCase):
    def test_without_a_break_a_line_costs_price_times_quantity(self) -> None:
        self.assertEqual(line_total(PEN, 9), Money.parse("8.91"))

    def test_a_break_takes_its_percentage_off(self) -> None:
        self.assertEqual(line_total(PAD, 20), Money.parse("45.00"))

    def test_a_discount_is_rounded_once_per_line(self) -> None:
        """Ten pens at 0.99 less 5 % are 9.405, so 9.41."""
        self.assertEqual(line_total(PEN, 10), Money.parse("9.41"))


class TestOrderTotal(unittest.TestCase):
    def test_an_order_costs_the_sum_of_its_lines(self) -> None:
        self.assertEqual(order_total(an_order(PEN=2, PAD=1), CATALOGUE), Money.parse("4.48"))
