"""What models are asked through Mistral's SDK, and what they answer, as steps of a convo chat."""

from convo_mistral._version import __version__
from convo_mistral.install import install, instrument_mistralai, uninstrument_mistralai

__all__ = ["__version__", "install", "instrument_mistralai", "uninstrument_mistralai"]
