"""The words of the web app: a catalogue for each language, as `de.json`, and what is wrong with one."""

from __future__ import annotations

from convo_ui.languages.catalogue import Catalogue, problems
from convo_ui.languages.languages import Languages, languages
from convo_ui.languages.message import parameters, unreadable

__all__ = ["Catalogue", "Languages", "languages", "parameters", "problems", "unreadable"]
