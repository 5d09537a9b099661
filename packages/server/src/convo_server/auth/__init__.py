"""Authentication: who is asking, over every transport, and how people log in and out."""

from __future__ import annotations

from convo_server.auth.authentication import Authentication

__all__ = ["Authentication"]
