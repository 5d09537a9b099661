"""Settings: the keys of `.chainlit/config.toml` that have a counterpart in `convo.toml`, and why others have none."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from convo import Config
from convo.config import SCHEMA_VERSION
from convo.config.problem import explain
from pydantic import ValidationError

from convo_cli.chainlit.remainder import Remainder
from convo_cli.effective import toml_key, toml_value

__all__ = ["as_toml", "settings_of"]

Values = dict[str, Any]
"""Settings by their dotted names, as `ui.theme`."""


def _stripped(path: str) -> str:
    return path.lstrip("/")


def _accepted(types: Any) -> list[str]:
    """Types and endings; `*/*` is what no list says."""
    endings = [end for ends in types.values() for end in ends] if isinstance(types, Mapping) else list(types)
    return [] if "*/*" in endings else endings


def _links(links: Any) -> list[dict[str, Any]]:
    return [{("icon" if key == "icon_url" else key): value for key, value in link.items()} for link in links]


COUNTERPARTS: dict[str, tuple[str, Callable[[Any], Any] | None]] = {
    "project.user_env": ("project.user_env", None),
    "project.session_timeout": ("limits.session_timeout", None),
    "project.user_session_timeout": ("auth.session_days", lambda seconds: round(seconds / 86400, 4)),
    "project.allow_origins": ("server.allowed_origins", lambda origins: [one for one in origins if one != "*"]),
    "project.transports": ("server.transports", None),
    "features.unsafe_allow_html": ("features.unsafe_allow_html", None),
    "features.edit_message": ("features.edit_message", None),
    "features.allow_thread_sharing": ("features.allow_thread_sharing", None),
    "features.favorites": ("features.favorites", None),
    "features.spontaneous_file_upload.enabled": ("features.uploads.enabled", None),
    "features.spontaneous_file_upload.accept": ("features.uploads.accept", _accepted),
    "features.spontaneous_file_upload.max_files": ("features.uploads.max_files", None),
    "features.spontaneous_file_upload.max_size_mb": ("features.uploads.max_size_mb", None),
    "features.audio.enabled": ("features.audio.enabled", None),
    "features.audio.sample_rate": ("features.audio.sample_rate", None),
    "ui.name": ("project.name", None),
    "ui.description": ("project.description", None),
    "ui.default_theme": ("ui.theme", None),
    "ui.language": ("ui.language", None),
    "ui.layout": ("ui.layout", None),
    "ui.default_sidebar_state": ("ui.sidebar", lambda state: "closed" if state == "hidden" else state),
    "ui.confirm_new_chat": ("ui.confirm_new_chat", None),
    "ui.cot": ("ui.cot", None),
    "ui.custom_css": ("ui.custom_css", _stripped),
    "ui.custom_js": ("ui.custom_js", _stripped),
    "ui.login_page_image": ("ui.login_image", _stripped),
    "ui.custom_meta_image_url": ("ui.image", _stripped),
    "ui.logo_file_url": ("ui.logo", _stripped),
    "ui.header_links": ("ui.header_links", _links),
}

_SERVERS = "a server is a table `[mcp.servers.NAME]`"
_OWN_SERVERS = "which servers users may bring by their address stands in `[mcp.own]`"

WITHOUT: dict[str, tuple[Any, str]] = {
    "project.cache": (
        False,
        "`convo.cache` keeps what a function returned; a framework's own cache is set up by the app",
    ),
    "project.persist_user_env": (False, "keys of users are never stored on the server"),
    "project.mask_user_env": (False, "keys are masked as they are written"),
    "project.lc_cache_path": (None, "LangChain's cache is set up by the app"),
    "project.enable_telemetry": (None, "nothing is sent to anybody"),
    "features.latex": (False, "formulas are always set, and prices stay prices"),
    "features.user_message_markdown": (True, "what a user writes is always drawn in the same way"),
    "features.user_message_autoscroll": (True, "the page itself follows what is new, until its reader scrolls"),
    "features.assistant_message_autoscroll": (True, "the page itself follows what is new, until its reader scrolls"),
    "features.auto_tag_thread": (True, "a chat's profile is kept as its profile"),
    "features.slack.reaction_on_message_received": (False, "set it in `[platforms.slack]`"),
    "features.mcp.enabled": (False, _SERVERS),
    "features.mcp.sse": ({"enabled": True}, _SERVERS),
    "features.mcp.stdio": ({"enabled": True, "allowed_executables": ["npx", "uvx"]}, _SERVERS),
    "features.mcp.streamable-http": ({"enabled": True}, _SERVERS),
    "features.mcp.servers": ([], _SERVERS),
    "features.mcp.user_servers.enabled": (False, _OWN_SERVERS),
    "features.mcp.user_servers.allowed_urls": ([], _OWN_SERVERS),
    "ui.chat_settings_location": ("message_composer", "chat settings have one place"),
    "ui.default_chat_settings_open": (False, "chat settings open when they are asked for"),
    "ui.custom_css_attributes": ("", "a stylesheet is always a plain one; use `@media` in it"),
    "ui.custom_js_attributes": ("defer", "a script is always a module"),
    "ui.alert_style": ("classic", "callouts have one look, which a theme changes"),
    "ui.login_page_image_filter": (None, "the picture is shown as it is; change the file"),
    "ui.login_page_image_dark_filter": (None, "the picture is shown as it is; change the file"),
    "ui.custom_meta_url": (None, "the page says the address it is at"),
    "ui.default_avatar_file_url": ("", "pictures of authors are files, as `public/avatars/assistant.png`"),
    "ui.avatar_size": (None, "the size belongs to the page; a stylesheet can change it"),
    "ui.custom_build": (None, "an own web app is served by itself, and speaks to `convo run --headless`"),
    "ui.github": (None, "a link at the top is one of `[[ui.header_links]]`"),
}
"""What Chainlit sets by default, where nothing is lost, and the reason."""

NOTES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "project.allow_origins": (
        lambda origins: "*" in origins,
        '`"*"` is not taken: pages of other sites may not talk to the app unless `server.allowed_origins` names them',
    ),
    "ui.default_sidebar_state": (
        lambda state: state == "hidden",
        "`hidden` is `closed` in `ui.sidebar`; `features.history = false` takes the chats away altogether",
    ),
}


def settings_of(path: Path, name: str) -> tuple[Values, list[Remainder]]:
    """What a file says that is not so by default here, and what it says in vain; `name` is how to call it."""
    try:
        tables = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        return {}, [Remainder(name, f"cannot be read as TOML ({error}), so nothing of it is taken.")]
    values: Values = {}
    left: list[Remainder] = []
    for key, value in _leaves(tables):
        if key.startswith("meta.") or (value == "" and key.startswith("ui.")):
            continue
        if key in NOTES and _holds(NOTES[key][0], value):
            left.append(Remainder(name, f"`{key}`: {NOTES[key][1]}."))
        if key in COUNTERPARTS:
            _place(key, value, values, left, name)
        elif key not in WITHOUT:
            left.append(Remainder(name, f"`{key}` has no counterpart, because Chainlit 2.12 knows no such setting."))
        elif WITHOUT[key][0] != value:
            left.append(
                Remainder(name, f"`{key} = {toml_value(value)}` has no counterpart, because {WITHOUT[key][1]}.")
            )
    return values, left


def _leaves(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        name = above + (key if above else key.lower())  # it writes `[UI]`
        if isinstance(value, Mapping) and name not in COUNTERPARTS and name not in WITHOUT:
            yield from _leaves(value, f"{name}.")
        else:
            yield name, value


def _holds(test: Callable[[Any], bool], value: Any) -> bool:
    try:
        return test(value)
    except TypeError:  # a value of another type, which is refused when it is placed
        return False


def _place(key: str, value: Any, values: Values, left: list[Remainder], name: str) -> None:
    place, convert = COUNTERPARTS[key]
    try:
        converted = value if convert is None else convert(value)
        nested = _nested(place, converted)
        config = Config(**nested)
    except ValidationError as error:
        why = explain(error.errors()[0], Config, nested)[1]
        left.append(Remainder(name, f"`{key} = {toml_value(value)}` would be `{place}`, but: {why}"))
    except (AttributeError, TypeError):
        left.append(Remainder(name, f"`{key} = {toml_value(value)}` is of a type that `{place}` does not take."))
    else:
        if _at(config, place) != _at(Config.model_validate({}), place):
            values[place] = converted


def _nested(place: str, value: Any) -> dict[str, Any]:
    for key in reversed(place.split(".")):
        value = {key: value}
    return dict(value)


def _at(config: Any, place: str) -> Any:
    for key in place.split("."):
        config = getattr(config, key)
    return config


def as_toml(values: Values) -> str:
    """`convo.toml` with these settings, each table once."""
    tables: dict[str, list[str]] = {}
    for place, value in sorted(values.items(), key=lambda one: one[0].rpartition(".")[0]):
        table, _, key = place.rpartition(".")
        tables.setdefault(table, []).append(f"{toml_key(key)} = {toml_value(value)}")
    parts = [f"[{table}]\n" + "\n".join(lines) for table, lines in tables.items()]
    return "\n\n".join([f"schema_version = {SCHEMA_VERSION}", *parts]) + "\n"
