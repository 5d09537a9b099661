"""Markdown, read by blocks."""

from __future__ import annotations

import pytest
from convo.bridge import Block, Code, Heading, Item, Line, Quote, Rule, Table, aligned, blocks, outside_code, split
from hypothesis import given
from hypothesis import strategies as st

PIECES = st.sampled_from(
    [
        "a",
        " ",
        "\n",
        "\n\n",
        "```",
        "````",
        "~~~",
        "`",
        "|",
        "\\|",
        "|--|",
        "- ",
        "1. ",
        "[x] ",
        "> ",
        "# ",
        "#",
        "---",
        "\r",
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=60).map("".join)))
def test_the_sources_of_all_blocks_are_the_text(text: str) -> None:
    assert "\n".join(block.source for block in blocks(text)) == text


@pytest.mark.parametrize(
    ("line", "block"),
    [
        ("", Line("")),
        ("Hello **you**", Line("Hello **you**")),
        ("# One", Heading("# One", 1, "One")),
        ("  ###### Six ##  ", Heading("  ###### Six ##  ", 6, "Six")),
        ("## Use C#", Heading("## Use C#", 2, "Use C#")),
        ("##", Heading("##", 2, "")),
        ("# #", Heading("# #", 1, "")),
        ("#hashtag", Line("#hashtag")),
        ("####### seven", Line("####### seven")),
        ("---", Rule("---")),
        (" * * * ", Rule(" * * * ")),
        ("--", Line("--")),
        ("*-*", Line("*-*")),
        ("> a", Quote("> a", 1, "a")),
        (">> b", Quote(">> b", 2, "b")),
        (">", Quote(">", 1, "")),
        ("- a", Item("- a", "", "-", "a")),
        ("  10) a", Item("  10) a", "  ", "10)", "a")),
        ("* [x] a", Item("* [x] a", "", "*", "a", is_done=True)),
        ("+ [ ] a", Item("+ [ ] a", "", "+", "a", is_done=False)),
        ("*slanted*", Line("*slanted*")),
        ("| a | b |", Line("| a | b |")),
        ("```code``` here", Line("```code``` here")),
    ],
)
def test_a_line_is_what_it_says(line: str, block: Block) -> None:
    assert list(blocks(line)) == [block]


@pytest.mark.parametrize(
    ("text", "language", "lines"),
    [
        ("```python\nx = 1\n```", "python", ["x = 1"]),
        ("``` c++ title='x'\n\n```", "c++", [""]),
        ("~~~\n```\n~~~", "", ["```"]),
        ("````md\n```js\n1\n```\n````", "md", ["```js", "1", "```"]),
        ("```\n``` no end\n    ```\n`````  ", "", ["``` no end", "    ```"]),
        ("```\n# no title\n| a |\n|---|\n```", "", ["# no title", "| a |", "|---|"]),
        ("  ```\n  a\n    b\n c\n\n  ```", "", ["a", "  b", "c", ""]),
        ("```\n```", "", []),
    ],
)
def test_code_is_what_is_between_its_fences(text: str, language: str, lines: list[str]) -> None:
    code, after = blocks(f"{text}\n# After")

    assert isinstance(code, Code)
    assert (code.language, list(code.lines), code.is_open) == (language, lines, False)
    assert after == Heading("# After", 1, "After")


@pytest.mark.parametrize(
    ("text", "lines"), [("```\na", ["a"]), ("```\na\n", ["a"]), ("~~~\n```", ["```"]), ("```", [])]
)
def test_code_that_is_not_closed_yet_is_open(text: str, lines: list[str]) -> None:
    (code,) = blocks(text)

    assert isinstance(code, Code)
    assert (list(code.lines), code.is_open) == (lines, True)


def test_code_of_a_list_s_item_is_code_however_deep_it_stands() -> None:
    deep = "       ```sh\n       ls\n       ```"
    first, deeper, code, same = blocks(f"1. One\n   - Two\n{deep}\n- ~~~\n  x\n  ~~~")

    assert (isinstance(first, Item), isinstance(deeper, Item)) == (True, True)
    assert isinstance(code, Code)
    assert (code.language, code.lines, code.lead) == ("sh", ("ls",), " " * 7)
    assert isinstance(same, Code)
    assert (same.lines, same.lead, same.is_open) == (("x",), "- ", False)


