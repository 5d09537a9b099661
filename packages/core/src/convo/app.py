"""The App: what an author builds and a server runs."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from convo.action import Action
from convo.archive import find_archive
from convo.callbacks import Callback, Callbacks, Observer
from convo.context import context
from convo.conversation import title_of
from convo.data import BaseDataLayer, LegacyDataLayer
from convo.datalayer import DataLayer
from convo.directory import Directory
from convo.element import fetch_all
from convo.errors import MisconfiguredError, UnavailableError
from convo.files import Files
from convo.folder import Folder
from convo.info import app_info, check_profiles
from convo.local_storage import LocalStorage
from convo.message import Message, say
from convo.plugins import is_installed, load_plugin
from convo.posting import Posting
from convo.protocol import Action as ActionNoun
from convo.protocol import AppInfo, Step, ThreadFields, ThreadPatched
from convo.run import Tasks, current_life, own_tasks
from convo.runs import ACTION, NAMING
from convo.storage import Storage
from convo.thread import thread_dict
from convo.user import User

if TYPE_CHECKING:
    from convo.config import Config

__all__ = ["App", "current_app", "loading_app"]

F = TypeVar("F", bound=Callable[..., Any])

KEPT_FILES = ".convo/files"
STORAGES = {"s3": "s3", "azure": "azure-blob", "gs": "gcs"}
"""The names of storages, by the scheme of their URLs."""
_WITHOUT_HISTORY = 'Start it and try again; with `url = "memory"` under `[data]` the app runs without.'


class App:
    """Holds an author's callbacks. Decorate with its methods, or with those of `convo` for the App being loaded.

    `config` is a `Config` or a mapping of settings that win over all others. `data_layer` keeps history; without one
    it is what `[data]` says, or else `.convo/history.db` where that can be, or memory. `history_line` says where it
    went when nobody said where it should. `storage` keeps files; without one it is what `[storage]` says, or a folder.
    A `convo.data.BaseDataLayer`, as existing apps have it, will do for `data_layer`.

    `routes` are routes of Starlette that a server serves beside its own, which come first. They are open to anybody
    unless their endpoints ask who it is, as by `convo_server.current_principal`.
    """

    def __init__(
        self,
        config: Config | Mapping[str, Any] | None = None,
        *,
        data_layer: DataLayer | BaseDataLayer | None = None,
        storage: Storage | None = None,
    ) -> None:
        self.callbacks = Callbacks()
        self.settings: Config | Mapping[str, Any] = {} if config is None else config
        self.folder = Folder()
        self.history_line: str | None = None
        self.routes: list[Any] = []
        self._data_layer = None if data_layer is None else _adapted(data_layer)
        self._storage = storage
        self._config: Config | None = None
        self._life = Tasks()
        self._served: tuple[Directory, asyncio.AbstractEventLoop] | None = None

    @property
    def config(self) -> Config:
        """The App's settings, read on first use. Raises `ConfigError`."""
        if self._config is None:
            self.configure()
        assert self._config is not None
        return self._config

    def configure(self, directory: str = ".", flags: Mapping[str, Any] | None = None) -> Config:
        """Read the settings: those of `directory`, the environment, the `flags` of a command line, the App's own."""
        from convo.config import Config  # pydantic is loaded by whoever needs settings, not by `import convo`

        self.folder = Folder(directory)
        if isinstance(self.settings, Config):
            self._config = self.settings
        else:
            self._config = Config.load(directory, flags=flags, settings=self.settings)
        return self._config

    async def startup(self, data_layer: DataLayer | BaseDataLayer | None = None) -> Directory:
        """Run `on_app_startup` and open the directory of its sessions. Raises what the callback raises.

        Raises `DataLayerError` when there is no history to be had; then nothing is running.
        """
        directory = self.create_directory(data_layer)
        try:
            await directory.start()
        except UnavailableError as error:
            raise UnavailableError(f"{error} {_WITHOUT_HISTORY}") from error
        self.attach(directory)
        await self.begin()
        return directory

    async def begin(self) -> None:
        """Switch on the integrations, run `on_app_startup` and look at the profiles.

        Raises what that raises, and `ConfigError` for a profile with wrong settings; what was started is ended.
        """
        self._install_integrations()
        own_tasks(asyncio.get_running_loop())
        token = current_life.set(self._life)
        try:
            await self._run_lifecycle("on_app_startup")
            await check_profiles(self.callbacks, self.config)
        except BaseException:
            await self._end_tasks()
            raise
        finally:
            current_life.reset(token)

    async def end(self) -> None:
        """Run `on_app_shutdown`, then end the tasks that `on_app_startup` has left. Raises what the callback raises."""
        try:
            await self._run_lifecycle("on_app_shutdown")
        finally:
            await self._end_tasks()

    async def _end_tasks(self) -> None:
        tasks = self._life.tasks
        self._life.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _install_integrations(self) -> None:
        """Switch on what `[integrations]` says: each is a function of the App, called at every start.

        One that is nothing but routes has none: the server serves those.
        """
        for name, is_on in self.config.integrations.items():
            if is_on and (is_installed("integrations", name) or not is_installed("routes", name)):
                load_plugin("integrations", name)(self)
        if self.config.mcp.is_on and not self.config.integrations.get("mcp"):
            load_plugin("integrations", "mcp")(self)

    def create_directory(self, data_layer: DataLayer | BaseDataLayer | None = None) -> Directory:
        """The directory of this App's sessions, not started. Raises as `create_data_layer` and `create_storage`."""
        layer = self.create_data_layer() if data_layer is None else _adapted(data_layer)
        files = Files(self.create_storage(layer))
        if isinstance(layer, LegacyDataLayer):
            layer.files = files
        return Directory(self.callbacks, self.config, layer, files)

    async def shutdown(self, directory: Directory, *, grace: float = 5.0) -> None:
        """End all sessions, then run `on_app_shutdown`."""
        await directory.stop(grace=grace)
        self._served = None
        await self.end()

    def attach(self, directory: Directory) -> None:
        """Serve the sessions of `directory` from now on: also those of an App before a reload."""
        self._served = directory, asyncio.get_running_loop()

    def thread(self, thread_id: str) -> Posting:
        """A thread to write into from a web route, a job or a thread of this process. See `Posting`.

        Raises `RuntimeError` while the App is not running.
        """
        if self._served is None:
            raise RuntimeError("`App.thread` needs an App that is running: a server or a `ChatClient` starts it.")
        return Posting(*self._served, thread_id)

    def use(self, config: Config) -> None:
        """Go by these settings from now on."""
        self._config = config

    async def _run_lifecycle(self, name: str) -> None:
        callback = self.callbacks.get(name)
        if callback is not None:
            await callback()

    def create_data_layer(self) -> DataLayer:
        """The data layer this App asks for. Raises `MissingPackageError` when it is not installed."""
        if self._data_layer is not None:
            return self._data_layer
        archive = find_archive(self.config.data)
        self.history_line = archive.line
        return archive.data_layer

    @property
    def has_history(self) -> bool:
        """Whether the App or its settings say where history goes."""
        return self._data_layer is not None or self.config.data.url is not None

    def create_storage(self, data_layer: DataLayer) -> Storage:
        """The storage this App asks for: by default a folder, which is a temporary one if history is not kept either.

        Raises `MissingPackageError` when it is not installed, `MisconfiguredError`.
        """
        if self._storage is not None:
            return self._storage
        url, provider = self.config.storage.url, self.config.storage.provider
        if url is None:
            return LocalStorage(KEPT_FILES if data_layer.is_durable else None)
        scheme, separator, _ = url.partition("://")
        if provider is None and not separator:
            return LocalStorage(url)
        if provider is None and scheme not in STORAGES:
            known = ", ".join(f"`{one}://…`" for one in STORAGES)
            raise MisconfiguredError(f"`[storage] url` is a folder, or one of {known}; not `{scheme}://…`.")
        storage: Storage = load_plugin("storages", provider or STORAGES[scheme])(url)
        return storage

    async def info(
        self, user: User | None = None, *, profile: str | None = None, language: str | None = None
    ) -> AppInfo:
        """What the App's page shows `user` beside a chat: profiles, starters, links, the readme. Never raises."""
        info = await app_info(self.callbacks, self.config, self.folder, user=user, profile=profile, language=language)
        if self._served is None:
            return info
        directory = self._served[0]
        return replace(info, history=directory.history.info, sharing=info.sharing and directory.sharing.is_on)

    # --- Callbacks ---

    def on_app_startup(self, function: F) -> F:
        """Called when the process starts, also when the App is mounted in another."""
        return self._add("on_app_startup", function)

    def on_app_shutdown(self, function: F) -> F:
        """Called when the process ends."""
        return self._add("on_app_shutdown", function)

    def on_chat_start(self, function: F) -> F:
        """Called once per new session."""
        return self._add("on_chat_start", function)

    def on_chat_resume(self, function: F) -> F:
        """Called with a `ThreadDict`, once when a stored thread gets a session."""
        return self._add("on_chat_resume", function)

    def on_chat_end(self, function: F) -> F:
        """Called once, when the session ends; never for a dropped connection."""
        return self._add("on_chat_end", function)

    def on_connect(self, function: F) -> F:
        """Called when a connection joined the session."""
        return self._add("on_connect", function)

    def on_disconnect(self, function: F) -> F:
        """Called when a connection left the session."""
        return self._add("on_disconnect", function)

    def on_message(self, function: F) -> F:
        """Called with each `Message` of a user. An async generator's (or generator's) pieces stream as the answer."""
        call = Callback(_speaking(function))

        async def deliver(step: Step) -> None:
            message = Message.of_step(step, context.session)
            await fetch_all(message.elements)
            await call(message)

        self.callbacks.add("on_message", deliver)
        return function

    def on_shared_thread_view(self, function: F) -> F:
        """Called with a `ThreadDict` and the `User` who opens it by a share (`None` for a visitor); truthy lets him."""
        return self._add("on_shared_thread_view", function)

    def on_feedback(self, function: F) -> F:
        """Called with a `Feedback` when a user has rated an answer, after that was stored."""
        return self._add("on_feedback", function)

    def action_callback(self, name: str) -> Callable[[F], F]:
        """Called with the `Action` when one of this name is clicked; what it returns is handed back."""

        def decorate(function: F) -> F:
            call = Callback(function)

            async def deliver(action: ActionNoun) -> Any:
                return await call(Action.of_noun(action, context.session))

            self.callbacks.add(f"{ACTION}{name}", deliver)
            return function

        return decorate

    on_action = action_callback

    def on_stop(self, function: F) -> F:
        """Called after a run was stopped."""
        return self._add("on_stop", function)

    def on_audio_start(self, function: F) -> F:
        """Called when a user wants to talk; truthy lets him."""
        call = Callback(function)

        async def decide() -> None:
            context.session.voice.decide(bool(await call()))

        self.callbacks.add("on_audio_start", decide)
        return function

    def on_audio_chunk(self, function: F) -> F:
        """Called with each `InputAudioChunk` of what a user says, in order, one after the other."""
        if "on_audio_start" not in self.callbacks:
            self.on_audio_start(lambda: True)
        return self._add("on_audio_chunk", function)

    def on_audio_end(self, function: F) -> F:
        """Called once after the last chunk, however the talking ended."""
        return self._add("on_audio_end", function)

    def oauth_callback(self, function: F) -> F:
        """Called when a provider says who has logged in; returns the `User` to let in, or `None`.

        Its arguments are the provider's name, a token for its API, all it said of the user as a dict, the `User` made
        of that, and the ID token if there is one.
        """
        return self._add("oauth_callback", function)

    def on_window_message(self, function: F) -> F:
        """Called with what the page around the chat posted to it."""
        return self._add("on_window_message", function)

    def on_settings_update(self, function: F) -> F:
        """Called with the values of the chat settings, when the user has confirmed the form."""
        return self._add("on_settings_update", function)

    def on_settings_edit(self, function: F) -> F:
        """Called with the values of the chat settings while the user edits the form; they count when confirmed."""
        return self._add("on_settings_edit", function)

    def password_auth_callback(self, function: F) -> F:
        """Called with a name and a password; returns the `User` they are, or `None`."""
        return self._add("password_auth_callback", function)

    def header_auth_callback(self, function: F) -> F:
        """Called with the headers of who is not known yet; returns the `User` they name, or `None`."""
        return self._add("header_auth_callback", function)

    def custom_auth(self, function: F) -> F:
        """Called with each connection's request (`starlette.requests.HTTPConnection`); returns its `User`, or `None`.

        For apps that have a log-in of their own. It sees cookies, headers and the query, not the body.
        """
        return self._add("custom_auth", function)

    def on_logout(self, function: F) -> F:
        """Called with the request and the response of a log-out: the place to drop cookies of your own."""
        return self._add("on_logout", function)

    def on_mcp_connect(self, function: F) -> F:
        """Called with a connection, whose `name` is the MCP server's, and its `mcp.ClientSession`, once it is there.

        Also when it is there again after it was lost.
        """
        return self._add("on_mcp_connect", function)

    def on_mcp_disconnect(self, function: F) -> F:
        """Called with the name of an MCP server and the `mcp.ClientSession` that is over, however it ended."""
        return self._add("on_mcp_disconnect", function)

    def on_mcp_sampling(self, function: F) -> F:
        """Called with what an MCP server wants a model to be asked, and its `mcp.ClientSession`.

        Returns the answer: a text, or an `mcp.CreateMessageResult`.
        """
        return self._add("on_mcp_sampling", function)

    def on_slack_reaction_added(self, function: F) -> F:
        """Called with Slack's event as a dict, when somebody reacts to a message of the app."""
        return self._add("on_slack_reaction_added", function)

    def set_chat_profiles(self, function: F) -> F:
        """Called with the user and the language of his page; returns a list of `ChatProfile`."""
        return self._add("set_chat_profiles", function)

    def set_starters(self, function: F) -> F:
        """Called with the user, the language and the profile's name; returns a list of `Starter`."""
        return self._add("set_starters", function)

    def set_starter_categories(self, function: F) -> F:
        """Called with the user, the language and the profile's name; returns a list of `StarterCategory`."""
        return self._add("set_starter_categories", function)

    def author_rename(self, function: F) -> F:
        """Called with an author's name before a message is shown; returns the name to show."""
        return self._add("author_rename", function)

    def thread_title(self, function: F) -> F:
        """Called with a `ThreadDict` after the first answer; returns the title, or `None` to leave it."""
        call = Callback(function)

        async def name() -> None:
            session = context.session
            before, user = session.state.thread.name, session.user
            title = await call(thread_dict(session.state.view(), None if user is None else user.identifier))
            if title is not None and not isinstance(title, str):
                raise TypeError(f"`thread_title` must return a `str`, not a `{type(title).__name__}`.")
            title = title_of(title or "")
            if title and session.state.thread.name == before:  # else somebody renamed it meanwhile
                session.append(ThreadPatched(set=ThreadFields(name=title)))

        self.callbacks.add(NAMING, name)
        return function

    def redact(self, function: F) -> F:
        """Called with each text of a traced framework, before it is shown or stored; returns the text to show.

        What has parts comes as JSON. It is called in any thread, and must not wait: no `async def`. What makes it
        raise is not shown at all. Texts of models are then not shown before they are whole.
        """
        if inspect.iscoroutinefunction(function):
            raise TypeError("`redact` takes a `def`, not an `async def`: it is called where nothing can be awaited.")
        self.callbacks.redact = function
        return function

    def observe(self, observer: Observer) -> Observer:
        """Let `observer` read along in each session from now on, as tracing and audits do.

        It is called with a `Session` that begins, to subscribe to its log. What it returns, unless that is `None`, is
        called before each run with the `Run` and the `contextvars.Context` of its callback, where it may set variables.
        Neither may wait; what they raise is logged. A session keeps its observers when the App is loaded anew.
        """
        self.callbacks.observers.append(observer)
        return observer

    def data_layer(self, function: F) -> F:
        """Called once, for the `DataLayer` of this App, or the `BaseDataLayer` of an existing one."""
        self._data_layer = _adapted(function())
        return function

    def _add(self, name: str, function: F) -> F:
        self.callbacks.add(name, _speaking(function))
        return function


def _adapted(layer: DataLayer | BaseDataLayer) -> DataLayer:
    """What an author gave, as the port."""
    if isinstance(layer, BaseDataLayer):
        return LegacyDataLayer(layer)
    if not isinstance(layer, DataLayer):
        raise TypeError(
            f"A data layer is a `convo.DataLayer` or a `convo.data.BaseDataLayer`, not a `{type(layer).__name__}`."
        )
    return layer


def _speaking(function: Callable[..., Any]) -> Callable[..., Any]:
    """A generator callback as a coroutine function that streams what it yields."""
    if not (inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function)):
        return function
    arity = len(inspect.signature(function).parameters)

    async def stream(*args: Any) -> None:
        await say(function(*args[:arity]))

    return stream


loading_app: ContextVar[App | None] = ContextVar("convo_loading_app", default=None)
"""Set by the loader while it imports an author's file."""


def current_app() -> App:
    """The App being loaded, or the one default App outside a loader."""
    return loading_app.get() or _default_app


_default_app = App()
