"""Dialects: how a target greets, is asked and answers."""
