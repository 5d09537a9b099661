"""Conversion: what Teams sends ⇄ places, authors and texts; parts ⇄ activities. Pure."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, assert_never
from urllib.parse import urlsplit

from convo.bridge import (
    Author,
    Block,
    Code,
    Heading,
    Item,
    Line,
    Part,
    Place,
    Quote,
    Rule,
    Table,
    aligned,
    blocks,
    outside_code,
)

from convo_teams.cards import card_of
from convo_teams.connector import Activity

__all__ = [
    "Press",
    "Rating",
    "activity_of",
    "answer_of",
    "author_of",
    "escaped",
    "event_id_of",
    "is_edit",
    "markup_of",
    "place_of",
    "press_of",
    "rating_of",
    "stream_of",
    "tenant_of",
    "text_of",
]

AI_LABEL = {
    "type": "https://schema.org/Message",
    "@type": "Message",
    "@context": "https://schema.org",
    "additionalType": ["AIGeneratedContent"],
}


class Press(NamedTuple):
    """A button that was pressed, and the text beside it."""

    key: str
    value: str | None


class Rating(NamedTuple):
    """What somebody thinks of the message `ref`."""

    ref: str
    value: Literal[0, 1] | None
    comment: str | None


# --- What comes in ---


def tenant_of(activity: Activity) -> str | None:
    """The tenant of a conversation."""
    data = _table(activity.get("channelData"))
    found = _table(activity.get("conversation")).get("tenantId") or _table(data.get("tenant")).get("id")
    return str(found) if found else None


def place_of(activity: Activity) -> Place:
    """Where an activity belongs: in a channel, to a root message. Raises `ValueError` for one without a place."""
    conversation = _table(activity.get("conversation"))
    place_id = conversation.get("id")
    if not isinstance(place_id, str) or not place_id:
        raise ValueError("the activity has no conversation")
    kind = conversation.get("conversationType") or ("groupChat" if conversation.get("isGroup") else "personal")
    root, _, message = place_id.partition(";messageid=")
    sender = _table(activity.get("from"))
    address: dict[str, Any] = {"serviceUrl": activity.get("serviceUrl"), "conversation": place_id, "kind": kind}
    if kind == "personal":
        address["user"] = {key: sender[key] for key in ("id", "aadObjectId", "name") if sender.get(key)}
    title = conversation.get("name") or _table(_table(activity.get("channelData")).get("channel")).get("name")
    return Place(
        platform="teams",
        path=(tenant_of(activity) or "", root, *([message] if message else [])),
        is_direct=kind == "personal",
        title=str(title) if title else None,
        address=address,
    )


def author_of(activity: Activity, *, email: str | None = None) -> Author:
    """Who an activity is from: by his object id in Entra where Teams says it. Raises `ValueError` without a sender."""
    sender = _table(activity.get("from"))
    user_id = sender.get("aadObjectId") or sender.get("id")
    if not isinstance(user_id, str) or not user_id:
        raise ValueError("the activity has no sender")
    tenant = tenant_of(activity)
    language = activity.get("locale")
    return Author(
        id=f"{tenant}:{user_id}" if tenant else user_id,
        name=str(sender.get("name") or "Somebody"),
        email=email,
        language=language if isinstance(language, str) else None,
        profile={"tenant": tenant, "teams_id": sender.get("id")},
    )


def event_id_of(activity: Activity) -> str:
    """What tells an activity from all others of its place, and is the same when Teams sends it again.

    A message that was edited has the id that it had: the time tells one edit from another.
    """
    event_id = str(activity.get("id") or "")
    return f"{event_id}:{activity.get('timestamp')}" if activity.get("type") == "messageUpdate" else event_id


def is_edit(activity: Activity) -> bool:
    """Whether somebody has changed a message of his, rather than brought a removed one back."""
    event = _table(activity.get("channelData")).get("eventType")
    return activity.get("type") == "messageUpdate" and event in (None, "editMessage")


_BREAK = re.compile(r"<br\s*/?>|</p>|</div>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_AT = re.compile(r"<at[^<>]*>(.*?)</at>", re.IGNORECASE | re.DOTALL)


def text_of(activity: Activity) -> str:
    """What somebody wrote, without the mention of the bot; others that he mentions are `@Name`."""
    text = activity.get("text")
    if not isinstance(text, str):
        return ""
    bot = _table(activity.get("recipient")).get("id")
    for entity in _tables(activity.get("entities")):
        mention = entity.get("text")
        if entity.get("type") == "mention" and isinstance(mention, str) and mention:
            is_bot = bot is not None and _table(entity.get("mentioned")).get("id") == bot
            name = str(_table(entity.get("mentioned")).get("name") or _AT.sub(r"\1", mention))
            text = text.replace(mention, "" if is_bot else f"@{name}", 1)
    text = _AT.sub(r"@\1", text)
    if activity.get("textFormat") == "xml":
        text = _TAG.sub("", _BREAK.sub("\n", text))
    return html.unescape(text).replace("\xa0", " ").strip()


def press_of(activity: Activity) -> Press | None:
    """The button of ours that was pressed: it comes as an invocation, or as a message with a value."""
    value = _table(activity.get("value"))
    if activity.get("type") == "invoke":
        if activity.get("name") != "adaptiveCard/action":
            return None
        value = _table(_table(value.get("action")).get("data"))
    key, text = value.get("convo"), value.get("reply")
    if not isinstance(key, str) or not key:
        return None
    return Press(key, text if isinstance(text, str) else None)


def rating_of(activity: Activity) -> Rating | None:
    """What somebody says by the thumbs below a message."""
    value = _table(activity.get("value"))
    ref = activity.get("replyToId")
    if activity.get("name") != "message/submitAction" or value.get("actionName") != "feedback" or not ref:
        return None
    said = _table(value.get("actionValue"))
    good: Literal[0, 1] | None = {"like": 1, "dislike": 0}.get(str(said.get("reaction")))  # type: ignore[assignment]
    return Rating(str(ref), good, _comment(said.get("feedback")))


def _comment(feedback: Any) -> str | None:
    """What was written: Teams sends JSON as text."""
    if isinstance(feedback, str):
        try:
            feedback = json.loads(feedback)
        except ValueError:
            return feedback or None
    text = _table(feedback).get("feedbackText")
    return text if isinstance(text, str) and text.strip() else None


def answer_of(text: str | None) -> Activity:
    """The body that answers a pressed button; a text is shown to who pressed it."""
    kind = "application/vnd.microsoft.activity.message"
    return {"statusCode": 200, "type": kind, "value": text or "OK"}


# --- What goes out ---


def activity_of(part: Part, *, is_labelled: bool) -> Activity:
    """The message that shows a part, without its attachment."""
    activity: Activity = {"type": "message", "textFormat": "markdown", "text": markup_of(_said(part))}
    if (card := card_of(part)) is not None:
        activity["attachments"] = [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}]
    if any(button.kind in ("good", "bad") for button in part.buttons):
        activity["channelData"] = {"feedbackLoop": {"type": "default"}}
    if is_labelled and part.kind == "answer":
        activity["entities"] = [AI_LABEL]
    return activity


def stream_of(
    text: str, kind: Literal["informative", "streaming", "final"], stream_id: str | None, sequence: int
) -> Activity:
    """A piece of a message that is being written. All of the text so far is in each."""
    info: dict[str, Any] = {"type": "streaminfo", "streamType": kind}
    if stream_id is not None:
        info["streamId"] = stream_id
    if kind != "final":
        info["streamSequence"] = sequence
    return {"type": "message" if kind == "final" else "typing", "text": text, "entities": [info]}


def _said(part: Part) -> str:
    """The text; of somebody elsewhere, with his name."""
    if part.kind == "said" and part.author:
        return f"**{escaped(part.author)}:** {part.text}"
    return part.text


_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|~>-])")


def escaped(text: str) -> str:
    """A name as Markdown that means nothing but itself."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


