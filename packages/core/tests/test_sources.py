"""What a retriever found, as elements."""

import pytest
from convo.sources import SHOWN, source_elements, source_names


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ({"title": "Of cats", "source": "x.md"}, "Of cats"),
        ({"file_name": "a.md", "file_path": "/home/ann/a.md"}, "a.md"),
        ({"source": "docs\\b.md"}, "b.md"),
        ({"source": "https://example.org/c/"}, "c"),
        ({"source": "/"}, "Document 1"),
        ({"page": 3}, "Document 1"),
    ],
)
def test_a_source_is_named_by_where_it_is_from(metadata: dict[str, object], name: str) -> None:
    assert source_names([metadata]) == [name]


def test_several_of_one_place_have_numbers() -> None:
    assert source_names([{"source": "a.md"}, {}, {"source": "a.md"}]) == ["a.md", "Document 2", "a.md (3)"]


def test_so_many_are_shown_beside_the_chat() -> None:
    elements = source_elements([(f"text {number}", {}) for number in range(SHOWN + 1)])

    assert len(elements) == SHOWN
    assert (elements[0].name, elements[0].content, elements[0].display) == ("Document 1", "text 0", "side")
