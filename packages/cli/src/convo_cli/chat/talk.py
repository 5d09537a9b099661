"""The talk: a person at a terminal, or a pipe, and a conversation."""

from __future__ import annotations

import getpass
import os
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from convo import ConvoError
from convo.protocol import AppInfo, Ask, AuthInfo, CommandError, Credentials, Element, Event, FileInfo

from convo_cli.chat.api import Api
from convo_cli.chat.background import Background
from convo_cli.chat.conversation import Conversation
from convo_cli.chat.screen import Screen
from convo_cli.chat.transcript import Transcript

__all__ = ["Options", "QuitError", "Talk"]

OK, FAILED, STOPPED = 0, 1, 130
LOG_IN_ATTEMPTS = 3

HELP = """\
Write a message and press Enter. Ctrl-C stops an answer; a second one, or Ctrl-D, quits.
  /attach FILE …  send files with the next message
  /1, /2, …       press a button; an ask is answered by a number, a text or the path of a file
  /save N [FILE]  keep what was shown as the Nth element
  /cancel         leave what is asked without an answer
  /new            begin a new chat
  /help, /quit
What begins with // is sent with one / less."""


class QuitError(Exception):
    """The person leaves."""


@dataclass(frozen=True)
class Options:
    """What the command line says: who is asking, and which chat it is to be."""

    token: str | None = None
    profile: str | None = None
    thread: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()


