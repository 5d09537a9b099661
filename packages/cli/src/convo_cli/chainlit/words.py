"""Words: the texts of `.chainlit/translations` that an author has changed, under the keys they have here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from convo_ui.languages import languages, problems
from convo_ui.languages.catalogue import flat

from convo_cli.chainlit.remainder import Remainder
from convo_cli.chainlit.shipped import is_shipped

__all__ = ["language_of", "words_of"]

KEYS = {
    "auth.login.form.actions.signin": "signIn.submit",
    "auth.login.form.alternativeText.or": "signIn.or",
    "auth.login.form.email.label": "signIn.name",
    "auth.login.form.password.label": "signIn.password",
    "auth.provider.continue": "signIn.with",
    "chat.commands.button": "commands.title",
    "chat.favorites.headline": "favourites.title",
    "chat.favorites.remove": "favourites.remove",
    "chat.fileUpload.dragDrop": "upload.drop",
    "chat.input.actions.attachFiles": "upload.attach",
    "chat.input.actions.send": "composer.send",
    "chat.input.actions.stop": "composer.stop",
    "chat.input.placeholder": "composer.placeholder",
    "chat.messages.actions.copy.button": "message.copy",
    "chat.messages.actions.copy.success": "message.copied",
    "chat.messages.feedback.dialog.submit": "feedback.send",
    "chat.messages.feedback.dialog.title": "feedback.comment",
    "chat.messages.feedback.edit": "feedback.change",
    "chat.messages.feedback.negative": "feedback.thumb.0",
    "chat.messages.feedback.positive": "feedback.thumb.1",
    "chat.settings.title": "settings.title",
    "chat.speech.connecting": "voice.starting",
    "chat.speech.start": "voice.start",
    "chat.speech.stop": "voice.stop",
    "chat.watermark": "app.note",
    "navigation.header.readme": "readme.title",
    "navigation.newChat.button": "app.newChat",
    "navigation.newChat.dialog.title": "leaving.title",
    "navigation.user.menu.logout": "signIn.out",
    "threadHistory.sidebar.actions.close": "chats.close",
    "threadHistory.sidebar.actions.open": "history.open",
    "threadHistory.sidebar.empty": "chats.empty",
    "threadHistory.sidebar.filters.search": "chats.search",
    "threadHistory.sidebar.timeframes.previous30days": "chats.groups.month",
    "threadHistory.sidebar.timeframes.previous7days": "chats.groups.week",
    "threadHistory.sidebar.timeframes.today": "chats.groups.today",
    "threadHistory.sidebar.timeframes.yesterday": "chats.groups.yesterday",
    "threadHistory.sidebar.title": "chats.title",
    "threadHistory.thread.actions.rename.form.name.label": "chats.renameLabel",
    "threadHistory.thread.actions.share.status.copied": "sharing.copied",
    "threadHistory.thread.actions.share.title": "sharing.title",
    "threadHistory.thread.menu.delete": "chats.delete",
    "threadHistory.thread.menu.rename": "chats.rename",
    "threadHistory.thread.menu.share": "chats.share",
    "threadHistory.thread.untitled": "chats.unnamed",
    "apiKeys.description": "keys.intro",
    "apiKeys.title": "keys.title",
    **{f"alerts.{kind}": f"callout.{kind}" for kind in ("note", "tip", "important", "warning", "caution")},
}
"""Of texts that say the same in the same place."""


def language_of(tag: str) -> str | None:
    """The language here that `de-DE` is written in; `None` if convo does not speak it."""
    found = languages().choose([tag])
    return found if found != "en" or tag.lower().split("-")[0] == "en" else None


def words_of(path: Path, name: str) -> tuple[dict[str, Any], list[Remainder]]:
    """What is changed in a catalogue, for `translations/`, and what has no place there; `name` is how to call it."""
    try:
        texts = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        return {}, [Remainder(name, f"cannot be read as JSON ({error}), so nothing of it is taken.")]
    if not isinstance(texts, dict):
        return {}, [Remainder(name, "holds no texts by key, so nothing of it is taken.")]
    changed = {key: text for key, text in flat(texts) if isinstance(text, str) and not is_shipped(key, text)}
    language = language_of(path.stem)
    if not changed:
        return {}, []
    if language is None:
        return {}, [Remainder(name, f"convo does not speak `{path.stem}`; {len(changed)} changed texts are left.")]
    return _placed(changed, language, name)


def _placed(changed: dict[str, str], language: str, name: str) -> tuple[dict[str, Any], list[Remainder]]:
    words: dict[str, Any] = {}
    left: list[Remainder] = []
    english = languages().read("en")
    for key, text in changed.items():
        place = KEYS.get(key)
        if place is None:
            left.append(Remainder(name, f"`{key}` ({text!r}) has no counterpart, because the page has no such text."))
            continue
        one = _nested(place, text.replace("{{", "{").replace("}}", "}"))
        if wrong := problems(one, english, language, is_whole=False):
            left.append(Remainder(name, f"`{key}` ({text!r}) would be `{place}`, but: {wrong[place]}."))
            continue
        _merge(words, one)
    return words, left


def _nested(key: str, text: str) -> dict[str, Any]:
    first, _, rest = key.partition(".")
    return {first: _nested(rest, text) if rest else text}


def _merge(words: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict):
            _merge(words.setdefault(key, {}), value)
        else:
            words[key] = value
