"""What steps and messages share: an id, and texts that stream."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from convo.context import context
from convo.element import Element, store_all
from convo.protocol import Step as StepNoun
from convo.protocol import StepDelta, StepFields, StepPatched, StepRemoved, new_id, timestamp, well_formed
from convo.run import Run, current_run
from convo.session import Session
from convo.thread import StepDict, step_dict

__all__ = ["Streamed"]


class Streamed:
    """What steps and messages share: an id, texts that stream, and the fields a reader sees.

    Constructing one needs no context; `send`, `stream_token`, `update` and `remove` do, and raise `RunEnded` when the
    run was stopped.
    """

    def __init__(self, id: str | None, parent_id: str | None) -> None:
        self.id = id or new_id()
        self.parent_id = parent_id
        self.created_at: str | None = None
        self._session: Session | None = None  # set once it is sent
        self._sent: dict[str, Any] = {}
        self._texts: dict[str, list[str]] = {"input": [], "output": []}
        self._half = ""  # of a surrogate pair that was cut between two tokens
        self._stale: set[str] = set()  # texts that were set, not streamed, since readers last saw them
        self.elements: list[Element] = []

    # --- Texts ---

    def _text(self, field: str) -> str:
        parts = self._texts[field]
        if len(parts) > 1:
            parts[:] = ["".join(parts)]
        return parts[0] if parts else ""

    def _set_text(self, field: str, text: str) -> None:
        text = well_formed(str(text))  # LangChain's texts are of a class of their own, which is no JSON
        self._texts[field] = [text] if text else []
        self._stale.add(field)

    # --- Writing ---

    def _fields(self) -> dict[str, Any]:
        """The fields a reader sees, as they are now. Texts stand under `input` and `output`."""
        raise NotImplementedError  # abstract: a subclass says

    def _open(self, session: Session, run: Run | None, step: StepNoun) -> None:
        """Append the opened step to the session's log."""
        raise NotImplementedError  # abstract: a subclass says

    def _send(self, *, end: str | None = None) -> Session:
        session = self._session or context.session
        run = _writer(session)
        self.created_at = self.created_at or timestamp()
        parent_id = self.parent_id or context.current_step_id
        if parent_id is not None and parent_id not in session.state.steps:
            parent_id = None
        self.parent_id = parent_id
        fields = self._fields()
        noun = StepNoun(
            id=self.id,
            parent_id=parent_id,
            run_id=None if run is None else run.id,
            created_at=self.created_at,
            **({"start": self.created_at} | fields | {"end": end}),
        )
        self._open(session, run, noun)
        self._session = session
        self._sent = fields
        self._stale.clear()
        return session

    def _append_delta(self, token: str, field: Literal["input", "output"]) -> None:
        if type(token) is not str:
            token = str(token)
        if self._half or not token.isascii():
            token = self._whole(token)
            if not token:
                return
        session = self._session or self._send()
        session.append(StepDelta(id=self.id, field=field, text=token))
        self._texts[field].append(token)

    def _whole(self, token: str) -> str:
        """A token without half a character: its first half waits for the next token."""
        token = self._half + token
        self._half = token[-1] if "\ud800" <= token[-1] <= "\udbff" else ""
        return well_formed(token.removesuffix(self._half))

    def _changes(self) -> StepFields:
        """What differs from what readers have seen."""
        fields = self._fields()
        changed = {name: fields[name] for name in self._stale} | {
            name: value
            for name, value in fields.items()
            if name in _PATCHABLE and name not in self._texts and self._sent.get(name) != value
        }
        self._sent = fields
        self._stale.clear()
        return StepFields(**changed)

    async def _stream(self, token: str | None, field: Literal["input", "output"], is_sequence: bool) -> None:
        if not isinstance(token, str):
            if token is None:  # what the clients of providers yield where there is no text
                return
            raise TypeError(f"`stream_token` takes a `str`, not `{type(token).__name__}`; stream its text.")
        if is_sequence:
            session = self._session or self._send()
            self._set_text(field, token)
            token = self._text(field)
            fields = StepFields(input=token) if field == "input" else StepFields(output=token)
            session.append(StepPatched(id=self.id, set=fields))
            self._stale.discard(field)
        elif token:
            self._append_delta(token, field)
        run = current_run.get()
        if run is None:
            await asyncio.sleep(0)
        elif run.is_breathless:
            await run.breathe()

    # --- What hangs on it ---

    @property
    def _unsent(self) -> list[Element]:
        return [
            element
            for element in self.elements
            if getattr(element, "_session", None) is None or element.for_id != self.id
        ]

    async def _store(self, session: Session) -> None:
        """Keep what new elements hold: before they are shown, so that they are shown with what they belong to."""
        if self.elements:
            await store_all(session, self._unsent)

    def _attach(self, session: Session) -> None:
        """Show new elements."""
        for element in self._unsent:
            element._put(session, self.id)

    async def _store_and_attach(self, session: Session) -> None:
        await self._store(session)
        self._attach(session)

    def _require_sent(self, what: str) -> Session:
        if self._session is None:
            session = context.session
            if self.id not in session.state.steps:
                raise RuntimeError(f"`{what}` needs a step that was sent; `await` its `send()` first.")
            self._session = session  # made anew by the id of one that is there
        return self._session

    async def remove(self) -> bool:
        """Remove it with everything below it, for all readers."""
        self._require_sent("remove").append(StepRemoved(id=self.id))
        self._session = None
        return True

    def to_dict(self) -> StepDict:
        """As a dict, in the shape of `StepDict`."""
        session = self._session
        fields = {"start": self.created_at} | self._fields()
        noun = StepNoun(id=self.id, parent_id=self.parent_id, created_at=self.created_at, **fields)
        return step_dict(noun, session.thread_id if session is not None else "")


_PATCHABLE = frozenset(StepFields.__struct_fields__)


def _writer(session: Session) -> Run | None:
    """The run that writes: that of the current context, when it belongs to the session."""
    return current_run.get() if context.session is session else None
