"""What is a word, when it matches, and what of a text is shown."""

from __future__ import annotations

import pytest
from convo.search import SEARCHED_CHARACTERS, excerpt, tokens, wanted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't PANIC, claim_thread(2)", ["don", "t", "panic", "claim", "thread", "2"]),
        ("Résumé e\u0301tude Straße Ångström", ["resume", "etude", "strasse", "angstrom"]),
        ("ﬁne ① İstanbul", ["fine", "1", "istanbul"]),
        ("数据库 v2", ["数", "据", "库", "v2"]),
        ("がか 데이터", ["が", "か", "데이터"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("…!? — 👍 \ud800 \0", []),
        ("x" * 100, ["x" * 64]),
    ],
)
def test_a_text_is_found_by_its_words_without_case_and_accents(text: str, expected: list[str]) -> None:
    assert list(tokens(text)) == expected


def test_a_search_has_each_word_once_and_not_too_many() -> None:
    assert wanted("Plan plan PLAN: 迁移!") == [("plan",), ("迁", "移")]
    assert len(wanted(" ".join(str(n) for n in range(1000)))) == 16
    assert wanted("?! *") == []


def shown(text: str, search: str) -> tuple[str, list[str]] | None:
    found = excerpt(text, wanted(search))
    return None if found is None else (found.snippet, [found.snippet[start:stop] for start, stop in found.marks])


def test_every_word_has_to_begin_one_of_the_text() -> None:
    assert shown("Migrating résumés", "mig RESUME") == ("Migrating résumés", ["Mig", "résumé"])
    assert shown("Migrating résumés", "rating") is None
    assert shown("Migrating résumés", "migrating nothing") is None
    assert shown("关于数据库迁移", "迁移 数据") == ("关于数据库迁移", ["数据", "迁移"])
    assert shown("关于数据库迁移", "迁数") is None
    assert shown("anything", "…") is None


def test_what_changes_its_length_is_marked_whole() -> None:
    assert shown("Die Straße", "strass") == ("Die Straße", ["Straße"])
    assert shown("Die Straße", "str") == ("Die Straße", ["Straße"])


def test_a_long_text_is_shown_around_most_of_what_was_searched_for() -> None:
    text = "apple " + "filler words " * 100 + "an apple\n and a   pear fell " + "filler words " * 100
    found = shown(text, "apple pear")
    assert found is not None
    snippet, marks = found
    assert "an apple and a pear fell" in snippet
    assert marks == ["apple", "pear"]
    assert snippet.startswith("…")
    assert snippet.endswith("…")
    assert len(snippet) <= 162


def test_a_text_is_searched_up_to_a_length() -> None:
    assert shown("x " * SEARCHED_CHARACTERS + "whale", "whale") is None
