"""Settings: where each comes from, and what a mistake is told."""

from importlib.metadata import EntryPoints
from pathlib import Path

import convo
import pytest
from convo import ConfigError
from convo.config import Sources, json_schema, load_dotenv


def test_code_wins_over_flags_over_environment_over_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = '[project]\nname = "file"\n[server]\nhost = "file"\nport = 1\nroot_path = "/file"\n'
    (tmp_path / "convo.toml").write_text(file)
    monkeypatch.setenv("CONVO_SERVER__HOST", "environment")
    monkeypatch.setenv("CONVO_SERVER__PORT", "2")
    monkeypatch.setenv("CONVO_SERVER__ROOT_PATH", "/environment")
    app = convo.App({"server": {"root_path": "/code"}})

    config = app.configure(str(tmp_path), {"server": {"port": 3, "root_path": "/flag"}})

    assert config.project.name == "file"
    assert (config.server.host, config.server.port, config.server.root_path) == ("environment", 3, "/code")
    assert config.limits.session_timeout == 3600


def test_settings_are_frozen() -> None:
    with pytest.raises(Exception, match="frozen"):
        convo.App().config.project.name = "x"  # type: ignore[misc]  # what is tested


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[project]\nnmae = "x"',
            r"convo\.toml, line 2: `project\.nmae`: there is no such setting\. Did you mean `name`",
        ),
        ('[prject]\nname = "x"', r"`prject`: there is no such setting\. Did you mean `project`"),
        ('[server]\nport = "many"', r"convo\.toml, line 2: `server\.port`: must be a whole number, not \"many\""),
        ("[server", r"convo\.toml, line 1: this is no TOML: expected"),
        ('[features]\nwhen_busy = "panic"', r'must be "queue", "interrupt", "parallel" or "reject", not "panic"'),
    ],
)
def test_a_mistake_in_the_file_names_its_line_and_the_fix(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "convo.toml").write_text(text)

    with pytest.raises(ConfigError, match=said):
        convo.Config.load(tmp_path)


def test_an_unknown_environment_variable_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVO_SEVER__PORT", "1")

    with pytest.raises(ConfigError, match=r"Did you mean `CONVO_SERVER__PORT`"):
        convo.Config.load()


def test_a_wrong_environment_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVO_SERVER__PORT", "many")

    with pytest.raises(ConfigError, match=r"the variable `CONVO_SERVER__PORT`: `server\.port`: must be a whole number"):
        convo.Config.load()


@pytest.mark.parametrize(
    ("data", "package"),
    [
        ({"url": "sqlite:///x.db"}, "convo-sqlalchemy"),
        ({"url": "postgresql://host/chat"}, "convo-sqlalchemy"),
        ({"url": "dynamodb://chat?region=eu-central-1"}, "convo-dynamodb"),
        ({"url": "dynamodb://chat", "layer": "mine"}, "convo-mine"),
    ],
)
def test_a_data_layer_that_is_not_installed_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, data: dict[str, str], package: str
) -> None:
    monkeypatch.setattr("convo.plugins._installed", EntryPoints)
    app = convo.App({"data": data})

    with pytest.raises(convo.MissingPackageError, match=f"pip install {package}") as caught:
        app.create_data_layer()
    assert caught.value.package == package


def test_every_source_has_its_say_and_is_named_as_the_origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    links = '[[ui.header_links]]\nname = "a"\nurl = "/"\n'
    file = f'# mine\n[project]\nname = "file"\n[server]\nport = 1\nhost = "file"\n\n{links}'
    Path("convo.toml").write_text(file)
    Path(".env").write_text("CONVO_SERVER__ROOT_PATH=/env\nCONVO_SERVER__PORT=9\n")
    monkeypatch.setenv("CONVO_SERVER__PORT", "2")
    monkeypatch.setenv("CONVO_SERVER__ALLOWED_HOSTS", "a.example, b.example")
    monkeypatch.setenv("CONVO_SERVER__ROOT_PATH", "of this test, so that it ends with it")
    monkeypatch.delenv("CONVO_SERVER__ROOT_PATH")
    load_dotenv(".")
    sources = Sources.read(flags={"server": {"host": "flag"}}, settings={"features": {"feedback": False}})

    config = sources.config()

    found = {
        "project.name": (config.project.name, "convo.toml, line 3"),
        "server.port": (config.server.port, "the variable `CONVO_SERVER__PORT`"),
        "server.root_path": (config.server.root_path, ".env, line 1, `CONVO_SERVER__ROOT_PATH`"),
        "server.allowed_hosts": (config.server.allowed_hosts, "the variable `CONVO_SERVER__ALLOWED_HOSTS`"),
        "server.host": (config.server.host, "the flag `--host`"),
        "features.feedback": (config.features.feedback, "`App(config=…)`"),
        "ui.header_links": (len(config.ui.header_links), "convo.toml, line 8"),
        "debug": (config.debug, "default"),
    }
    assert {key: (value, sources.where(tuple(key.split(".")))) for key, (value, _) in found.items()} == found
    assert [value for value, _ in found.values()] == [
        "file",
        2,
        "/env",
        ("a.example", "b.example"),
        "flag",
        False,
        1,
        False,
    ]
    monkeypatch.delenv("CONVO_SERVER__ROOT_PATH")


def test_settings_may_stand_in_the_project_file_and_in_a_folder_that_is_read_only(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.convo]\n"$schema" = "x"\nschema_version = 2\nproject.name = "p"\n')
    tmp_path.chmod(0o555)

    assert convo.Config.load(tmp_path).project.name == "p"
    assert [path.name for path in tmp_path.iterdir()] == ["pyproject.toml"]


def test_the_schema_knows_every_setting_and_what_is_right_by_it() -> None:
    schema = json_schema()

    assert set(schema["properties"]) == {"$schema", "schema_version", *convo.Config.model_fields}
    assert schema["$defs"]["Server"]["properties"]["port"]["maximum"] == 65535
    assert schema["$defs"]["Server"]["additionalProperties"] is False
    assert schema["properties"]["integrations"]["additionalProperties"] == {
        "anyOf": [{"type": "boolean"}, {"type": "object"}]
    }
