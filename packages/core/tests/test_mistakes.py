"""What each mistake in the settings is told, word by word."""

import os
from pathlib import Path

import convo
import pytest

KNOWN = "project, server, auth, features, ui, limits, data, storage, integrations, platforms, mcp, prices, debug"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("CONVO_")]:
        monkeypatch.delenv(name)
    return tmp_path


def told(text: str, *, file: str = "convo.toml") -> str:
    Path(file).write_text(text)
    with pytest.raises(convo.ConfigError) as caught:
        convo.Config.load()
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "x"', "1: `name`: there is no such setting. Did you mean `project.name`?"),
        ('[project]\nnmae = "x"', "2: `project.nmae`: there is no such setting. Did you mean `name`?"),
        ("[prject]", "1: `prject`: there is no such setting. Did you mean `project`?"),
        ('[UI]\ncot = "full"', "1: `UI`: there is no such setting. Did you mean `ui`?"),
        ("[tool.convo]", f"1: `tool`: there is no such setting. Known here: {KNOWN}."),
        ("[limits]\nmax_files = 1", "2: `limits.max_files`: there is no such setting. "
         "Did you mean `features.uploads.max_files`?"),
        ('[server]\nport = "many"', '2: `server.port`: must be a whole number, not "many".'),
        ("[server]\nport = 70000", "2: `server.port`: must be at most 65535, not 70000."),
        ("[server]\nport = true", "2: `server.port`: must be a number, not `true`."),
        ("[limits]\nmessage_bytes = -1", "2: `limits.message_bytes`: must be more than 0, not -1."),
        ("[project]\nname = 5", "2: `project.name`: must be a text, in quotes, not 5."),
        ('[project]\nname = ""', "2: `project.name`: must not be empty."),
        ('[features]\nwhen_busy = "panic"', '2: `features.when_busy`: must be "queue", "interrupt", "parallel" or '
         '"reject", not "panic".'),
        ('debug = "perhaps"', '1: `debug`: must be `true` or `false`, not "perhaps".'),
        ("[features]\naudio = true", "2: `features.audio`: must be a table, not `true`."),
        (
            '[server]\nallowed_origins = ["shop.example"]',
            "2: `server.allowed_origins`: `shop.example` is no origin, as `https://shop.example`, without a path.",
        ),
        ('[server]\nroot_path = "chat/"', '2: `server.root_path`: must look like `/chat`, not "chat/".'),
        ('[project]\nuser_env = "KEY"', '2: `project.user_env`: must be a list, as `["one", "two"]`, not "KEY".'),
        ('[auth]\nsecret = "short"', "2: `auth.secret`: a secret has at least 32 characters; `convo secret` makes "
         "one."),
        ("[auth]\nsecret = 12345", "2: `auth.secret`: must be a text, in quotes."),
        ('[[ui.header_links]]\nname = "a"\nurl = "/a"\n[[ui.header_links]]\nname = "b"', "4: `ui.header_links.1.url`: "
         "is missing."),
        ('[auth.oauth.github]\nclient = "x"', "2: `auth.oauth.github.client`: there is no such setting. "
         "Did you mean `client_id`?"),
        ("[uploads]\nmax_files = 3", "1: `uploads`: there is no such setting. It is now `features.uploads`; "
         "`convo config upgrade` rewrites the file."),
        ("schema_version = 9", "1: `schema_version`: is 9, and this convo knows up to 2; upgrade it: "
         "pip install -U convo-core"),
        ("[project]\nname = Atlas", '2: this is no TOML: a text stands in quotes, as name = "Atlas".\n'
         "    name = Atlas"),
        ("[project]\nname =", "2: this is no TOML: `name` is given no value.\n    name ="),
        ("[server]\nheadless = True", "2: this is no TOML: write `true` or `false`, in small letters, or leave the "
         "line out.\n    headless = True"),
        ("[server", "1: this is no TOML: expected ']' at the end of a table declaration.\n    [server"),
        ("[server]\nport = 1\nport = 2", "3: `port` stands in this file twice.\n    port = 2"),
        ("[project]\nname = 'It's'", "2: this is no TOML: a text with `'` in it stands in double quotes.\n"
         "    name = 'It's'"),
        ("[project]\nuser_env = [\n", "2: this is no TOML: a list or table is not closed, or lacks a comma.\n"
         "    user_env = ["),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file(text: str, said: str) -> None:
    assert told(text) == f"convo.toml, line {said}"


