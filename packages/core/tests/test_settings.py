"""Settings: where each comes from, and what a mistake is told."""

from pathlib import Path

import convo
import pytest
from convo import ConfigError


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
        ('[server]\nport = "many"', r"convo\.toml, line 2: `server\.port`: Input should be a valid integer"),
        ("[server", r"convo\.toml: "),
        ('[features]\nwhen_busy = "panic"', r"'queue', 'interrupt', 'parallel' or 'reject'"),
    ],
)
def test_a_mistake_in_the_file_names_its_line_and_the_fix(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "convo.toml").write_text(text)

    with pytest.raises(ConfigError, match=said):
        convo.Config.load(tmp_path)


def test_an_unknown_environment_variable_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVO_SEVER__PORT", "1")

    with pytest.raises(ConfigError, match=r"Did you mean `server`"):
        convo.Config.load()


def test_a_wrong_environment_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVO_SERVER__PORT", "many")

    with pytest.raises(ConfigError, match=r"environment variable CONVO_SERVER__PORT: `server\.port`"):
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
    monkeypatch.setattr("convo.plugins.entry_points", lambda group: [])
    app = convo.App({"data": data})

    with pytest.raises(convo.MissingPackageError, match=f"pip install {package}") as caught:
        app.create_data_layer()
    assert caught.value.package == package
