"""Patterns of reflective listening: the agent paraphrases what the customer said."""

from scorecards.autoscore.matching.matcher import Pattern

REFLECTION = (
    Pattern(
        "reflection",
        r"\b(?:if i (?:understand|understood|got)|if i'm (?:understanding|hearing)"
        r"|if i hear (?:you|(?:(?:this|that|it) )?(?:right|correctly))|let me make sure i"
        r"|let me (?:see if|check) (?:i (?:have )?(?:understand|understood|got|heard|follow(?:ed)?)"
        r"|i've (?:understood|got|heard|followed)|i have (?:this|that|it|everything|all))|(?:to"
        r"|let me|just to) (?:recap|summari[sz]e|confirm i)"
        r"|make sure i(?:'ve| have)? (?:understand|understood|got|have)|just to (?:be sure|make sure"
        r"|check|confirm|clarify) (?:i|that i|you|we)"
        r"|what i(?:'m| am) hearing|so what you(?:'re| are) saying|do i have (?:that|this) right"
        r"|have i (?:got|understood))\b",
        "If I understand correctly, the box was empty.",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "reflection",
        r"\b(?:as )?you(?:'ve| have)?(?: just| also| already)? (?:mentioned|said|told (?:me|us)|wrote"
        r"|explained|described)\b"
        r"|\b(?:it )?sounds like (?:you|your|the|this|that|it)\b|\bi gather (?:that )?(?:you|your|the)\b"
        r"|\bfrom what you\b|\byou(?:'re| are) telling me\b",
        "You mentioned the second box was empty.",
    ),
    Pattern(
        "reflection",
        r"^(?:ok(?:ay)?|right|alright|i see|thanks|thank you|got it)?[,.]? ?so,? (?:you(?:'re| are|'ve"
        r"| have)? (?!welcome|can\b|need|could|will|should|must|have to)|(?!i\b|i'|we\b|we'|you|can|could"
        r"|what|how|let|please|sorry|far\b|glad"
        r"|happy|much|that\b|yes|no\b|if|do|is|are|if|why|when|where|frus|sad))[\w']+(?: \S+){3,}",
        "So you ordered two lamps and only one came?",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
)
