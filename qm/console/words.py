"""Words of the API as people say them, each in the reader's language."""

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
    "reports:write": _("Write what is done about a report; freeze and share reports"),
    "definitions:read": _("Read scorecards, policies, models and gates"),
    "definitions:write": _("Publish scorecards and policies; train models"),
    "reviews:read": _("See the review queue"),
    "reviews:write": _("Claim, answer and submit reviews"),
    "reviews:own": _("Answer reviews one is asked for, and read what was published of one's own work"),
    "views:write": _("Save views of lists"),
    "calibration:read": _("Read calibration sessions"),
    "calibration:write": _("Run calibration sessions"),
    "disputes:read": _("See disputes and their decisions"),
    "disputes:write": _("Dispute and acknowledge published evaluations"),
    "coaching:read": _("See coaching plans, kudos and the language library"),
    "coaching:write": _("Coach agents and give kudos; tick off one's own actions"),
    "admin": _("Manage people and keys; read the audit log"),
}
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
    "self": _("self-review"),
    "peer": _("peer review"),
}
"""Why a review is in the queue."""
KNOWN: Mapping[str, Any] = {
    # channels, priorities, who speaks
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
    "customer": _("customer"),
    "agent": _("agent"),
    "bot": _("bot"),
    "system": _("system"),
    # feelings, and the formality of a brand
    "negative": _("negative"),
    "neutral": _("neutral"),
    "positive": _("positive"),
    "informal": _("informal"),
    "formal": _("formal"),
    # SLA clocks
    "first_response": _("first response"),
    "next_response": _("next response"),
    "resolution": _("resolution"),
    "met": _("met"),
    "breached": _("breached"),
    "past_due": _("past due"),
    "running": _("running"),
    "paused": _("paused"),
    "closed_unanswered": _("closed unanswered"),
    "pending": _("pending"),
    "on_hold": _("on hold"),
    "always": _("always"),
    # interactions, reviews, evaluations, calibration sessions
    "claimed": _("claimed"),
    "scored": _("scored"),
    "dead": _("dead"),
    "delivered": _("delivered"),
    "queued": _("queued"),
    "submitted": _("submitted"),
    "skipped": _("skipped"),
    "outdated": _("outdated"),
    "cancelled": _("cancelled"),
    "published": _("published"),
    "superseded": _("superseded"),
    "voided": _("voided"),
    "automatic": _("automatic"),
    "human": _("human"),
    "self": _("self"),
    "peer": _("peer"),
    "standard": _("standard"),
    "planned": _("planned"),
    "open": _("open"),
    "closed": _("closed"),
    "provider": _("provider"),
    "client": _("client"),
    "pass": _("pass"),
    "fail": _("fail"),
    # what is measured
    "empathy": _("empathy"),
    "listen_validate": _("Listen & Validate"),
    "acknowledge_own": _("Acknowledge & Own"),
    "resolve_personalize": _("Resolve & Personalize"),
    "follow_up_reassure": _("Follow-up & Reassure"),
    "score": _("total score"),
    "pass_rate": _("share that passes"),
    "csat": _("satisfaction"),
    "critical_customer": _("critical errors that harm the customer"),
    "critical_business": _("critical errors that harm the business"),
    "critical_compliance": _("critical errors of compliance"),
    # kinds of critical questions
    "business": _("business"),
    "compliance": _("compliance"),
    # gates, models, trainings
    "human_only": _("human only"),
    "assisted": _("assisted"),
    "candidate": _("candidate"),
    "in_force": _("in force"),
    "retired": _("retired"),
    "finished": _("finished"),
    "refused": _("refused"),
    "failed": _("failed"),
    # what a search finds
    "interaction": _("interaction"),
    "review": _("review"),
    "evaluation": _("evaluation"),
}
"""Every word of the API that pages show; what is not here, as the keys of a client's own rules, has its
underscores read as spaces."""


def role_choices() -> Sequence[tuple[str, str]]:
    """Return the roles to choose from, each with what they do."""
    return [(role, f"{name}: {ROLE_DEEDS[role]}") for role, name in ROLE_WORDS.items()]
