"""Database URLs are taken as people have them."""

from __future__ import annotations

import sys

import pytest
from convo.errors import MisconfiguredError, MissingPackageError
from convo_sqlalchemy import SQLAlchemyDataLayer
from convo_sqlalchemy.urls import database_url


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///history.db", "sqlite+pysqlite:///history.db"),
        ("sqlite+aiosqlite:////var/history.db", "sqlite+pysqlite:////var/history.db"),
        ("postgresql://ann:pw@host:5433/chat", "postgresql+asyncpg://ann:pw@host:5433/chat"),
        ("postgres://host/chat?sslmode=require", "postgresql+asyncpg://host/chat?ssl=require"),
        ("mysql://host/chat", "mysql+aiomysql://host/chat?charset=utf8mb4"),
        ("mariadb://host/chat", "mariadb+aiomysql://host/chat?charset=utf8mb4"),
        ("mysql+asyncmy://host/chat", "mysql+asyncmy://host/chat?charset=utf8mb4"),
    ],
)
def test_a_plain_url_gets_the_driver(given: str, used: str) -> None:
    assert database_url(given).render_as_string(hide_password=False) == used


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("history.db", "is not a database URL; write one like `sqlite:///history.db`"),
        ("oracle://host/chat", "`oracle` is not a database convo-sqlalchemy knows; those are `sqlite`, `postgresql`"),
        ("postgresql+psycopg2://host/chat", "leave it out of the URL: `postgresql://…`"),
        ("mysql://host", "names no database"),
    ],
)
def test_a_url_that_cannot_work_says_what_to_write(url: str, says: str) -> None:
    with pytest.raises(MisconfiguredError) as caught:
        SQLAlchemyDataLayer(url)
    assert says in str(caught.value)


def test_a_url_that_cannot_be_read_does_not_show_its_password() -> None:
    with pytest.raises(MisconfiguredError) as caught:
        SQLAlchemyDataLayer("ann:geheim@host")
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "driver", "package"),
    [
        ("postgresql://host/chat", "asyncpg", "convo-sqlalchemy[postgresql]"),
        ("mysql://host/chat", "aiomysql", "convo-sqlalchemy[mysql]"),
        ("mariadb://host/chat", "aiomysql", "convo-sqlalchemy[mysql]"),
        ("mysql+asyncmy://host/chat", "asyncmy", "asyncmy"),
    ],
)
async def test_a_missing_driver_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, url: str, driver: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, driver, None)
    with pytest.raises(MissingPackageError) as caught:
        await SQLAlchemyDataLayer(url).open()
    assert f"pip install '{package}'" in str(caught.value)
    assert caught.value.package == package


def test_only_a_database_in_memory_is_not_durable() -> None:
    assert SQLAlchemyDataLayer("sqlite:///history.db").is_durable
    assert not SQLAlchemyDataLayer("sqlite://").is_durable
    assert not SQLAlchemyDataLayer("sqlite:///:memory:").is_durable
