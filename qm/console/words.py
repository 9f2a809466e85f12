"""Words of the API as people say them, where underscores as spaces are not enough."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _

ROLE_WORDS: Mapping[str, Any] = {
    "reviewer": _("Reviewer"),
    "qm_manager": _("Quality manager"),
    "team_lead": _("Team lead"),
    "agent": _("Agent"),
    "client_stakeholder": _("Client's stakeholder"),
    "integrator": _("Integrator"),
    "admin": _("Administrator"),
}
ROLE_DEEDS: Mapping[str, Any] = {
    "reviewer": _("reviews interactions"),
    "qm_manager": _("writes scorecards, hands out reviews, reads reports"),
    "team_lead": _("reads interactions, reviews and reports"),
    "agent": _("sees their own published evaluations"),
    "client_stakeholder": _("reads the reports of one client"),
    "integrator": _("a machine that pushes interactions"),
    "admin": _("looks after people, keys and settings; sees every client"),
}
SCOPE_WORDS: Mapping[str, Any] = {
    "interactions:write": _("Push interactions and later facts, and erase them"),
    "interactions:read": _("Read interactions, transcripts, clocks and evaluations"),
    "clients:read": _("See the clients"),
    "clients:write": _("Create and change clients"),
    "reports:read": _("Read reports"),
    "definitions:read": _("Read scorecards, policies, models and gates"),
    "definitions:write": _("Publish scorecards and policies; train models"),
    "reviews:read": _("See the review queue"),
    "reviews:write": _("Claim, answer and submit reviews"),
    "reviews:own": _("Answer reviews one is asked for, and read what was published of one's own work"),
    "views:write": _("Save views of lists"),
    "calibration:read": _("Read calibration sessions"),
    "calibration:write": _("Run calibration sessions"),
    "coaching:read": _("See coaching plans, kudos and the language library"),
    "coaching:write": _("Coach agents and give kudos; tick off one's own actions"),
    "admin": _("Manage people and keys; read the audit log"),
}


def role_choices() -> Sequence[tuple[str, str]]:
    """Return the roles to choose from, each with what they do."""
    return [(role, f"{name}: {ROLE_DEEDS[role]}") for role, name in ROLE_WORDS.items()]
