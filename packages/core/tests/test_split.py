"""Long texts in pieces."""

from convo.bridge import split
from hypothesis import given
from hypothesis import strategies as st

BLOCKS = st.lists(
    st.one_of(
        st.text("ab c.\n", max_size=80),
        st.just("```python\nprint(1)\n```"),
        st.just("| a | b |\n| - | - |\n| 1 | 2 |"),
        st.text("é👩‍👧\u0301x", max_size=40),
    ),
    max_size=8,
).map("\n\n".join)


@given(BLOCKS, st.integers(20, 120))
def test_every_piece_fits_and_nothing_is_lost(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(len(piece.text) <= limit or piece.suffix for piece in pieces)
    joined = "".join("".join(piece.text.split()) for piece in pieces)
    fenced = {"```python", "```"} if any(piece.suffix == "py" for piece in pieces) else set()
    expected = "".join(word for word in text.split() if word not in fenced)
    assert joined.replace("```python", "").replace("```", "") == expected.replace("```python", "").replace("```", "")


def test_a_short_text_is_one_piece() -> None:
    assert [piece.text for piece in split("Hello.", 100)] == ["Hello."]
    assert split(" \n", 100) == []


def test_it_is_cut_between_paragraphs_before_sentences_before_words() -> None:
    assert [piece.text for piece in split("One two.\n\nThree four. Five six seven.", 20)] == [
        "One two.",
        "Three four.",
        "Five six seven.",
    ]
    assert [piece.text for piece in split("aaaa bbbb cccc", 10)] == ["aaaa bbbb", "cccc"]
    assert [piece.text for piece in split("a" * 25, 10)] == ["a" * 10, "a" * 10, "a" * 5]


def test_a_fence_is_never_cut_and_one_that_is_too_long_is_a_file() -> None:
    code = "```python\nprint('one')\nprint('two')\n```"
    assert [piece.text for piece in split(f"Look here, please:\n\n{code}\n\nDone.", 45)] == [
        "Look here, please:",
        f"{code}\n\nDone."[:45].rstrip() if len(f"{code}\n\nDone.") <= 45 else code,
        *([] if len(f"{code}\n\nDone.") <= 45 else ["Done."]),
    ]
    pieces = split(f"Look:\n\n{code}\n\nDone.", 30)
    assert [(piece.text, piece.suffix) for piece in pieces] == [
        ("Look:", None),
        ("print('one')\nprint('two')\n", "py"),
        ("Done.", None),
    ]


def test_the_limit_is_of_what_the_platform_gets() -> None:
    pieces = split("<<<< " * 10, 40, lambda text: len(text.replace("<", "&lt;")))
    assert all(len(piece.text.replace("<", "&lt;")) <= 40 for piece in pieces)