_IMAGE = re.compile(r"!\[([^\[\]\n]*)\]\(([^()\s]+)[^()\n]*\)")


def markup_of(text: str) -> str:
    """Markdown as Teams shows it.

    Headings are bold, tables are drawn, images are links, and tags are shown rather than done: so a text mentions
    nobody. Code stays as it is.
    """
    return "\n".join(line for block in blocks(text) for line in _written(block))


def _written(block: Block) -> Iterator[str]:
    match block:
        case Code():
            yield from _fenced(block)
        case Table():
            yield from _fenced(Code(block.source, tuple(aligned(block.rows, rule="-"))))
        case Heading():
            yield f"**{outside_code(block.text.replace('**', ''), _plain)}**" if block.text else ""
        case Item(is_done=bool(is_done)):
            mark = "☑" if is_done else "☐"
            yield f"{block.indent}{block.mark} {mark} {outside_code(block.text, _plain)}"
        case Rule() | Quote() | Item() | Line():
            yield outside_code(block.source, _plain)
        case _:
            assert_never(block)


def _fenced(code: Code) -> Iterator[str]:
    """Code where it stands, in a fence that is longer than any in it; open while more may come."""
    fence = "`" * max(3, 1 + max((len(one) for line in code.lines for one in re.findall("`+", line)), default=0))
    indent = " " * len(code.lead)
    yield f"{code.lead}{fence}{code.language}"
    yield from (f"{indent}{line}" if line else "" for line in code.lines)
    if not code.is_open:
        yield f"{indent}{fence}"


def _plain(text: str) -> str:
    """A piece without code: its tags do nothing."""
    text = _IMAGE.sub(lambda image: f"[{image[1] or 'image'}]({image[2]})" if _is_web(image[2]) else image[1], text)
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", text)


def _is_web(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https")


# --- Reading what others wrote ---


def _table(value: Any) -> Mapping[str, Any]:
    """`value` if it is an object; else one without anything."""
    return value if isinstance(value, Mapping) else {}


def _tables(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
