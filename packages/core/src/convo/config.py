"""Settings: `convo.toml`, then the environment (`CONVO_…`), then what the entry point or the App says; frozen.

Imported on first use only: `import convo` does not load pydantic.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from convo.errors import ConfigError

__all__ = [
    "Audio",
    "Auth",
    "Config",
    "Data",
    "Elements",
    "Features",
    "HeaderLink",
    "Limits",
    "OAuth",
    "Project",
    "Server",
    "Storage",
    "Ui",
    "Uploads",
]

ENV_PREFIX = "CONVO_"
FILE_NAME = "convo.toml"
_ORIGIN = re.compile(r"(https?|wss?)://(\*\.)?[A-Za-z0-9.-]+(:([0-9]+|\*))?")
_HOST = re.compile(r"\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")
SECRET_LENGTH = 32
OF_THE_PROCESS = ("server", "auth", "data", "storage", "debug")


class Section(BaseModel):
    """A table of `convo.toml`: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Project(Section):
    """`[project]`: who the app is."""

    name: str = Field("Assistant", min_length=1, description="Shown as the page's title and as author of messages.")
    description: str = Field("", description="What the app is for, in a sentence; shown where a chat begins.")
    user_env: tuple[str, ...] = Field((), description="Keys that each user is asked for, as `OPENAI_API_KEY`.")
    keep_user_env: Literal["tab", "browser"] = Field(
        "tab", description="How long a browser keeps them: until the tab is closed, or until they are removed."
    )


class Server(Section):
    """`[server]`: where the app listens."""

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535, description="0 takes a free one.")
    root_path: str = Field("", pattern=r"^(/[A-Za-z0-9._~-]+)*$", description="Where the app is mounted, as `/chat`.")
    allowed_origins: tuple[str, ...] = Field((), description="Other origins that may talk to the app.")
    headless: bool = Field(False, description="Serve the API without the web app.")
    allowed_hosts: tuple[str, ...] = Field(
        (),
        description="The names the app is called by, as `chat.example.com`, `*.example.com` or `*`. Without any: every "
        "name, or those of this machine when only it can reach the app.",
    )
    trust_proxy: bool = Field(
        False, description="Believe `X-Forwarded-Proto`, `X-Forwarded-Host` and `X-Forwarded-For`."
    )
    proxies: int = Field(1, ge=1, description="How many proxies add to these headers, where they are believed.")
    hsts_seconds: int = Field(
        31_536_000, ge=0, description="How long browsers keep to https, once they came by it; 0 says nothing of it."
    )

    @field_validator("allowed_hosts")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not _HOST.fullmatch(host):
                raise ValueError(f"`{host}` is no host, as `chat.example.com` or `*.example.com`, without a port")
        return hosts


class OAuth(Section):
    """`[auth.oauth.NAME]`: a provider to log in at. `NAME` stands in the address of the callback."""

    provider: str | None = Field(None, description="Which of the known ones it is, if its name does not say it.")
    client_id: str = Field("", description="What the provider calls the app.")
    client_secret: SecretStr | None = Field(None, description="Better in the environment than in a file.")
    issuer: str | None = Field(None, description="Any provider of OpenID Connect, by its address.")
    domain: str | None = Field(None, description="Where the provider is, as `acme.okta.com`; or the address of one.")
    tenant: str | None = Field(None, description="Entra's: the id of one, or `organizations`, or `common`.")
    tenants: tuple[str, ...] = Field((), description="Of many, those whose users may come in; all of them if empty.")
    realm: str | None = Field(None, description="Keycloak's.")
    authorization_server: str | None = Field(None, description="Okta's; empty for the organisation's own.")
    scopes: tuple[str, ...] = Field((), description="What to ask for, in place of what is usual.")
    label: str | None = Field(None, description="What its button says.")
    prompt: str | None = Field(None, description="As `select_account` or `login`.")
    identifier: str | None = Field(None, description="A claim to know users by, in place of their verified e-mail.")
    redirect_url: str | None = Field(None, description="The callback's address, if it is not what the browser shows.")
    authorize_url: str | None = None
    token_url: str | None = None
    userinfo_url: str | None = None
    jwks_url: str | None = None


