"""`convo init` and `convo config` as a newcomer meets them, in an empty folder."""

import json
import os
import re
import tomllib
from functools import partial
from pathlib import Path

import pytest
from convo import Config

from tests.harness.command import convo as run_convo

APP = """\
import os

import convo

app = convo.App({"project": {"name": os.environ.get("NAME", "nobody")}})


@app.on_message
async def answer(message): ...
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("CONVO_")]:
        monkeypatch.delenv(name)
    return tmp_path


convo = partial(run_convo, timeout=30)


def test_init_writes_a_file_that_explains_every_setting_and_changes_none() -> None:
    done = convo("init")

    text = Path("convo.toml").read_text()
    assert done.returncode == 0
    assert done.stdout.startswith("Wrote convo.toml.")
    assert Config.load() == Config()
    for key in ("project.name", "server.port", "features.uploads.max_files", "limits.tail_events", "data.url"):
        table, _, name = key.rpartition(".")
        assert re.search(rf"^\[{re.escape(table)}\]\n(?:#.*\n)*# {name} = ", text, re.MULTILINE), key
    uncommented = re.sub(
        r"^# (\w+ = (?:[\d.]+|true|false))$", r"\1", text.partition("\n# Tables of")[0], flags=re.MULTILINE
    )
    Path("convo.toml").write_text(uncommented)
    assert Config.load() == Config()


def test_init_overwrites_nothing() -> None:
    Path("convo.toml").write_text("# mine\n")

    done = convo("init")

    assert done.returncode == 1
    assert "`convo.toml` is there already, and was left as it is" in done.stderr
    assert Path("convo.toml").read_text() == "# mine\n"
    Path("convo.toml").unlink()
    Path("pyproject.toml").write_text('[tool.convo.project]\nname = "x"\n')
    assert "has settings under [tool.convo]" in convo("init").stderr
    assert "cannot be written: No such file or directory" in convo("init", "nowhere").stderr


def test_show_prints_a_file_of_settings_with_origins_and_without_secrets() -> None:
    Path("app.py").write_text(APP)
    Path("convo.toml").write_text(
        '[data]\nurl = "postgresql://me:hunter22@db/chat"\n[auth.oauth.github]\nclient_id = "x"\n'
    )
    Path(".env").write_text(f"NAME=Atlas\nCONVO_AUTH__SECRET={'s' * 40}\n")

    done = convo("config", "show", "--origin", "--app", "app.py", CONVO_SERVER__PORT="9")

    shown = tomllib.loads(done.stdout)
    assert shown["project"]["name"] == "Atlas"
    assert shown["server"]["port"] == 9
    assert shown["auth"]["secret"] == "***"
    assert shown["auth"]["oauth"] == {"github": shown["auth"]["oauth"]["github"]}
    assert "hunter22" not in done.stdout
    assert "ssss" not in done.stdout
    lines = [re.sub(r"\s+#", " #", line) for line in done.stdout.splitlines() if not line.endswith("# default")]
    assert 'name = "Atlas" # `App(config=…)`' in lines
    assert "port = 9 # the variable `CONVO_SERVER__PORT`" in lines
    assert any(
        line.startswith('secret = "***" # ') and line.endswith(".env, line 2, `CONVO_AUTH__SECRET`") for line in lines
    )
    as_json = json.loads(convo("config", "show", "--json").stdout)
    assert as_json["data.url"] == {"value": "postgresql://me:***@db/chat", "origin": "convo.toml, line 2"}
    assert as_json["server.port"] == {"value": 8000, "origin": "default"}


def test_check_says_that_all_is_right_or_what_is_not() -> None:
    assert convo("config", "check").stdout == (
        "All right: 0 set, all others as they are by default; there is no convo.toml, and none is needed.\n"
    )
    Path("convo.toml").write_text("[server]\nport = 1\nhots = 3\n")
    done = convo("config", "check")
    assert done.returncode == 1
    assert done.stderr == "Error: convo.toml, line 3: `server.hots`: there is no such setting. Did you mean `host`?\n"
    assert done.stdout == ""


def test_the_schema_is_one_that_editors_read() -> None:
    schema = json.loads(convo("config", "schema").stdout)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["properties"]["project"] == {"$ref": "#/$defs/Project"}


def test_upgrade_shows_a_difference_and_writes_it_when_asked() -> None:
    Path("convo.toml").write_text("schema_version = 1\n\n[uploads]  # mine\nmax_files = 3\n")

    preview = convo("config", "upgrade")
    assert "-[uploads]  # mine\n+[features.uploads]  # mine\n" in preview.stdout
    assert "--apply writes it" in preview.stderr
    assert "[uploads]" in Path("convo.toml").read_text()
    assert convo("config", "upgrade", "--apply").returncode == 0
    assert Config.load().features.uploads.max_files == 3
    assert convo("config", "upgrade").stdout == "Nothing to change: the settings are of this version.\n"
