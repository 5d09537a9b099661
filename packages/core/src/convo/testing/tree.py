"""Trees of steps as text, for tests that compare with how they should be."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence

from convo.protocol import Step
from convo.testing.reply import StepNode

__all__ = ["draw_tree"]

_LENGTH = 40


def draw_tree(nodes: Sequence[StepNode], *, texts: bool = True) -> str:
    """Steps, one a line, below each other: type, name, model and tokens, input and output, and how it ended.

    Long texts are cut in the middle. With `texts=False` only an error's text is told. Siblings stand in the order in
    which they began.

    ```
    undefined chain "hello" → "HELLO"
      llm fake (small 3+5) "hello" ✗ "ValueError: no"
    ```
    """
    return "\n".join(line for node in nodes for line in _lines(node, 0, texts=texts))


def _lines(node: StepNode, depth: int, *, texts: bool) -> list[str]:
    inner = [line for child in node.children for line in _lines(child, depth + 1, texts=texts)]
    return ["  " * depth + _line(node.step, texts=texts), *inner]


def _line(step: Step, *, texts: bool) -> str:
    parts = [step.type, step.name]
    generation = step.generation
    if generation is not None:
        counts = (generation.input_token_count, generation.output_token_count)
        figures = "+".join("?" if count is None else str(count) for count in counts) if any(counts) else None
        parts.append(f"({' '.join(filter(None, (generation.model or '?', figures)))})")
    if texts and step.input:
        parts.append(_quoted(step.input))
    if step.is_error:
        parts += ["✗", _quoted(step.output)]
    elif texts and step.output:
        parts += ["→", _quoted(step.output)]
    if (step.metadata or {}).get("cancelled"):
        parts.append("(cancelled)")
    elif step.end is None:
        parts.append("(open)")
    return " ".join(parts)


def _quoted(text: str) -> str:
    with contextlib.suppress(ValueError):
        text = json.dumps(json.loads(text), ensure_ascii=False) if text[:1] in ("{", "[") else text
    if len(text) > _LENGTH:
        text = f"{text[: _LENGTH // 2]}…{text[-_LENGTH // 2 + 1 :]}"
    return json.dumps(text, ensure_ascii=False) if text[:1] not in ("{", "[") else text
