"""What agents say of things that are settled: so from now on, coming off the bill, the customer's to keep."""

from scorecards.autoscore.patterns import Pattern
from scorecards.autoscore.solving_patterns import DID, OFFER

SETTLED = (
    Pattern(
        "solution",
        "off on back up live open gone new yours stopped again out free lifted & is are was 's it's that's "
        "they're as of now again since already until till at",
        r"(?:\b(?:is|are)|'s|'re) (?:\w+ )?(?:off|on|back|up|live|open|gone|new|yours|stopped|out|free"
        r"|lifted)\b(?! (?:order|hold|sale|call|leave|holiday))[^?.,;]{0,25}?\b(?:as of|from (?:now|today"
        r"|this)|again|since this|already|(?<!until )(?<!by )now|at \d+ from)\b(?![^.!]*\?)",
        "Mails are off as of now.",
    ),
    Pattern(
        "solution",
        "have had & i we can could",
        r"\b(?:i|we) (?:can|could) have (?:it|them|one|(?:the|your|a|an|another|that|him|her|someone)(?: "
        r"\w+){0,4}?) (?:with|at|on|in|to|sent|ready|there|by|back|for|fixed|done|out)\b",
        "I can have the firm one with you on Wednesday.",
        DID,
    ),
    Pattern(
        "solution",
        "it that them this the your",
        r"^\W*(?:(?:and|all|also|ok(?:ay)?|sure|yes|right|great|perfect|there),? )*(?!need|(?:re)?check|not"
        r"|receiv|look|forward|attach|escalat|register|record|contact|review|regard|ask|call|confirm|tri"
        r"|wait|charg|call|talk|hear|bless)[a-z]{3,}ed (?:it|that|them|this)\b(?! \w+ed\b)",
        "Pressed it now.",
        DID,
    ),
    Pattern(
        "solution",
        "code voucher coupon & in at on basket cart checkout till use with enter",
        r"\b(?:code|voucher|coupon) \w*\d\w* (?:in|at|on)\b|\b(?:code|voucher|coupon) \w+ (?:in|at|on) "
        r"(?:the|your) (?:basket|cart|checkout|till)\b",
        "Code MATCH79 in the basket.",
    ),
    Pattern(
        "solution",
        "bill invoice statement price account order & off",
        r"\b(?:comes?|goes|taken|knocked|is|are|it) off (?:the|your)(?: \w+){0,2} (?:bill|invoice|statement"
        r"|price|account|order)\b",
        "30 comes off the July bill.",
    ),
    Pattern(
        "solution",
        "keep bin & it them both the",
        r"(?:^\W*|[.!,;:] ?|\b(?:and|then|just|please|simply) )(?:keep (?:it|them|both|the \w+(?=[.,!]| "
        r"(?:one|or|until|and)))|bin (?:it|them))\b(?! (?:in mind|up|under|away|on hand))",
        "Keep it or give it to a shelter.",
        OFFER,
    ),
    Pattern(
        "solution",
        "made set issued created put moved sent booked reserved & just now already",
        r"\b(?:was|were|is|are|has been|have been) (?:just|now|already) (?:made|set|issued|created|put"
        r"|moved|sent|booked|reserved)\b",
        "Code 4471 was just made for you.",
    ),
)
