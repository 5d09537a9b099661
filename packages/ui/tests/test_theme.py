"""Themes: what is right is in the stylesheet, what is wrong is named."""

import json
import logging
import re
from pathlib import Path

import pytest
from convo_ui.theme import BASE, COLOURS, Theme, stylesheet

TOKENS = Path(__file__).parents[1] / "app/src/styles/tokens.css"


def test_every_design_token_can_be_given_another_value() -> None:
    assert set(re.findall(r"--([\w-]+):", TOKENS.read_text("utf-8"))) == {*BASE, *COLOURS}


def test_a_theme_becomes_a_stylesheet() -> None:
    css, wrong = stylesheet(
        {
            "$schema": "theme.schema.json",
            "base": {"r4": "0.5rem"},
            "light": {"accent": "#1d6b4f"},
            "dark": {"accent": "oklch(80% 0.1 160)"},
            "fonts": [{"family": "Inter", "src": "public/fonts/inter.woff2", "weight": "100 900"}],
        },
        "/chat",
    )

    assert wrong == {}
    assert css.splitlines() == [
        '@font-face{font-family:"Inter";src:url("/chat/public/fonts/inter.woff2");font-weight:100 900;'
        "font-style:normal;font-display:swap}",
        ":root:root{--r4:0.5rem;}",
        ":root:root{--accent:#1d6b4f;}",
        '@media screen{[data-theme="dark"]:root{--accent:oklch(80% 0.1 160);}}',
    ]


@pytest.mark.parametrize(
    ("theme", "place", "why"),
    [
        ({"light": {"acent": "red"}}, "light.acent", "unknown token; did you mean `accent`?"),
        ({"base": {"accent": "red"}}, "base.accent", "it stands in `light`"),
        ({"lite": {}}, "lite", "unknown group; did you mean `light`?"),
        ({"light": "red"}, "light", "an object of tokens is expected"),
        ({"light": {"bg": "red;} body{display:none"}}, "light.bg", "a value of CSS is expected"),
        ({"light": {"bg": "url(https://evil.example)"}}, "light.bg", "a value of CSS is expected"),
        ({"light": {"bg": 1}}, "light.bg", "a value of CSS is expected"),
        ({"fonts": {}}, "fonts", "a list is expected"),
        ({"fonts": [{"family": "A", "src": "public/../a.woff2"}]}, "fonts.0.src", "a file of a font in `public/`"),
        ({"fonts": [{"family": 'A";}', "src": "public/a.woff2"}]}, "fonts.0.family", "letters, digits and blanks"),
        ([], "", "an object is expected"),
    ],
)
def test_what_is_wrong_is_named_and_left_out(theme: object, place: str, why: str) -> None:
    css, wrong = stylesheet(theme)

    assert css == ""
    assert list(wrong) == [place]
    assert wrong[place].startswith(why)


def test_a_file_is_read_again_when_it_has_changed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    theme, path = Theme(), tmp_path / "theme.json"
    assert (theme.css(path), theme.revision(path)) == ("", None)

    path.write_text(json.dumps({"light": {"bg": "white", "ikn": "black"}}))
    with caplog.at_level(logging.ERROR):
        assert theme.css(path) == theme.css(path) == ":root:root{--bg:white;}"

    assert [record.getMessage().removeprefix(f"{path}: ") for record in caplog.records] == [
        "`light.ikn`: unknown token; did you mean `ink`?"
    ]
    assert theme.revision(path) is not None
