"""`convo threads`: chats taken from one history to another."""

from __future__ import annotations

import asyncio
import json
from contextlib import chdir
from pathlib import Path

import pytest
from convo.datalayer import Changes, DataLayer
from convo.protocol import State, ThreadInfo
from convo.testing.datalayer_suite import full_state, message
from convo.user import User
from convo_cli.main import cli
from convo_sqlalchemy import SQLAlchemyDataLayer
from typer.testing import CliRunner

LAYER = """
import convo
from convo_sqlalchemy import SQLAlchemyDataLayer


@convo.data_layer
def keep():
    return SQLAlchemyDataLayer("sqlite:///other.db")


@convo.on_message
async def answer(message): ...
"""


def convo(*arguments: str, cwd: Path, input: bytes | None = None, url: str | None = None) -> tuple[int, bytes, str]:
    with chdir(cwd):
        result = CliRunner().invoke(cli, ["threads", *arguments], input=input, env={"CONVO_DATA__URL": url})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout_bytes, result.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A history of three chats: two of Ann, who signed in, and one of a visitor."""
    (tmp_path / "convo.toml").write_text('[data]\nurl = "sqlite:///history.db"\n')
    (tmp_path / "app.py").write_text(LAYER)
    asyncio.run(fill(SQLAlchemyDataLayer(f"sqlite:///{tmp_path}/history.db")))
    return tmp_path


async def fill(layer: DataLayer) -> None:
    await layer.open()
    ann = await layer.save_user(User("ann@example.org", "Ann", {"team": "a"}))
    visits = State(thread=ThreadInfo(id="v", name="A visit"), steps=[message("m1", "hi")], leaf="m1")
    for i, (owner_id, state) in enumerate(
        [(ann.id, full_state("a1")), ("visitor", visits), (ann.id, full_state("a2"))]
    ):
        epoch = await layer.claim_thread(state.thread.id, "p")
        changed = Changes(state.thread.id, owner_id, epoch, 1, state, [], changed_at=f"2025-01-0{i + 1}T00:00:00.000Z")
        await layer.apply(changed)
    await layer.close()


async def read(path: Path) -> dict[str, tuple[str, State]]:
    layer = SQLAlchemyDataLayer(f"sqlite:///{path}")
    await layer.open()
    found = {}
    for thread_id in ("a1", "v", "a2"):
        stored = await layer.get_thread(thread_id)
        if stored is not None:
            found[thread_id] = (stored.owner_id, stored.state)
    await layer.close()
    return found


async def owner_of(path: Path, identifier: str) -> str | None:
    layer = SQLAlchemyDataLayer(f"sqlite:///{path}")
    await layer.open()
    user = await layer.get_user(identifier)
    await layer.close()
    return None if user is None else user.id


def test_a_list_shows_the_latest_first(folder: Path) -> None:
    code, out, _ = convo("list", "--first", "2", cwd=folder)
    assert code == 0
    assert [line.split()[:2] for line in out.decode().splitlines()] == [
        ["2025-01-03T00:00:00.000Z", "a2"],
        ["2025-01-02T00:00:00.000Z", "v"],
    ]
    assert convo("list", "--owner", "nobody", cwd=folder) == (0, b"", "There are no chats.\n")


def test_chats_go_from_one_history_to_another_and_stay_as_they_were(folder: Path) -> None:
    code, lines, said = convo("export", "--output", "-", cwd=folder)
    assert (code, said) == (0, "3 chats exported.\n")
    assert [json.loads(line)["state"]["thread"]["id"] for line in lines.splitlines()] == ["a1", "v", "a2"]
    assert convo("import", "-", "--app", "app.py", cwd=folder, input=lines) == (0, b"", "3 chats imported.\n")
    before, after = asyncio.run(read(folder / "history.db")), asyncio.run(read(folder / "other.db"))
    assert {name: state for name, (_, state) in after.items()} == {name: state for name, (_, state) in before.items()}
    assert after["v"][0] == "visitor"
    owners = {state: asyncio.run(owner_of(folder / state, "ann@example.org")) for state in ("history.db", "other.db")}
    assert [before["a1"][0], after["a1"][0], after["a2"][0]] == [owners["history.db"], *[owners["other.db"]] * 2]
    assert convo("list", "--app", "app.py", cwd=folder) == convo("list", cwd=folder)
    again = convo("import", "-", "--app", "app.py", cwd=folder, input=lines)
    assert again == (0, b"", "0 chats imported, 3 there already, left as before.\n")
    assert asyncio.run(read(folder / "other.db")) == after


def test_chats_of_who_signs_in_are_his_in_the_other_history(folder: Path) -> None:
    assert convo("export", "--owner", "ann@example.org", "-o", "ann.jsonl", cwd=folder)[0] == 0
    assert convo("import", "ann.jsonl", "--app", "app.py", cwd=folder)[2] == "2 chats imported.\n"
    code, out, _ = convo("list", "--app", "app.py", "--owner", "ann@example.org", cwd=folder)
    assert code == 0
    assert [line.split()[1] for line in out.decode().splitlines()] == ["a2", "a1"]
    convo("export", "-o", "all.jsonl", cwd=folder)
    convo("import", "all.jsonl", "--owner", "bob", cwd=folder, url="sqlite:///bob.db")
    assert {owner for owner, _ in asyncio.run(read(folder / "bob.db")).values()} == {"bob"}


def test_what_cannot_be_imported_is_told_by_its_line_and_what_came_before_stays(folder: Path) -> None:
    _, lines, _ = convo("export", cwd=folder)
    first = lines.splitlines()[0]
    newer = first.replace(b'"version":1', b'"version":2')
    code, _, said = convo("import", "-", "--app", "app.py", cwd=folder, input=first + b"\n\n" + newer)
    assert code == 1
    assert "Line 3 has version 2 of the format, and this convo-run knows 1; update it with: pip install -U" in said
    assert "Imported before: 1 chat, left as stored" in said
    assert list(asyncio.run(read(folder / "other.db"))) == ["a1"]
    for broken in (b"{", b"[]", b'{"version":1}', b'{"version":1,"owner":"a","state":{}}', b"\xff"):
        code, _, said = convo("import", "-", "--app", "app.py", cwd=folder, input=broken)
        assert (code, said.startswith("Error: Line 1 is no chat that `convo threads export` wrote:")) == (1, True)
        assert "Traceback" not in said


def test_one_chat_becomes_a_file_to_read(folder: Path) -> None:
    code, out, said = convo("export", "v", "--format", "markdown", cwd=folder)
    assert (code, said) == (0, "1 chat exported.\n")
    assert out.decode().startswith("# A visit\n")
    assert "\n## You\n" in out.decode()
    assert "\nhi\n" in out.decode()
    assert convo("export", "a1", "-f", "html", "-o", "a1.html", "--url", "https://chat.test", cwd=folder)[0] == 0
    page = (folder / "a1.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert 'href="https://chat.test/' in page
    _, out, _ = convo("export", "a1", "-f", "json", cwd=folder)
    state = json.loads(out)["state"]
    assert state["thread"]["id"] == "a1"
    assert "session" not in state  # which JSON Lines have, as they are to be imported again
    code, line, _ = convo("export", "a1", cwd=folder)
    assert "session" in json.loads(line)["state"]
    assert convo("import", "-", "--app", "app.py", cwd=folder, input=line)[2] == "1 chat imported.\n"


def test_a_chat_is_exported_as_its_app_shows_it(folder: Path) -> None:
    _, out, _ = convo("export", "a1", "-f", "json", cwd=folder)
    with_steps = {step["type"] for step in json.loads(out)["state"]["steps"]}
    (folder / "convo.toml").write_text('[data]\nurl = "sqlite:///history.db"\n[ui]\ncot = "hidden"\n')
    _, out, _ = convo("export", "a1", "-f", "json", cwd=folder)
    assert {step["type"] for step in json.loads(out)["state"]["steps"]} < with_steps


def test_what_is_wrong_is_said_with_what_to_do(folder: Path) -> None:
    assert "`none.jsonl` cannot be read: No such file" in convo("import", "none.jsonl", cwd=folder)[2]
    assert "`no/where.jsonl` cannot be written: No such" in convo("export", "-o", "no/where.jsonl", cwd=folder)[2]
    code, _, said = convo("list", cwd=folder, url="memory")
    assert (code, "There is nothing to read or write; say where it is kept" in said) == (1, True)
    code, _, said = convo("list", "--app", "none.py", cwd=folder)
    assert (code, "none.py" in said, "Traceback" in said) == (1, True, False)
    assert "There is no chat `none`; the ids are in: convo threads list" in convo("export", "none", cwd=folder)[2]
    assert "There is no chat `v` of this owner" in convo("export", "v", "--owner", "ann@example.org", cwd=folder)[2]
    assert "There is no chat `none`" in convo("export", "none", "-f", "html", "-o", "x.html", cwd=folder)[2]
    assert "`--format html` is for one chat; give its id" in convo("export", "-f", "html", cwd=folder)[2]
    assert "`--url` is where the app is" in convo("export", "v", "-f", "html", "--url", "chat.test", cwd=folder)[2]
    assert not list(folder.glob("*.part"))
    assert not (folder / "x.html").exists()
