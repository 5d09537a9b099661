"""Conversion: Discord's messages and Markdown ⇄ ours. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, assert_never

from convo.bridge import (
    Author,
    Block,
    Button,
    Code,
    Heading,
    Item,
    Line,
    Part,
    Place,
    Question,
    Quote,
    Rule,
    Table,
    Task,
    aligned,
    blocks,
    outside_code,
)

__all__ = [
    "MOST_TEXT",
    "command_named",
    "command_payloads",
    "escaped",
    "key_of",
    "markdown",
    "message_payload",
    "modal_payload",
    "modal_text",
    "nonce_of",
    "quoted",
    "said_text",
    "shown_by",
    "size",
    "thread_title",
]

MOST_TEXT = 2000
"""What a message may measure, by `size`."""

_ROW, _BUTTON, _LIST, _TEXT_INPUT = 1, 2, 3, 4
_STYLES = {"act": 2, "answer": 1, "reply": 1, "stop": 4, "good": 2, "bad": 2, "open": 5}
_MOST_BUTTONS, _MOST_OPTIONS = 25, 25
_SEPARATOR = "|"

_BLANK = "\u200b"  # Discord takes no message without a text, and this for one
_ADDRESS = re.compile(r"(<https?://[^>\s]*>|https?://[^\s)>\]]+)")
_MARKS = re.compile(r"[\\`*_~|\[\]()<>#]")


# --- Markdown ---


def markdown(text: str) -> str:
    """Markdown as Discord shows it: tables aligned in a code block, no spoilers by accident, and nobody called."""
    return "\n".join(line for block in blocks(text) for line in _written(block))


def _written(block: Block) -> Iterator[str]:
    match block:
        case Code():
            if block.lead.strip():
                yield block.lead
            yield from _fenced(block.lines, block.language)
        case Table():
            yield from _fenced(aligned(block.rows))
        case Rule():
            yield "─" * 12
        case Heading(level=level, text=heading) if level > 3:
            yield outside_code(f"**{heading.replace('**', '')}**", _inline) if heading else ""
        case Item(is_done=bool(is_done)):
            mark = block.mark if block.is_counted else "-"
            yield f"{block.indent}{mark} {'☑' if is_done else '☐'} {outside_code(block.text, _inline)}"
        case Quote():
            yield f"> {outside_code(block.text, _inline)}"
        case Heading() | Item() | Line():
            yield outside_code(block.source, _inline)
        case _:
            assert_never(block)


def _fenced(lines: Iterable[str], language: str = "") -> Iterator[str]:
    """Lines as code, in which no fence ends it."""
    yield f"```{language}"
    yield from (re.sub("``(?=`)", f"``{_BLANK}", line) for line in lines)
    yield "```"


def _inline(text: str) -> str:
    return "".join(piece if at % 2 else _marked(piece) for at, piece in enumerate(_ADDRESS.split(text)))


def _marked(text: str) -> str:
    """A piece without code and addresses."""
    text = re.sub(r"!\[([^\[\]]*)\]\(", lambda image: f"[{image[1] or 'image'}](", text)
    text = re.sub(r"(?<!\w)__(?=\S)(.+?)(?<=\S)__(?!\w)", r"**\1**", text)
    text = re.sub(r"<br\s*/?>", "\n", text)
    text = text.replace("||", "\\|\\|")
    return _quiet(text)


def _quiet(text: str) -> str:
    """`text` that calls nobody: the flags of the message say so too, and this does not even look so."""
    return re.sub(r"@(?=everyone|here)", "@\u200b", text)


def escaped(name: str) -> str:
    """A name that is shown as it is written, whatever is in it."""
    return _MARKS.sub(r"\\\g<0>", " ".join(name.split())).replace("@", "@\u200b")


def size(text: str) -> int:
    """What Discord measures: UTF-16 units, to be on the safe side of how it counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def quoted(text: str) -> str:
    """What somebody said with a command, which Discord does not show by itself."""
    return _fit("\n".join(f"> {line}" for line in markdown(text).split("\n"))) if text.strip() else _BLANK


