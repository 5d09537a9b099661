"""`[ui]`: what the page shows."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from convo.config.section import Section

__all__ = ["HeaderLink", "Ui"]

_FILE = r"^(https://[A-Za-z0-9.-]+(:[0-9]+)?/|/?public/)[A-Za-z0-9._~%/-]*$"
"""A file of the app's folder `public`, or one elsewhere."""


class HeaderLink(Section):
    """`[[ui.header_links]]`: a link at the top of the page. `icon` is a Lucide name or an image's address."""

    name: str = Field(min_length=1)
    url: str = Field(
        pattern=r"^(https?://|mailto:|/[^/]|/$)", examples=["https://example.com", "mailto:a@example.com", "/path"]
    )
    display_name: str | None = None
    icon: str | None = None
    target: Literal["_blank", "_self", "_parent", "_top"] = "_blank"


class Ui(Section):
    """`[ui]`: what the page shows, of the conversation and around it."""

    cot: Literal["hidden", "tool_call", "full"] = Field(
        "full", description="Which steps are shown beside messages: none, those of type `tool`, or all."
    )
    language: str | None = Field(
        None,
        pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$",
        description="As `de` or `pt-BR`: what the page speaks to who has chosen nothing; without it, what browsers ask "
        "for.",
    )
    theme: Literal["system", "light", "dark"] = Field("system", description="For who has chosen none.")
    layout: Literal["default", "wide"] = Field("default", description="How wide the conversation is.")
    sidebar: Literal["open", "closed"] = Field("open", description="The list of chats, for who has not moved it.")
    logo: str | None = Field(None, pattern=_FILE, description="The app's sign, as `public/logo.svg`.")
    logo_dark: str | None = Field(None, pattern=_FILE, description="The same where the page is dark.")
    favicon: str | None = Field(None, pattern=_FILE, description="The sign of its tab, as `public/favicon.svg`.")
    image: str | None = Field(None, pattern=_FILE, description="Shown by sites that link to the app.")
    login_image: str | None = Field(None, pattern=_FILE, description="Beside the form on which people sign in.")
    custom_css: str | None = Field(None, pattern=_FILE, description="A stylesheet, as `public/app.css`.")
    custom_js: str | None = Field(None, pattern=_FILE, description="A script, as `public/app.js`; a module.")
    confirm_new_chat: bool = Field(True, description="Ask before a new chat, when something would be lost.")
    header_links: tuple[HeaderLink, ...] = Field((), description="Each with `name`, `url` and, if you like, `icon`.")
