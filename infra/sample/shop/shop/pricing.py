"""What a line and an order cost."""

from shop.catalogue import Catalogue, Product
from shop.money import ZERO, Money
from shop.orders import Order


def order_total(order: Order, catalogue: Catalogue) -> Money:
    totals = (line_total(catalogue[line.sku], line.quantity) for line in order.lines)
    return sum(totals, start=ZERO)


def line_total(product: Product, quantity: int) -> Money:
    """The price of so many pieces, less the quantity break they reach."""
    discounted = product.price.percent_off(product.discount(quantity))
    return discounted * quantity
