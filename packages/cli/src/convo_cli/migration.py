"""A Migration: everything a source has, stored, read again and compared; and a report of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

import msgspec
import typer
from convo import DataLayer
from convo.data.dicts import state_of
from convo.data.source import Source, SourceThread
from convo.plugins import load_plugin
from convo.protocol import State

from convo_cli.progress import Progress, counted
from convo_cli.transfer import Copier

__all__ = ["Migration"]

OK, FAILED = 0, 1
NOBODY = "chainlit"
"""Who owns the chats that belong to nobody there."""


class Migration:
    """Of the history at `url`, which the source of this `name` reads."""

    def __init__(self, name: str, url: str) -> None:
        self._name = name
        self._url = url
        self._taken: Counter[str] = Counter()
        self._read, self._stored = hashlib.sha256(), hashlib.sha256()
        self._keys = 0  # elements whose bytes are in a storage
        self._nobodys = 0
        self._changed: list[str] = []  # chats that were there and are others now
        self._broken: list[str] = []  # chats that did not come back as they were stored

    async def run(self, layer: DataLayer | None) -> int:
        """Read all of it, and store it in `layer`, if there is one. Returns the exit code."""
        source: Source = load_plugin("sources", self._name)(self._url)
        try:
            await source.open()
            rows = await source.count()
            progress = Progress("chats", rows.get("threads"))
            copier = None if layer is None else Copier(layer)
            async for user in source.users():
                self._taken["users"] += 1
                if copier is not None:
                    await copier.user_id(user)
            async for found in source.threads():
                await self._take(found, copier, layer)
                progress.at(self._taken["threads"])
            self._print(source.title, rows, copier)
        finally:
            await source.close()
        return FAILED if self._broken else OK

    async def _take(self, found: SourceThread, copier: Copier | None, layer: DataLayer | None) -> None:
        owner_id = NOBODY
        if found.user is None:
            self._nobodys += 1
        elif copier is not None:
            owner_id = await copier.user_id(found.user)
        state = state_of(found.thread, owner_id if found.user is not None else None)
        self._taken["threads"] += 1
        self._taken["steps"] += len(state.steps) + len(state.runs)
        self._taken["elements"] += len(state.elements)
        self._taken["feedback"] += sum(step.feedback is not None for step in state.steps)
        self._keys += sum((element.metadata or {}).keys() >= {"object_key"} for element in state.elements)
        self._read.update(_digest(state))
        if copier is None or layer is None:
            return
        is_stored = await copier.store(owner_id, state, found.changed_at)
        there = await layer.get_thread(state.thread.id)
        digest = b"" if there is None else _digest(there.state)
        self._stored.update(digest)
        if digest != _digest(state):
            (self._broken if is_stored else self._changed).append(state.thread.id)

    def _print(self, title: str, rows: dict[str, int], copier: Copier | None) -> None:
        say = typer.echo
        say(f"{title}\n\n{'':10}{'rows':>10}{'taken':>10}{'left':>10}")
        for noun, count in rows.items():
            say(f"{noun:10}{count:10,}{self._taken[noun]:10,}{count - self._taken[noun]:10,}")
        say("\nLeft are rows that belong to no chat, or to one that was deleted, and second opinions on one answer.")
        say(f"\nSHA-256 of what was read    {self._read.hexdigest()}")
        if copier is None:
            say("\nNothing was stored: this was a dry run.")
        else:
            say(f"SHA-256 of what is stored   {self._stored.hexdigest()}")
            say(f"\n{counted(copier.stored, 'chat')} stored, {copier.there:,} there already, left as before.")
        if self._nobodys:
            say(f"Nobody's there, and `{NOBODY}`'s here: {counted(self._nobodys, 'chat')}.")
        if self._keys:
            say(
                f"With a file in a storage: {counted(self._keys, 'element')}. Files are not copied; keys stand in the "
                "elements' metadata, as `object_key`."
            )
        if self._changed:
            say(f"Gone on since, here or there: {_some(self._changed)}.")
        if self._broken:
            say(f"Not stored as they were read: {_some(self._broken)}.")


def _digest(state: State) -> bytes:
    """Of what a chat holds, whoever it belongs to: ids of users are others in each history."""
    facts: Any = msgspec.to_builtins(state)
    facts.pop("saved", None)
    for entry in [*facts.get("steps", ()), *facts.get("runs", ())]:
        entry.pop("by", None)
    return hashlib.sha256(msgspec.json.encode(facts, order="deterministic")).digest()


def _some(ids: list[str]) -> str:
    return ", ".join(f"`{thread_id}`" for thread_id in ids[:5]) + (" …" if len(ids) > 5 else "")
