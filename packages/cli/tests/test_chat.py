"""`convo chat` as a person and a pipe meet it: in a real terminal, at a real server."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import re
import signal
import struct
import sys
import termios
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

APP = """
import asyncio
import convo

@convo.step(type="tool")
async def look_up(word: str) -> str:
    print("a print of the app")
    return "a greeting"

@convo.on_chat_start
async def start():
    await convo.Message("Welcome!", actions=[convo.Action("tea", {}, label="Tea")]).send()

@convo.action_callback("tea")
async def tea(action):
    answer = await convo.AskUserMessage("How many cups?").send()
    await convo.Message(f"{answer['output'] if answer else 'no'} cups").send()

@convo.on_message
async def answer(message: convo.Message):
    match message.content:
        case "fail":
            raise ValueError("no tea")
        case "choose":
            fruits = [convo.Action("a", {}, label="Apple"), convo.Action("b", {}, label="Pear")]
            took = await convo.AskActionMessage("Which?", actions=fruits).send()
            await convo.Message(f"You took {took and took['label']}").send()
        case "file":
            files = await convo.AskFileMessage("A file, please", accept=["text/plain"]).send()
            text = open(files[0].path).read() if files else "nothing"
            await convo.Message(f"It says {text}").send()
        case "count":
            reply = convo.Message()
            for number in range(10_000):
                await reply.stream_token(f"{number} ")
                await asyncio.sleep(0.02)
        case "steer":
            await convo.Message("red\\x1b[2Jgreen\\r\\x07\\u202eblue").send()
        case "picture":
            await convo.Message("Here", elements=[convo.Text("note.txt", content="kept")]).send()
        case _:
            found = await look_up(message.content)
            reply = convo.Message()
            for word in f"You said {message.content}, {found}, with {len(message.elements)} files.".split(" "):
                await reply.stream_token(word + " ")
            await reply.update()
"""
LOGIN = """
@convo.password_auth_callback
def check(name, word):
    return convo.User(name) if word == "sesame" else None
