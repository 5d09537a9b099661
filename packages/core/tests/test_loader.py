"""The loader: from an author's file to an App."""

from pathlib import Path

import convo
import pytest
from convo.loader import load_app
from convo.testing import ChatClient

ECHO = """
import convo
from neighbour import PREFIX

@convo.on_message
async def answer(message):
    await convo.Message(PREFIX + message.content).send()
"""


async def test_a_file_of_decorated_functions_is_an_app(tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("PREFIX = 'you said: '")
    (tmp_path / "echo_app.py").write_text(ECHO)

    async with ChatClient(load_app(str(tmp_path / "echo_app.py"))) as chat:
        assert (await chat.send("hi")).content == "you said: hi"


def test_loading_again_gives_a_fresh_app(tmp_path: Path) -> None:
    (tmp_path / "fresh.py").write_text("import convo\n@convo.on_message\ndef answer(): ...")

    first, second = load_app(str(tmp_path / "fresh.py")), load_app(str(tmp_path / "fresh.py"))

    assert first is not second
    assert len(first.callbacks) == len(second.callbacks) == 1


def test_an_app_in_hand_is_found_alone_or_by_name(tmp_path: Path) -> None:
    two = "import convo\na, b = convo.App(), convo.App()\na.on_message(print)\nb.on_message(print)"
    (tmp_path / "one.py").write_text("import convo\napp = convo.App()\napp.on_message(print)")
    (tmp_path / "two.py").write_text(two)

    assert isinstance(load_app(str(tmp_path / "one.py")), convo.App)
    assert isinstance(load_app(str(tmp_path / "two.py:b")), convo.App)
    with pytest.raises(convo.LoadError, match=r"several Apps; say which"):
        load_app(str(tmp_path / "two.py"))
    with pytest.raises(convo.LoadError, match=r"no `convo.App` named `c`"):
        load_app(str(tmp_path / "two.py:c"))


@pytest.mark.parametrize(
    ("text", "said", "detail"),
    [
        (None, "There is no file", None),
        ("def broken(:\n", r"app_\.py:1: ", "SyntaxError"),
        ("1 / 0\n", "raised ZeroDivisionError", 'app_.py", line 1'),
        ("raise SystemExit(3)", "raised SystemExit", "SystemExit"),
        ("import convo\n", "has no callback", None),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str | None, said: str, detail: str | None) -> None:
    if text is not None:
        (tmp_path / "app_.py").write_text(text)

    with pytest.raises(convo.LoadError, match=said) as caught:
        load_app(str(tmp_path / "app_.py"))
    assert (detail is None) == (caught.value.detail is None)
    assert detail is None or detail in (caught.value.detail or "")
    assert "loader.py" not in (caught.value.detail or "")
