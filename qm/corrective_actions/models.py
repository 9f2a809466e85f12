"""The table of corrective actions: every version of the text of a client's report period."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKeyConstraint, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tenants.isolation import Base, ClientOwned
from tenants.models import Moment, utc_now


class CorrectiveActions(ClientOwned, Base):
    """One version of what the provider does about the report of a period; none is ever changed or deleted.

    An empty text takes back what was written.
    """

    __tablename__ = "corrective_actions"

    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, sort_order=-10)
    first_day: Mapped[date] = mapped_column(Date, primary_key=True)
    last_day: Mapped[date] = mapped_column(Date, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    written_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.client_id"]),
        ForeignKeyConstraint(["tenant_id", "author_id"], ["users.tenant_id", "users.user_id"]),
        CheckConstraint("first_day <= last_day", name="days_in_order"),
        CheckConstraint("version > 0", name="version_counts"),
    )
