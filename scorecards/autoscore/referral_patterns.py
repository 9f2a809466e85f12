"""Patterns of indirect deflection: a referral elsewhere, the agent's limits, not knowing."""

from scorecards.autoscore.matching.matcher import Pattern

REFERRAL = (
    Pattern(
        "deflection",
        r"\b(?:try|suggest|recommend|advise|worth|consider)(?: you)?(?: try)? (?:calling|contacting|asking"
        r"|writing to"
        r"|ringing|emailing|speaking (?:to|with)|talking to|reaching out to|going to) (?!me\b|us\b|back\b)"
        r"|\b(?:best|better|easiest|want|wish|suggest you|recommend you|advise you|like you)(?: to"
        r"| off)? (?:to )?"
        r"(?:contact|call|ask|ring|email|speak to|speak with|talk to|reach out to) (?!me\b|us\b|back\b|you)"
        r"|\bbetter off (?:calling|contacting|asking|with)\b",
        "I'd suggest contacting the airline.",
        negated_by_scope=False,
    ),
    Pattern(
        "deflection",
        r"\b(?:team|people|guys|folks|colleagues|ladies|experts|office|desk) (?:at|in|from"
        r"|over at) \w+(?: \w+){0,2}?"
        r" (?:can|could|will|would|might|may|should) (?:\w+ )?(?:help|know|tell|assist|answer|sort|look"
        r"|be able)\b"
        r"|\bthey(?:'ll| will|'d| would| can| should|'re| are) (?:\w+ )?(?:able to (?:help|tell|answer"
        r"|sort)|know more"
        r"|tell you|be able to (?:help|tell|answer|sort)|help you|assist you|the ones? (?:to|who))\b"
        r"|\b(?:here's|here is|this is) their (?:number|link|contact|hotline|email|address|website)\b"
        r"|\btheir (?:hotline|helpline|support line|customer service|phone number|contact form)\b"
        r"|\b(?:that|this|it)(?:'s| is| would be)? (?:something )?(?:for|a question for|a case for"
        r"|a job for) (?:the"
        r"|your|another|our) (?:\w+ )?(?:team|department|office|bank|carrier|courier|shop|branch|landlord"
        r"|desk"
        r"|colleagues?|manager|insurer|airline|hotel|side)\b"
        r"|\b(?:that|this|it) (?:goes|falls|runs) (?:through|under|to) (?:the|another|our|your|a)\b",
        "The folks at Trakt would know.",
        negated_by_scope=False,
    ),
    Pattern(
        "deflection",
        r"\b(?:i|we) (?:can't|cannot|can not|couldn't|am not able to|are not able to|am unable to"
        r"|are unable to)"
        r" (?:really |actually |personally )?(?:help|assist|access|do (?:that|this"
        r"|anything))(?: you)?(?: with)?"
        r"(?: (?:that|this|it))?(?: (?:here|from here|today|further|myself))?(?=\W*$|,| i'm afraid| but)"
        r"|\b(?:i|we) (?:can't|cannot) (?:see|access|check|look at) (?:that|this|it|those"
        r"|anything) (?:from )?here\b"
        r"|\b(?:not|isn't) something (?:i|we)\b|\b(?:not|isn't) (?:my|our) (?:end|call|decision|team"
        r"|product|place)\b"
        r"|\b(?:i|we) (?:just|only) (?:sell|deliver|take|answer|work|book|pass|do|handle) (?!wanted"
        r"|it for you)"
        r"|\bi(?: really)? (?:wouldn't know|couldn't tell you|couldn't say|have no idea)\b|\bnot for (?:me"
        r"|us) to\b",
        "I just answer the phones here, I couldn't tell you.",
        negated_by_scope=False,
    ),
)
