"""Discord's messages and Markdown ⇄ ours."""

from __future__ import annotations

from typing import Any

import pytest
from convo.bridge import Author, Button, Part, Place, Question, Task
from convo_discord.convert import (
    MOST_TEXT,
    command_named,
    command_payloads,
    escaped,
    key_of,
    markdown,
    message_payload,
    modal_payload,
    modal_text,
    nonce_of,
    quoted,
    said_text,
    shown_by,
    size,
    thread_title,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.platforms.fakes.discord import check_components

PLACE = Place("discord", ("1", "2"))
TABLE = "| name | age |\n|:---|---:|\n| Ann | 41 |\n| Bartholomew | 7 |"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("**bold** _it_ `code` ~~no~~", "**bold** _it_ `code` ~~no~~"),
        ("__bold__ and snake__case__name", "**bold** and snake__case__name"),
        ("## Two\n#### Four ####", "## Two\n**Four**"),
        ("![a cat](https://x.org/c.png)", "[a cat](https://x.org/c.png)"),
        ("![](https://x.org/c.png)", "[image](https://x.org/c.png)"),
        ("- [ ] to do\n- [x] done\n1. [x] first", "- ☐ to do\n- ☑ done\n1. ☑ first"),
        ("---", "─" * 12),
        ("> > deep", "> deep"),
        ("a || b || c", "a \\|\\| b \\|\\| c"),
        ("`a || b` @everyone `@here`", "`a || b` @\u200beveryone `@here`"),
        ("one<br>two", "one\ntwo"),
        ("https://x.org/__a__?b=||", "https://x.org/__a__?b=||"),
        ("~~~python\nx = '@here'\n~~~", "```python\nx = '@here'\n```"),
        ("```\nopen", "```\nopen\n```"),
        ("````md\n```\n````", "```md\n``\u200b`\n```"),
        ("```md\n`````\nx", "```md\n```\nx"),
        ("~~~\n`````\n~~~", "```\n``\u200b``\u200b`\n```"),
        ("1. Do:\n     ```sh\n     ls ||\n       -l\n     ```\n   ||", "1. Do:\n```sh\nls ||\n  -l\n```\n   \\|\\|"),
        ("#### Use C#", "**Use C#**"),
        (TABLE, "```\nname         age\n───────────  ───\nAnn          41\nBartholomew  7\n```"),
        ("| no table", "| no table"),
        ("a | b\n--|--\n`x\\|y` | 2", "```\na      b\n─────  ─\n`x|y`  2\n```"),
        ("|  | 東京 |\n|--|--|\n| a | b |", "```\n   東京\n─  ────\na  b\n```"),
        ("|---|\n|---|\n|---|", "```\n---\n───\n---\n```"),
        ("", ""),
    ],
)
def test_markdown_becomes_what_discord_shows(ours: str, theirs: str) -> None:
    assert markdown(ours) == theirs


WORDS = st.sampled_from(
    ["a", "||", "```", "~~~", "`", "\n", "|", "|---|", "__", "@everyone", "<@1>", "> ", "😀", "#### ", " "]
)


@given(st.lists(WORDS, max_size=80).map("".join))
def test_whatever_an_app_says_is_something_discord_takes(text: str) -> None:
    for kind in ("answer", "said", "note"):
        payload = message_payload(Part(key="s:0", text=text * 20, kind=kind, author=text), "n", "Helper")  # type: ignore[arg-type]
        assert 0 < size(payload["content"]) <= MOST_TEXT


@pytest.mark.parametrize("name", ["**Bob**", "@everyone", "<@123>", "[x](http://y)", "`a`", "# big", "a\nb"])
def test_a_name_with_markup_is_a_name(name: str) -> None:
    part = Part(key="s:0", text="hello", kind="said", author=name)
    content = message_payload(part, "n", "Helper")["content"]

    assert content == f"**{escaped(name)}:** hello"
    assert "@everyone" not in content
    assert "<@" not in content.replace("\\<@", "")
    assert "\n" not in content


def test_nothing_that_is_posted_may_ping_anybody() -> None:
    payload = message_payload(Part(key="s:0", text="@everyone <@1>"), "n", "Helper")

    assert payload["allowed_mentions"] == {"parse": []}


def test_an_author_is_named_once_and_only_if_it_is_not_the_app() -> None:
    def shown(author: str, key: str) -> Any:
        return message_payload(Part(key=key, text="x", author=author), "n", "Helper")["content"]

    assert shown("Helper", "s:0") == "x"
    assert shown("Critic", "s:0") == "**Critic:** x"
    assert shown("Critic", "s:1") == "x"


def test_notes_are_small_and_failures_are_marked() -> None:
    note = Part(key="s:0", text="one\ntwo", kind="note")
    failure = Part(key="s:0", text="It broke.", kind="note", is_error=True)

    assert message_payload(note, "n", "Helper")["content"] == "-# one\n-# two"
    assert message_payload(failure, "n", "Helper")["content"] == "⚠️ It broke."


def test_tasks_are_lines() -> None:
    tasks = (Task("Look", "done"), Task("Think", "running"), Task("Write"), Task("Sleep", "failed"))
    part = Part(key="tasks:1", text="Working", kind="note", tasks=tasks)

    assert message_payload(part, "n", "Helper")["content"] == "-# Working\n✅ Look\n▶️ Think\n▫️ Write\n❌ Sleep"


