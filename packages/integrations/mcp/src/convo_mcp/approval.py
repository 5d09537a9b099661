"""The approval: a user is asked before a tool is used."""

from __future__ import annotations

import json
from typing import Any, Literal

from convo import Action, AskActionMessage
from convo.language import Language

__all__ = ["Verdict", "ask_approval"]

Verdict = Literal["once", "always", "denied"]

LONGEST = 2000  # characters of the arguments that are shown

_CHOICES: dict[str, Verdict] = {"mcp-allow-once": "once", "mcp-allow-always": "always", "mcp-deny": "denied"}


async def ask_approval(
    server: str, tool: str, arguments: dict[str, Any] | None, seconds: float, language: Language
) -> Verdict:
    """Ask whether a tool may be used with these arguments. No answer is a no. Called inside a callback."""
    say = language.text
    asked = say("mcp.ask.use", "May `{tool}` of **{server}** be used?", tool=tool, server=server)
    labels = (
        say("mcp.ask.once", "Allow once"),
        say("mcp.ask.always", "Always in this chat"),
        say("mcp.ask.deny", "Deny"),
    )
    shown = json.dumps(arguments or {}, indent=2, ensure_ascii=False, default=str)
    if len(shown) > LONGEST:
        shown = f"{shown[:LONGEST]}…"
    fence = "`" * max(3, _longest_run(shown) + 1)
    question = AskActionMessage(
        f"{asked}\n\n{fence}json\n{shown}\n{fence}",
        actions=[Action(name=name, label=label) for name, label in zip(_CHOICES, labels, strict=True)],
        author=server,
        timeout=seconds,
    )
    chosen = await question.send()
    return "denied" if chosen is None else _CHOICES[chosen["name"]]


def _longest_run(text: str) -> int:
    """How many backticks stand in a row at most."""
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest
