"""What Python says to users stands under the same key in the catalogues, so that it is said in all languages."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGES = tuple(ROOT / "packages" / package / "src" for package in ("core", "server", "integrations/mcp"))
CATALOGUES = ROOT / "packages" / "ui" / "src" / "convo_ui" / "languages"
REFUSALS = {"Allowance", "Allowances", "CommandError", "Failure", "RunError"}
OF_THE_CLIENT = {"unreachable"}
SAID_BY_NAME = {"answered", "cancelled", "talksElsewhere", "stillListening", "microphoneOn", "commands", "requests"}


class Use(NamedTuple):
    """A text in a source: its key, itself with `{}` for what is put in (`None` for what is no literal), and the values
    that come with it."""

    where: str
    key: str
    text: str | None
    values: frozenset[str]


def uses() -> Iterator[Use]:
    for root in PACKAGES:
        for path in sorted(root.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    yield from _use(node, f"{path.relative_to(root)}:{node.lineno}")


def _use(call: ast.Call, where: str) -> Iterator[Use]:
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    function = call.func
    if isinstance(function, ast.Name) and function.id in REFUSALS:
        key = named.get("key")
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            details = named.get("details")
            names = (
                {ast.literal_eval(name) for name in details.keys if name} if isinstance(details, ast.Dict) else set()
            )
            text = named.get("text") or (call.args[1] if len(call.args) > 1 else None)
            yield Use(where, f"errors.{key.value}", _literal(text), frozenset(names))
    elif isinstance(function, ast.Attribute | ast.Name) and len(call.args) == 2:
        name = function.attr if isinstance(function, ast.Attribute) else function.id
        key = call.args[0]
        if name in ("text", "say") and isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield Use(where, key.value, _literal(call.args[1], is_template=True), frozenset(filter(None, named)))


def _literal(node: ast.expr | None, *, is_template: bool = False) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _open(node.value) if is_template else node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def _open(text: str) -> str:
    return re.sub(r"\{\w+(, number)?\}", "{}", text)


def english() -> dict[str, str]:
    found = {}

    def walk(words: dict, above: str) -> None:
        for key, value in words.items():
            if isinstance(value, str):
                found[above + key] = value
            else:
                walk(value, f"{above}{key}.")

    walk(json.loads((CATALOGUES / "en.json").read_text("utf-8")), "")
    return found


def test_what_is_said_with_a_key_stands_in_the_catalogue_as_it_is_said() -> None:
    words = english()
    found = list(uses())

    assert len(found) > 80
    for use in found:
        assert use.key in words, f"{use.where}: there is no `{use.key}` in en.json"
        text = words[use.key]
        if use.text and use.key != "errors.badFile":  # whose English says more: what the content is instead
            assert _open(text) == use.text, f"{use.where}: `{use.key}` is another text in en.json"
        if use.key.startswith("errors."):
            needed = set(re.findall(r"\{(\w+)", text))
            assert needed <= use.values, f"{use.where}: `{use.key}` needs {needed - use.values} in `details`"


def test_no_words_stand_in_the_catalogue_for_what_nobody_says() -> None:
    said = {use.key for use in uses()} | {f"errors.{key}" for key in OF_THE_CLIENT | SAID_BY_NAME}

    assert {key for key in english() if key.startswith(("errors.", "document.", "mcp.ask."))} - said == {
        f"document.ending.{status}" for status in ("failed", "stopped", "interrupted", "running")
    }


def test_the_ways_in_which_an_answer_can_end_are_those_of_the_catalogue() -> None:
    from convo_server.export.facts import _ENDINGS

    words = english()

    assert {f"document.ending.{status}": text for status, text in _ENDINGS.items()} == {
        key: text for key, text in words.items() if key.startswith("document.ending.")
    }
