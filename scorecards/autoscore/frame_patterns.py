"""The frame of a conversation: greeting, farewell, stock sentences, identity, acts on an account."""

from scorecards.autoscore.patterns import Pattern

FRAME_PATTERNS = (
    Pattern(
        "greeting",
        "hi hello hey good welcome dear greetings",
        r"^\W*(?:hi+|hello|hey|good (?:morning|afternoon|evening|day)|welcome|dear|greetings)\b",
        "Hello Anna,",
    ),
    Pattern(
        "sign_off",
        "regards wishes care bye goodbye truly faithfully many sincerely cheers day night weekend "
        "evening afternoon one yours soon",
        r"\b(?:kind|best|warm|many|with) (?:kind |best |warm )?(?:regards|wishes)\b|\btake care\b(?! of)"
        r"|\b(?:good)?bye\b|\b(?:yours )?(?:sincerely|truly|faithfully)\b|\b(?:have|enjoy"
        r"|wish(?:ing)? you)(?: \w+){0,3}? (?:day|night|weekend|evening|afternoon|one|morning|week|trip"
        r"|holiday)\b|\bregards\b|^cheers",
        "Have a lovely day!",
        negatable=False,
    ),
    Pattern(
        "warm_close",
        "care day night weekend evening afternoon one week trip holiday wishes patience glad pleasure "
        "happy trust giving thank thanks enjoy hope bearing morning wonderful",
        r"\btake (?:good )?care\b(?! of)|\b(?:have|enjoy|hope you have|wish(?:ing)? you)(?: \w+){0,4}? (?:day"
        r"|night|weekend|evening|afternoon|one|week|trip|holiday|morning|birthday|wedding|party)\b"
        r"|\b(?:warm(?:est)?|best|kind) wishes\b"
        r"|\b(?:thank you|thanks)(?: \w+){0,2} for (?:your (?:\w+ )?(?:patience|trust|understanding"
        r"|kindness|time)|bearing with|giving us|letting us|sticking|being)\b|\bi(?:'m"
        r"| am)(?: \w+)? (?:glad|happy|pleased) (?:i|we|that|this|it|to (?:have|hear))\b|\b(?:it was"
        r"|it's been|my) (?:a |my )?pleasure\b"
        r"|\b(?:i )?hope (?:you|the|your|that|everything|she|he|they)(?: \S+){0,5}?"
        r" (?:a good one|enjoy\w*|love\w*|well|better|great|wonderful|smooth\w*|soon)\b"
        r"|\benjoy (?:your|the)\b",
        "Thank you for your patience, take care.",
    ),
    Pattern(
        "canned",
        "inconvenience inconveniences valued value important inform informed advised note kindly "
        "contacting regret satisfaction policy feedback frustration concern patience cooperation delay "
        "hesitate",
        r"\b(?:any|the) inconveniences?(?: (?:this|it|that|which)?(?: \w+)? ?(?:may|might|has|have|could"
        r"|caused?)| caused)|\b(?:valued? (?:customer|your business|your feedback|you as)|we value)\b"
        r"|\bis (?:very )?important to us\b|\b(?:please )?be (?:informed|advised)\b|\bkindly (?:note|be)\b"
        r"|\bregret to inform\b|\b(?:customer|your) satisfaction is\b|\b(?:do not|don't|dont) hesitate\b"
        r"|\bthank you for your (?:valuable )?(?:feedback|cooperation|understanding and)\b"
        r"|^i (?:completely |totally |fully )?understand your (?:frustration|concerns?)[.,!]?$"
        r"|\bsincerely apologi[sz]e for (?:the|any) (?:inconvenience|delay)\b"
        r"|\bapologi[sz]e for (?:any|the) inconveniences?\b",
        "We apologise for any inconvenience caused.",
        negatable=False,
        conditional=True,
    ),
    Pattern(
        "verification",
        "verify security identity confirm name email birth postcode zip digits passcode pin number "
        "address username account id phone details",
        r"\b(?:verify|confirm|validate)(?: \w+){0,3}? (?:identity|account|name|email|address|details"
        r"|date of birth|birthday|phone|number|you|ownership|information|postcode|zip)\b"
        r"|\bfor (?:your )?(?:security|verification|data protection)\b|\bsecurity (?:question|check|code)\b"
        r"|\b(?:may|can|could|would) (?:i|you)(?: \w+){0,4}? (?:your|the)(?: \w+){0,3}? (?:name|email"
        r"|date of birth|postcode|zip(?: code)?|digits|pin|phone(?: number)?|order (?:id|number)"
        r"|account (?:id|number)|username|address|details)\b|\bwhat(?:'s| is) (?:your"
        r"|the)(?: \w+){0,2} (?:name|email|date of birth|postcode|zip|phone|order (?:id|number)"
        r"|account (?:id|number)|username)\b"
        r"|\blast (?:four|4|three|3) digits\b|\byour (?:full name|date of birth|username"
        r"|account id)(?: \S+){0,8} please\b",
        "Can I have your full name and date of birth, please?",
    ),
    Pattern(
        "account_action",
        "refu* cred* chan* upda* canc* rese* tran* clos* remo* unlo* card address password account "
        "balance payment pulled",
        r"\b(?:i|we)(?:'ve| have|'ll| will|'m| am)(?: \w+){0,3}? (?:refund|credit|chang|updat"
        r"|cancel|reset|transfer|clos|remov|unlock)\w*|\b(?:has|have) been (?:refunded|credited|changed"
        r"|updated|cancell?ed|reset|closed|unlocked)\b|\byour (?:balance|card|payment) (?:is|was|on file)\b",
        "I have changed the address on your account.",
    ),
)
