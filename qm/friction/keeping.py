"""Keeps the friction of one client: themes of what changed, sums of what differs, new themes now and then."""

import time
import uuid
from datetime import datetime, timedelta

from sqlalchemy import Engine

from qm.friction.assignment import BATCH, assign_changed, assign_missing, themes_in_force
from qm.friction.finding import find_themes
from qm.friction.sums import sum_days, wrong_days
from tenants import audit
from tenants.isolation import Scope, acting_as

DAYS_AT_A_TIME = 7


def keep_friction(engine: Engine, scope: Scope, now: datetime, *, until: float, find: bool = True) -> bool:
    """Do what there is to do, in short transactions, until the monotonic moment `until`; tells whether all.

    With `find`, themes that are found come into force, and the interactions without a theme are sorted anew.
    """
    [client_id] = scope.client_ids
    done = _catch_up(engine, scope, client_id, now, until)
    if not done or not find:
        return done
    with acting_as(engine, scope) as session:
        audit.act_as(session, "schedule")
        found = find_themes(session, client_id, now)
    return not found or _catch_up(engine, scope, client_id, now, until)


def _catch_up(engine: Engine, scope: Scope, client_id: uuid.UUID, now: datetime, until: float) -> bool:
    while time.monotonic() < until:
        with acting_as(engine, scope) as session:
            themes, version = themes_in_force(session, client_id, now)
            if assign_changed(session, client_id, themes, version, now) == BATCH:
                continue
            wrong = wrong_days(session, client_id, now)
            if not wrong:
                return True
            days = [day for day in wrong if day > wrong[0] - timedelta(days=DAYS_AT_A_TIME)]
            if assign_missing(session, client_id, days, themes, version) < BATCH:
                sum_days(session, client_id, days, now)
    return False
