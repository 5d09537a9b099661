"""What people write in Slack as the app gets it, and what the app says as Slack shows it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from convo.bridge import Button, Part, Task
from convo_slack.convert import (
    answer_form,
    blocks_of,
    form_answer,
    home_view,
    neutral,
    plain,
    plain_blocks,
    said_in,
    steady,
    summary,
)
from convo_slack.mrkdwn import mrkdwn
from convo_slack.settings import SCOPES
from hypothesis import given
from hypothesis import strategies as st

from tests.platforms.fakes.slack import pinged

ME = "U0BOT"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("<@U0BOT> hello", "hello"),
        ("ask <@U0ANN> and <@U0XXX>", "ask @Ann and @U0XXX"),
        ("ask <@U0XXX|xerxes>", "ask @xerxes"),
        ("see <#C123|general>", "see #general"),
        ("see <https://example.com/a?b=1&amp;c=2>", "see https://example.com/a?b=1&c=2"),
        ("see <https://example.com|the site>", "see [the site](https://example.com)"),
        ("see <http://example.com|example.com>", "see http://example.com"),
        ("write to <mailto:a@example.com|a@example.com>", "write to mailto:a@example.com"),
        ("<!here> <!channel> <!subteam^S1|@admins>", "@here @channel @admins"),
        ("at <!date^1392734382^{date}|noon>", "at noon"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
    ],
)
def test_a_text_is_what_its_writer_meant(said: str, meant: str) -> None:
    assert plain(said, {"U0ANN": "Ann"}, ME) == meant


def test_a_bot_that_speaks_in_blocks_and_attachments_is_understood() -> None:
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "Disk full"}}
    attachment = {"fallback": "CPU at 99 %", "color": "danger"}

    assert said_in({"text": "", "blocks": [block], "attachments": [attachment]}) == "CPU at 99 %\nDisk full"


@pytest.mark.parametrize(
    "text",
    [
        "<!channel>",
        "<!here|here>",
        "<!everyone>",
        "<!subteam^S012|@admins>",
        "<@U0ANN>",
        "<#C0GEN>",
        "@channel @here @everyone @Channel",
        "```\n<!channel>\n```",
        "[<!here>](https://example.com)",
        "**<@W0ANN>**",
    ],
)
def test_nobody_is_pinged(text: str) -> None:
    part = Part(key="k", text=text, author=text, tasks=(Task(text),), buttons=(Button("act", "a", text, tooltip=text),))

    for blocks in (blocks_of(part), blocks_of(part, markup="mrkdwn"), plain_blocks(part)):
        assert pinged(summary(part), blocks) == []
    assert neutral(text).replace("\u2060", "") == text


def test_users_are_pinged_where_a_setting_allows_it_and_nobody_else() -> None:
    part = Part(key="k", text="<@U0ANN> see <!here> <@U0BOB|bob>")

    assert pinged("", blocks_of(part, with_users=True)) == ["<@U0ANN>", "<@U0BOB|bob>"]


@given(st.text(alphabet="<!@#hereUC01>| `*_&channel;[]()~\n", max_size=80))
def test_no_text_pings_anybody_and_a_text_that_grows_only_grows(text: str) -> None:
    part = Part(key="k", text=text or "x")

    for blocks in (blocks_of(part), plain_blocks(part)):
        assert pinged(summary(part), blocks) == []
    shown = ""
    for end in range(len(text) + 1):
        longer = steady(neutral(text[:end]))
        if longer.startswith(shown):
            shown = longer
        assert neutral(text).startswith(longer)


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("**bold** and *slanted* and ~~gone~~", "*bold* and _slanted_ and ~gone~"),
        ("# A *title*", "*A _title_*"),
        ("- one\n  - [x] two\n* [ ] three", "• one\n  ☑ two\n☐ three"),
        ("1. one\n2. [x] two", "1. one\n2. ☑ two"),
        ("> quoted & so", "> quoted &amp; so"),
        ("see [it](https://example.com/?a=1&b=2)", "see <https://example.com/?a=1&amp;b=2|it>"),
        ("![a cat](https://example.com/cat.png)", "<https://example.com/cat.png|a cat>"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("`a < b` & c", "`a &lt; b` &amp; c"),
        ("```python\nif a < b:\n    **no**\n```", "```\nif a &lt; b:\n    **no**\n```"),
        ("---", "———"),
        ("| a | b |\n|---|:-:|\n| 1 | 22 |", "```\na  b\n1  22\n```"),
        ("| a | b |\n|---|---|\n| x \\| y | ``` |", "```\na      b\nx | y  ``\u2060`\n```"),
        ("| alone |\n| and not |", "| alone |\n| and not |"),
        ("~~~\n`````\n~~~", "```\n``\u2060``\u2060`\n```"),
        ("````\n```\n# code\n```\n````\n# A title", "```\n``\u2060`\n# code\n``\u2060`\n```\n*A title*"),
        ("```not a fence``` but *code*", "`not a fence` but _code_"),
        ("> > deep", "> deep"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
    ],
)
def test_markdown_in_the_older_markup(markdown: str, shown: str) -> None:
    assert mrkdwn(markdown, 2900) == [shown]


def test_a_long_text_in_the_older_markup_comes_in_pieces_with_whole_fences() -> None:
    code = "\n".join(f"line {number} < {number + 1}" for number in range(600))

    pieces = mrkdwn(f"Look:\n```\n{code}\n```\nThat is all.", 2900)

    assert len(pieces) > 3
    assert all(len(piece) <= 2900 and piece.count("```") == 2 for piece in pieces[:-1])
    lines = [line for piece in pieces for line in piece.splitlines() if line != "```"]
    assert lines == ["Look:", *code.replace("<", "&lt;").splitlines(), "That is all."]


@given(st.text(max_size=300), st.integers(min_value=40, max_value=90))
def test_pieces_of_the_older_markup_are_never_too_long(text: str, limit: int) -> None:
    assert all(0 < len(piece) <= limit for piece in mrkdwn(text, limit))


def test_a_part_has_its_buttons_in_a_row_and_its_rating_below() -> None:
    buttons = (
        Button("act", "a1", "Do it" * 40, tooltip="Does it"),
        Button("stop", "r1", "Stop"),
        Button("open", "q1", "Web", url="https://example.com"),
        Button("good", "s1", "👍"),
        Button("bad", "s1", "👎"),
    )

    text, row, rating = blocks_of(Part(key="k", text="Hello", buttons=buttons))

    assert text == {"type": "markdown", "text": "Hello"}
    act, stop, link = row["elements"]
    assert (len(act["text"]["text"]), act["value"], act["accessibility_label"]) == (75, "act:a1", "Does it")
    assert (stop["style"], stop["value"]) == ("danger", "stop:r1")
    assert link["url"] == "https://example.com"
    (feedback,) = rating["elements"]
    assert (rating["type"], feedback["type"]) == ("context_actions", "feedback_buttons")
    assert (feedback["positive_button"]["value"], feedback["negative_button"]["value"]) == ("good:s1", "bad:s1")


def test_a_task_list_is_a_plan_and_lines_for_a_workspace_that_knows_none() -> None:
    part = Part(key="k", tasks=(Task("Read", "done"), Task("Write", "running"), Task("Rest")))

    (plan,) = blocks_of(part)
    (lines,) = plain_blocks(part)

    assert (plan["type"], plan["title"]) == ("plan", "1/3")
    assert [(one["title"], one["status"]) for one in plan["tasks"]] == [
        ("Read", "complete"),
        ("Write", "in_progress"),
        ("Rest", "pending"),
    ]
    assert lines["text"]["text"] == "✅ Read\n🔄 Write\n⬜ Rest"


def test_the_manifest_of_the_template_asks_for_what_an_installation_does() -> None:
    root = Path(__file__).parents[4]
    manifest = json.loads((root / "packages/cli/src/convo_cli/templates/slack-bot/manifest.json").read_text("utf-8"))

    assert tuple(manifest["oauth_config"]["scopes"]["bot"]) == SCOPES


def test_a_form_gives_back_its_note_and_the_text() -> None:
    form = answer_form("Reply", "What is your name?", '{"a":1}')

    block = form["blocks"][0]
    values = {block["block_id"]: {block["element"]["action_id"]: {"type": "plain_text_input", "value": "Ann"}}}
    assert form_answer({**form, "state": {"values": values}}) == ('{"a":1}', "Ann")
    assert form_answer({"callback_id": "of_another"}) is None


def test_the_home_page_names_the_app_and_its_starters() -> None:
    view = home_view("A name " * 50, "**What** it does", [("Begin", "Let us begin")])

    header, section, row = view["blocks"]
    assert len(header["text"]["text"]) == 150
    assert section["text"]["text"] == "*What* it does"
    assert (row["elements"][0]["text"]["text"], row["elements"][0]["value"]) == ("Begin", "Let us begin")
