"""What Slack says in plain words, and what the app says as Slack shows it. Pure: nothing here talks to anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from convo.bridge import Button, Part, Task

from convo_slack.mrkdwn import escaped, mrkdwn

__all__ = [
    "FEEDBACK",
    "answer_form",
    "blocks_of",
    "closing_blocks",
    "form_answer",
    "home_view",
    "mentioned",
    "neutral",
    "plain",
    "plain_blocks",
    "said_in",
    "steady",
    "summary",
]

Block = dict[str, Any]

FEEDBACK = "convo_feedback"
"""The action of the two buttons that rate a message."""

_JOINER = "\u2060"
_ANGLE = re.compile(r"<(?=!(?:channel|here|everyone|group|subteam|date)|@[A-Z]|#[A-Z])")
_ALL = re.compile(r"<(?=!(?:channel|here|everyone|group|subteam|date)|#[A-Z]|@(?![UW][A-Z0-9]+(?:\|[^<>]*)?>))")
_AT = re.compile(r"@(?=(?:channel|here|everyone|group)\b)", re.IGNORECASE)
_UNSTEADY = re.compile(r"(?:<[!@#]?[\w|^.-]{0,40}|@\w{0,9}|&[a-z]{0,3})\Z")
_TOKEN = re.compile(r"<([^<>]+)>")
_NAMED = re.compile(r"<@([UW][A-Z0-9]+)")

BLOCKS = 50
BUTTONS = 25
BUTTON_TEXT, SUMMARY, SECTION = 75, 2900, 2900
_MARKS: Mapping[str, str] = {"ready": "⬜", "running": "🔄", "failed": "❌", "done": "✅"}
_STATUSES: Mapping[str, str] = {"ready": "pending", "running": "in_progress", "failed": "error", "done": "complete"}


# What people say


def mentioned(text: str) -> set[str]:
    """The users that a text of Slack's names, by their ids."""
    return set(_NAMED.findall(text))


def plain(text: str, names: Mapping[str, str], me: str | None = None) -> str:
    """A text of Slack's as its writer meant it; `names` are users by their ids, and `me` is left out of it."""

    def shown(match: re.Match[str]) -> str:
        body, _, label = match[1].partition("|")
        if body.startswith("@"):
            return "" if body[1:] == me else f"@{names.get(body[1:]) or label or body[1:]}"
        if body.startswith("#"):
            return f"#{label or body[1:]}"
        if body.startswith("!"):
            word = body[1:].partition("^")[0]
            return label.removeprefix("@") if word == "date" else label or f"@{word}"
        label = label.strip()
        return f"[{label}]({body})" if label and label != body and not body.endswith(label) else body

    said = _TOKEN.sub(shown, text)
    return said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def said_in(event: Mapping[str, Any]) -> str:
    """The text of a message: its own, or what its blocks and attachments say, as those of bots and workflows do."""
    if text := event.get("text"):
        return str(text)
    parts = [str(one.get("text") or one.get("fallback") or "") for one in event.get("attachments") or ()]
    for block in event.get("blocks") or ():
        inner = block.get("text") if isinstance(block, Mapping) else None
        parts.append(str(inner.get("text", "")) if isinstance(inner, Mapping) else str(inner or ""))
    return "\n".join(part for part in parts if part)


# What the app says


def neutral(markdown: str, *, with_users: bool = False) -> str:
    """Markdown that pings nobody; with `with_users`, none but users it names as `<@U123>`. It looks the same."""
    return _AT.sub(f"@{_JOINER}", (_ALL if with_users else _ANGLE).sub(f"<{_JOINER}", markdown))


def steady(markdown: str) -> str:
    """What of a growing text is neutral whatever follows: it ends before what may become a mention."""
    return _UNSTEADY.sub("", markdown)


def summary(part: Part) -> str:
    """What notifications and screen readers say of a part: plain text, in which nothing is markup."""
    lines = [part.text, *(f"{_MARKS[task.status]} {task.title}" for task in part.tasks)]
    text = "\n".join(line for line in lines if line.strip()) or (part.author or "…")
    if len(text) > SUMMARY:
        text = f"{text[: SUMMARY - 1]}…"
    return escaped(neutral(text))


def blocks_of(part: Part, *, markup: str = "markdown", with_users: bool = False) -> list[Block]:
    """A part as Slack shows it best. What does not fit in buttons is left out, last ones first."""
    text = neutral(part.text, with_users=with_users)
    shown: list[Block] = [*_author(part)]
    if text.strip():
        shown += [{"type": "markdown", "text": text}] if markup == "markdown" else _sections(text)
    if part.tasks:
        shown += [_plan(part.key, part.tasks)] if markup == "markdown" else _task_lines(part.tasks)
    return [*shown, *_buttons(part.buttons), *_rating(part, native=True)][:BLOCKS]


def plain_blocks(part: Part) -> list[Block]:
    """The same out of blocks that every workspace of Slack knows."""
    shown = [*_author(part), *_sections(neutral(part.text)), *_task_lines(part.tasks)]
    return [*shown, *_buttons(part.buttons), *_rating(part, native=False)][:BLOCKS]


