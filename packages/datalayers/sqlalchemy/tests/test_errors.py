"""What never works until a setting changes and what may work in a moment never look alike."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from convo.datalayer import Changes
from convo.errors import ConflictError, DataLayerError, MisconfiguredError, UnavailableError
from convo.protocol import State, ThreadInfo
from convo_sqlalchemy import SQLAlchemyDataLayer


def changes(epoch: int) -> Changes:
    state = State(thread=ThreadInfo(id="t"))
    return Changes(thread_id="t", owner_id="ann", epoch=epoch, seq=1, state=state, removed=[])


async def opening(url: str) -> DataLayerError:
    layer = SQLAlchemyDataLayer(url)
    with pytest.raises(DataLayerError) as caught:
        await layer.open()
    assert caught.value.__cause__ is not None
    return caught.value


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
async def test_a_server_that_is_not_there_is_unavailable(scheme: str) -> None:
    error = await opening(f"{scheme}://ann:geheim@127.0.0.1:1/chat")
    assert isinstance(error, UnavailableError)
    assert "127.0.0.1:1" in str(error)
    assert "geheim" not in str(error)


async def test_a_missing_directory_is_a_wrong_setting(tmp_path: Path) -> None:
    error = await opening(f"sqlite:///{tmp_path}/nowhere/history.db")
    assert isinstance(error, MisconfiguredError)
    assert "nowhere/history.db" in str(error)


async def test_a_file_that_is_no_database_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Dear diary, " * 1000)
    assert isinstance(await opening(f"sqlite:///{tmp_path}/notes.txt"), MisconfiguredError)
    assert (tmp_path / "notes.txt").read_text().startswith("Dear diary")


async def test_a_wrong_name_or_password_is_a_wrong_setting(server_url: str) -> None:
    assert isinstance(await opening(f"{server_url}_other"), MisconfiguredError)
    scheme, _, rest = server_url.partition("://")
    error = await opening(f"{scheme}://nobody:geheim@{rest.partition('@')[2]}")
    assert isinstance(error, MisconfiguredError)
    assert "geheim" not in str(error)


async def test_an_unknown_option_in_the_url_is_a_wrong_setting(postgresql_url: str) -> None:
    error = await opening(f"{postgresql_url}?colour=red")
    assert isinstance(error, MisconfiguredError)
    assert "colour" in str(error)


async def test_a_layer_that_is_not_open_says_so() -> None:
    with pytest.raises(UnavailableError, match=r"await data_layer\.open\(\)"):
        await SQLAlchemyDataLayer("sqlite://").get_secret()


async def test_an_entry_of_a_later_version_is_an_error_and_not_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    layer = SQLAlchemyDataLayer(f"sqlite:///{path}")
    await layer.open()
    await layer.apply(changes(await layer.claim_thread("t", "p")))
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO convo_entries (thread_id, collection, id, body) VALUES ('t', 'steps', 's', '{}')")
    connection.commit()
    connection.close()
    with pytest.raises(DataLayerError, match="perhaps a later version of convo wrote it"):
        await layer.get_thread("t")
    await layer.close()


async def test_the_writer_of_a_deleted_thread_does_not_bring_it_back(url: str) -> None:
    layer = SQLAlchemyDataLayer(url)
    await layer.open()
    epoch = await layer.claim_thread("t", "p")
    await layer.apply(changes(epoch))
    await layer.delete_thread("t")
    with pytest.raises(ConflictError, match="or deleted"):
        await layer.apply(changes(epoch))
    assert await layer.get_thread("t") is None
    await layer.close()
