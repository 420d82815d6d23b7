import unittest

from shop.money import Money


class TestMoney(unittest.TestCase):
    def test_an_amount_reads_and_writes_with_two_decimals(self) -> None:
        for text in ("0.00", "0.05", "12.30", "-3.07"):
            self.assertEqual(str(Money.parse(text)), text)

    def test_sums_are_exact(self) -> None:
        self.assertEqual(Money.parse("0.10") + Money.parse("0.20"), Money.parse("0.30"))

    def test_a_discount_is_rounded_half_up(self) -> None:
        self.assertEqual(Money(5).percent_off(50), Money(3))

    def test_what_is_not_an_amount_is_refused(self) -> None:
        for text in ("", "ten", "1.999", "1,50", "NaN", "Infinity"):
            with self.subTest(text), self.assertRaises(ValueError):
                Money.parse(text)
