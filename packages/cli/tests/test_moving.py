"""`convo migrate chainlit FOLDER`: a project as Chainlit 2.12 has it, moved, checked and talked to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from convo.loader import load_app
from convo.testing import ChatClient
from convo_cli.main import cli
from typer.testing import CliRunner, Result

CONFIG = """\
[project]
user_env = []
session_timeout = 600
user_session_timeout = 1296000
persist_user_env = true
allow_origins = ["*", "https://shop.example"]

[features]
latex = true
edit_message = false

[features.spontaneous_file_upload]
    accept = { "text/csv" = [".csv"], "application/pdf" = [".pdf"] }
    max_files = 3

[features.mcp]
    enabled = true

[UI]
name = "Atlas"
default_theme = "dark"
default_sidebar_state = "hidden"
custom_css = "/public/atlas.css"
layout = "narrow"
cot = "full"
alert_style = "classic"
logo_file_url = ""
shiny = true

[[UI.header_links]]
name = "Help"
icon_url = "https://atlas.example/help.png"
url = "https://atlas.example/help"

[meta]
generated_by = "2.12.0"
"""

APP = '''\
"""Answers about the sea."""

import os

import chainlit as cl
from chainlit.element import Image, Task
from chainlit.input_widget import (
    Slider,  # how warm
)
from chainlit.types import ThreadDict, Pagination

from tools import look_up

SECRET = os.environ.get("CHAINLIT_AUTH_SECRET")
GREETING = "import chainlit as cl"  # äöü: a text, and no import


@cl.on_chat_start
async def start():
    await cl.ChatSettings([Slider(id="warmth", label="Warmth", initial=1, min=0, max=2)]).send()


@cl.on_mcp_connect
async def connect(connection, session):
    cl.langflow(session)


@cl.on_message
async def main(message: cl.Message):
    found = await look_up(message.content)
    await cl.Message(content=f"{GREETING[:0]}The sea says {found}").send()
'''

TOOLS = """\
import chainlit
import chainlit.data as data; from chainlit.config import config


@chainlit.step(type="tool")
async def look_up(word: str):
    return word.upper()
"""

MOVED_TOOLS = """\
import convo as chainlit
import convo.data as data


@chainlit.step(type="tool")
async def look_up(word: str):
    return word.upper()