def _fit(text: str) -> str:
    while size(text) > MOST_TEXT:
        text = text[: -max(1, (size(text) - MOST_TEXT + 1) // 2 + 1)].rstrip() + "…"
    return text


# --- What is posted ---


def nonce_of(place: Place, key: str) -> str:
    """What tells a part's message from all others, and is the same in every process. Discord takes 25 characters."""
    return hashlib.sha256(f"{place.key}\n{key}".encode()).hexdigest()[:25]


def message_payload(part: Part, nonce: str, app_name: str) -> dict[str, Any]:
    """A part as Discord takes it. `app_name` is an author who need not be named: the bot has its own name there."""
    return {
        "content": _fit(_content(part, app_name)) or ("" if part.attachment is not None else _BLANK),
        "components": _rows(part.buttons, nonce),
        "allowed_mentions": {"parse": []},
    }


def _content(part: Part, app_name: str) -> str:
    text = markdown(part.text)
    if part.is_error:
        text = f"⚠️ {text}"
    elif part.kind == "note" and text:
        text = "\n".join(f"-# {line}" for line in text.split("\n"))
    if part.tasks:
        text = "\n".join([*([text] if text else []), *map(_task, part.tasks)])
    if part.question is not None and part.question.kind == "file":
        text = f"{text}\n-# {_asked_files(part.question)}"
    if part.author and part.text and _is_named(part, app_name):
        text = f"**{escaped(part.author[:40])}:** {text}"
    return text


def _is_named(part: Part, app_name: str) -> bool:
    return part.kind == "said" or (part.kind == "answer" and part.author != app_name and part.key.endswith(":0"))


def _task(task: Task) -> str:
    sign = {"ready": "▫️", "running": "▶️", "failed": "❌", "done": "✅"}[task.status]
    return f"{sign} {outside_code(' '.join(task.title.split()), _inline)}"


def _asked_files(question: Question) -> str:
    kinds = ", ".join(question.accept)
    return "Send a file." if not kinds or "*/*" in kinds else f"Send a file: {kinds[:60]}"


def _rows(buttons: Sequence[Button], nonce: str) -> list[dict[str, Any]]:
    """Buttons in rows of five. Where there are too many, those of the app become lists to choose from."""
    unique = list({button.key: button for button in buttons}.values())
    chosen = [one for one in unique if one.kind in ("act", "answer")] if len(unique) > _MOST_BUTTONS else []
    others = [one for one in unique if one not in chosen]
    lists = [chosen[at : at + _MOST_OPTIONS] for at in range(0, len(chosen), _MOST_OPTIONS)][: 4 if others else 5]
    rows: list[list[dict[str, Any]]] = [
        [_list(one, f"{number}{_SEPARATOR}{nonce}")] for number, one in enumerate(lists)
    ]
    pressed = [_button(one, nonce) for one in others]
    rows += [pressed[at : at + 5] for at in range(0, len(pressed), 5)]
    return [{"type": _ROW, "components": row} for row in rows[:5]]


def _button(button: Button, nonce: str) -> dict[str, Any]:
    label = _short(button.label or button.tooltip, 80)
    if button.kind == "open" and button.url is not None:
        return {"type": _BUTTON, "style": _STYLES["open"], "label": label, "url": button.url}
    # The nonce lets a message be found again by a process that did not hear that it was posted.
    custom_id = f"{button.key}{_SEPARATOR}{nonce}"
    return {"type": _BUTTON, "style": _STYLES[button.kind], "label": label, "custom_id": custom_id}


def _list(buttons: Sequence[Button], custom_id: str) -> dict[str, Any]:
    options = [
        {
            "label": _short(one.label, 100),
            "value": one.key,
            **({"description": _short(one.tooltip, 100)} if one.tooltip.strip() else {}),
        }
        for one in buttons
    ]
    first, last = _short(buttons[0].label, 40), _short(buttons[-1].label, 40)
    placeholder = first if len(buttons) == 1 else f"{first} … {last}"
    return {"type": _LIST, "custom_id": custom_id, "placeholder": placeholder, "options": options}


def _short(text: str, most: int) -> str:
    text = " ".join(text.split()) or "…"
    return (
        text
        if size(text) <= most
        else f"{text[: most // 2 - 1]}…"
        if size(text) > len(text)
        else f"{text[: most - 1]}…"
    )


def shown_by(message: Mapping[str, Any], nonce: str) -> bool:
    """Whether a message that was read back is the one with this nonce: its buttons say so."""
    return any(
        str(one.get("custom_id", "")).endswith(f"{_SEPARATOR}{nonce}")
        for row in message.get("components") or ()
        for one in row.get("components") or ()
    )


def modal_payload(key: str, title: str, label: str, *, is_needed: bool) -> dict[str, Any]:
    """A dialogue that asks for a text; `key` comes back with it."""
    field = {
        "type": _TEXT_INPUT,
        "custom_id": "text",
        "style": 2,
        "label": _short(label, 45),
        "required": is_needed,
        "max_length": 4000,
    }
    return {"custom_id": key, "title": _short(title, 45), "components": [{"type": _ROW, "components": [field]}]}


# --- What comes in ---


def key_of(data: Mapping[str, Any]) -> str:
    """The key of the button that an interaction is about."""
    values = data.get("values")
    if values:
        return str(values[0])
    return str(data.get("custom_id", "")).partition(_SEPARATOR)[0]


def modal_text(data: Mapping[str, Any]) -> str:
    """What was written into a dialogue."""
    for row in data.get("components") or ():
        for one in row.get("components") or [row.get("component") or {}]:
            if one.get("custom_id") == "text":
                return str(one.get("value") or "")
    return ""


def said_text(content: str, own_ids: Sequence[str], names: Mapping[str, str]) -> str:
    """A message's text as an app wants it: without the bot's own mention at its ends, and with names for ids.

    `names` are those of people, roles and channels, with their sign: `@Ann`, `#general`.
    """
    own = "|".join(re.escape(one) for one in own_ids)
    if own:
        content = re.sub(rf"^\s*(?:<@[!&]?(?:{own})>[\s,:]*)+|(?:\s*<@[!&]?(?:{own})>)+\s*$", "", content)
    content = re.sub(r"<(?:@[!&]?|#)(\d+)>", lambda one: names.get(one[1], one[0]), content)
    return re.sub(r"<a?(:\w+:)\d+>", r"\1", content).strip()


def thread_title(text: str, author: Author) -> str:
    """A name for the thread of an answer."""
    first = next((line.strip() for line in text.split("\n") if line.strip()), "") or author.name
    return _short(first, 80)


# --- Commands ---


def command_payloads(commands: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Slash commands: those of the app, `/stop`, and `/ask` to talk without any."""
    offered: dict[str, dict[str, Any]] = {}
    for command in commands:
        name = _command_name(str(command["id"]))
        if name not in ("", "stop"):
            offered.setdefault(name, _command(name, str(command.get("description") or command["id"]), is_needed=False))
    offered.setdefault("ask", _command("ask", "Say something.", is_needed=True))
    kept = list(offered.values())[:99]
    return [*kept, {**_command("stop", "Stop what is going on.", is_needed=False), "options": []}]


def command_named(name: str, commands: Sequence[Mapping[str, Any]]) -> str | None:
    """The id of the app's command that is called `name` on Discord; `None` for a name that only says to talk."""
    ids = (str(command["id"]) for command in commands)
    return next((one for one in ids if _command_name(one) == name), None if name == "ask" else name)


def _command_name(command_id: str) -> str:
    """A name as Discord takes it: letters, digits, `-` and `_`, in lower case."""
    return re.sub(r"[^\w]+", "-", command_id.lower()).strip("-")[:32]


def _command(name: str, description: str, *, is_needed: bool) -> dict[str, Any]:
    return {
        "name": name,
        "description": _short(description, 100),
        "type": 1,
        "contexts": [0, 1],
        "options": [
            {"type": 3, "name": "text", "description": "What to say.", "required": is_needed},
            {"type": 11, "name": "file", "description": "A file to send along.", "required": False},
        ],
    }
