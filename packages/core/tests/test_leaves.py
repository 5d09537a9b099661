"""Tables of other packages: who says what is in them, and what is said when nobody does."""

import tomllib
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import convo
import pytest
from convo.config import Section
from pydantic import SecretStr

ANNOUNCED = {
    "settings": {"integrations.weather": "Weather", "platforms.slack": "Slack", "mcp.servers": "Server"},
    "integrations": {"llama-index": "Weather"},
}


class Weather(Section):
    units: str = "metric"
    api_key: SecretStr | None = None


class Slack(Section):
    bot_token: SecretStr
    socket_mode: bool = True


class Server(Section):
    url: str


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    points = EntryPoints(
        EntryPoint(name, f"{__name__}:{value}", f"convo.{kind}")
        for kind, names in ANNOUNCED.items()
        for name, value in names.items()
    )
    monkeypatch.setattr("convo.plugins._installed", lambda: points)
    monkeypatch.setattr(EntryPoint, "load", lambda point: globals()[point.value.rpartition(":")[2]])


def load(tmp_path: Path, text: str) -> convo.Config:
    (tmp_path / "convo.toml").write_text(text)
    return convo.Config.load(tmp_path)


def test_a_leaf_gets_its_table_as_it_announced_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVO_INTEGRATIONS__WEATHER__API_KEY", "xyz")
    config = load(tmp_path, '[integrations.weather]\nunits = "imperial"\n[mcp.servers.docs]\nurl = "https://a.example"')

    weather = config.leaf("integrations.weather", Weather)
    assert weather is not None
    assert weather.units == "imperial"
    assert weather.api_key is not None
    assert weather.api_key.get_secret_value() == "xyz"
    assert config.mcp.servers["docs"] == Server(url="https://a.example")
    assert config.overridden({"project": {"name": "x"}}).integrations == config.integrations


@pytest.mark.parametrize(("text", "settings"), [("true", Weather()), ("false", None)])
def test_an_integration_is_turned_on_and_off_by_a_word(tmp_path: Path, text: str, settings: Weather | None) -> None:
    assert load(tmp_path, f"[integrations]\nweather = {text}").leaf("integrations.weather", Weather) == settings


def test_one_without_settings_is_turned_on_by_a_word_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVO_INTEGRATIONS__LLAMA_INDEX", "true")
    assert load(tmp_path, "").integrations == {"llama-index": True}

    monkeypatch.delenv("CONVO_INTEGRATIONS__LLAMA_INDEX")
    assert load(tmp_path, "[integrations]\nllama_index = true").integrations == {"llama-index": True}
    with pytest.raises(convo.ConfigError, match=r"has no settings of its own; turn it on with `llama-index = true`"):
        load(tmp_path, "[integrations.llama-index]\nx = 1")


def test_a_platforms_own_variables_are_its_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-of-slack")
    monkeypatch.setenv("SLACK_OF_SOMETHING_ELSE", "1")
    monkeypatch.setenv("DISCORD_BOT_TOKEN", "of a platform that is not installed")
    config = load(tmp_path, "")

    assert config.platforms == {"slack": Slack(bot_token=SecretStr("xoxb-of-slack"))}
    monkeypatch.setenv("SLACK_SOCKET_MODE", "maybe")
    with pytest.raises(convo.ConfigError, match=r"`SLACK_SOCKET_MODE`: `platforms.slack.socket_mode`: must be `true`"):
        load(tmp_path, "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[integrations]\nlangchain = true", r"line 2: `integrations\.langchain`: .* pip install convo-langchain"),
        ("[integrations]\nlangchian = true", r"line 2: .*no such integration\. Did you mean `langchain`\?"),
        ("[platforms.discord]\nx = 1", r"line 1: `platforms\.discord`: .* pip install convo-discord"),
        ("[platforms.slak]", r"line 1: `platforms\.slak`: there is no such platform\. Did you mean `slack`\?"),
        ("[platforms]\nslack = true", r"line 2: `platforms\.slack`: must be a table, as `\[platforms\.slack\]`"),
        ("[platforms.slack]", r"line 1: `platforms\.slack\.bot_token`: is missing"),
        ("[integrations.weather]\nunit = 1", r"line 2: `integrations\.weather\.unit`: .* Did you mean `units`\?"),
        ("[integrations]\nweather = 3", r"line 2: `integrations\.weather`: must be `true` or `false`"),
        ("[mcp.servers.docs]\nurl = 3", r"line 2: `mcp\.servers\.docs\.url`: must be a text, in quotes, not 3"),
        ("[mcp.server.docs]\nurl = 3", r"line 1: `mcp\.server`: there is no such setting\. Did you mean `servers`\?"),
    ],
)
def test_a_mistake_in_a_leafs_table_names_its_line_and_the_fix(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(convo.ConfigError, match=said):
        load(tmp_path, text)
    with pytest.raises(convo.ConfigError):
        convo.App(tomllib.loads(text)).configure(str(tmp_path))
