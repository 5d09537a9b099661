"""Where a table is: `dynamodb://table?region=eu-central-1&endpoint=http://127.0.0.1:8000&ttl_days=90`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from convo.errors import MisconfiguredError

__all__ = ["Address", "parse"]

_EXAMPLE = "`dynamodb://table?region=eu-central-1`"
_TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}")


@dataclass(frozen=True, slots=True)
class Address:
    """A table. What is `None` is for the vendor's own chain to say (environment, profile, instance).

    Threads that nobody changed for `ttl_days` are forgotten.
    """

    table: str
    region: str | None = None
    endpoint: str | None = None
    ttl_days: int | None = None

    def __str__(self) -> str:
        return f"dynamodb://{self.table}"


def parse(url: str) -> Address:
    """Raises `MisconfiguredError` for what names no table."""
    try:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise MisconfiguredError(f"`[data] url` cannot be read; write one like {_EXAMPLE}.") from None
    table = parts.netloc
    if parts.scheme != "dynamodb" or "@" in table or parts.path not in ("", "/"):
        raise MisconfiguredError(
            f"`[data] url` is not the URL of a DynamoDB table; write one like {_EXAMPLE}. "
            "Credentials stay out of it: they come from the environment, a profile or the instance's role."
        )
    if not _TABLE.fullmatch(table):
        raise MisconfiguredError(
            f"`{table}` cannot be a table's name: those are 3 to 255 of the characters `a-z A-Z 0-9 _ . -`."
        )
    if unknown := sorted(options.keys() - {"region", "endpoint", "ttl_days"}):
        raise MisconfiguredError(
            f"`[data] url` has the option `{unknown[0]}`; those there are: `region`, `endpoint`, `ttl_days`."
        )
    days = options.get("ttl_days")
    if days is not None and not (days.isascii() and days.isdecimal() and 1 <= int(days) <= 36_500):
        raise MisconfiguredError(f"`ttl_days` in `[data] url` is a number of days, not `{days}`.")
    endpoint = options.get("endpoint") or None
    if endpoint is not None and not endpoint.startswith(("http://", "https://")):
        raise MisconfiguredError("`endpoint` in `[data] url` is an address like `http://127.0.0.1:8000`.")
    return Address(
        table=table,
        region=options.get("region") or None,
        endpoint=endpoint,
        ttl_days=None if days is None else int(days),
    )
