"""The table of saved views."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint, Uuid, false
from sqlalchemy.orm import Mapped, mapped_column

from tenants.isolation import Base, TenantOwned
from tenants.models import Moment, new_id, utc_now

LISTS = ("interactions", "evaluations", "reviews", "trainings", "audit", "disputes")


class SavedView(TenantOwned, Base):
    """A list as somebody likes to see it: the query of its address, under a name.

    A view of a client's list is seen by nobody who does not see the client. A `shared` one is seen by
    everybody else of the provider, and changed by its owner alone.
    """

    __tablename__ = "saved_views"

    view_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    user_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    list: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    query: Mapped[str] = mapped_column(Text)
    shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)

    __table_args__ = (
        UniqueConstraint(
            "tenant_id", "user_id", "list", "client_id", "name", postgresql_nulls_not_distinct=True
        ),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"]),
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.client_id"]),
        Index("ix_saved_views_list", "tenant_id", "list"),
        CheckConstraint(f"list in {LISTS}", name="list_known"),
    )