"""
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "app.py"
    path.write_text(APP)
    return path


class Terminal:
    """A process in a terminal of 80 columns, and what its person sees."""

    def __init__(self, process: asyncio.subprocess.Process, master: int) -> None:
        self.process = process
        self.seen = ""
        self._master = master
        self._mark = 0
        self._news = asyncio.Event()
        asyncio.get_running_loop().add_reader(master, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._master, 65536)
        except OSError:  # its last process is gone
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._master)
        self.seen += data.decode(errors="replace")
        self._news.set()

    @property
    def text(self) -> str:
        """What was written, without colours; a line that was rewritten stands as it was last."""
        lines = _ESCAPES.sub("", self.seen.replace("\r\x1b[K", "\x00")).replace("\r\n", "\n").split("\n")
        return "\n".join(line.rpartition("\x00")[2].rpartition("\r")[2] for line in lines)

    async def see(self, text: str) -> None:
        """Wait until something is written that was not seen before."""
        async with asyncio.timeout(20):
            while (found := self.text.find(text, self._mark)) < 0:
                self._news.clear()
                try:
                    await self._news.wait()
                except asyncio.CancelledError as cancelled:
                    cancelled.add_note(f"never saw {text!r} after:\n{self.text}")
                    raise
        self._mark = found + len(text)

    def type(self, line: str) -> None:
        os.write(self._master, line.encode() + b"\n")

    def press(self, key: bytes) -> None:
        os.write(self._master, key)

    async def ended(self) -> int:
        async with asyncio.timeout(30):
            return await self.process.wait()


Open = Callable[..., Awaitable[Terminal]]


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Open]:
    """Opens a terminal with `convo chat` in it."""
    opened: list[tuple[Terminal, int]] = []

    async def open_terminal(*arguments: str | Path, **variables: str) -> Terminal:
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "convo_cli",
            "chat",
            *arguments,
            cwd=tmp_path,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env=os.environ | {"TERM": "xterm"} | variables,
        )
        os.close(slave)
        one = Terminal(process, master)
        opened.append((one, master))
        return one

    yield open_terminal
    for one, master in opened:
        if one.process.returncode is None:
            one.process.kill()
            await one.process.wait()
        asyncio.get_running_loop().remove_reader(master)
        os.close(master)


async def pipe(*arguments: str | Path, say: str = "", **variables: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "convo_cli",
        "chat",
        *arguments,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env=os.environ | variables,
    )
    async with asyncio.timeout(30):
        out, err = await process.communicate(say.encode())
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


# --- In a pipe ---


async def test_a_pipe_gets_the_answer_and_nothing_else(file: Path) -> None:
    code, out, err = await pipe(file, say="hi\n")

    assert (code, out) == (0, "You said hi, a greeting, with 0 files. \n")
    assert "a print of the app" in err


async def test_several_messages_are_one_chat_and_files_go_with_the_first(file: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")

    code, out, _ = await pipe(file, "-m", "one", "-m", "two", "--attach", tmp_path / "a.txt")

    assert code == 0
    assert out == "You said one, a greeting, with 1 files. \n\nYou said two, a greeting, with 0 files. \n"


async def test_a_failure_is_told_on_stderr_and_by_the_exit_code(file: Path) -> None:
    code, out, err = await pipe(file, "-m", "fail")

    assert (code, out) == (1, "")
    assert "✗ ValueError: no tea" in err


async def test_what_is_asked_is_cancelled_where_nobody_can_answer(file: Path) -> None:
    code, out, err = await pipe(file, "-m", "choose")

    assert (code, out) == (0, "Which?\n\nYou took None\n")
    assert "The app asks, and nobody is here to answer: Which?" in err


async def test_where_nothing_answers_that_is_one_line(tmp_path: Path) -> None:
    code, out, err = await pipe("http://127.0.0.1:9", "-m", "hi")
    assert (code, out) == (1, "")
    assert err.startswith("Error: http://127.0.0.1:9 cannot be reached: ")
    assert err.count("\n") == 1

    code, _, err = await pipe(tmp_path / "gone.py", "-m", "hi")
    assert (code, err) == (1, f"Error: There is no file `{tmp_path / 'gone.py'}`.\n")


async def test_an_app_with_a_log_in_says_what_a_pipe_needs(file: Path) -> None:
    file.write_text(APP + LOGIN)

    code, _, err = await pipe(file, "-m", "hi", CONVO_AUTH__SECRET="s" * 32)

    assert code == 1
    assert err == "Error: This app wants to know who you are; use --token.\n"


async def test_a_token_that_does_not_work_is_refused(file: Path) -> None:
    file.write_text(APP + LOGIN)

    code, _, err = await pipe(file, "-m", "hi", CONVO_AUTH__SECRET="s" * 32, CONVO_TOKEN="convo_wrong")

    assert code == 1
    assert "This token does not work" in err


async def test_the_environment_stays_here_but_for_what_is_named(file: Path, tmp_path: Path) -> None:
    (tmp_path / "convo.toml").write_text('[project]\nuser_env = ["SHOP_KEY"]\n')
    check = "assert convo.user_session.get('env') == {'SHOP_KEY': 'k1'}"
    file.write_text(APP.replace("async def start():", f"async def start():\n    {check}"))

    code, _, err = await pipe(file, "-m", "picture", SHOP_KEY="k1")
    assert (code, "give it with --env SHOP_KEY" in err) == (1, True)

    code, out, err = await pipe(file, "-m", "picture", "--env", "SHOP_KEY", SHOP_KEY="k1")
    assert (code, out) == (0, "Here\n"), err


# --- At a terminal ---


GOLDEN = """\
Assistant · /help says what there is
Welcome!
  /1 Tea
> hi
  ✓ look_up → a greeting

You said hi, a greeting, with 0 files.
  /1 Tea
> /1

How many cups?
? two

two cups
  /1 Tea
> choose

Which?
  1  Apple
  2  Pear
number> 2

You took Pear
  /1 Tea
