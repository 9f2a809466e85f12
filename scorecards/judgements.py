"""The names of the automatic judgements a question may ask for; `autoscore` makes them (pure)."""

JUDGEMENTS = frozenset(
    {
        "validates_feeling",
        "validates_before_solution",
        "listens_and_reflects",
        "asks_question_back",
        "no_sympathy_only",
        "apologises_with_action",
        "takes_ownership",
        "avoids_deflection",
        "avoids_blame",
        "personalises",
        "offers_solution",
        "explains_next_step",
        "avoids_canned_sentences",
        "promises_with_date",
        "checks_back",
        "reassures",
        "closes_warmly",
        "greets",
        "signs_off",
        "uses_preferred_phrases",
        "avoids_banned_phrases",
        "formality_fits",
        "playbook_followed",
        "discretion_within_limit",
        "verifies_identity",
    }
)
