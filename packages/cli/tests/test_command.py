"""The command line as a user meets it: what it prints, and its exit codes."""

from __future__ import annotations

import json
import socket
from functools import partial
from pathlib import Path

import pytest
from convo_cli import __version__

from tests.harness.command import convo as run_convo

convo = partial(run_convo, timeout=30)


def write_app(folder: Path, code: str = "") -> str:
    path = folder / "app.py"
    path.write_text(code or "import convo\n\n@convo.on_message\nasync def answer(message): ...\n")
    return str(path)


def test_it_says_its_version() -> None:
    done = convo("--version")

    assert done.stdout == f"convo {__version__}\n"
    assert done.returncode == 0


def test_help_names_the_commands_and_their_flags() -> None:
    assert {"run", "hello"} <= set(convo("--help").stdout.split())
    for command in ("run", "hello"):
        text = convo(command, "--help").stdout
        for flag in ("--host", "--port", "--root-path", "--watch", "--headless", "--debug", "--no-open"):
            assert flag in text


def test_a_secret_is_a_line_for_the_environment_and_another_each_time() -> None:
    name, _, first = convo("secret").stdout.strip().partition("=")
    second = convo("secret").stdout.strip().partition("=")[2]

    assert name == "CONVO_AUTH__SECRET"
    assert len(first) >= 32
    assert first != second


def test_an_app_with_a_log_in_and_no_secret_says_what_to_do(tmp_path: Path) -> None:
    answer = "@convo.on_message\nasync def answer(message): ...\n"
    app = write_app(tmp_path, f"import convo\n\n{answer}\n@convo.password_auth_callback\ndef check(name, word): ...\n")

    done = convo("run", app, "--headless", "--port", "0", cwd=tmp_path)

    assert done.returncode == 1
    assert "set `CONVO_AUTH__SECRET` (`convo secret` prints one)" in done.stderr
    assert "Traceback" not in done.stderr


def test_shells_can_complete_it() -> None:
    script = convo(_CONVO_COMPLETE="source_bash").stdout
    words = convo(_CONVO_COMPLETE="complete_bash", COMP_WORDS="convo ", COMP_CWORD="1").stdout

    assert "complete -o default -F _convo_completion convo" in script
    names = "run hello chat test create deploy init secret doctor config db threads migrate translations"
    assert " ".join(words.split()) == names


@pytest.mark.parametrize("arguments", [["run"], ["run", "app.py", "--port", "high"], ["runn"], ["hello", "--colour"]])
def test_a_wrong_command_line_is_a_usage_error(arguments: list[str]) -> None:
    assert convo(*arguments).returncode == 2


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    done = convo("run", "nothing.py", cwd=tmp_path)

    assert done.stderr == f"Error: There is no file `{tmp_path / 'nothing.py'}`.\n"
    assert done.returncode == 1


def test_a_syntax_error_is_one_line_with_file_and_line(tmp_path: Path) -> None:
    path = write_app(tmp_path, "import convo\n\ndef broken(:\n")

    done = convo("run", path)

    assert done.stderr == f"Error: {path}:3: invalid syntax\n"
    assert done.returncode == 1


def test_a_file_without_a_callback_says_which_to_add(tmp_path: Path) -> None:
    done = convo("run", write_app(tmp_path, "import convo\n"))

    assert done.stderr == "Error: `app.py` has no callback; add one, as: @convo.on_message\n"
    assert done.returncode == 1


def test_a_file_that_raises_shows_where(tmp_path: Path) -> None:
    path = write_app(tmp_path, "import convo\n\n1 / 0\n")

    done = convo("run", path)

    assert done.stderr.startswith("Error: `app.py` raised ZeroDivisionError: division by zero\nTraceback")
    assert f'File "{path}", line 3' in done.stderr
    assert "loader.py" not in done.stderr
    assert done.returncode == 1


def test_a_wrong_setting_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "convo.toml").write_text("[server]\nprot = 9\n")

    done = convo("run", write_app(tmp_path))

    assert done.stderr.count("\n") == 1
    assert "convo.toml, line 2" in done.stderr
    assert "Did you mean `port`?" in done.stderr
    assert done.returncode == 1


def test_a_port_that_is_taken_says_how_to_choose_another(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = convo("run", write_app(tmp_path), "--port", str(port))

    assert done.stderr == f"Error: Port {port} is in use; choose another with --port\n"
    assert done.stdout == ""
    assert done.returncode == 1


def test_a_startup_that_fails_shows_where(tmp_path: Path) -> None:
    path = write_app(tmp_path)
    Path(path).write_text(Path(path).read_text() + "\n@convo.on_app_startup\ndef start():\n    1 / 0\n")

    done = convo("run", path, "--port", "0")

    assert done.stderr.startswith("Error: ZeroDivisionError: division by zero\nTraceback")
    assert f'File "{path}", line 8' in done.stderr
    assert done.returncode == 1


def test_an_address_of_another_machine_says_how_to_choose_another(tmp_path: Path) -> None:
    done = convo("run", write_app(tmp_path), "--host", "192.0.2.1")

    assert done.stderr == "Error: This machine has no address 192.0.2.1; choose another with --host\n"
    assert done.returncode == 1


def test_several_workers_are_refused_with_the_reason(tmp_path: Path) -> None:
    done = convo("run", write_app(tmp_path), "--workers", "2")

    assert done.returncode == 2
    assert "one process serves an app for now" in " ".join(done.stderr.split())


def test_a_certificate_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = convo("run", write_app(tmp_path), "--ssl-cert", "gone.pem", "--ssl-key", "key.pem", "--port", "0")

    assert done.stderr == "Error: The certificate `gone.pem` cannot be read: No such file or directory.\n"
    assert done.returncode == 1


def test_with_json_a_refused_start_is_an_object_too(tmp_path: Path) -> None:
    done = convo("run", write_app(tmp_path, "import convo\n\n1 / 0\n"), "--log-format", "json")

    said = json.loads(done.stderr)
    assert said["level"] == "error"
    assert "raised ZeroDivisionError" in said["message"]
    assert said["traceback"].startswith("Traceback")
    assert done.returncode == 1
