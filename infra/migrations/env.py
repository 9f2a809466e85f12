"""Alembic's environment: runs on the connection it is given, as the owner role."""

from alembic import context

from infra.database_schema import every_table


def run() -> None:
    """Upgrade the schema inside one transaction, so that a failure leaves it as it was."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=every_table(),
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
