import unittest

from shop.catalogue import Break, Product, read_catalogue
from shop.money import Money


class TestQuantityBreaks(unittest.TestCase):
    product = Product("PEN", "Pen", Money(99), (Break(10, 5), Break(100, 12)))

    def test_below_the_first_break_there_is_no_discount(self) -> None:
        self.assertEqual(self.product.discount(9), 0)

    def test_a_break_counts_from_its_very_quantity(self) -> None:
        self.assertEqual(self.product.discount(10), 5)

    def test_the_highest_break_reached_counts(self) -> None:
        self.assertEqual(self.product.discount(250), 12)


class TestReading(unittest.TestCase):
    def test_a_row_becomes_a_product(self) -> None:
        rows = ["sku,name,price,breaks", 'PAD,"Notepad, A5",2.50,50:15 20:10']
        expected = Product("PAD", "Notepad, A5", Money(250), (Break(20, 10), Break(50, 15)))
        self.assertEqual(read_catalogue(rows), {"PAD": expected})

    def test_breaks_may_be_left_empty(self) -> None:
        rows = ["sku,name,price,breaks", "INK,Ink,14.95,"]
        self.assertEqual(read_catalogue(rows)["INK"].breaks, ())
