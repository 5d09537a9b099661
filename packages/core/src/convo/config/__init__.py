"""Settings: `convo.toml`, then the environment (`CONVO_…`), then flags, then what the App says; frozen.

Imported on first use only: `import convo` does not load pydantic.
"""

from __future__ import annotations

from convo.config.auth import Auth, OAuth
from convo.config.data import Data
from convo.config.dotenv import load_dotenv
from convo.config.features import Audio, Elements, Features, Uploads
from convo.config.file import FILE_NAME
from convo.config.limits import Limits
from convo.config.mcp import Mcp, OwnServers
from convo.config.prices import Price
from convo.config.project import Project
from convo.config.schema import json_schema
from convo.config.section import Section
from convo.config.server import Server
from convo.config.settings import Config
from convo.config.sources import DEFAULT, Sources
from convo.config.storage import Storage
from convo.config.ui import HeaderLink, Ui
from convo.config.upgrade import SCHEMA_VERSION, upgraded

__all__ = [
    "DEFAULT",
    "FILE_NAME",
    "SCHEMA_VERSION",
    "Audio",
    "Auth",
    "Config",
    "Data",
    "Elements",
    "Features",
    "HeaderLink",
    "Limits",
    "Mcp",
    "OAuth",
    "OwnServers",
    "Price",
    "Project",
    "Section",
    "Server",
    "Sources",
    "Storage",
    "Ui",
    "Uploads",
    "json_schema",
    "load_dotenv",
    "upgraded",
]
