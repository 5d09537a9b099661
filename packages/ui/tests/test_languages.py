"""The catalogues are whole, and an app's own words are checked."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from convo_ui.languages import languages, parameters, problems, unreadable


@pytest.mark.parametrize("tag", languages().tags)
def test_a_language_has_every_word_with_its_parameters_and_plurals(tag: str) -> None:
    words = languages().read(tag)

    assert problems(words, languages().read("en"), tag, is_whole=True) == {}


def test_parameters_are_found_in_a_text_and_in_its_plurals() -> None:
    assert parameters("Go to {name}") == {"name": "text"}
    assert parameters("{rows, plural, one {# row of {name}} other {# rows of {name}}}, {all, number}") == {
        "rows": "plural",
        "name": "text",
        "all": "number",
    }


@pytest.mark.parametrize("text", ["{", "}", "{a b}", "{n, plural, one {x}}", "{n, plural, other {x}", "{n, date}"])
def test_a_text_that_cannot_be_read_is_named(text: str) -> None:
    assert unreadable(text)


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (["pt-BR"], "pt"),
        (["zh-Hant"], "zh-TW"),
        (["zh-Hant-HK"], "zh-TW"),
        (["zh"], "zh-CN"),
        (["zh-Hans-SG"], "zh-CN"),
        (["iw"], "he"),
        (["de_CH"], "de"),
        (["EN-gb"], "en"),
        (["tlh", "ja"], "ja"),
        (["", "*", "../../etc/passwd"], "en"),
        ([], "en"),
    ],
)
def test_the_closest_language_is_chosen(wanted: list[str], chosen: str) -> None:
    assert languages().choose(wanted) == (chosen if chosen in languages().tags else "en")


def test_what_an_app_says_otherwise_is_checked_and_the_rest_of_it_counts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    words: dict[str, Any] = {
        "composer": {"send": "Go", "sned": "Go", "more": "{count, plural, other {x}}", "remove": "Away"},
        "empty": {"title": 1},
        "message": {"copy": "{"},
        "outbox": {"retry": "{count} again"},
    }
    (tmp_path / "en.json").write_text(json.dumps(words))

    with caplog.at_level(logging.ERROR):
        own = languages().own(tmp_path, "en")
        languages().own(tmp_path, "en")

    assert own == {"composer": {"send": "Go"}}
    assert [record.getMessage().split(": ", 1)[1] for record in caplog.records] == [
        "`composer.sned`: unknown; did you mean `composer.send`?",
        "`composer.more`: the plural of `count` has no case `one`",
        "`composer.remove`: missing parameter `text`",
        "`empty.title`: a text is expected, not int",
        "`message.copy`: the brace at 1 is neither of `{name}`, `{name, number}` nor "
        "`{name, plural, one {…} other {…}}`",
        "`outbox.retry`: unknown parameter `count`; it has none",
    ]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "en.json"
    assert languages().own(tmp_path, "en") == {}
    path.write_text('{"composer": {"send": "Go"}}')
    assert languages().own(tmp_path, "en") == {"composer": {"send": "Go"}}
    path.write_text("{")
    assert languages().checked(path)[1].keys() == {"en"}
    (tmp_path / "klingon.json").write_text("{}")
    assert "no language" in languages().checked(tmp_path / "klingon.json")[1]["klingon"]
