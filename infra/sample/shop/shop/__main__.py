"""The command line: serve the API, or say what an order costs."""

import argparse
import sys
from pathlib import Path

from shop.api import Shop
from shop.catalogue import load_catalogue
from shop.imports import import_orders
from shop.orders import OrderBook
from shop.pricing import order_total
from shop.server import serve

DATA = Path(__file__).resolve().parent.parent / "data"


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    shop = _open_shop(options.data)
    if options.command == "total":
        return _print_total(shop, options.number)
    server = serve(shop, options.port)
    print(f"http://127.0.0.1:{server.server_port}/orders")
    server.serve_forever()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shop")
    parser.add_argument("--data", type=Path, default=DATA, help="folder with the CSV files")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve").add_argument("--port", type=int, default=8080)
    commands.add_parser("total").add_argument("number", type=int)
    return parser


def _open_shop(data: Path) -> Shop:
    shop = Shop(load_catalogue(data / "catalogue.csv"), OrderBook())
    with (data / "orders.csv").open(encoding="utf-8", newline="") as file:
        report = import_orders(file, shop.book, shop.catalogue)
    for problem in report.problems:
        print(problem, file=sys.stderr)
    return shop


def _print_total(shop: Shop, number: int) -> int:
    order = shop.book.get(number)
    if order is None:
        print(f"no order {number}", file=sys.stderr)
        return 1
    print(order_total(order, shop.catalogue))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
