"""Front doors of other people's protocols onto a convo app: OpenAI's, AG-UI and the AI SDK's."""

from convo_protocols._version import __version__
from convo_protocols.routes import routes
from convo_protocols.settings import ProtocolsSettings

__all__ = ["ProtocolsSettings", "__version__", "routes"]
