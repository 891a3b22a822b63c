"""Alembic's entry: run the migrations on the connection that the engine hands over."""

from alembic import context

from carecoord.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # The engine's own transaction covers all steps, so that a failed one leaves nothing behind.
    transactional_ddl=False,
)
context.run_migrations()
