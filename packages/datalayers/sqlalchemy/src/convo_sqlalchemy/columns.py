"""What columns are made of, in each database."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql

__all__ = ["ID_LENGTH", "OPTIONS", "Id", "json_text", "searchable"]

ID_LENGTH = 255  # characters


class Id(sa.types.TypeDecorator[str]):
    """An id, compared character for character everywhere: MySQL's own strings ignore case or trailing spaces."""

    impl = sa.String
    cache_ok = True

    def __init__(self, length: int = ID_LENGTH) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(mysql.VARBINARY(self.length * 4))
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.String(self.length, collation="C"))
        return dialect.type_descriptor(sa.String(self.length))

    def bind_processor(self, dialect: sa.Dialect) -> None:
        """None: also MySQL gets text, which it stores as the connection's UTF-8 (aiomysql cannot escape bytes)."""

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> str | None:
        return value.decode() if isinstance(value, bytes) else value


def json_text() -> sa.types.TypeEngine[str]:
    """JSON as text, of any length."""
    return sa.Text().with_variant(mysql.LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")


def searchable() -> sa.types.TypeEngine[str]:
    """Words in the form that the database's full-text search takes (see `search.words`)."""
    return json_text().with_variant(postgresql.TSVECTOR(), "postgresql")


OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
}
