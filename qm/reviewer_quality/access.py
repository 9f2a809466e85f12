"""Who keeps golden items and sees the quality of others: managers, admins, and keys that act for nobody."""

from qm.reviews.permissions import QUEUE_MANAGERS
from tenants.access import Forbidden
from tenants.credentials import Actor


class NotQualityManager(Forbidden):
    """The credential has the scope, but the role of its user does not check reviewers."""

    def __init__(self) -> None:
        """Set the message that names the roles."""
        super().__init__("reviews:write")
        self.args = ("Only a QM manager or an admin keeps golden items: whoever reviews must not know them.",)


def checks_reviewers(actor: Actor) -> bool:
    """Whether the caller keeps golden items and sees the quality of everybody."""
    return actor.role is None or actor.role in QUEUE_MANAGERS


def check_checks_reviewers(actor: Actor) -> None:
    """Raise `NotQualityManager` unless the caller keeps golden items."""
    if not checks_reviewers(actor):
        raise NotQualityManager
