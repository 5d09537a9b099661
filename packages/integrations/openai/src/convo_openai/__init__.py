"""What models are asked through the OpenAI SDK, and what they answer, as steps of a convo chat."""

from convo_openai._version import __version__
from convo_openai.install import install, instrument_openai, uninstrument_openai

__all__ = ["__version__", "install", "instrument_openai", "uninstrument_openai"]
