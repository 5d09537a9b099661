"""Threads as files to keep: Markdown, HTML that needs nothing else, and JSON."""

from convo_server.export.exporter import FORMATS, Export, Exporter, Format

__all__ = ["FORMATS", "Export", "Exporter", "Format"]
