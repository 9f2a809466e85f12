"""Patterns of solutions that are in effect: from now on, taken off the bill, the customer's to keep."""

from scorecards.autoscore.matching.matcher import Pattern
from scorecards.autoscore.solution_patterns import DID, OFFER, SENT

SOLUTION_DONE = (
    Pattern(
        "solution",
        r"(?:\b(?:is|are)|'s|'re) (?:\w+ )?(?:off|on|back|up|live|open|gone|new|yours|stopped|out|free"
        r"|lifted)\b(?! (?:order|hold|sale|call|leave|holiday))[^?.,;]{0,25}?\b(?:as of|from (?:now|today"
        r"|this)|again|since this|already|(?<!until )(?<!by )now|at \d+ from)\b(?![^.!]*\?)",
        "Mails are off as of now.",
    ),
    Pattern(
        "solution",
        r"\b(?:i|we) (?:can|could) have (?:it|them|one|(?:the|your|a|an|another|that|him|her|someone)(?: "
        r"\w+){0,4}?) (?:with|at|on|in|to|sent|ready|there|by|back|for|fixed|done|out)\b",
        "I can have the firm one with you on Wednesday.",
        DID,
    ),
    Pattern(
        "solution",
        r"^\W*(?:(?:and|all|also|ok(?:ay)?|sure|yes|right|great|perfect|there),? )*(?:press|block|unblock"
        r"|stopp|cancel|cancell|book|order|refund|remov|delet|releas|clear|chang|mov|mend|patch|lift|swapp"
        r"|fix|replac|restor|correct|updat|unlock|extend|waiv|credit|add|adjust|switch|turn|pull|push|print"
        r"|pack|repair|reopen|reserv|revers|redirect|renew|renam|mail|post|ship|start|restart|sort|clean"
        r"|sign|transferr|schedul|rebook|rerout|activat|arrang|recharg|deduct|handl|settl|solv|resolv|dropp"
        r"|flagg|rais|chas|phon|ping|walk|carri|test|plac|load|plugg|tighten|glu|seal|wrapp|pick|fill"
        r"|arrang|submitt|prepar|process|reinstall|reinstat|collect)ed (?:it|that|them|this)\b",
        "Pressed it now.",
        DID,
    ),
    Pattern(
        "solution",
        r"\b(?:code|voucher|coupon) \w*\d\w* (?:in|at|on)\b|\b(?:code|voucher|coupon) \w+ (?:in|at|on) "
        r"(?:the|your) (?:basket|cart|checkout|till)\b",
        "Code MATCH79 in the basket.",
    ),
    Pattern(
        "solution",
        r"\b(?:comes?|goes|taken|knocked|is|are|it) off (?:the|your)(?: \w+){0,2} (?:bill|invoice|statement"
        r"|price|account|order)\b",
        "30 comes off the July bill.",
    ),
    Pattern(
        "solution",
        r"(?:^\W*|[.!,;:] ?|\b(?:and|then|just|please|simply) )(?:keep (?:it|them|both|the \w+(?=[.,!]| "
        r"(?:one|or|until|and)))|bin (?:it|them))\b(?! (?:in mind|up|under|away|on hand))",
        "Keep it or give it to a shelter.",
        OFFER,
    ),
    Pattern(
        "solution",
        r"\b(?:was|were|is|are|has been|have been) (?:just|now|already) (?:made|set|issued|created|put"
        r"|moved|sent|booked|reserved)\b",
        "Code 4471 was just made for you.",
    ),
    Pattern(
        "solution",
        r"\b(?:i|we)(?:'ve| have)? (?:just |already |now |also |then )*(?:(?:took|turned|switched|knocked"
        r"|lifted|wiped) (?:it|the|your|that|this|them|\d+)\b(?! (?:time|note|liberty|call|wrong|message))"
        r"|got you (?:an?|the|one|in|on)\b|had (?:it|them|that|your \w+|the \w+) (?!come|to\b)\w+(?:ed|en"
        r"|t)\b|asked for (?:an?|your) (?:\w+ )?(?:pick-?up|replacement|refund|engineer|technician|courier"
        r"|exchange|slot|new \w+))|\blet(?:'s| us| me) get (?:that|this|it|you|them|your \w+)(?: \w+)? "
        r"\w+(?:ed|en|back|going)\b",
        "I took the charge off.",
        DID,
    ),
    Pattern(
        "solution",
        r"\byou(?:'re| are) (?:now |all |already |back )*(?:booked|rebooked|set\b|covered|scheduled|down "
        r"for|upgraded|confirmed|on (?:the|our|tomorrow's|today's) (?:\w+ )?(?:list|flight|train|bus|boat"
        r"|tour|delivery|van))\b(?![^.!]*\?)|(?<!when )(?<!once )(?<!did )(?<!do )(?<!until )\byou (?:just "
        r"|simply |now )?get (?:a (?:full|new|fresh|free|second|complete|brand)|the (?:money|full|whole"
        r"|new)|your (?:money|\d+)|\d+|double|everything)\b(?![^.!]*\?)",
        "You're booked on the next flight.",
    ),
    Pattern(
        "solution",
        r"(?:\b(?:is|are)|'s|'re) (?:now |already |just |also |both )*(?:being (?!investigat|review|look"
        r"|process|handl|check|work|experienc|escalat|discuss|consider|rude|told|ask|charg|ignor|treat|held"
        r"|delay)\w+(?:ed|t|en|n)\b|(?:back )?on (?:its|his|her|their|the) way\b(?!\?))|\bconsider (?:it"
        r"|that|this) (?:done|sorted|fixed|settled)\b|\bthere(?:'s| is)(?: still| also| now)? (?:an?|one"
        r"|room)(?: [\w-]+){0,3}? (?:for you|free|waiting|reserved)\b(?![^.!]*\?)|\b(?:left|leaves) (?:our"
        r"|the) (?:\w+ )?(?:dock|warehouse|depot|store|shop|workshop|hub|kitchen)\b",
        "A fresh one is being packed as we speak.",
    ),
    Pattern(
        "solution",
        r"\b(?:they|he|she|who|who'll|they'll|courier|driver|colleague|technician|engineer|rider|shop"
        r"|workshop|desk|team|plumber|fitter|crew)(?: (?:in|at|from) \w+)?(?: (?:will|can|then|also))* "
        r"(?:hands?|gives?|holds|collects?|picks?|swaps?|replaces?|exchanges?|fixes|fix|repairs?|brings?"
        r"|drops?|meets?|fits?) (?:you (?:an?|the|your|one)|it\b|one\b|them\b|your|up (?:the|your)|the "
        r"(?:old|new|other|broken))(?![^.!]*\?)|\b(?:just|simply|please) pop (?:into|in|by|over)\b",
        "The courier collects the old one and hands you the new one.",
        SENT,
    ),
)