def test_all_mistakes_are_told_at_once_from_top_to_end() -> None:
    text = '[server]\nport = "many"\n[project]\nnmae = "x"\nuser_env = [\n  "A",\n]\n# [ui]\n[limits]\ntail_bytes = 0\n'

    assert told(text).splitlines() == [
        "3 mistakes in the settings:",
        '  convo.toml, line 2: `server.port`: must be a whole number, not "many".',
        "  convo.toml, line 4: `project.nmae`: there is no such setting. Did you mean `name`?",
        "  convo.toml, line 10: `limits.tail_bytes`: must be more than 0, not 0.",
    ]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CONVO_SERVER__PORT", "many", "`: `server.port`: must be a whole number, not \"many\"."),
        ("CONVO_SERVER__PROT", "1", "`: `server.prot`: there is no such setting. Did you mean `port`?"),
        ("CONVO_SEVER__PORT", "1", "`: names no setting. Did you mean `CONVO_SERVER__PORT`?"),
        ("CONVO_XYZ", "1", f"`: names no setting. Known here: {KNOWN}."),
        ("CONVO_UPLOADS__MAX_FILES", "1", "`: names no setting. It is now `CONVO_FEATURES__UPLOADS__MAX_FILES`."),
        ("CONVO_SERVER", "5", "`: `server`: must be a table, not 5."),
    ],
)  # fmt: skip
def test_a_mistake_in_the_environment(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(convo.ConfigError) as caught:
        convo.Config.load()
    assert str(caught.value) == f"the variable `{name}{said}"


def test_a_mistake_on_the_command_line_and_in_code() -> None:
    with pytest.raises(convo.ConfigError) as caught:
        convo.Config.load(flags={"server": {"root_path": "chat"}}, settings={"project": {"name": ""}})

    assert str(caught.value).splitlines()[1:] == [
        "  `App(config=…)`: `project.name`: must not be empty.",
        '  the flag `--root-path`: `server.root_path`: must look like `/chat`, not "chat".',
    ]
    assert [problem.key for problem in caught.value.problems] == ["project.name", "server.root_path"]


def test_a_mistake_in_a_project_file_has_its_line_there_and_others_tables_are_none_of_ours() -> None:
    text = '[project]\nname = "x"\n[tool.other]\nnmae = 1\n[tool.convo.project]\nnmae = "x"\n'

    said = "pyproject.toml, line 6: `project.nmae`: there is no such setting. Did you mean `name`?"
    assert told(text, file="pyproject.toml") == said
    Path("convo.toml").write_text("")
    said = "pyproject.toml, line 5: settings stand here and in `convo.toml`; keep them in one of the two."
    assert told(text, file="pyproject.toml") == said


def test_a_mistake_in_env_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from convo.config import load_dotenv

    Path(".env").write_text("# mine\nCONVO_SERVER__PORT=many\n")
    monkeypatch.setenv("CONVO_SERVER__PORT", "many")
    with pytest.raises(convo.ConfigError) as caught:
        convo.Config.load()
    assert str(caught.value).startswith(".env, line 2, `CONVO_SERVER__PORT`: `server.port`: must be a whole number")

    Path(".env").write_text("A=1\n\nnonsense here\n")
    with pytest.raises(convo.ConfigError, match=r"^\.env, line 3: is no variable; write it as `NAME=value`\.$"):
        load_dotenv(".")
