"""`convo db` and where history goes, as whoever runs an app meets them."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.harness.command import convo

APP = "import convo\n\n@convo.on_message\nasync def answer(message): ...\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An app in a folder where nothing says where history goes."""
    monkeypatch.delenv("CONVO_DATA__URL", raising=False)
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def greeting(folder: Path, *arguments: str, **variables: str) -> str:
    """What the app says when it starts; it has served its page before it ends."""
    command = [sys.executable, "-m", "convo_cli", "run", "app.py", "--port", "0", "--headless", *arguments]
    with subprocess.Popen(
        command, cwd=folder, env=os.environ | variables, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = ""
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        found = re.search(r"http://\S+", said)
        assert found is not None
        urllib.request.urlopen(found.group().rstrip("/") + "/health", timeout=10).close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    return said


def test_with_nothing_said_history_is_kept_in_a_file_of_its_own(folder: Path) -> None:
    assert "  History is kept in .convo/history.db.\n" in greeting(folder)

    assert sorted(path.name for path in (folder / ".convo").iterdir() if path.is_file())[:2] == [
        ".gitignore",
        "history.db",
    ]
    assert (folder / ".convo" / ".gitignore").read_text() == "*\n"
    assert convo("db", "current", cwd=folder).stdout == "0004\n"


def test_where_no_file_can_be_made_history_stays_in_memory(folder: Path) -> None:
    (folder / ".convo").write_text("a file where the folder would be")
    assert "History stays in memory, as `.convo/history.db` cannot be written" in greeting(folder)


def test_who_says_where_history_goes_reads_no_line_of_it(folder: Path) -> None:
    assert "History" not in greeting(folder, CONVO_DATA__URL="memory")
    assert "History" not in greeting(folder, CONVO_DATA__URL="sqlite:///mine.db")
    assert not (folder / ".convo" / "history.db").exists()
    assert (folder / "mine.db").exists()


def test_a_history_that_is_not_there_says_how_to_go_on(folder: Path) -> None:
    done = convo("run", "app.py", cwd=folder, CONVO_DATA__URL="postgresql://ann:geheim@127.0.0.1:1/chat")

    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(
        r'Error: The history \(`postgresql.*127\.0\.0\.1:1/chat`\) does not answer: .*'
        r'Start it and try again; with `url = "memory"` under `\[data\]` the app runs without\.\n',
        done.stderr,
    )  # fmt: skip
    assert "geheim" not in done.stderr


def test_tables_are_made_checked_taken_back_and_brought_up_to_date(folder: Path) -> None:
    (folder / "convo.toml").write_text('[data]\nurl = "sqlite:///mine.db"\nmigrate = false\n')
    assert convo("db", "current", cwd=folder).stdout == "There are no tables yet.\n"
    refused = convo("run", "app.py", cwd=folder)
    assert refused.returncode == 1
    assert "run `convo db upgrade`" in refused.stderr
    missing = convo("db", "check", cwd=folder)
    assert (missing.returncode, missing.stdout) == (
        1,
        "No tables yet, and this version needs 0004; run `convo db upgrade`.\n",
    )
    assert convo("db", "upgrade", "--app", "app.py", cwd=folder).stdout == "No tables → 0004\n"
    assert convo("db", "upgrade", cwd=folder).stdout == "0004 already.\n"
    right = convo("db", "check", cwd=folder)
    assert (right.returncode, right.stdout) == (0, "0004 is up to date.\n")
    greeting(folder)
    assert convo("db", "downgrade", "0001", cwd=folder).stdout == "0004 → 0001\n"
    wrong = convo("db", "downgrade", "0007", cwd=folder)
    assert (wrong.returncode, wrong.stderr) == (
        1,
        "Error: `0007` is no earlier revision than 0001; those are: none.\n",
    )
    with sqlite3.connect(folder / "mine.db") as connection:
        connection.execute("UPDATE convo_revision SET version_num = '0099'")
    connection.close()
    unknown = convo("db", "check", cwd=folder)
    assert unknown.returncode == 1
    assert unknown.stderr.startswith("Error: The history has the schema 0099, and convo-sqlalchemy")


def test_a_history_in_memory_has_no_tables(folder: Path) -> None:
    done = convo("db", "upgrade", cwd=folder, CONVO_DATA__URL="memory")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no tables to change" in done.stderr
