"""Patterns of an agent's apologies."""

from scorecards.autoscore.matching.matcher import Pattern

APOLOGY = (
    Pattern(
        "apology",
        r"\bsorry\b(?! to (?:hear|learn|read|know|see))(?! (?:that |if )?you(?:'re| are| feel| had| have"
        r"|'ve))(?! for your loss(?!,? and (?:that|for|sorry)))(?!,? but)"
        r"(?!,? (?:i|we) (?:can't|cannot|could not|couldn't|don't|do not|won't|am|are))(?!,? (?:can"
        r"|could|what|may|did) )(?! for (?:asking|the question))",
        "I'm so sorry about the delay.",
        counts_in_condition=False,
    ),
    Pattern(
        "apology",
        r"\bap+ol+o?g\w*|\bforgive (?:me|us)\b|\b(?:ask|beg)(?: \w+){0,4}? pardon\b"
        r"|\bexcuse (?:me very|us(?! for)|please|the|our|this)\b|\b(?:to|please) excuse\b",
        "We apologise for the late delivery.",
    ),
    Pattern(
        "apology",
        r"\b(?:can't|cannot|can not|couldn't) (?:be more sorry|apologi[sz]e enough|tell you how sorry)",
        "I can't apologise enough.",
        negated_by_scope=False,
    ),
)
