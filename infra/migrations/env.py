"""Alembic's entry: runs on the connection it is handed, as the owner role."""

import qm.interactions.models
import qm.reports.models
import qm.reviews.models
import scorecards.models
import tenants.models  # noqa: F401 - imported for their tables
from alembic import context
from tenants.isolation import Base


def run() -> None:
    """Bring the schema forward inside one transaction, so that a failure leaves it as it was."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