> /quit
"""


async def test_a_chat_reads_as_a_chat(file: Path, terminal: Open) -> None:
    chat = await terminal(file)
    for line in ("hi", "/1", "two", "choose", "2", "/quit"):
        await chat.see({"two": "? ", "2": "number> "}.get(line, "> "))
        chat.type(line)

    assert await chat.ended() == 0
    lines = [line.rstrip() for line in chat.text.split("\n")]
    shown = [line for line in lines if "print of the app" not in line and "▸" not in line]
    assert "\n".join(shown) == GOLDEN


async def test_ctrl_c_stops_an_answer_and_at_the_prompt_quits(file: Path, terminal: Open) -> None:
    chat = await terminal(file)
    await chat.see("> ")
    chat.type("count")
    await chat.see("3 4 5 ")
    chat.press(b"\x03")
    await chat.see("Stopped.")
    await chat.see("> ")
    chat.type("hi")
    await chat.see("You said hi")
    await chat.see("> ")

    chat.press(b"\x03")
    await chat.see("Ctrl-C again quits")
    chat.press(b"\x03")

    assert await chat.ended() == 0


async def test_files_go_both_ways(file: Path, terminal: Open, tmp_path: Path) -> None:
    (tmp_path / "a note.txt").write_text("tea")
    chat = await terminal(file)
    await chat.see("> ")
    chat.type("/attach 'a note.txt'")
    await chat.see("a note.txt (3 bytes) goes with the next message.")
    chat.type("hi")
    await chat.see("with 1 files.")
    chat.type("file")
    await chat.see("file> ")
    chat.type("gone.txt")
    await chat.see("No such file")
    chat.type("a note.txt")
    await chat.see("It says tea")
    chat.type("picture")
    await chat.see("[text] note.txt")
    await chat.see("/save 1")
    chat.type("/save 1 kept.txt")
    await chat.see("kept.txt (4 bytes)")

    assert (tmp_path / "kept.txt").read_text() == "kept"


async def test_a_wrong_command_is_no_message_and_a_new_chat_begins_anew(file: Path, terminal: Open) -> None:
    chat = await terminal(file)
    await chat.see("> ")
    chat.type("/nwe")
    await chat.see("There is no /nwe")
    chat.type("//nwe")
    await chat.see("You said /nwe")
    await chat.see("> ")
    chat.type("/help")
    await chat.see("/attach")
    chat.type("/new")
    await chat.see("Welcome!")


async def test_what_an_app_writes_steers_no_terminal(file: Path, terminal: Open) -> None:
    chat = await terminal(file)
    await chat.see("> ")
    chat.type("steer")
    await chat.see("green")
    await chat.see("> ")

    assert "red[2Jgreenblue" in chat.text
    assert "\x1b[2J" not in chat.seen


async def test_a_password_is_asked_for_and_not_shown(file: Path, terminal: Open) -> None:
    file.write_text(APP + LOGIN)
    chat = await terminal(file, CONVO_AUTH__SECRET="s" * 32)
    for word, heard in (("open", "not right"), ("sesame", "Welcome!")):
        await chat.see("Name: ")
        chat.type("ann")
        await chat.see("Password: ")
        chat.type(word)
        await chat.see(heard)

    assert "sesame" not in chat.seen


async def test_a_broken_save_is_shown_and_the_chat_goes_on(file: Path, terminal: Open) -> None:
    chat = await terminal(file, "--watch")
    await chat.see("> ")
    file.write_text("def broken(:\n")
    await chat.see(f"! {file}:1: invalid syntax"[:70])
    file.write_text(APP.replace("You said", "You wrote"))
    await chat.see("The app is mended.")
    chat.type("hi")
    await chat.see("You wrote hi")


async def test_a_server_that_comes_back_is_found_again(terminal: Open, file: Path, tmp_path: Path) -> None:
    port = "0"
    variables = {"CONVO_DATA__URL": f"sqlite:///{tmp_path}/history.db"}
    server, url = await serve(file, port, variables)
    try:
        chat = await terminal(url, **variables)
        await chat.see("> ")
        chat.type("hi")
        await chat.see("You said hi")
        await chat.see("> ")
        server.send_signal(signal.SIGTERM)
        await server.wait()
        await chat.see("The connection is lost")
        server, _ = await serve(file, url.rstrip("/").rpartition(":")[2], variables)
        await chat.see("Connected again")
        chat.type("again")
        await chat.see("You said again")

        assert chat.text.count("You said hi") == 1
    finally:
        server.kill()
        await server.wait()


async def serve(file: Path, port: str, variables: dict[str, str]) -> tuple[asyncio.subprocess.Process, str]:
    command = (sys.executable, "-m", "convo_cli", "run", file, "--headless", "--port", port)
    server = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, env=os.environ | variables)
    assert server.stdout is not None
    async with asyncio.timeout(30):
        greeting = (await server.stdout.readuntil(b"Ctrl-C")).decode()
    found = re.search(r"http://\S+", greeting)
    assert found is not None
    return server, found.group()
