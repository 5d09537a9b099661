"""`convo doctor` as somebody runs it whose app does not start, or who wants to know whether it would."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.harness.command import convo

APP = "import convo\n\n@convo.on_message\nasync def answer(message): ...\n"
LOGIN = APP + "\n@convo.password_auth_callback\nasync def check(name, password): ...\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An app in a folder whose port is free, and whose history is nowhere yet."""
    for name in [name for name in os.environ if name.startswith("CONVO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CONVO_SERVER__PORT", "0")
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return convo("doctor", *arguments, cwd=folder, **variables)


def examine(folder: Path, *arguments: str, **variables: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and by its subject the worst that was found about it."""
    done = run(folder, "--json", *arguments, **variables)
    worst = sorted(json.loads(done.stdout), key=lambda one: ["ok", "warning", "broken"].index(one["status"]))
    return done.returncode, {one["subject"]: one for one in worst}


def test_a_fresh_app_lacks_nothing_and_nothing_is_left_behind(folder: Path) -> None:
    done = run(folder)

    assert done.returncode == 0, done.stdout
    assert [line.split()[1] for line in done.stdout.splitlines() if line.startswith("ok ")] == [
        "python",
        "packages",
        "app",
        "settings",
        "port",
        "proxy",
        "secrets",
        "database",
        "storage",
    ]
    assert done.stdout.endswith("Nothing is broken; 0 doubtful, 9 fine.\n")
    assert "\x1b" not in done.stdout
    assert done.stderr == ""
    assert [path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")] == [
        folder / ".convo" / ".gitignore"
    ]


def test_without_an_app_the_settings_of_the_folder_are_looked_at(folder: Path) -> None:
    (folder / "app.py").unlink()
    (folder / ".env").write_text("CONVO_DATA__URL=memory\n")

    code, found = examine(folder)

    assert (code, "app" in found) == (0, False)
    assert found["database"]["text"] == "Memory, as the settings say: chats end with the process."


def test_a_database_that_does_not_answer_is_told_without_its_password(folder: Path) -> None:
    done = run(folder, "--timeout", "50", CONVO_DATA__URL="postgresql://ann:topsecret@127.0.0.1:1/chats")

    assert done.returncode == 1
    said = " ".join(done.stdout.split())  # it is broken into lines as wide as the terminal
    assert "does not answer" in said
    assert "→ Start it, or mend `[data] url`." in said
    assert "topsecret" not in done.stdout + done.stderr


def test_one_that_says_nothing_at_all_has_as_long_as_it_is_given(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://ann@127.0.0.1:{silent.getsockname()[1]}/chats"
        code, found = examine(folder, "--timeout", "0.3", CONVO_DATA__URL=url)

    assert code == 1
    assert found["database"]["text"] == "It has not answered within 0.3 seconds."
    assert found["storage"]["status"] == "ok"  # what follows is looked at all the same


def test_tables_that_are_behind_are_broken_where_the_app_may_not_make_them(folder: Path) -> None:
    url = {"CONVO_DATA__URL": f"sqlite:///{folder / 'chats.db'}"}

    assert "is made when the app starts" in examine(folder, **url)[1]["database"]["text"]
    code, found = examine(folder, CONVO_DATA__MIGRATE="false", **url)
    assert (code, found["database"]["fix"]) == (1, "convo db upgrade")
    assert not (folder / "chats.db").exists()

    subprocess.run([sys.executable, "-m", "convo_cli", "db", "upgrade"], cwd=folder, env=os.environ | url, check=True)
    code, found = examine(folder, CONVO_DATA__MIGRATE="false", **url)
    assert (code, "the newest" in found["database"]["text"]) == (0, True)


def test_packages_that_settings_name_and_nobody_installed_are_named(folder: Path) -> None:
    code, found = examine(folder, CONVO_PLATFORMS__MATRIX__BOT_TOKEN="x")

    assert (code, found["extras"]["fix"]) == (1, "pip install convo-matrix")
    assert "`platforms.matrix`" in found["extras"]["text"]


def test_what_the_database_s_address_and_log_ins_elsewhere_need_is_named(folder: Path) -> None:
    without = folder / "without"
    without.mkdir()
    (without / "sitecustomize.py").write_text("import sys\nsys.modules['asyncpg'] = sys.modules['authlib'] = None\n")
    (folder / "app.py").write_text(APP + "\n@convo.oauth_callback\nasync def enter(provider, token, raw, user): ...\n")
    provider = {"OAUTH_GITHUB_CLIENT_ID": "x", "OAUTH_GITHUB_CLIENT_SECRET": "y"}

    code, found = examine(
        folder,
        PYTHONPATH=str(without),
        CONVO_DATA__URL="postgresql://ann@127.0.0.1:1/chats",
        CONVO_AUTH__SECRET="s" * 40,
        **provider,
    )

    assert code == 1
    assert found["database"]["fix"] == "pip install 'convo-sqlalchemy[postgresql]'"
    assert found["oauth"]["fix"] == "pip install 'convo-server[oauth]'"


def test_every_mistake_in_the_settings_is_told_with_its_line(folder: Path) -> None:
    (folder / "convo.toml").write_text("[ui]\ntheme = 'pink'\n[serverr]\nport = 1\n")

    done = run(folder)

    assert done.returncode == 1
    text = " ".join(done.stdout.split())
    assert "convo.toml, line 2: `ui.theme`: must be" in text
    assert "convo.toml, line 3: `serverr`: there is no such setting. Did you mean `server`?" in text
    assert "2 broken" in text


def test_an_app_that_cannot_be_loaded_hides_nothing_else(folder: Path) -> None:
    (folder / "app.py").write_text("print('I print')\nimport nothing_of_this_name\n")

    code, found = examine(folder)

    assert (code, found["app"]["status"], found["storage"]["status"]) == (1, "broken", "ok")
    assert "nothing_of_this_name" in found["app"]["text"]


def test_log_ins_need_a_secret_and_better_not_in_the_file(folder: Path) -> None:
    (folder / "app.py").write_text(LOGIN)
    code, found = examine(folder)
    assert (code, found["secrets"]["fix"]) == (1, "convo secret >> .env")

    (folder / "convo.toml").write_text(f"[auth]\nsecret = '{'s' * 40}'\n")
    done = run(folder)
    assert (done.returncode, "s" * 40 in done.stdout) == (0, False)
    assert "`auth.secret` stands in" in " ".join(done.stdout.split())

    (folder / "convo.toml").unlink()
    assert examine(folder, CONVO_AUTH__SECRET="s" * 40)[1]["secrets"]["status"] == "ok"


def test_a_port_that_is_taken_and_a_proxy_that_is_believed_too_much(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, found = examine(folder, CONVO_SERVER__PORT=str(port))
    assert (code, found["port"]["text"]) == (1, f"127.0.0.1:{port} is in use.")

    code, found = examine(folder, CONVO_SERVER__TRUST_PROXY="true")
    assert (code, found["proxy"]["status"]) == (0, "warning")
    assert "allowed_hosts" in found["proxy"]["fix"]
    named = {"CONVO_SERVER__TRUST_PROXY": "true", "CONVO_SERVER__ALLOWED_HOSTS": "chat.example.com"}
    assert examine(folder, **named)[1]["proxy"]["status"] == "ok"
    assert examine(folder, CONVO_SERVER__HOST="0.0.0.0")[1]["proxy"]["status"] == "warning"


def test_a_folder_for_files_that_cannot_be_written_is_named(folder: Path) -> None:
    (folder / "files").write_text("no folder")

    code, found = examine(folder, CONVO_STORAGE__URL="files", CONVO_DATA__URL="memory")

    assert (code, found["storage"]["status"]) == (1, "broken")
    assert "`[storage] url`" in found["storage"]["fix"]


def test_what_a_platform_shows_otherwise_is_named(folder: Path) -> None:
    (folder / "app.py").write_text(f"{APP}\n\nasync def draw(): await convo.CustomElement(name='Chart').send('x')\n")

    code, found = examine(folder, DISCORD_BOT_TOKEN="a.b.c")

    assert code == 0
    assert found["discord"]["status"] == "warning"
    assert found["discord"]["text"] == "`CustomElement` is shown as a link to the web app."

    (folder / "app.py").write_text(APP)
    _, found = examine(folder, DISCORD_BOT_TOKEN="a.b.c")
    assert found["discord"]["text"] == "Shows all that the app uses."


def test_a_server_of_tools_that_cannot_be_started_is_told(folder: Path) -> None:
    table = '[mcp.servers.{0}]\ncommand = "{1}"\n{2}\n'
    (folder / "convo.toml").write_text(table.format("good", "sh", "") + table.format("bad", "no-such-program", ""))
    code, found = examine(folder)
    assert (code, found["mcp"]["text"]) == (1, "`bad`: there is no command `no-such-program`.")
    assert "`[mcp.servers.bad]`" in found["mcp"]["fix"]

    (folder / "convo.toml").write_text('[mcp.own]\nallow = ["tools.example"]\nallow_private_hosts = true\n')
    code, found = examine(folder)
    assert (code, found["mcp"]["status"]) == (0, "warning")
    assert "`allow_private_hosts` under `[mcp.own]`" in found["mcp"]["fix"]

    (folder / "convo.toml").write_text(table.format("lost", "sh", 'cwd = "/no/such/folder"'))
    assert examine(folder)[1]["mcp"]["text"] == "`lost`: there is no folder `/no/such/folder`."