def test_what_is_indented_outside_of_lists_is_no_fence() -> None:
    assert list(blocks("Text\n     ```")) == [Line("Text"), Line("     ```")]
    assert [type(block) for block in blocks("- a\n\nText\n     ```")] == [Item, Line, Line, Line]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("| a | b |\n|---|:-:|\n| 1 | 2 |", [["a", "b"], ["1", "2"]]),
        ("a | b\n- | -\n1 | 2", [["a", "b"], ["1", "2"]]),
        ("| a |\n|---|", [["a"]]),
        ("  | a |\r\n  |---|\r\n  | 1 |\r", [["a"], ["1"]]),
        ("| a | b |\n|---|---|\n| x \\| y | `\\|` |", [["a", "b"], ["x | y", "`|`"]]),
        ("| a | b |\n|---|---|\n|| 2 |\n| 1 ||\n| 1 | \\|", [["a", "b"], ["", "2"], ["1", ""], ["1", "|"]]),
        ("| a |\n|---|\n| 1 | 2 | 3", [["a"], ["1", "2", "3"]]),
    ],
)
def test_a_table_is_rows_of_cells(text: str, rows: list[list[str]]) -> None:
    table, *after = blocks(f"{text}\nAfter")

    assert isinstance(table, Table)
    assert [list(row) for row in table.rows] == rows
    assert after == [Line("After")]


@pytest.mark.parametrize("end", ["", "# b | c", "```", "> a | b", "- a | b", "No pipe"])
def test_a_table_ends_where_something_else_begins(end: str) -> None:
    table, after = blocks(f"| a |\n|---|\n| 1 |\n{end}")

    assert isinstance(table, Table)
    assert table.rows == (("a",), ("1",))
    assert after.source == end


@pytest.mark.parametrize("text", ["| a |\n| b |", "|x| = 1", "a\n---|---", "| a |\n---", "| a |\n| -x |", "|---|"])
def test_rows_without_a_line_below_their_head_are_no_table(text: str) -> None:
    assert Table not in [type(block) for block in blocks(text)]


def test_a_table_is_aligned_by_what_is_seen() -> None:
    assert aligned([["city", "n"], ["東京", "14"], ["e\u0301", "1", "x"], []]) == [
        "city  n",
        "────  ──  ─",
        "東京  14",
        "e\u0301     1   x",
        "",
    ]
    assert aligned([["a", "b"], ["1", "2"]], rule="") == ["a  b", "1  2"]
    assert aligned([["a"]], rule="-") == ["a", "-"]
    assert aligned([]) == []


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("a `b` c", "A `b` C"),
        ("``a ` b`` c", "``a ` b`` C"),
        ("`a", "`A"),
        ("a``b`c", "A``B`C"),
        ("", ""),
    ],
)
def test_a_line_is_changed_but_for_its_code(line: str, changed: str) -> None:
    assert outside_code(line, str.upper) == changed


@pytest.mark.parametrize("piece", [" ", "- ", "* ", "> ", "`", "~", "|", "|-", "#", "# ", "# #", "\t", "1. ", "[x] "])
def test_a_text_of_marks_alone_is_read_at_once(piece: str) -> None:
    text = piece * 50_000 + "x"

    assert "\n".join(block.source for block in blocks(f"{text}\n{text}")) == f"{text}\n{text}"


def test_what_is_too_long_for_a_message_is_a_file_of_what_is_between_the_fences() -> None:
    code = "~~~~python\n```\nprint('one')\n```\n~~~~"

    assert [(piece.text, piece.suffix) for piece in split(f"Look:\n{code}\nDone.", 20)] == [
        ("Look:", None),
        ("```\nprint('one')\n```\n", "py"),
        ("Done.", None),
    ]
