"""Tables of team goals, and of whether a tenant wants recognition at all."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tenants.isolation import Base, ClientOwned, TenantOwned
from tenants.models import Moment, new_id, utc_now


class RecognitionSwitch(TenantOwned, Base):
    """That recognition was switched on or off for a provider: the newest counts, without one it is off."""

    __tablename__ = "recognition_switches"

    switch_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    enabled: Mapped[bool] = mapped_column(default=False)
    switched_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)

    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),)


class TeamGoal(ClientOwned, Base):
    """What everybody who works for a client is to reach together between two days, both included."""

    __tablename__ = "team_goals"

    goal_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    measure: Mapped[str] = mapped_column(Text)
    target: Mapped[float] = mapped_column()
    first_day: Mapped[date] = mapped_column()
    last_day: Mapped[date] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.client_id"]),
        CheckConstraint("first_day <= last_day", name="days_in_order"),
    )
