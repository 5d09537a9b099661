"""Elicitation: what a server wants to know of the user, as asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from convo import Action, AskActionMessage, AskUserMessage
from convo.language import Language
from mcp_types import ElicitRequestFormParams, ElicitRequestURLParams, ElicitResult

from convo_mcp.address import is_safe

__all__ = ["elicit"]

Value = str | int | float | bool | list[str]
Number = TypeVar("Number", int, float)

MOST_FIELDS = 20
_NOT_NOW = "mcp-decline"
_LEAVE_OUT = "mcp-leave-out"
_DECLINED = object()
_LEFT_OUT = object()


async def elicit(server: str, request: Any, seconds: float, language: Language) -> ElicitResult:
    """Ask the user what a server asks, one field after the other. Called inside a callback.

    A choice is made by a button, a text or number is written; one that does not fit is asked for again.
    """
    asked = _Asked(server, seconds, language)
    if isinstance(request, ElicitRequestURLParams):
        return await asked.visit(request.message, request.url)
    assert isinstance(request, ElicitRequestFormParams)
    schema = request.requested_schema
    fields: Mapping[str, Any] = schema.get("properties", {})
    if len(fields) > MOST_FIELDS:
        return ElicitResult(action="decline")
    if not fields:
        return await asked.confirm(request.message)
    required = set(schema.get("required", ()))
    content: dict[str, Any] = {}
    text = request.message
    for name, field in fields.items():
        value = await asked.field(text, name, field, is_required=name in required)
        if value is None:
            return ElicitResult(action="cancel")
        if value is _DECLINED:
            return ElicitResult(action="decline")
        if value is not _LEFT_OUT:
            content[name] = value
        text = ""
    return ElicitResult(action="accept", content=content)


class _Asked:
    """A user, asked by one server in his language."""

    def __init__(self, server: str, seconds: float, language: Language) -> None:
        self._server = server
        self._seconds = seconds
        self._language = language
        self.say = language.text

    async def confirm(self, message: str) -> ElicitResult:
        chosen = await self._choose(message, {self.say("keys.save", "Continue"): True})
        if chosen is None:
            return ElicitResult(action="cancel")
        return ElicitResult(action="decline") if chosen is _DECLINED else ElicitResult(action="accept", content={})

    async def visit(self, message: str, url: str) -> ElicitResult:
        """Show an address for the user to go to, if it is one that is safe to show."""
        if not is_safe(url) or urlsplit(url).scheme != "https":
            return ElicitResult(action="decline")
        chosen = await self._choose(f"{message}\n\n<{url}>", {self.say("mcp.ask.visited", "I have done this"): True})
        if chosen is None:
            return ElicitResult(action="cancel")
        return ElicitResult(action="decline" if chosen is _DECLINED else "accept")

    async def field(self, message: str, name: str, field: Mapping[str, Any], *, is_required: bool) -> Any:
        """The value of one field; `None` when nobody answers."""
        label = str(field.get("title") or name)
        more = str(field.get("description") or "")
        text = "\n\n".join(part for part in (message, f"**{label}**{f': {more}' if more else ''}") if part)
        choices = self._choices(field)
        if choices is not None:
            return await self._choose(text, choices, may_be_left_out=not is_required)
        return await self._write(text, field, is_required)

    async def _choose(self, text: str, choices: Mapping[str, Any], *, may_be_left_out: bool = False) -> Any:
        offered = {f"mcp-choice-{index}": value for index, value in enumerate(choices.values())}
        actions = [Action(name=name, label=label) for name, label in zip(offered, choices, strict=True)]
        if may_be_left_out:
            actions.append(Action(name=_LEAVE_OUT, label=self.say("mcp.ask.leaveOut", "Leave out")))
        actions.append(Action(name=_NOT_NOW, label=self.say("mcp.ask.decline", "Decline")))
        question = AskActionMessage(text, actions=actions, author=self._server, timeout=self._seconds)
        chosen = await question.send()
        if chosen is None:
            return None
        return {_NOT_NOW: _DECLINED, _LEAVE_OUT: _LEFT_OUT}.get(chosen["name"], offered.get(chosen["name"]))

    async def _write(self, text: str, field: Mapping[str, Any], is_required: bool) -> Any:
        hint = "" if is_required else f"\n\n{self.say('mcp.ask.dash', 'A dash (`-`) leaves it out.')}"
        problem = ""
        while True:
            question = AskUserMessage(f"{problem}{text}{hint}", author=self._server, timeout=self._seconds)
            answer = await question.send()
            if answer is None:
                return None
            said = str(answer["output"]).strip()
            if said == "-" and not is_required:
                return _LEFT_OUT
            try:
                return _read(said, field, self._language)
            except ValueError as error:
                problem = f"{error}\n\n"

    def _choices(self, field: Mapping[str, Any]) -> dict[str, Value] | None:
        """What can be chosen, by its label; `None` for a field that is written."""
        if field.get("type") == "boolean":
            return {self.say("mcp.ask.yes", "Yes"): True, self.say("mcp.ask.no", "No"): False}
        if field.get("type") != "string":
            return None
        if isinstance(titled := field.get("oneOf"), list):
            return {str(one.get("title", one["const"])): one["const"] for one in titled}
        if isinstance(values := field.get("enum"), list):
            names = field.get("enumNames") or values
            return {str(name): value for name, value in zip(names, values, strict=False)}
        return None


def _read(said: str, field: Mapping[str, Any], language: Language) -> Value:
    """The value that was written. Raises `ValueError`, which says to the user what is expected."""
    say = language.text
    match field.get("type"):
        case "integer":
            if not re.fullmatch(r"[+-]?\d{1,18}", said):
                raise ValueError(say("mcp.ask.noInteger", "That is not a whole number."))
            return _within(int(said), field, language)
        case "number":
            try:
                number = float(said)
            except ValueError:
                number = float("nan")
            if number != number or abs(number) == float("inf"):
                raise ValueError(say("mcp.ask.noNumber", "That is not a number."))
            return _within(number, field, language)
        case "array":
            return _several(said, field, language)
        case _:
            return _text(said, field, language)


def _within(number: Number, field: Mapping[str, Any], language: Language) -> Number:
    least, most = field.get("minimum"), field.get("maximum")
    if least is not None and number < least:
        raise ValueError(language.text("mcp.ask.least", "Minimum: {least}", least=least))
    if most is not None and number > most:
        raise ValueError(language.text("mcp.ask.most", "Maximum: {most}", most=most))
    return number


def _several(said: str, field: Mapping[str, Any], language: Language) -> list[str]:
    """Values of a list, written with commas between."""
    items = field.get("items") or {}
    allowed = items.get("enum") or [one["const"] for one in items.get("anyOf", ())]
    values = [part.strip() for part in said.split(",") if part.strip()]
    if unknown := [value for value in values if allowed and value not in allowed]:
        raise ValueError(
            language.text(
                "mcp.ask.unknown",
                "`{value}` is not one of these: {allowed}.",
                value=unknown[0][:64],
                allowed=", ".join(map(str, allowed)),
            )
        )
    return values


_FORMATS = {
    "email": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "name@mail.example"),
    "uri": (r"[a-zA-Z][a-zA-Z0-9+.-]*:\S+", "https://site.example"),
    "date": (r"\d{4}-\d{2}-\d{2}", "2026-01-31"),
    "date-time": (r"\d{4}-\d{2}-\d{2}T\S+", "2026-01-31T12:00:00Z"),
}


def _text(said: str, field: Mapping[str, Any], language: Language) -> str:
    say = language.text
    least, most = field.get("minLength"), field.get("maxLength")
    if least is not None and len(said) < least:
        raise ValueError(say("mcp.ask.short", "Minimum length: {least}", least=least))
    if most is not None and len(said) > most:
        raise ValueError(say("mcp.ask.long", "Maximum length: {most}", most=most))
    pattern, example = _FORMATS.get(field.get("format", ""), (".*", ""))
    if not re.fullmatch(pattern, said, re.DOTALL):
        raise ValueError(say("mcp.ask.format", "Write it like this: `{example}`", example=example))
    return said