"""


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


@pytest.fixture
def folder(own_imports: None, tmp_path: Path) -> Path:
    write(
        tmp_path,
        {
            ".chainlit/config.toml": CONFIG,
            ".chainlit/translations/en-US.json": json.dumps(
                {
                    "chat": {
                        "input": {"placeholder": "Ask the sea", "actions": {"send": "Send message"}},
                        "history": {"empty": "Nothing but water"},
                    },
                    "auth": {"provider": {"continue": "Board with {{provider}}"}},
                }
            ),
            ".chainlit/translations/de-DE.json": json.dumps({"chat": {"watermark": "Die See irrt nie."}}),
            ".chainlit/translations/pl-PL.json": json.dumps({"chat": {"watermark": "Morze"}}),
            "chainlit.md": "# Atlas\n\nAll about the sea.\n",
            "chainlit_de-DE.md": "# Atlas\n\nAlles über die See.\n",
            "public/theme.json": '{"variables": {"light": {"--primary": "200 90% 40%"}}}',
            "public/atlas.css": ".message { color: navy }",
            "public/logo_light.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
            "app.py": APP,
            "tools.py": TOOLS.replace("; from chainlit.config import config", ""),
            ".venv/lib/x.py": "import chainlit\n",
            "requirements.txt": "httpx\nchainlit>=2.0\nchainlit-extra\n",
            ".env": "CHAINLIT_AUTH_SECRET=very-secret\n",
            "Dockerfile": "CMD chainlit run app.py\n",
        },
    )
    return tmp_path


def move(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, ["migrate", "chainlit", str(folder), *options])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_a_moved_project_is_right_and_answers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = move(folder, "--apply")

    assert result.exit_code == 0, result.output
    for name in ("convo.toml", "convo.md", "convo.de.md", "translations/en.json", "translations/de.json", "app.py"):
        assert f"Wrote {folder / name}." in result.stderr
    monkeypatch.chdir(folder)
    assert CliRunner().invoke(cli, ["config", "check"]).exit_code == 0
    assert CliRunner().invoke(cli, ["translations", "check"]).exit_code == 0
    assert (folder / "tools.py").read_text() == MOVED_TOOLS
    async with ChatClient(load_app(str(folder / "app.py"))) as chat:
        reply = await chat.send("hello")
    assert reply.content == "The sea says HELLO"


def test_each_setting_has_a_counterpart_or_a_reason_why_not(folder: Path) -> None:
    result = move(folder, "--apply")

    assert tomllib.loads((folder / "convo.toml").read_text()) == {
        "schema_version": 2,
        "auth": {"session_days": 15},
        "features": {"edit_message": False, "uploads": {"accept": [".csv", ".pdf"], "max_files": 3}},
        "limits": {"session_timeout": 600},
        "project": {"name": "Atlas"},
        "server": {"allowed_origins": ["https://shop.example"]},
        "ui": {
            "theme": "dark",
            "sidebar": "closed",
            "logo": "public/logo_light.svg",
            "custom_css": "public/atlas.css",
            "header_links": [
                {"name": "Help", "icon": "https://atlas.example/help.png", "url": "https://atlas.example/help"}
            ],
        },
    }
    for line in (
        "`project.persist_user_env = true` has no counterpart, because keys of users are never stored on the server.",
        "`features.latex = true` has no counterpart, because formulas are always set, and prices stay prices.",
        "`features.mcp.enabled = true` has no counterpart, because a server is a table `[mcp.servers.NAME]`.",
        "`ui.shiny` has no counterpart, because Chainlit 2.12 knows no such setting.",
        '`ui.layout = "narrow"` would be `ui.layout`, but: ',
        '`project.allow_origins`: `"*"` is not taken',
        "`ui.default_sidebar_state`: `hidden` is `closed`",
    ):
        assert f"  .chainlit/config.toml: {line}" in result.stdout
    assert "alert_style" not in result.stdout  # it stands as Chainlit wrote it


def test_only_texts_that_the_author_changed_are_taken(folder: Path) -> None:
    result = move(folder, "--apply")

    assert json.loads((folder / "translations/en.json").read_text()) == {
        "composer": {"placeholder": "Ask the sea"},
        "signIn": {"with": "Board with {provider}"},
    }
    assert json.loads((folder / "translations/de.json").read_text()) == {"app": {"note": "Die See irrt nie."}}
    assert "`chat.history.empty` ('Nothing but water') has no counterpart" in result.stdout
    assert "convo does not speak `pl-PL`; 1 changed texts are left." in result.stdout


def test_imports_change_at_their_place_and_nothing_else_does(folder: Path) -> None:
    result = move(folder, "--apply")

    moved = APP.replace("import chainlit as cl\nfrom", "import convo as cl\nfrom")
    moved = moved.replace(
        "from chainlit.element import Image, Task", "from convo.element import Image\nfrom convo import Task"
    )
    moved = moved.replace("from chainlit.", "from convo.")
    assert (folder / "app.py").read_text() == moved
    assert (folder / ".venv/lib/x.py").read_text() == "import chainlit\n"
    assert "  app.py:25: `cl.langflow`: convo has nothing of this name." in result.stdout
    assert "  app.py:14: `CHAINLIT_AUTH_SECRET` is read of the environment" in result.stdout


def test_names_that_convo_lacks_stay_and_are_listed_with_their_lines(tmp_path: Path) -> None:
    before = (
        "\ufefffrom chainlit.data.sql_alchemy import SQLAlchemyDataLayer\r\n"
        "try:\r\n"
        "    from chainlit.types import (ThreadDict, Nothing as N)\r\n"
        "    x = 'ä'; import chainlit.types, os\r\n"
        "except ImportError: from chainlit import Message, Task, other\r\n"
        "from chainlit.utils import mount_chainlit\r\n"
        "from chainlit . context import ChainlitContextException, context\r\n"
        "from chainlit import types as t, LangchainCallbackHandler\r\n"
        "print(t.Missing, t.ThreadDict, chainlit.types.Gone)\r\n"
        "from chainlit import *\r\n"
    )
    write(tmp_path, {"app.py": before})

    result = move(tmp_path, "--apply")

    assert (tmp_path / "app.py").read_bytes().decode() == (
        "\ufefffrom chainlit.data.sql_alchemy import SQLAlchemyDataLayer\r\n"
        "try:\r\n"
        "    from convo.types import ThreadDict\r\n"
        "    from chainlit.types import Nothing as N\r\n"
        "    x = 'ä'; import convo.types, convo as chainlit, os\r\n"
        "except ImportError: from chainlit import Message, Task, other\r\n"
        "from convo_server import mount as mount_chainlit\r\n"
        "from convo import NoContextError as ChainlitContextException\r\n"
        "from convo.context import context\r\n"
        "from convo import types as t, LangchainCallbackHandler\r\n"
        "print(t.Missing, t.ThreadDict, chainlit.types.Gone)\r\n"
        "from convo import *\r\n"
    )
    left = [line.strip() for line in result.stdout.splitlines() if line.startswith("  ")]
    assert left == [
        "app.py:1: `chainlit.data.sql_alchemy.SQLAlchemyDataLayer` is left: where history and files are kept is said "
        "by `[data] url` and `[storage] url`.",
        "app.py:3: `chainlit.types.Nothing` is left: convo has nothing of this name.",
        "app.py:5: `chainlit.other` is left: convo has nothing of this name.",
        "app.py:5: shares its lines with others and is left: `Message` is `convo.Message`, `Task` is `convo.Task`.",
        "app.py:9: `t.Missing`: convo has nothing of this name.",
        "app.py:9: `chainlit.types.Gone`: convo has nothing of this name.",
        "convo-langchain: names that the code imports are in it: pip install convo-langchain.",
    ]


def test_requirements_commands_variables_and_looks_are_named_and_stay(folder: Path) -> None:
    before = contents(folder)

    result = move(folder)

    for line in (
        "requirements.txt:2: `chainlit>=2.0` is `convo-core[run]`",
        ".env:1: `CHAINLIT_AUTH_SECRET` is `CONVO_AUTH__SECRET`.",
        "Dockerfile:1: `chainlit run` is `convo run`.",
        "public/theme.json: stays without effect: `variables`",
        "public/atlas.css: stays; the page has other classes",
    ):
        assert f"  {line}" in result.stdout
    assert "very-secret" not in result.output
    assert "requirements.txt:3" not in result.output
    assert contents(folder) == before


def test_without_apply_a_difference_is_shown_and_nothing_written(folder: Path) -> None:
    before = contents(folder)

    result = move(folder)

    assert result.exit_code == 0
    assert "\n-import chainlit as cl\n" in result.stdout
    assert "\n+import convo as cl\n" in result.stdout
    assert "+++ " + (folder / "convo.toml").as_posix() in result.stdout
    assert "Nothing was written; --apply writes it." in result.stderr
    assert contents(folder) == before


def test_a_file_that_is_there_is_written_over_only_by_force(folder: Path) -> None:
    (folder / "convo.md").write_text("Mine.\n")
    before = contents(folder)

    refused = move(folder, "--apply")

    assert refused.exit_code == 1
    assert f"There already: `{folder / 'convo.md'}`. Nothing was written" in " ".join(refused.stderr.split())
    assert contents(folder) == before
    assert move(folder, "--apply", "--force").exit_code == 0
    assert (folder / "convo.md").read_text().startswith("# Atlas")


def test_a_second_time_there_is_nothing_to_write(folder: Path) -> None:
    move(folder, "--apply")
    before = contents(folder)

    result = move(folder, "--apply")

    assert result.exit_code == 0
    assert "Nothing to write" in result.stderr
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["elsewhere"], "There is no folder `elsewhere`"),
        (["."], "Nothing in `.` is Chainlit's"),
        ([".", "--dry-run"], "--dry-run is for a database"),
        (["sqlite:///x.db", "--apply"], "--apply and --force are for a folder"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(cli, ["migrate", "chainlit", *arguments])

    assert result.exit_code in (1, 2)
    assert said in " ".join(result.stderr.replace("│", " ").split())


def test_broken_files_are_named_and_the_others_taken(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".chainlit/config.toml": "[UI\n",
            ".chainlit/translations/de.json": "{",
            "chainlit.md": "# Atlas",
            "broken.py": "import chainlit as (\n",
            "app.py": "import chainlit as cl\n",
        },
    )

    result = move(tmp_path, "--apply")

    assert result.exit_code == 0
    assert "  .chainlit/config.toml: cannot be read as TOML" in result.stdout
    assert "  .chainlit/translations/de.json: cannot be read as JSON" in result.stdout
    assert "  broken.py:1: cannot be read as Python" in result.stdout
    assert (tmp_path / "app.py").read_text() == "import convo as cl\n"
    assert (tmp_path / "convo.md").read_text() == "# Atlas"


def test_submodules_are_there_once_convo_is_imported() -> None:
    """What stays an attribute in moved code, as `cl.types.ThreadDict`."""
    names = ("input_widget", "types", "data", "element", "message", "user", "action", "mode", "sidebar", "sync")
    code = f"import convo as cl; print([n for n in {names} if not hasattr(cl, n)])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.strip() == "[]"