class Auth(Section):
    """`[auth]`: logging in. It is required as soon as the app has one of the callbacks that let users in."""

    secret: SecretStr | None = Field(
        None, description="Signs who is signed in; set it as `CONVO_AUTH__SECRET`. `convo secret` makes one."
    )
    embed_secret: SecretStr | None = Field(
        None, description="Signs the tokens (JWT, HS256) of pages that show the chat to users of their own."
    )
    anonymous: bool = Field(False, description="Let people chat without logging in, though they could.")
    link_by_identifier: bool = Field(
        False, description="Who logs in by several ways with the same identifier is one user; else that is refused."
    )
    session_days: float = Field(30.0, gt=0, le=400, description="How long a log-in lasts without being used.")
    rotate_hours: float = Field(24.0, gt=0, description="How often a browser gets a new secret.")
    token_minutes: float = Field(15.0, gt=0, le=1440, description="How long a token lasts that a page exchanges.")
    api_tokens: bool = Field(True, description="Let users make tokens for programs of theirs.")
    attempts: int = Field(10, gt=0, description="Failed log-ins of one name before each next one has to wait.")
    attempts_per_address: int = Field(50, gt=0, description="The same, of one address.")

    oauth: dict[str, OAuth] = Field({}, description="Providers to log in at, each a table `[auth.oauth.NAME]`.")
    allow_private_hosts: bool = Field(
        False, description="Let providers be in a private network, and without encryption; on this machine they may."
    )

    @field_validator("secret", "embed_secret")
    @classmethod
    def _is_long(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < SECRET_LENGTH:
            raise ValueError(f"a secret has at least {SECRET_LENGTH} characters; `convo secret` makes one")
        return secret


class Audio(Section):
    """`[features.audio]`: talking instead of writing."""

    enabled: bool = Field(True, description="Show the microphone, if the app has `on_audio_chunk`.")
    sample_rate: int = Field(24000, ge=8000, le=48000, description="Samples a second, in and out.")


class Elements(Section):
    """`[features.elements]`: custom elements."""

    connect: tuple[str, ...] = Field(
        (), description="Other hosts that components may ask for data, as `https://api.example.com`."
    )

    @field_validator("connect")
    @classmethod
    def _are_origins(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not _ORIGIN.fullmatch(host):
                raise ValueError(f"`{host}` is no origin, as `https://api.example.com`")
        return hosts


class Features(Section):
    """`[features]`: how the app behaves."""

    when_busy: Literal["queue", "interrupt", "parallel", "reject"] = Field(
        "queue", description="What happens to a message sent while another is being answered."
    )
    edit_message: bool = Field(True, description="Let users edit their messages; the old ones stay beside the new.")
    feedback: bool = Field(True, description="Let users rate answers.")
    history: bool = Field(True, description="Show users their earlier chats, where those are kept.")
    favorites: bool = Field(False, description="Let users mark messages of their own, to send them again.")
    allow_thread_sharing: bool = Field(False, description="Let users share chats by a link, to be read by others.")
    unsafe_allow_html: bool = Field(
        False, description="Draw HTML in texts, once it was sanitised; else it is shown as the text it is."
    )
    remote_images: tuple[str, ...] = Field(
        (),
        description="Hosts whose images texts show at once, as `https://images.example.com` or `*` for all. Images of "
        "others wait until somebody presses.",
    )
    audio: Audio = Audio()  # type: ignore[call-arg]  # pydantic fills the defaults
    elements: Elements = Elements()  # type: ignore[call-arg]

    @field_validator("remote_images")
    @classmethod
    def _are_origins(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if host != "*" and not (_ORIGIN.fullmatch(host) and host.startswith("http")):
                raise ValueError(f"`{host}` is neither `*` nor an origin, as `https://images.example.com`")
        return hosts


class HeaderLink(Section):
    """`[[ui.header_links]]`: a link at the top of the page. `icon` is a Lucide name or an image's address."""

    name: str = Field(min_length=1)
    url: str = Field(pattern=r"^(https?://|mailto:|/[^/]|/$)")
    display_name: str | None = None
    icon: str | None = None
    target: Literal["_blank", "_self", "_parent", "_top"] = "_blank"


class Ui(Section):
    """`[ui]`: what the page shows, of the conversation and around it."""

    cot: Literal["hidden", "tool_call", "full"] = Field(
        "full", description="Which steps are shown beside messages: none, those of type `tool`, or all."
    )
    confirm_new_chat: bool = Field(True, description="Ask before a new chat, when something would be lost.")
    header_links: tuple[HeaderLink, ...] = Field((), description="Each with `name`, `url` and, if you like, `icon`.")


class Uploads(Section):
    """`[uploads]`: files that users send with their messages."""

    enabled: bool = True
    accept: tuple[str, ...] = Field((), description="Types as `image/*` or endings as `.csv`; all of them if empty.")
    max_files: int = Field(20, gt=0, description="With one message.")
    max_size_mb: float = Field(500.0, gt=0, description="Each.")


class Limits(Section):
    """`[limits]`: sizes in bytes, times in seconds."""

    session_timeout: float = Field(3600.0, gt=0, description="How long an idle session lives.")
    message_bytes: int = Field(256 * 1024, gt=0)
    frame_bytes: int = Field(1024 * 1024, gt=0, description="The largest frame a socket may send.")
    commands_per_second: float = Field(20.0, gt=0, description="Of one connection; and requests of one principal.")
    requests_per_second: float = Field(
        200.0, gt=0, description="From one address (of IPv6: its /64 network). This machine's own are not counted."
    )
    connections_per_address: int = Field(1000, gt=0, description="Open at a time; this machine's own are not counted.")
    audio_chunk_bytes: int = Field(64 * 1024, gt=0, description="The largest piece of voice.")
    audio_chunks_per_second: float = Field(60.0, gt=0)
    audio_bytes_per_second: int = Field(256 * 1024, gt=0)
    audio_waiting_bytes: int = Field(1024 * 1024, gt=0, description="Voice that waits for a slow `on_audio_chunk`.")
    connections_per_principal: int = Field(50, gt=0)
    sessions_per_principal: int = Field(
        200, gt=0, description="Live chats; beyond, the one that is idle for the longest ends."
    )
    runs_per_principal: int = Field(100, gt=0, description="Callbacks that are going or wait for their turn.")
    waiting_upload_bytes: int = Field(
        4_000_000_000, gt=0, description="A principal's files that are on their way, or wait to be sent."
    )
    upload_bytes_per_day: int = Field(20_000_000_000, gt=0, description="Of one principal.")
    thread_bytes: int = Field(64 * 1024 * 1024, gt=0, description="What a user may write in one chat.")
    unsaved_bytes: int = Field(16 * 1024 * 1024, gt=0, description="Text a session holds while nothing can be saved.")
    tail_events: int = Field(8192, gt=1)
    tail_bytes: int = Field(1024 * 1024, gt=0)


class Data(Section):
    """`[data]`: where history is kept."""

    url: str | None = Field(None, description="As `sqlite:///history.db`, or `memory`; without it, see docs/data.md.")
    migrate: bool = Field(
        True, description="Bring the tables up to date when the app starts; else `convo db upgrade` does it."
    )
    layer: str | None = Field(None, description="The data layer's name, if the URL does not say it.")


class Storage(Section):
    """`[storage]`: where files are kept."""

    url: str | None = Field(
        None,
        description="A folder, or as `s3://bucket/prefix`, `azure://container`, `gs://bucket`; by default "
        "`.convo/files` where history is kept, else a temporary folder.",
    )
    provider: str | None = Field(None, description="The storage's name, if the URL does not say it.")
    redirect: bool = Field(False, description="Send browsers to the storage itself for images, media and downloads.")


class Config(BaseSettings):
    """All settings. `Config.load()` is what an entry point calls."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=ENV_PREFIX,
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    project: Project = Project()  # type: ignore[call-arg]  # pydantic fills the defaults
    server: Server = Server()  # type: ignore[call-arg]
    auth: Auth = Auth()  # type: ignore[call-arg]
    features: Features = Features()  # type: ignore[call-arg]
    ui: Ui = Ui()  # type: ignore[call-arg]
    uploads: Uploads = Uploads()  # type: ignore[call-arg]
    limits: Limits = Limits()  # type: ignore[call-arg]
    data: Data = Data()  # type: ignore[call-arg]
    storage: Storage = Storage()  # type: ignore[call-arg]
    debug: bool = Field(False, description="Show exceptions in the chat, log more, watch the event loop closely.")

    @classmethod
    def load(cls, directory: Path | str = ".", *overrides: Mapping[str, Any]) -> Config:
        """Read `convo.toml` in `directory`, the environment and `overrides`; each later one wins, key by key.

        Raises `ConfigError`, which names the key, where it stands and what was expected.
        """
        path = Path(directory) / FILE_NAME
        from_file = _read(path)
        _check_environment(cls.model_fields)
        from_code: dict[str, Any] = {}
        for override in overrides:
            from_code = _merged(from_code, override)
        try:
            return _loader(from_file)(**from_code)
        except ValidationError as error:
            raise ConfigError(_explain(error, path, from_file, from_code)) from error

    def overridden(self, overrides: Mapping[str, Any]) -> Config:
        """These settings with others in their place, for one profile's chats. Raises `ConfigError`."""
        if alien := next((name for name in overrides if name in OF_THE_PROCESS), None):
            raise ConfigError(f"`{alien}` is of the whole process; a profile cannot change it.")
        try:
            return Config(**_merged(self.model_dump(), overrides))
        except ValidationError as error:
            raise ConfigError(_explain(error, Path(), {}, overrides, "config_overrides")) from error


def _loader(from_file: Mapping[str, Any]) -> type[Config]:
    """`Config` with the file as its lowest source; `_FileSource` cannot be given per call otherwise."""

    class LoadedConfig(Config):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, _FileSource(settings_cls, from_file)

    return LoadedConfig


class _FileSource(PydanticBaseSettingsSource):
    def __init__(self, settings_cls: type[BaseSettings], values: Mapping[str, Any]) -> None:
        super().__init__(settings_cls)
        self._values = values

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return self._values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return dict(self._values)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{path}: {error}") from error


def _check_environment(fields: Mapping[str, Any]) -> None:
    for name in os.environ:
        if name.startswith(ENV_PREFIX):
            section = name.removeprefix(ENV_PREFIX).split("__")[0].lower()
            if section not in fields:
                raise ConfigError(f"The environment variable `{name}` names no setting.{_hint(section, fields)}")


def _merged(base: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in override.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def _explain(
    error: ValidationError,
    path: Path,
    from_file: Mapping[str, Any],
    from_code: Mapping[str, Any],
    code: str = "command line or App(config=…)",
) -> str:
    lines = []
    for problem in error.errors():
        keys = [str(part) for part in problem["loc"]]
        text = problem["msg"]
        if problem["type"] == "extra_forbidden":
            section: Any = Config
            for key in keys[:-1]:
                section = _below(section, key)
            text = f"there is no such setting.{_hint(keys[-1], section.model_fields)}"
        lines.append(
            f"{code if _holds(from_code, keys) else _origin(keys, path, from_file)}: `{'.'.join(keys)}`: {text}"
        )
    return "\n".join(lines)


def _below(section: Any, key: str) -> Any:
    """What stands at a key: of a table of ours, of a list, or of a table of names."""
    if hasattr(section, "model_fields"):
        return section.model_fields[key].annotation
    return next(part for part in get_args(section) if part not in (str, ...))


def _origin(keys: list[str], path: Path, from_file: Mapping[str, Any]) -> str:
    variable = ENV_PREFIX + "__".join(keys).upper()
    if variable in {name.upper() for name in os.environ}:
        return f"environment variable {variable}"
    if _holds(from_file, keys):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if line.split("=")[0].strip() == keys[-1]:
                return f"{path}, line {number}"
        return str(path)
    return "settings"


def _holds(values: Any, keys: list[str]) -> bool:
    for key in keys:
        if isinstance(values, list | tuple) and key.isdigit() and int(key) < len(values):
            values = values[int(key)]
            continue
        if not isinstance(values, Mapping) or key not in values:
            return False
        values = values[key]
    return True


def _hint(word: str, known: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f" Did you mean `{close[0]}`?" if close else f" Known here: {', '.join(known)}."
