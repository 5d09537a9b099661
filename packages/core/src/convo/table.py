"""Tables: a data frame of pandas or polars as its viewer reads it.

A table is gzipped lines of JSON. The first says what comes: `{"format": "convo-table", "version": 1, "rows": 3,
"columns": [{"name": "age", "type": "integer"}]}`; a column of the index has `"isIndex": true`. Each further line holds
the next rows, at most 4,096, column by column: `[[36, 41, null]]`. So neither side ever needs the whole of it as text.

| type | a value is |
|---|---|
| `integer`, `number` | a number; text where JSON has none: over 2^53, decimals, `"NaN"`, `"Infinity"`, `"-Infinity"` |
| `boolean` | `true` or `false` |
| `date`, `datetime`, `time` | text in ISO 8601, with its offset where it has one |
| `duration` | a number of seconds |
| `text` | text |
| `json` | anything |

What is missing is `null` in each.
"""

from __future__ import annotations

import csv
import datetime
import decimal
import io
import math
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

__all__ = ["MIME", "csv_of", "encode_table", "require_frame"]

MIME = "application/vnd.convo.table"
ColumnType = Literal["integer", "number", "boolean", "date", "datetime", "time", "duration", "text", "json"]

_BLOCK = 4096
_EXACT = 2**53  # the integers that a browser's numbers hold
_GZIP = 31  # zlib's `wbits`


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    type: ColumnType
    read: Callable[[int, int], list[Any]]
    """Its values from a row to before another, as JSON holds them."""
    is_index: bool = False


def require_frame(data: Any) -> None:
    """Raise `TypeError` for what is no data frame."""
    if _is_polars(data) or _is_pandas(data):
        return
    if callable(getattr(data, "collect", None)):
        raise TypeError("`Dataframe` needs `data` that is there: call `collect()` on the lazy frame first.")
    raise TypeError(f"`Dataframe` needs `data`: a data frame of pandas or polars, not a `{type(data).__name__}`.")


def encode_table(data: Any) -> bytes:
    """A data frame as its viewer reads it. What JSON does not know is text."""
    columns = list(_polars_columns(data) if _is_polars(data) else _pandas_columns(data))
    rows = len(data)
    pack = zlib.compressobj(1, wbits=_GZIP)
    parts = [pack.compress(line + b"\n") for line in _lines(columns, rows)]
    return b"".join((*parts, pack.flush()))


