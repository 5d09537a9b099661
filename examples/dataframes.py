"""Tables of pandas and polars, to sort, search, filter, copy and save.

Needs: pip install pandas polars
Run it with: convo run examples/dataframes.py
"""

import datetime

import convo
import pandas
import polars

CITIES = ["Basel", "Graz", "Lyon", "Turin", "Zagreb"]


@convo.on_message
async def show(message: convo.Message) -> None:
    rows = int(message.content) if message.content.isdecimal() else 1000
    orders = convo.Dataframe("Orders", data=make_orders(rows))
    stock = convo.Dataframe("Stock", data=make_stock(), size="small")
    await convo.Message(f"{rows} orders and what is in stock.", elements=[orders, stock]).send()


def make_orders(rows: int) -> pandas.DataFrame:
    """Orders of pandas, under an index of their numbers."""
    count = range(rows)
    frame = pandas.DataFrame(
        {
            "city": [CITIES[n * 7 % 5] for n in count],
            "ordered": pandas.date_range("2026-01-01 08:00", periods=rows, freq="37min", tz="Europe/Zurich"),
            "amount": [round(n * 37.31 % 500, 2) for n in count],
            "items": [n * 13 % 9 + 1 for n in count],
            "paid": [n % 3 > 0 for n in count],
            "rating": pandas.array([None if n % 4 == 0 else n % 5 + 1 for n in count], dtype="Int64"),
            "note": [f"Order {n}, to be left\nat the door" if n % 10 == 0 else None for n in count],
        }
    )
    return frame.set_index(pandas.Index([1000 + n for n in count], name="order"))


def make_stock() -> polars.DataFrame:
    """Stock of polars, with lists and dates."""
    return polars.DataFrame(
        {
            "article": ["Lamp", "Chair", "Table"],
            "price": [19.5, 80.0, None],
            "sizes": [["S", "M"], ["M"], []],
            "since": [datetime.date(2024, 5, 1), None, datetime.date(2026, 2, 3)],
        }
    )