def test_a_question_for_files_says_which() -> None:
    question = Question("q", "file", accept=(".csv", "image/*"))
    part = Part(key="s:0", text="Your data?", question=question)

    assert message_payload(part, "n", "Helper")["content"] == "Your data?\n-# Send a file: .csv, image/*"


def test_what_is_too_long_is_cut_to_what_discord_takes() -> None:
    tasks = tuple(Task(f"A task with quite a long name, number {number}") for number in range(200))
    content = message_payload(Part(key="tasks:1", tasks=tasks), "n", "Helper")["content"]

    assert 0 < size(content) <= MOST_TEXT
    assert size("😀") == 2
    assert size(quoted("😀\n" * 2000)) <= MOST_TEXT


@pytest.mark.parametrize("count", [0, 1, 5, 6, 25, 26, 60, 300])
def test_any_number_of_buttons_is_something_discord_takes(count: int) -> None:
    buttons = (
        *(Button("act", f"{number:032x}", f"Do {number} " * 9, tooltip="x" * 300) for number in range(count)),
        Button("good", "f" * 32, "👍"),
        Button("open", "e" * 32, "Open", url="https://example.com"),
    )
    payload = message_payload(Part(key="s:0", text="x", buttons=buttons), nonce_of(PLACE, "s:0"), "Helper")

    check_components(payload["components"])
    offered = [one for row in payload["components"] for one in row["components"]]
    options = [option["value"] for one in offered for option in one.get("options", ())]
    pressed = [key_of(one) for one in offered if "url" not in one and "options" not in one]
    assert len([one for one in [*options, *pressed] if one.startswith("act:")]) == min(count, 100)
    assert "good:" + "f" * 32 in pressed


def test_a_button_without_a_label_has_one() -> None:
    payload = message_payload(Part(key="s:0", buttons=(Button("act", "1", " "),)), "n", "Helper")

    check_components(payload["components"])
    assert payload["content"] == "\u200b"


def test_the_key_of_a_button_and_of_what_was_chosen_comes_back() -> None:
    assert key_of({"custom_id": "act:1|nonce"}) == "act:1"
    assert key_of({"custom_id": "0|nonce", "values": ["answer:2"]}) == "answer:2"
    assert key_of({}) == ""


def test_a_dialogue_gives_back_what_was_written() -> None:
    modal = modal_payload("reply:1", "Reply", "Your answer", is_needed=True)
    filled = {"components": [{"type": 1, "components": [{"custom_id": "text", "value": "Ann"}]}]}
    labelled = {"components": [{"type": 18, "component": {"custom_id": "text", "value": "Bob"}}]}

    assert modal["custom_id"] == "reply:1"
    assert (modal_text(filled), modal_text(labelled), modal_text({})) == ("Ann", "Bob", "")


def test_a_nonce_is_short_and_one_for_each_part_of_each_place() -> None:
    nonces = {nonce_of(Place("discord", ("1", place)), key) for place in "23" for key in ("s:0", "s:1")}

    assert len(nonces) == 4
    assert {len(one) for one in nonces} == {25}


def test_a_message_is_known_by_its_buttons() -> None:
    part = Part(key="s:0", text="x", buttons=(Button("stop", "1", "Stop"),))

    assert shown_by(message_payload(part, "nonce-a", "Helper"), "nonce-a")
    assert not shown_by(message_payload(part, "nonce-a", "Helper"), "nonce-b")
    assert not shown_by({"components": None}, "nonce-a")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("<@1> hello", "hello"),
        ("<@!1>, hello <@1>", "hello"),
        ("hello <@1> there", "hello @Helper there"),
        ("<@2> and <@&3> in <#4>", "@Ann and @Team in #general"),
        ("<@9> nobody", "<@9> nobody"),
        ("<:wave:123> <a:dance:456>", ":wave: :dance:"),
        ("  <@1>  ", ""),
        ("<@1><@&5> both", "both"),
    ],
)
def test_what_people_write_becomes_what_an_app_wants(theirs: str, ours: str) -> None:
    names = {"1": "@Helper", "2": "@Ann", "3": "@Team", "4": "#general"}

    assert said_text(theirs, ["1", "5"], names) == ours


def test_a_thread_has_a_title() -> None:
    ann = Author("1", "Ann")

    assert thread_title("\nHow are you?\nWell?", ann) == "How are you?"
    assert thread_title("", ann) == "Ann"
    assert size(thread_title("😀" * 200, ann)) <= 100


def test_commands_are_called_as_discord_likes_it_and_come_back_by_their_own_ids() -> None:
    offered = [{"id": "Picture Search", "description": "x" * 300}, {"id": "Stop"}, {"id": "Übersetzen"}, {"id": "!"}]
    payloads = {one["name"]: one for one in command_payloads(offered)}

    assert list(payloads) == ["picture-search", "übersetzen", "ask", "stop"]
    assert all(1 <= len(one["description"]) <= 100 for one in payloads.values())
    assert command_named("picture-search", offered) == "Picture Search"
    assert command_named("ask", offered) is None
    assert command_named("ask", [{"id": "Ask"}]) == "Ask"
    assert command_named("gone", offered) == "gone"
    assert len(command_payloads([{"id": f"c{number}"} for number in range(300)])) == 100
