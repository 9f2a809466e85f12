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
    "admin": _("Manage people and keys; read the audit log"),
}
VALUE_WORDS: Mapping[str, Any] = {
    "queued": _("queued"),
    "claimed": _("claimed"),
    "submitted": _("submitted"),
    "skipped": _("skipped"),
    "outdated": _("outdated"),
    "cancelled": _("cancelled"),
    "draft": _("draft"),
    "published": _("published"),
    "voided": _("voided"),
    "automatic": _("automatic"),
    "human": _("human"),
    "self": _("self"),
    "peer": _("peer"),
    "pass": _("pass"),
    "fail": _("fail"),
    "chat": _("chat"),
    "email": _("email"),
    "voice": _("voice"),
    "ticket": _("ticket"),
    "social": _("social"),
    "sms": _("sms"),
    "urgent": _("urgent"),
    "high": _("high"),
    "normal": _("normal"),
    "low": _("low"),
    "pending": _("pending"),
    "scored": _("scored"),
    "dead": _("set aside"),
    "running": _("running"),
    "paused": _("paused"),
    "met": _("met"),
    "breached": _("breached"),
    "closed_unanswered": _("closed unanswered"),
    "planned": _("planned"),
    "open": _("open"),
    "closed": _("closed"),
    "first_response": _("first response"),
    "next_response": _("next response"),
    "resolution": _("resolution"),
    "agent": _("agent"),
    "customer": _("customer"),
    "bot": _("bot"),
    "system": _("system"),
    "human_only": _("human only"),
    "assisted": _("assisted"),
    "business": _("business"),
    "compliance": _("compliance"),
}
"""Values of the API that are shown: states, kinds, channels, priorities, clocks and who speaks."""
REASON_WORDS: Mapping[str, Any] = {
    "base_rate": _("random sample"),
    "automatic": _("the machine was unsure or alarmed"),
    "low_confidence": _("the machine was unsure"),
    "abstained": _("the machine did not answer"),
    "charged": _("emotionally charged"),
    "critical": _("critical answer"),
    "sla_breach": _("SLA breach"),
    "low_csat": _("low satisfaction"),
    "new_agent": _("new agent"),
    "hand_picked": _("picked by hand"),
    "self": _("your own work"),
    "peer": _("a colleague's work"),
}
"""Why a review is in the queue."""


def role_choices() -> Sequence[tuple[str, str]]:
    """Return the roles to choose from, each with what they do."""
    return [(role, f"{name}: {ROLE_DEEDS[role]}") for role, name in ROLE_WORDS.items()]
