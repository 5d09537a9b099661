"""The Config: all settings of an App, frozen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, Field, SerializeAsAny, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from convo.config.auth import Auth
from convo.config.data import Data
from convo.config.features import Features
from convo.config.leaves import Leaf, read_leaves
from convo.config.limits import Limits
from convo.config.mcp import Mcp
from convo.config.prices import Price
from convo.config.problem import Problem, explain, refusal
from convo.config.project import Project
from convo.config.section import Section
from convo.config.server import Server
from convo.config.storage import Storage
from convo.config.ui import Ui
from convo.errors import ConfigError

__all__ = ["ENV_PREFIX", "Config", "merged"]

ENV_PREFIX = "CONVO_"
OF_THE_PROCESS = ("server", "auth", "data", "storage", "integrations", "platforms", "mcp", "debug")

_OF_THE_START = ("frame_bytes", "requests_per_second", "connections_per_address")
"""Limits of what is there before any chat."""

S = TypeVar("S", bound=Section)


class Config(BaseSettings):
    """All settings. `Config.load()` is what an entry point calls; `Config(…)` reads nothing but its arguments."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=ENV_PREFIX, env_nested_delimiter="__", case_sensitive=True
    )

    project: Project = Project()  # type: ignore[call-arg]  # pydantic fills the defaults
    server: Server = Server()  # type: ignore[call-arg]
    auth: Auth = Auth()  # type: ignore[call-arg]
    features: Features = Features()  # type: ignore[call-arg]
    ui: Ui = Ui()  # type: ignore[call-arg]
    limits: Limits = Limits()  # type: ignore[call-arg]
    data: Data = Data()  # type: ignore[call-arg]
    storage: Storage = Storage()  # type: ignore[call-arg]
    integrations: dict[str, Leaf] = Field(
        {}, description="What traces or translates for the app: each `name = true`, or a table `[integrations.NAME]`."
    )
    platforms: dict[str, SerializeAsAny[Section]] = Field(
        {}, description="Where else the app is talked to, each a table `[platforms.NAME]`."
    )
    mcp: Mcp = Mcp()  # type: ignore[call-arg]
    prices: dict[str, Price] = Field(
        {}, description='What models cost, each a table `[prices."MODEL"]`: see [tracing](tracing.md).'
    )
    debug: bool = Field(False, description="Show exceptions in the chat, log more, watch the event loop closely.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_: Any,
        **__: Any,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    @field_validator("integrations", mode="before")
    @classmethod
    def _are_integrations(cls, values: Any) -> Any:
        return read_leaves("integrations", values)

    @field_validator("platforms", mode="before")
    @classmethod
    def _are_platforms(cls, values: Any) -> Any:
        return read_leaves("platforms", values)

    @classmethod
    def load(
        cls,
        directory: Path | str = ".",
        *,
        flags: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Config:
        """Read the file in `directory`, the environment, `flags` and `settings`; each later one wins, key by key.

        Raises `ConfigError`, which names every mistake: the key, where it stands and what was expected.
        """
        from convo.config.sources import Sources  # which know this class

        return Sources.read(directory, flags=flags, settings=settings).config()

    def leaf(self, place: str, section: type[S]) -> S | None:
        """The settings of a leaf that is turned on, as `config.leaf("integrations.openai", OpenAISettings)`."""
        table, _, name = place.partition(".")
        found = self.integrations.get(name) if table == "integrations" else self.platforms.get(name)
        if found is True:
            return section()
        return found if isinstance(found, section) else None

    def renewed(self, fresh: Config) -> tuple[Config, list[str]]:
        """The settings of a process that runs with these and has read `fresh` ones; and those that it cannot take over.

        They are named as `server.port`, and count from the next start.
        """
        kept: dict[str, Any] = {name: getattr(self, name) for name in OF_THE_PROCESS}
        limits = {name: getattr(self.limits, name) for name in _OF_THE_START}
        kept["limits"] = fresh.limits.model_copy(update=limits)
        config = fresh.model_copy(update=kept)
        return config, list(_differences(config, fresh))

    def overridden(self, overrides: Mapping[str, Any]) -> Config:
        """These settings with others in their place, for one profile's chats. Raises `ConfigError`."""
        if alien := next((name for name in overrides if name in OF_THE_PROCESS), None):
            raise ConfigError(f"`{alien}` is of the whole process; a profile cannot change it.")
        values: dict[str, Any] = {name: getattr(self, name) for name in Config.model_fields}
        for name, override in overrides.items():
            old = values.get(name)
            values[name] = merged(old.model_dump(), override) if isinstance(old, Section) else override
        try:
            return Config(**values)
        except ValidationError as error:
            problems = [Problem("config_overrides", *explain(problem, Config, overrides)) for problem in error.errors()]
            raise refusal(problems) from error


def merged(base: Mapping[str, Any], override: Any) -> Any:
    """Settings with others in their place, key by key."""
    if not isinstance(override, Mapping):
        return override
    together = dict(base)
    for key, value in override.items():
        old = together.get(key)
        together[key] = merged(old, value) if isinstance(old, Mapping) else value
    return together


def _differences(running: Any, fresh: Any, path: str = "") -> Iterator[str]:
    """The paths of what is not the same in both."""
    if isinstance(running, BaseModel) and type(running) is type(fresh):
        for name in type(running).model_fields:
            yield from _differences(getattr(running, name), getattr(fresh, name), f"{path}.{name}" if path else name)
    elif running != fresh:
        yield path