class Talk:
    """Runs on the main thread, where a person's keys arrive; the conversation goes on in `background`."""

    def __init__(self, background: Background, screen: Screen, url: str, options: Options) -> None:
        self._background = background
        self._screen = screen
        self._options = options
        self._api = Api(url, options.token)
        self._conversation: Conversation | None = None
        self._transcript = Transcript(screen, self._api.url, only_answers=not screen.is_interactive)
        self._attached: list[FileInfo] = []
        self._info = AppInfo(name="")
        self._env: dict[str, str] = {}
        self._is_muted = False

    @property
    def conversation(self) -> Conversation:
        assert self._conversation is not None
        return self._conversation

    # --- Beginning and end ---

    def arrive(self) -> None:
        """Become known to the app, by asking for a name and a password if that is how. Raises `ConvoError`."""
        auth = self._do(self._api.arrive())
        if auth.principal is None and self._options.token is not None:
            raise CommandError("unauthenticated", "This token does not work, or no longer. Get another one.")
        if auth.principal is None and auth.required:
            self._log_in(auth)
        self._info = self._do(self._api.info(self._options.profile))
        if self._screen.is_interactive:
            self._screen.note(f"{self._info.name} · /help says what there is", "bold")
        self._env = {name: self._key(name) for name in self._info.env} if self._options.thread is None else {}

    def _log_in(self, auth: AuthInfo) -> None:
        if not (auth.password and self._screen.is_interactive):
            hint = "" if auth.password else " Nobody logs in with a password here: the page of the app makes tokens."
            raise CommandError("unauthenticated", f"This app wants to know who you are; use --token.{hint}")
        self._screen.note("This app wants to know who you are.")
        for attempt in range(LOG_IN_ATTEMPTS):
            name = self._screen.read("Name: ")
            try:
                self._do(self._api.log_in(Credentials(username=name, password=getpass.getpass("Password: "))))
                return
            except CommandError as error:
                if error.failure.code != "unauthenticated" or attempt == LOG_IN_ATTEMPTS - 1:
                    raise
                self._screen.note(str(error), "red")

    def _key(self, name: str) -> str:
        """What the app asks each user for. Nothing of the environment goes there that was not named."""
        if name in self._options.env:
            return self._options.env[name]
        if not self._screen.is_interactive:
            raise CommandError("invalid", f"This app needs `{name}` from you; give it with --env {name}.")
        return getpass.getpass(f"{name}: ")

    def begin(self, thread: str | None = None) -> None:
        """Begin a chat, or open `thread`, and wait until it is the user's turn. Raises `ConvoError`."""
        conversation = Conversation(self._api, on_news=self._news, on_connection=self._connection)
        self._leave()
        self._is_muted = True
        connect: dict[str, Any] = {} if self._options.profile is None else {"profile": self._options.profile}
        if self._env:
            connect["userEnv"] = self._env
        self._conversation = conversation
        self._do(conversation.begin(thread, **connect))
        if self._screen.is_interactive:
            self._do(self._unmute(self._transcript.catch_up))
        else:
            self._do(conversation.rest())
            self._do(self._unmute(self._transcript.skip))

    async def _unmute(self, begin: Callable[[Conversation], None]) -> None:
        """From what is there on, write the news; in their thread, so that nothing is missed or written twice."""
        self._is_muted = False
        begin(self.conversation)

    def close(self) -> None:
        self._leave()
        self._do(self._api.close())

    def _leave(self) -> None:
        if self._conversation is not None:
            self._do(self._conversation.close())
            self._conversation = None

    def _do(self, work: Any) -> Any:
        return self._background.do(work)

    def _news(self, events: list[Event] | None) -> None:
        if self._is_muted or self._conversation is None:
            return
        if events is None:
            self._transcript.catch_up(self._conversation)
        else:
            self._transcript.take(self._conversation, events)

    def _connection(self, is_there: bool) -> None:
        self._screen.note("(Connected again.)" if is_there else "(The connection is lost; trying again …)", "yellow")

    # --- For pipes ---

    def ask(self, messages: list[str]) -> int:
        """Say each, and write nothing but the answers; what the app asks stays without one. Returns the exit code."""
        try:
            self._cancel_asks()
            files = [self._do(self.conversation.upload(path)) for path in self._options.files]
            for message in messages:
                self._do(self.conversation.say(message, files))
                files = []
                self._do(self.conversation.rest())
                self._cancel_asks()
                self._screen.break_line()
        except KeyboardInterrupt:
            self._do(self.conversation.stop())
            self._screen.break_line()
            return STOPPED
        return FAILED if self._transcript.failures else OK

    def _cancel_asks(self) -> None:
        while asks := self.conversation.asks:
            self._screen.note(f"The app asks, and nobody is here to answer: {self._question(asks[0])}")
            self._do(self.conversation.cancel(asks[0]))
            self._do(self.conversation.rest())

    def _question(self, ask: Ask) -> str:
        step = self.conversation.follower.state.steps.get(ask.step_id)
        return ask.type if step is None else step.step.output

    # --- For people ---

    def run(self) -> int:
        """Talk until the person leaves; returns the exit code."""
        try:
            for path in self._options.files:
                self._attach(str(path))
            while True:
                self._stay()
                self._turn()
        except (QuitError, EOFError):
            self._screen.break_line()
            return OK

    def _stay(self) -> None:
        """Until it is the person's turn; in another chat, if this one is gone."""
        try:
            self._wait()
        except ConvoError as error:
            self._screen.note(f"✗ {error} A new chat begins.", "red")
            self.begin()
            self._wait()

    def _wait(self) -> None:
        """Until it is the person's turn. Ctrl-C stops what is going; a second one quits."""
        try:
            self._do(self.conversation.rest())
        except KeyboardInterrupt:
            try:
                self._screen.note("Stopping … Ctrl-C again quits.")
                self._background.start(self.conversation.stop())
                self._do(self.conversation.rest())
            except KeyboardInterrupt:
                raise QuitError from None

    def _turn(self) -> None:
        asks = self.conversation.asks
        ask = asks[0] if asks else None
        self._show_choices(ask)
        try:
            line = self._screen.read(_prompt(ask))
        except KeyboardInterrupt:
            try:
                self._screen.note("Ctrl-C again quits.")
                line = self._screen.read(_prompt(ask))
            except KeyboardInterrupt:
                raise QuitError from None
        try:
            self._heed(line.strip(), ask)
        except (CommandError, OSError) as error:
            self._screen.note(f"✗ {error}", "red")

    def _show_choices(self, ask: Ask | None) -> None:
        if ask is not None and ask.type == "action":
            for number, action in enumerate(self.conversation.offered(ask), 1):
                self._screen.note(f"  {number}  {action.label or action.name}", "cyan")
        elif ask is not None and ask.type == "element":
            self._screen.note("This form needs a page; /cancel leaves it.")
        elif ask is None and (actions := self.conversation.actions):
            buttons = "  ".join(f"/{n} {one.label or one.name}" for n, one in enumerate(actions, 1))
            self._screen.note(f"  {buttons}", "cyan")

    def _heed(self, line: str, ask: Ask | None) -> None:
        """Do what a line says."""
        word, _, rest = line.partition(" ")
        if not line and ask is None:
            return
        if line.startswith("//"):
            self._say(line[1:], ask)
        elif word.startswith("/") and ask is not None and ask.type == "file" and Path(line).is_file():
            self._answer_files(ask, line)
        elif word.startswith("/"):
            self._command(word[1:], rest.strip(), ask)
        else:
            self._say(line, ask)

    def _say(self, line: str, ask: Ask | None) -> None:
        if ask is None:
            files, self._attached = self._attached, []
            try:
                self._do(self.conversation.say(line, files))
            except CommandError:
                self._attached = files
                raise
        elif ask.type == "action":
            self._choose(ask, line)
        elif ask.type == "file":
            self._answer_files(ask, line)
        elif ask.type == "text":
            self._do(self.conversation.answer(ask, line))
        else:
            self._screen.note("This form needs a page; /cancel leaves it.")

    def _choose(self, ask: Ask, line: str) -> None:
        offered = self.conversation.offered(ask)
        by_number = offered[int(line) - 1 : int(line)] if line.isdecimal() and int(line) > 0 else []
        found = by_number or [one for one in offered if line in (one.name, one.label)]
        if found:
            self._do(self.conversation.answer(ask, found[0].id))
        else:
            self._screen.note(f"Choose 1 to {len(offered)}.", "yellow")

    def _answer_files(self, ask: Ask, line: str) -> None:
        files = [self._do(self.conversation.upload(path, ask)) for path in _paths(line)]
        if files:
            self._do(self.conversation.answer(ask, [file.id for file in files]))
        else:
            self._screen.note("Write the path of a file; /cancel sends none.", "yellow")

    def _command(self, word: str, rest: str, ask: Ask | None) -> None:
        match word:
            case "quit" | "exit" | "q":
                raise QuitError
            case "help" | "?":
                more = "".join(f"\n  /{one} …" for one in self.conversation.commands)
                self._screen.note(HELP + (f"\nOf this app:{more}" if more else ""))
            case "new":
                self.begin()
            case "attach":
                self._attach(rest)
            case "save":
                self._save(rest)
            case "cancel" if ask is not None:
                self._do(self.conversation.cancel(ask))
            case _ if word.isdecimal():
                self._press(int(word), ask)
            case _ if word in self.conversation.commands:
                files, self._attached = self._attached, []
                self._do(self.conversation.say(rest, files, command=word))
            case _:
                self._screen.note(f"There is no /{word}; /help says what there is, //{word} sends it.", "yellow")

    def _press(self, number: int, ask: Ask | None) -> None:
        if ask is not None and ask.type == "action":
            self._choose(ask, str(number))
            return
        actions = self.conversation.actions
        if 0 < number <= len(actions):
            self._do(self.conversation.click(actions[number - 1]))
        else:
            self._screen.note(f"There is no button {number}.", "yellow")

    def _attach(self, line: str) -> None:
        for path in _paths(line):
            file = self._do(self.conversation.upload(path))
            self._attached.append(file)
            self._screen.note(f"  {file.name} ({file.bytes:,} bytes) goes with the next message.")
        if not line:
            self._screen.note("Say which file, as /attach picture.png", "yellow")

    def _save(self, line: str) -> None:
        number, _, name = line.partition(" ")
        element: Element | None = None
        if number.isdecimal():
            element = self._transcript.nth_element(self.conversation, int(number))
        if element is None or element.url is None:
            self._screen.note("Say which, as /save 1 [FILE]", "yellow")
            return
        path = Path(name.strip() or Path(element.name).name or "element")
        size = self._do(self._api.download(element.url, path))
        self._screen.note(f"  {path} ({size:,} bytes)")


def _prompt(ask: Ask | None) -> str:
    if ask is None:
        return "> "
    return {"text": "? ", "action": "number> ", "file": "file> ", "element": "? "}[ask.type]


def _paths(line: str) -> list[Path]:
    """The files that a line names, one alone also with spaces in its name."""
    if not line:
        return []
    whole = Path(os.path.expanduser(line.strip("'\"")))
    if whole.is_file():
        return [whole]
    try:
        return [Path(os.path.expanduser(word)) for word in shlex.split(line)]
    except ValueError:  # a quotation mark without its other
        return [whole]
