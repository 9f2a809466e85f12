"""OAuth scopes, and the roles that grant them."""

from collections.abc import Mapping

CLIENT_ROLE = "client_stakeholder"
"""The role of a client's own people."""
SCOPES: Mapping[str, str] = {
    "clients:read": "See the clients the credential is for.",
    "clients:write": "Create and change clients.",
    "interactions:read": "Read interactions, transcripts, clocks and evaluations.",
    "interactions:write": "Push and import interactions and their later events; erase them.",
    "reviews:read": "See the review queue.",
    "reviews:write": "Claim, answer, submit and skip reviews.",
    "reviews:own": "Answer reviews one is asked for; read published evaluations of one's own work.",
    "calibration:read": "See calibration sessions, and their results once all is answered.",
    "calibration:write": "Answer in calibration sessions; managers also make and close them.",
    "disputes:read": "See disputes and what was decided: one's own, or all one may see the evaluations of.",
    "disputes:write": "Dispute and acknowledge published evaluations; managers also decide.",
    "coaching:read": "See coaching plans and kudos of one's own or one's team, and the language library.",
    "coaching:write": "Tick off one's own actions; managers and team leads also coach and give kudos.",
    "reports:read": "Read reports.",
    "reports:write": "Write what is done about a report; freeze, schedule and share reports.",
    "definitions:read": "Read brand voice, playbooks, scorecards, policies, models and gates.",
    "definitions:write": "Publish brand voice, playbooks, scorecards and policies; train models, cap gates.",
    "views:write": "Save and share views of lists.",
    "admin": "Manage people, credentials and webhooks; read the audit log.",
}

_READ = ("clients:read", "interactions:read", "reviews:read", "definitions:read", "reports:read")

ROLES: Mapping[str, tuple[str, ...]] = {
    "admin": tuple(SCOPES),
    "qm_manager": tuple(scope for scope in SCOPES if scope not in {"admin", "interactions:write"}),
    "reviewer": (
        "clients:read",
        "interactions:read",
        "reviews:read",
        "reviews:write",
        "reviews:own",
        "definitions:read",
        "calibration:read",
        "calibration:write",
        "disputes:read",
        "disputes:write",
        "views:write",
    ),
    "team_lead": (
        *_READ,
        "calibration:read",
        "disputes:read",
        "coaching:read",
        "coaching:write",
        "views:write",
    ),
    "agent": (
        "clients:read",
        "reviews:own",
        "disputes:read",
        "disputes:write",
        "coaching:read",
        "coaching:write",
        "views:write",
    ),
    CLIENT_ROLE: (
        "clients:read",
        "reports:read",
        "definitions:read",
        "calibration:read",
        "calibration:write",
        "disputes:read",
        "disputes:write",
        "coaching:read",
        "views:write",
    ),
    "integrator": ("clients:read", "interactions:read", "interactions:write", "views:write"),
}

# Roles that may see who handled an interaction; client stakeholders never do.
SEES_AGENTS = frozenset({"admin", "qm_manager", "reviewer", "team_lead", "integrator"})
