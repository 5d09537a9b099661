"""Files that users send arrive as elements, each with the path of its bytes.

Run it with: convo run examples/uploads.py
"""

from collections.abc import Iterator
from pathlib import Path

import convo


@convo.on_message
def count(message: convo.Message) -> Iterator[str]:
    if not message.elements:
        yield "Attach some files: by the button, by pasting, or by dropping them here."
    for element in message.elements:
        yield describe(element)


def describe(element: convo.Element) -> str:
    size = Path(element.path or "").stat().st_size
    return f"- {type(element).__name__} **{element.name}**, {element.mime}, {size} bytes\n"
