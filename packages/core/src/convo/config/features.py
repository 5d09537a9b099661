"""`[features]`: how the app behaves."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from convo.config.section import Section

__all__ = ["Audio", "Elements", "Features", "Uploads"]

_ORIGIN = re.compile(r"(https?|wss?)://(\*\.)?[A-Za-z0-9.-]+(:([0-9]+|\*))?")


class Audio(Section):
    """`[features.audio]`: talking instead of writing."""

    enabled: bool = Field(True, description="Show the microphone, if the app has `on_audio_chunk`.")
    sample_rate: int = Field(24000, ge=8000, le=48000, description="Samples a second, in and out.")


class Elements(Section):
    """`[features.elements]`: custom elements."""

    connect: tuple[str, ...] = Field(
        (), description="Other hosts that components may ask for data, as `https://api.example.com`."
    )

    @field_validator("connect")
    @classmethod
    def _are_origins(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not _ORIGIN.fullmatch(host):
                raise ValueError(f"`{host}` is no origin, as `https://api.example.com`")
        return hosts


class Uploads(Section):
    """`[features.uploads]`: files that users send with their messages."""

    enabled: bool = True
    accept: tuple[str, ...] = Field((), description="Types as `image/*` or endings as `.csv`; all of them if empty.")
    max_files: int = Field(20, gt=0, description="With one message.")
    max_size_mb: float = Field(500.0, gt=0, description="Each.")


class Features(Section):
    """`[features]`: how the app behaves."""

    when_busy: Literal["queue", "interrupt", "parallel", "reject"] = Field(
        "queue", description="What happens to a message sent while another is being answered."
    )
    edit_message: bool = Field(True, description="Let users edit their messages; the old ones stay beside the new.")
    feedback: bool = Field(True, description="Let users rate answers.")
    history: bool = Field(True, description="Show users their earlier chats, where those are kept.")
    favorites: bool = Field(False, description="Let users mark messages of their own, to send them again.")
    allow_thread_sharing: bool = Field(False, description="Let users share chats by a link, to be read by others.")
    unsafe_allow_html: bool = Field(
        False, description="Draw HTML in texts, once it was sanitised; else it is shown as the text it is."
    )
    remote_images: tuple[str, ...] = Field(
        (),
        description="Hosts whose images texts show at once, as `https://images.example.com` or `*` for all. Images of "
        "others wait until somebody presses.",
    )
    audio: Audio = Audio()  # type: ignore[call-arg]  # pydantic fills the defaults
    elements: Elements = Elements()  # type: ignore[call-arg]
    uploads: Uploads = Uploads()  # type: ignore[call-arg]

    @field_validator("remote_images")
    @classmethod
    def _are_origins(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if host != "*" and not (_ORIGIN.fullmatch(host) and host.startswith("http")):
                raise ValueError(f"`{host}` is neither `*` nor an origin, as `https://images.example.com`")
        return hosts
