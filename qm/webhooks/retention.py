"""How long deliveries are kept."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from qm.webhooks.models import Webhook, WebhookDelivery

KEPT_FOR = timedelta(days=30)
"""Deliveries can be looked at and replayed for so long."""
UNHEARD_FOR = timedelta(days=1)
"""An endpoint of the kind `listen` at which nobody has listened for so long is removed."""


def delete_old_deliveries(session: Session, now: datetime) -> None:
    """Delete the tenant's deliveries whose time is over, and endpoints at which nobody listens any more."""
    session.execute(
        delete(WebhookDelivery)
        .where(WebhookDelivery.created_at < now - KEPT_FOR)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(Webhook)
        .where(Webhook.kind == "listen", Webhook.polled_at < now - UNHEARD_FOR)
        .execution_options(synchronize_session=False)
    )
