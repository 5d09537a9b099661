"""`convo translations check`, as an author runs it."""

from pathlib import Path

import pytest
from convo_cli.main import cli
from typer.testing import CliRunner


def test_wrong_words_are_named_and_end_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "translations"
    folder.mkdir()
    (folder / "de.json").write_text('{"composer": {"sned": "Los", "remove": "Weg"}}')
    (folder / "fr.json").write_text('{"composer": {"send": "Allez"}}')
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(cli, ["translations", "check"])

    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "translations/de.json: `composer.sned`: unknown; did you mean `composer.send`?",
        "translations/de.json: `composer.remove`: missing parameter `text`",
    ]
    assert "translations/fr.json: 1 right" in result.stderr


def test_no_words_are_no_error(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["translations", "check", str(tmp_path)])

    assert result.exit_code == 0
    assert "There are no words" in result.stderr
