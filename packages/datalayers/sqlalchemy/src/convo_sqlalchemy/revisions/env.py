"""What Alembic runs to run revisions: on the connection, and in the transaction, that `migrations` gives."""

from __future__ import annotations

from alembic import context
from convo_sqlalchemy.migrations import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
