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
from convo.watchdog import Watchdog
from convo_server import Host

from convo_cli.console import greet, has_display, report
from convo_cli.logs import LogFormat, set_up_logging
from convo_cli.memory import settle, tend
from convo_cli.opening import open_app

__all__ = ["Launch", "loop_factory", "traceback_worth_reading"]

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
    log_format: LogFormat = "text"

    def run(self) -> int:
        """Serve until Ctrl-C or SIGTERM. Returns the exit code; what went wrong was said on stderr."""
        set_up_logging(is_verbose=self.is_verbose, log_format=self.log_format)
        try:
            # On the main thread and before there is a loop, as `python app.py` would: this App has no chats to block.
            app = open_app(self.target, self.settings)
        except ConvoError as error:
            self._report(str(error), traceback_worth_reading(error))
            return FAILED
        except KeyboardInterrupt:
            return FAILED
        return self._run(app, app.config)

    def _run(self, app: App, config: Config) -> int:
        try:
            with asyncio.Runner(loop_factory=loop_factory()) as runner:
                runner.run(self._serve(app, config))
        except ConvoError as error:
            self._report(str(error))
            return FAILED
        except (
            Exception
        ) as error:  # the author's `on_app_startup`, or a bug of ours: either way nothing is being served
            if isinstance(error, OSError) and error.errno in _BINDING:
                self._report(_BINDING[error.errno].format(host=config.server.host, port=config.server.port))
            else:
                self._report(f"{type(error).__name__}: {error}", "".join(traceback.format_exception(error)).rstrip())
            return FAILED
        return OK

    def _report(self, text: str, detail: str | None = None) -> None:
        if self.log_format == "json":
            logger.error("%s", text, extra={} if detail is None else {"traceback": detail})
        else:
            report(text, detail)

    def _greet(self, config: Config, url: str, history: str | None) -> None:
        if self.log_format == "json":
            logger.info("%s is ready at %s", config.project.name, url, extra={"url": url})
        else:
            greet(config, url, history=history, is_watching=self.is_watching)

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
                self._greet(config, url, app.history_line)
                if self._should_open(config):
                    _own(stack, make_async(webbrowser.open)(url))

            if self.is_watching:
                from convo_cli.reload import Reloader  # what it watches with weighs more than a megabyte

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


def traceback_worth_reading(error: ConvoError) -> str | None:
    """The traceback of code that raised. A syntax error's line says it all."""
    if isinstance(error, LoadError) and not isinstance(error.__cause__, SyntaxError):
        return error.detail
    return None


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The quickest event loop there is; `None` for Python's own."""
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
