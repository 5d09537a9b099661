"""What `--help` shows below each command: how it is used."""

from __future__ import annotations

from typing import Any

__all__ = ["EXAMPLES", "illustrate"]

EXAMPLES = {
    "run": ("convo run app.py -w", "convo run app.py:support --host 0.0.0.0 --port 8080"),
    "hello": ("convo hello",),
    "chat": ("convo chat app.py", "convo chat http://127.0.0.1:8000"),
    "test": ("convo test", "convo test -k greeting"),
    "create": (
        "convo create my-app --template echo",
        "convo create . --template multi-user",
        "convo create --list",
    ),
    "deploy": (
        "convo deploy docker",
        "convo deploy compose --domain chat.example.com",
        "convo deploy kubernetes --image registry.example.com/my-app:1 --dry-run",
        "convo deploy fly --region fra --run",
        "convo deploy fly --check",
    ),
    "init": ("convo init",),
    "config show": ("convo config show --origin", "convo config show --json"),
    "config check": ("convo config check",),
    "config schema": ("convo config schema > convo.schema.json",),
    "config upgrade": ("convo config upgrade", "convo config upgrade --apply"),
    "translations check": ("convo translations check",),
    "secret": ("convo secret >> .env",),
    "doctor": ("convo doctor", "convo doctor app.py --json"),
    "db upgrade": ("convo db upgrade", "convo db upgrade --app app.py"),
    "db current": ("convo db current",),
    "db check": ("convo db check || convo db upgrade",),
    "db downgrade": ("convo db downgrade 0001",),
    "threads list": ("convo threads list --first 10", "convo threads list --owner ann"),
    "threads export": (
        "convo threads export -o chats.jsonl",
        "convo threads export ID --format markdown",
    ),
    "threads import": ("convo threads import chats.jsonl", "convo threads import chats.jsonl --owner ann"),
    "migrate chainlit": (
        "convo migrate chainlit",
        "convo migrate chainlit FOLDER --apply",
        "convo migrate chainlit sqlite:///chainlit.db --dry-run",
        "convo migrate chainlit postgresql://user:password@host/name",
    ),
}
"""By the words of a command."""


def illustrate(command: Any, words: str) -> None:
    """Put a command's examples below its help, and those of the commands in a group."""
    for name, inner in getattr(command, "commands", {}).items():
        illustrate(inner, f"{words} {name}")
    if words in EXAMPLES:
        command.epilog = "\n".join(("\b", "Examples:", *(f"  {line}" for line in EXAMPLES[words])))