async def csv_of(table: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """A table that comes in pieces as CSV (RFC 4180), piece by piece, its first line the columns' names."""
    unpack = zlib.decompressobj(wbits=_GZIP)
    rest, is_head = b"", True
    async for piece in table:
        *lines, rest = (rest + unpack.decompress(piece)).split(b"\n")
        for line in lines:
            values = msgspec.json.decode(line)
            text = io.StringIO()
            rows = [[column["name"] for column in values["columns"]]] if is_head else zip(*values, strict=True)
            csv.writer(text).writerows([_cell(value) for value in row] for row in rows)
            is_head = False
            yield text.getvalue().encode("utf-8", "surrogatepass")


def _cell(value: Any) -> Any:
    return msgspec.json.encode(value).decode() if isinstance(value, list | dict) else value


def _lines(columns: list[_Column], rows: int) -> Iterator[bytes]:
    heads = [{"name": c.name, "type": c.type} | ({"isIndex": True} if c.is_index else {}) for c in columns]
    yield msgspec.json.encode({"format": "convo-table", "version": 1, "rows": rows, "columns": heads})
    for start in range(0, rows if columns else 0, _BLOCK):
        yield msgspec.json.encode([column.read(start, min(start + _BLOCK, rows)) for column in columns])


# --- polars ---


def _is_polars(data: Any) -> bool:
    return callable(getattr(data, "iter_rows", None)) and callable(getattr(data, "get_columns", None))


def _polars_columns(data: Any) -> Iterator[_Column]:
    for series in data.get_columns():
        kind = _polars_type(str(series.dtype))
        objects = kind == "text" and str(series.dtype) == "Object"
        found = _type_of(series.to_list()) if objects else kind
        yield _Column(series.name, found, _polars_reader(series, objects or found == "json"))


def _polars_reader(series: Any, is_mixed: bool) -> Callable[[int, int], list[Any]]:
    def read(start: int, end: int) -> list[Any]:
        values = series.slice(start, end - start).to_list()
        return [_plain(value) for value in values] if is_mixed else _plain_all(values)

    return read


def _polars_type(dtype: str) -> ColumnType:
    for prefixes, kind in _POLARS_TYPES:
        if dtype.startswith(prefixes):
            return kind
    return "text"


_POLARS_TYPES: tuple[tuple[tuple[str, ...], ColumnType], ...] = (
    (("Int", "UInt"), "integer"),
    (("Float", "Decimal"), "number"),
    (("Boolean",), "boolean"),
    (("Datetime",), "datetime"),
    (("Date",), "date"),
    (("Time",), "time"),
    (("Duration",), "duration"),
    (("List", "Array", "Struct"), "json"),
)

# --- pandas ---


def _is_pandas(data: Any) -> bool:
    return hasattr(data, "iloc") and hasattr(data, "columns") and hasattr(data, "dtypes")


def _pandas_columns(data: Any) -> Iterator[_Column]:
    index = data.index
    if not _is_default(index):
        for level in range(index.nlevels):
            values = index.get_level_values(level).to_series(index=range(len(index)))
            yield _pandas_column(_label(values.name), values, is_index=True)
    for at, name in enumerate(data.columns):  # by position: names may be there twice
        yield _pandas_column(_label(name), data.iloc[:, at])


def _is_default(index: Any) -> bool:
    """Whether it only counts the rows."""
    return index.name is None and getattr(index, "start", None) == 0 and getattr(index, "step", None) == 1


def _label(name: Any) -> str:
    """The name of a column or level; of one in levels, all of its parts."""
    if isinstance(name, tuple):
        return " / ".join(str(part) for part in name if part not in ("", None))
    return "" if name is None else str(name)


def _pandas_column(name: str, series: Any, *, is_index: bool = False) -> _Column:
    dtype = getattr(series.dtype, "categories", series).dtype if _is_category(series) else series.dtype
    kind = getattr(dtype, "kind", "O")
    if kind == "M" and _is_of_days(series):
        return _Column(name, "date", _pandas_reader(series, _day), is_index)
    if kind in _PANDAS_TYPES:
        return _Column(name, _PANDAS_TYPES[kind], _pandas_reader(series), is_index)
    found = _type_of(value for value, gone in zip(series.tolist(), series.isna().tolist(), strict=True) if not gone)
    return _Column(name, found, _pandas_reader(series, _plain), is_index)


_PANDAS_TYPES: dict[str, ColumnType] = {
    "i": "integer",
    "u": "integer",
    "f": "number",
    "b": "boolean",
    "M": "datetime",
    "m": "duration",
}


def _is_category(series: Any) -> bool:
    return str(series.dtype) == "category"


def _is_of_days(series: Any) -> bool:
    """Whether its times are all midnights of nowhere in particular: pandas has no type for days."""
    if _is_category(series) or getattr(series.dt, "tz", None) is not None:
        return False
    there = series.dropna()
    return bool(len(there)) and bool((there == there.dt.normalize()).all())


def _day(value: Any) -> str:
    return str(value.isoformat()[:10])


def _pandas_reader(series: Any, plain: Callable[[Any], Any] | None = None) -> Callable[[int, int], list[Any]]:
    def read(start: int, end: int) -> list[Any]:
        part = series.iloc[start:end]
        values, missing = part.tolist(), part.isna()
        if missing.any():
            values = [None if gone else value for value, gone in zip(values, missing.tolist(), strict=True)]
        if plain is None:
            return _plain_all(values)
        return [None if value is None else plain(value) for value in values]

    return read


# --- values ---


def _type_of(values: Iterable[Any]) -> ColumnType:
    """The one type of values that are there, whatever their column says."""
    kinds = {_kind_of(kind) for kind in set(map(type, values)) - {type(None)}}
    if kinds == {"integer", "number"}:
        return "number"
    if "json" in kinds:
        return "json"
    return kinds.pop() if len(kinds) == 1 else "text"


def _kind_of(kind: type) -> ColumnType:
    if hasattr(kind, "tolist") and not issubclass(kind, float):  # of NumPy
        return "json" if hasattr(kind, "__len__") else _NUMPY_KINDS.get(kind.__name__.rstrip("_0123456789"), "text")
    return next((found for types, found in _KINDS if issubclass(kind, types)), "text")


_NUMPY_KINDS: dict[str, ColumnType] = {"bool": "boolean", "int": "integer", "uint": "integer", "float": "number"}


_KINDS: tuple[tuple[tuple[type, ...], ColumnType], ...] = (
    ((bool,), "boolean"),
    ((int,), "integer"),
    ((float, decimal.Decimal), "number"),
    ((datetime.datetime,), "datetime"),
    ((datetime.date,), "date"),
    ((datetime.time,), "time"),
    ((datetime.timedelta,), "duration"),
    ((list, tuple, set, frozenset, dict), "json"),
)


def _plain_all(values: list[Any]) -> list[Any]:
    """Values of one type, as JSON holds them. Most columns need nothing done, and get nothing done."""
    first = next((value for value in values if value is not None), None)
    if first is None or isinstance(first, (bool, str)):
        return values
    if isinstance(first, int):
        there = [value for value in values if value is not None]
        return values if max(there) <= _EXACT and min(there) >= -_EXACT else [_plain(value) for value in values]
    if isinstance(first, float) and math.isfinite(sum(value for value in values if value is not None)):
        return values
    return [_plain(value) for value in values]


def _plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if -_EXACT <= value <= _EXACT else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else _NOT_FINITE[str(value)]
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(inner) for inner in value]
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if hasattr(value, "tolist") and hasattr(value, "dtype"):  # of NumPy: an array, or a single value
        inner = value.tolist()
        return str(inner) if type(inner) is type(value) else _plain(inner)
    return str(value)


_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
