"""`convo chat`: talk to an app in the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from convo_cli.chat.screen import Screen

__all__ = ["chat"]

Target = Annotated[
    str,
    typer.Argument(metavar="URL|FILE[:APP]", help="A running app's address, or an app's file, to be served meanwhile."),
]
Messages = Annotated[
    list[str] | None, typer.Option("--message", "-m", help="Say this, write the answer and end; may be repeated.")
]
Attached = Annotated[
    list[Path] | None,
    typer.Option("--attach", "-a", exists=True, dir_okay=False, help="A file to send with the first message."),
]
Token = Annotated[str | None, typer.Option("--token", envvar="CONVO_TOKEN", help="A token of yours for the API.")]
Profile = Annotated[str | None, typer.Option("--profile", help="The profile to chat with.")]
Thread = Annotated[str | None, typer.Option("--thread", help="The id of a chat to go on with.")]
Env = Annotated[
    list[str] | None,
    typer.Option("--env", metavar="NAME[=VALUE]", help="A key that the app asks for; NAME alone is the environment's."),
]
Watch = Annotated[bool, typer.Option("--watch", "-w", help="Reload FILE when something changes; the chat goes on.")]

FAILED = 1


def chat(
    target: Target,
    messages: Messages = None,
    attach: Attached = None,
    token: Token = None,
    profile: Profile = None,
    thread: Thread = None,
    env: Env = None,
    watch: Watch = False,
) -> None:
    """Talk to an app in the terminal: at URL, or the one in FILE.

    In a pipe, what comes in is one message, and only the answer goes out:

        echo "What is new?" | convo chat app.py

    The exit code is 0 when all was answered, 1 when the app failed or refused, 130 after Ctrl-C.
    """
    raise typer.Exit(_chat(target, messages or [], attach or [], token, profile, thread, env or [], watch))


def _chat(
    target: str,
    messages: list[str],
    attach: list[Path],
    token: str | None,
    profile: str | None,
    thread: str | None,
    env: list[str],
    watch: bool,
) -> int:
    from convo import ConvoError  # all this takes a while to import; `--help` and completion need none of it

    from convo_cli.chat.background import Background
    from convo_cli.chat.screen import Screen
    from convo_cli.chat.served import Served
    from convo_cli.chat.talk import Options, Talk
    from convo_cli.console import report
    from convo_cli.launch import loop_factory, traceback_worth_reading
    from convo_cli.logs import set_up_logging

    is_piped = bool(messages) or not (sys.stdin.isatty() and sys.stdout.isatty())
    options = Options(token, profile, thread, dict(_variables(env)), tuple(attach))
    screen = Screen(is_interactive=not is_piped)
    talk: Talk | None = None
    try:
        with ExitStack() as stack:
            stack.enter_context(_terminal_restored())
            url = target
            is_file = not target.startswith(("http://", "https://"))
            if is_file:
                stack.enter_context(_prints_beside(screen))
                set_up_logging(is_verbose=False, stream=sys.stderr)
                served = Served(target, is_watching=watch)
            elif watch:
                raise typer.BadParameter("only a FILE is watched; a server watches with: convo run FILE -w")
            said = messages or ([sys.stdin.read().strip()] if is_piped else [])
            background = stack.enter_context(Background(loop_factory()))
            if is_file:
                url = stack.enter_context(background.entered(served.running()))
            else:
                url, thread = _split_thread(url, thread)
            talk = Talk(background, screen, url, options)
            stack.callback(talk.close)
            talk.arrive()
            talk.begin(thread)
            return talk.ask([text for text in said if text]) if is_piped else talk.run()
    except (ConvoError, OSError) as error:
        report(str(error), traceback_worth_reading(error) if isinstance(error, ConvoError) else None)
        return FAILED
    except KeyboardInterrupt:
        return 130


def _split_thread(url: str, thread: str | None) -> tuple[str, str | None]:
    """An address as the browser shows it may name a thread."""
    base, found, named = url.partition("/thread/")
    return base, thread or (named.partition("/")[0] if found else None)


def _variables(env: list[str]) -> Iterator[tuple[str, str]]:
    for one in env:
        name, is_given, value = one.partition("=")
        if not is_given:
            if name not in os.environ:
                raise typer.BadParameter(f"the environment has no {name}; write --env {name}=VALUE")
            value = os.environ[name]
        yield name, value


@contextmanager
def _prints_beside(screen: Screen) -> Iterator[None]:
    """What an app in this process prints is no answer: it becomes a note, or goes to stderr in a pipe."""
    before = sys.stdout, sys.stderr
    if screen.is_interactive:
        sys.stdout = sys.stderr = screen.stream()
    else:
        sys.stdout = sys.stderr
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


@contextmanager
def _terminal_restored() -> Iterator[None]:
    """Leave the terminal as it was, whatever was being read when the chat ended."""
    try:
        import termios

        state = termios.tcgetattr(sys.stdin)
    except (ImportError, OSError, ValueError):  # Windows, or no terminal
        yield
        return
    except termios.error:
        yield
        return
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, state)
