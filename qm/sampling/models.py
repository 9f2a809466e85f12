"""Tables of closed sampling windows, and of commitments to the keys of draws."""

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Double, ForeignKeyConstraint, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tenants.isolation import Base, ClientOwned
from tenants.models import Moment, new_id, utc_now


class SamplingWindow(ClientOwned, Base):
    """A closed window of a quota: one agent's week, or a period of all interactions (agent '').

    `drawn_threshold` is that of the interactions that were drawn when it closed, `other_threshold` that of
    all others, and of those that come later. `interactions` and `drawn` count them as it closed.
    """

    __tablename__ = "sampling_windows"

    window_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    policy_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    agent: Mapped[str] = mapped_column(Text)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    drawn_threshold: Mapped[float] = mapped_column(Double)
    other_threshold: Mapped[float] = mapped_column(Double)
    interactions: Mapped[int] = mapped_column(BigInteger)
    drawn: Mapped[int] = mapped_column(BigInteger)
    closed_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)

    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "policy_id", "client_id"],
            ["definitions.tenant_id", "definitions.definition_id", "definitions.client_id"],
        ),
        UniqueConstraint("tenant_id", "client_id", "policy_id", "first_day", "agent"),
    )


class DrawCommitment(ClientOwned, Base):
    """That a client's draws of a month (UTC, of arrival) rest on a key with this hash, said before it began.

    The key follows from the installation's secret and is not stored. `client_number` is what the client's own
    people mixed in until then.
    """

    __tablename__ = "draw_commitments"

    client_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, sort_order=-10)
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    commitment: Mapped[str] = mapped_column(Text)
    committed_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    client_number: Mapped[str | None] = mapped_column(Text)
    client_number_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.client_id"]),
    )