def closing_blocks(part: Part) -> list[Block]:
    """What stands below a text that was streamed."""
    return [*_buttons(part.buttons), *_rating(part, native=True)]


def _author(part: Part) -> Iterator[Block]:
    if part.author:
        yield {"type": "context", "elements": [_plain(part.author, 150)]}


def _sections(text: str) -> list[Block]:
    return [{"type": "section", "text": {"type": "mrkdwn", "text": one}} for one in mrkdwn(text, SECTION)]


def _plan(key: str, tasks: Sequence[Task]) -> Block:
    cards = [
        {
            "type": "task_card",
            "task_id": f"{key}:{index}"[-200:],
            "title": task.title or "…",
            "status": _STATUSES[task.status],
        }
        for index, task in enumerate(tasks)
    ]
    done = sum(task.status == "done" for task in tasks)
    return {"type": "plan", "title": f"{done}/{len(tasks)}", "tasks": cards}


def _task_lines(tasks: Sequence[Task]) -> list[Block]:
    return _sections("\n".join(f"{_MARKS[task.status]} {neutral(task.title)}" for task in tasks)) if tasks else []


def _buttons(buttons: Sequence[Button]) -> Iterator[Block]:
    """Rows of buttons; rating has its own."""
    shown = [button for button in buttons if button.kind not in ("good", "bad")]
    for start in range(0, len(shown), BUTTONS):
        row = shown[start : start + BUTTONS]
        yield {"type": "actions", "elements": [_button(button, start + index) for index, button in enumerate(row)]}


def _button(button: Button, index: int) -> Block:
    shown: Block = {"type": "button", "text": _plain(button.label, BUTTON_TEXT), "action_id": f"convo_{index}"}
    if button.kind == "open":
        shown["url"] = button.url or ""
    else:
        shown["value"] = button.key
    if button.kind == "stop":
        shown["style"] = "danger"
    if button.tooltip:
        shown["accessibility_label"] = button.tooltip[:BUTTON_TEXT]
    return shown


def _rating(part: Part, *, native: bool) -> Iterator[Block]:
    good, bad = (next((one for one in part.buttons if one.kind == kind), None) for kind in ("good", "bad"))
    if good is None or bad is None:
        return
    if native:
        element = {
            "type": "feedback_buttons",
            "action_id": FEEDBACK,
            "positive_button": _rate(good),
            "negative_button": _rate(bad),
        }
        yield {"type": "context_actions", "elements": [element]}
        return
    elements = [{**_rate(button), "type": "button", "action_id": f"{FEEDBACK}_{button.kind}"} for button in (good, bad)]
    yield {"type": "actions", "elements": elements}


def _rate(button: Button) -> Block:
    shown: Block = {"text": _plain(button.label, BUTTON_TEXT), "value": button.key}
    if button.tooltip:
        shown["accessibility_label"] = button.tooltip[:BUTTON_TEXT]
    return shown


def _plain(text: str, limit: int) -> Block:
    text = " ".join(text.split()) or "…"
    return {"type": "plain_text", "text": text if len(text) <= limit else f"{text[: limit - 1]}…", "emoji": True}


# Forms and the home page

_FORM, _FIELD = "convo_answer", "answer"


def answer_form(title: str, question: str, note: str) -> Block:
    """A modal that takes a text; `note` comes back with it."""
    label = _plain(question, 2000)
    field = {"type": "plain_text_input", "action_id": _FIELD, "multiline": True, "focus_on_load": True}
    return {
        "type": "modal",
        "callback_id": _FORM,
        "private_metadata": note,
        "title": _plain(title, 24),
        "submit": _plain("Send", 24),
        "close": _plain("Cancel", 24),
        "blocks": [{"type": "input", "block_id": _FIELD, "label": label, "element": field}],
    }


def form_answer(view: Mapping[str, Any]) -> tuple[str, str] | None:
    """The note and the text of a form of ours that was sent; `None` for another's."""
    if view.get("callback_id") != _FORM:
        return None
    values = (view.get("state") or {}).get("values") or {}
    said = ((values.get(_FIELD) or {}).get(_FIELD) or {}).get("value")
    return str(view.get("private_metadata") or ""), str(said or "")


def home_view(title: str, text: str, starters: Sequence[tuple[str, str]]) -> Block:
    """The app's home page: its name, what it says of itself, and starters, each a label and what pressing it sends."""
    blocks: list[Block] = [{"type": "header", "text": _plain(title, 150)}, *_sections(neutral(text))]
    buttons = [
        {
            "type": "button",
            "text": _plain(label, BUTTON_TEXT),
            "action_id": f"convo_starter_{index}",
            "value": said[:2000],
        }
        for index, (label, said) in enumerate(starters[:BUTTONS])
    ]
    if buttons:
        blocks.append({"type": "actions", "elements": buttons})
    return {"type": "home", "blocks": blocks[:BLOCKS]}
