"""Adaptive Cards: what can be pressed below a message. What a card sends back are ids alone. Pure."""

from __future__ import annotations

from typing import Any

from convo.bridge import Button, Part, Task

__all__ = ["MAX_BUTTONS", "card_of"]

MAX_BUTTONS = 6
"""Teams shows no more in a row."""

_MARKS = {"ready": "○", "running": "◐", "failed": "✗", "done": "✓"}
_TITLE = 60


def card_of(part: Part) -> dict[str, Any] | None:
    """The card below a message; `None` if there is nothing to press and nothing to list."""
    body: list[dict[str, Any]] = [_line(task) for task in part.tasks]
    question = part.question
    reply = next((button for button in part.buttons if button.kind == "reply"), None)
    if reply is not None:
        body.append({"type": "Input.Text", "id": "reply", "isMultiline": True, "placeholder": "Your answer"})
    if question is not None and question.kind == "file":
        accept = f" ({', '.join(question.accept)})" if question.accept else ""
        body.append(_text(f"Send a file here{accept}."))
    buttons = [button for button in part.buttons if button.kind not in ("good", "bad")]
    actions = [_action(button) for button in buttons]
    body += [
        {"type": "ActionSet", "actions": actions[i : i + MAX_BUTTONS]} for i in range(0, len(actions), MAX_BUTTONS)
    ]
    if not body:
        return None
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }


def _action(button: Button) -> dict[str, Any]:
    title = _cut(button.label)
    if button.kind == "open" and button.url:
        return {"type": "Action.OpenUrl", "title": title, "url": button.url}
    action: dict[str, Any] = {
        "type": "Action.Execute",
        "title": title,
        "verb": "convo",
        "data": {"convo": button.key},
        "associatedInputs": "auto" if button.kind == "reply" else "none",
    }
    if button.tooltip:
        action["tooltip"] = _cut(button.tooltip)
    if button.kind == "stop":
        action["style"] = "destructive"
    return action


def _line(task: Task) -> dict[str, Any]:
    return _text(f"{_MARKS[task.status]} {task.title}")


def _text(text: str) -> dict[str, Any]:
    """Words as they are: a `RichTextBlock` knows no Markdown, so nothing in them is a link or a mention."""
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text}]}


def _cut(text: str) -> str:
    return text if len(text) <= _TITLE else f"{text[: _TITLE - 1]}…"
