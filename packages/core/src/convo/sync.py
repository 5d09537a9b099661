"""`make_async` and `run_sync`, under the name that existing apps import them from."""

from __future__ import annotations

from convo.aio import make_async, run_sync

__all__ = ["make_async", "run_sync"]
