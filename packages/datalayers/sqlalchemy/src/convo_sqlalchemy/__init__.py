"""History of a convo app in SQLite, PostgreSQL, MySQL and MariaDB."""

from convo_sqlalchemy._version import __version__
from convo_sqlalchemy.layer import SQLAlchemyDataLayer

__all__ = ["SQLAlchemyDataLayer", "__version__"]
