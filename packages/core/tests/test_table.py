"""Data frames of pandas and polars, as their viewer reads them."""

from __future__ import annotations

import datetime
import decimal
import gzip
import json

import convo
import numpy
import pandas
import polars
import pytest
from convo.table import encode_table

UTC = datetime.UTC


def table(data) -> tuple[list[tuple[str, str]], list[list[object]]]:
    """Names and types of the columns, and the values of each."""
    head, *blocks = [json.loads(line) for line in gzip.decompress(encode_table(data)).splitlines()]
    assert (head["format"], head["version"], head["rows"]) == ("convo-table", 1, len(data))
    columns = [[value for block in blocks for value in block[at]] for at in range(len(head["columns"]))]
    return [(column["name"], column["type"]) for column in head["columns"]], columns


def test_pandas_keeps_what_its_values_are() -> None:
    noon = datetime.datetime.fromisoformat("2026-03-29T12:00:00.000005")
    frame = pandas.DataFrame(
        {
            "int": [1, 2**60, -3],
            "maybe": pandas.array([1, None, 3], dtype="Int64"),
            "float": [0.1, float("nan"), float("inf")],
            "bool": [True, False, True],
            "flag": pandas.array([True, None, False], dtype="boolean"),
            "day": pandas.to_datetime(["2026-01-01", None, "2026-01-03"]),
            "time": pandas.to_datetime([noon, None, noon]),
            "zoned": pandas.to_datetime([noon, None, noon]).tz_localize("Europe/Berlin"),
            "span": pandas.to_timedelta([90, None, 0.5], unit="s"),
            "text": ["a", None, "ü"],
            "category": pandas.Categorical(["x", None, "y"]),
            "size": pandas.Categorical([3, 1, 3]),
        }
    )
    columns, values = table(frame)
    assert dict(columns) == {
        "int": "integer",
        "maybe": "integer",
        "float": "number",
        "bool": "boolean",
        "flag": "boolean",
        "day": "date",
        "time": "datetime",
        "zoned": "datetime",
        "span": "duration",
        "text": "text",
        "category": "text",
        "size": "integer",
    }
    assert values == [
        [1, str(2**60), -3],
        [1, None, 3],
        [0.1, None, "Infinity"],
        [True, False, True],
        [True, None, False],
        ["2026-01-01", None, "2026-01-03"],
        ["2026-03-29T12:00:00.000005", None, "2026-03-29T12:00:00.000005"],
        ["2026-03-29T12:00:00.000005+02:00", None, "2026-03-29T12:00:00.000005+02:00"],
        [90.0, None, 0.5],
        ["a", None, "ü"],
        ["x", None, "y"],
        [3, 1, 3],
    ]


def test_objects_of_pandas_are_told_by_their_values() -> None:
    day = datetime.date(2026, 1, 2)
    frame = pandas.DataFrame(
        {
            "decimal": [decimal.Decimal("1.10"), None],
            "day": [day, None],
            "list": [[1, float("nan")], {"a": day}],
            "array": [numpy.array([1, 2]), numpy.int64(3)],
            "numbers": [1, 2.5],
            "mixed": [1, "one"],
            "bytes": [b"\x01\xff", None],
            "other": [complex(1, 2), ValueError("x")],
        },
        dtype=object,
    )
    columns, values = table(frame)
    assert [kind for _, kind in columns] == [
        *("number", "date", "json", "json", "number", "text", "text", "text"),
    ]
    assert values == [
        ["1.10", None],
        ["2026-01-02", None],
        [[1, "NaN"], {"a": "2026-01-02"}],
        [[1, 2], 3],
        [1, 2.5],
        [1, "one"],
        ["01ff", None],
        ["(1+2j)", "x"],
    ]


def test_polars_tells_missing_from_not_a_number() -> None:
    frame = polars.DataFrame(
        {
            "int": [1, None, 2**60],
            "float": [0.5, float("nan"), float("-inf")],
            "price": [decimal.Decimal("1.10"), None, decimal.Decimal("2")],
            "at": [datetime.datetime(2026, 1, 2, 3, tzinfo=UTC), None, None],
            "day": [datetime.date(2026, 1, 2), None, None],
            "clock": [datetime.time(1, 2), None, None],
            "span": [datetime.timedelta(days=1, seconds=2), None, None],
            "list": [[1, 2], None, []],
            "struct": [{"a": 1}, None, {"a": None}],
            "name": ["Ada", None, ""],
            "nothing": [None, None, None],
        }
    )
    columns, values = table(frame)
    assert [kind for _, kind in columns] == [
        *("integer", "number", "number", "datetime", "date", "time", "duration", "json", "json", "text", "text"),
    ]
    assert values == [
        [1, None, str(2**60)],
        [0.5, "NaN", "-Infinity"],
        ["1.10", None, "2.00"],
        ["2026-01-02T03:00:00+00:00", None, None],
        ["2026-01-02", None, None],
        ["01:02:00", None, None],
        [86402.0, None, None],
        [[1, 2], None, []],
        [{"a": 1}, None, {"a": None}],
        ["Ada", None, ""],
        [None, None, None],
    ]


def test_an_index_is_shown_unless_it_only_counts() -> None:
    frame = pandas.DataFrame({"n": [1, 2]})
    assert table(frame)[0] == [("n", "integer")]
    assert table(frame.set_axis(["a", "b"]))[0] == [("", "text"), ("n", "integer")]
    assert table(frame[frame.n > 1]) == ([("", "integer"), ("n", "integer")], [[1], [2]])
    levels = pandas.MultiIndex.from_tuples([("DE", 2025), ("DE", 2026)], names=["land", "year"])
    columns, values = table(frame.set_axis(levels))
    assert columns == [("land", "text"), ("year", "integer"), ("n", "integer")]
    assert values == [["DE", "DE"], [2025, 2026], [1, 2]]


def test_names_may_be_anything_and_come_twice() -> None:
    frame = pandas.DataFrame([[1, 2, 3]], columns=["a", "a", 7])
    assert table(frame) == ([("a", "integer"), ("a", "integer"), ("7", "integer")], [[1], [2], [3]])
    pivot = pandas.DataFrame([[1, 2]], columns=pandas.MultiIndex.from_tuples([("sum", "x"), ("sum", "")]))
    assert [name for name, _ in table(pivot)[0]] == ["sum / x", "sum"]


def test_large_and_empty_frames() -> None:
    columns, [numbers, words] = table(pandas.DataFrame({"n": range(10_000), "w": ["a"] * 10_000}))
    assert numbers == list(range(10_000))
    assert words == ["a"] * 10_000
    assert columns == [("n", "integer"), ("w", "text")]
    assert table(pandas.DataFrame()) == ([], [])
    assert table(pandas.DataFrame({"n": []}))[1] == [[]]
    assert table(polars.DataFrame({"n": []}))[1] == [[]]


def test_what_is_no_frame_says_what_to_do() -> None:
    with pytest.raises(TypeError, match="not a `list`"):
        convo.Dataframe(data=[1])
    with pytest.raises(TypeError, match=r"`collect\(\)`"):
        convo.Dataframe(data=polars.LazyFrame({"a": [1]}))
