"""The Launch: one process that serves one app, from reading its file to its last exit code."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import traceback
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import convo_server
from convo import App, Config, ConvoError, LoadError, make_async
from convo.loader import load_app
from convo.watchdog import Watchdog
from convo_server import Host

from convo_cli.console import greet, has_display, report, set_up_logging
from convo_cli.memory import settle, tend
from convo_cli.reload import Reloader, app_folder

__all__ = ["Launch"]

logger = logging.getLogger("convo_cli.launch")

OK, FAILED = 0, 1


@dataclass(frozen=True)
class Launch:
    """Serves the app in `target`, with the `settings` of the command line.

    `is_opening` says whether to open the browser; `None` leaves it to whether there is a display.
    """

    target: str
    settings: Mapping[str, Any]
    is_watching: bool = False
    is_verbose: bool = False
    is_opening: bool | None = None

    def run(self) -> int:
        """Serve until Ctrl-C or SIGTERM. Returns the exit code; what went wrong was said on stderr."""
        set_up_logging(is_verbose=self.is_verbose)
        try:
            # On the main thread and before there is a loop, as `python app.py` would: this App has no chats to block.
            app = load_app(self.target)
            config = app.configure(app_folder(self.target), self.settings)
        except ConvoError as error:
            report(str(error), _traceback_worth_reading(error))
            return FAILED
        except KeyboardInterrupt:
            return FAILED
        return self._run(app, config)

    def _run(self, app: App, config: Config) -> int:
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(self._serve(app, config))
        except ConvoError as error:
            report(str(error))
            return FAILED
        except (
            Exception
        ) as error:  # the author's `on_app_startup`, or a bug of ours: either way nothing is being served
            if isinstance(error, OSError) and error.errno in _BINDING:
                report(_BINDING[error.errno].format(host=config.server.host, port=config.server.port))
            else:
                report(f"{type(error).__name__}: {error}", "".join(traceback.format_exception(error)).rstrip())
            return FAILED
        return OK

    async def _serve(self, app: App, config: Config) -> None:
        asgi = convo_server.create_app(app)
        shutdown = asyncio.Event()
        _on_signals(shutdown)
        watchdog = Watchdog()
        async with contextlib.AsyncExitStack() as stack:

            def on_listening(url: str) -> None:
                watchdog.start()  # not before: until now there was no chat to block
                stack.callback(watchdog.stop)
                settle()
                host: Host = asgi.state.host
                _own(stack, tend(lambda: not host.is_busy, lambda: host.pump.closed))
                greet(config, url, history=app.history_line, is_watching=self.is_watching)
                if self._should_open(config):
                    _own(stack, make_async(webbrowser.open)(url))

            if self.is_watching:
                reloader = Reloader(self.target, self.settings, asgi.state.host)
                _own(stack, reloader.watch(shutdown))
            await convo_server.serve(asgi, config, shutdown=shutdown, on_listening=on_listening)

    def _should_open(self, config: Config) -> bool:
        if config.server.headless:
            return False
        return has_display() if self.is_opening is None else self.is_opening


_BINDING = {
    errno.EADDRINUSE: "Port {port} is in use; choose another with --port",
    errno.EACCES: "Port {port} needs more rights than this user has; choose one above 1023 with --port",
    errno.EADDRNOTAVAIL: "This machine has no address {host}; choose another with --host",
}


def _traceback_worth_reading(error: ConvoError) -> str | None:
    """The traceback of code that raised. A syntax error's line says it all."""
    if isinstance(error, LoadError) and not isinstance(error.__cause__, SyntaxError):
        return error.detail
    return None


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _on_signals(shutdown: asyncio.Event) -> None:
    """The first Ctrl-C or SIGTERM ends gracefully, the second at once."""
    loop = asyncio.get_running_loop()

    def stop(*_: Any) -> None:
        if shutdown.is_set():
            os._exit(FAILED)
        shutdown.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))


def _own(stack: contextlib.AsyncExitStack, work: Any) -> None:
    """Run `work` beside the server, and cancel it when the server ends."""
    task = asyncio.ensure_future(work)

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(end)
    task.add_done_callback(_log_failure)


def _log_failure(task: asyncio.Future[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("%s: %s", type(error).__name__, error, exc_info=error)
