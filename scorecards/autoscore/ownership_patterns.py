"""Patterns of an agent who takes ownership, looks into the matter, or avoids it."""

from scorecards.autoscore.deflection_patterns import BLAME, DEFLECTION
from scorecards.autoscore.matching.matcher import Pattern
from scorecards.autoscore.referral_patterns import REFERRAL

ADMITS = "admits"

OWNERSHIP = (
    Pattern(
        "ownership",
        r"\b(?:that's|that is|this is|it's|it is|this one is|this was|that was|it was)(?: \w+)? (?:our"
        r"|my)(?: own)? (?:fault|mistake|error|responsibility)\b"
        r"|(?<!all )\b(?:our|my) (?:fault|mistake|error|bad|slip|failure|oversight|doing)\b(?! if|,? (?:we"
        r"|i) would)"
        r"|\b(?:mistake|error|fault|failure) of ours\b|\b(?:guilt|fault|mistake) of us\b|\b(?:from|on) our "
        r"(?:own )?side\b"
        r"|\bis our (?:business|doing)\b|\b(?:take|taking|took|accept)(?: \w+)? (?:responsibility"
        r"|ownership)\b",
        "That was our mistake.",
        ADMITS,
    ),
    Pattern(
        "ownership",
        r"\b(?:that's|that is|this is|it's|it is|this one is|this was|that was|it was|is|are)(?: \w+)? on "
        r"(?:us|me)\b",
        "That's on us.",
        ADMITS,
    ),
    Pattern(
        "ownership",
        r"\bwe(?:'ve| have)?(?: \w+)? (?:got (?:this|that|it) wrong|made (?:a|an|this|that"
        r"|the) (?:\w+ )?(?:mistake|error)|messed (?:this |that )?up"
        r"|dropped the ball|let you down|failed you|fell short|sent (?:you )?the wrong"
        r"|charged you (?:twice|wrong\w*|in error)|missed (?:your|that|this|the)"
        r"|lost your|should have (?!received)|could have done better|overlooked|forgot|left (?:it |this "
        r"|that |them )?out"
        r"|mixed (?:it|this|that|up|your)|hid (?:it|this|that)|broke (?:it|your|this|that)|caused (?:it"
        r"|this|that)|make you tell"
        r"|got the \w+ wrong|are to blame|let it)\b|\b(?:because of|thanks to|by) us\b|\b(?:an update"
        r"|update) we sent\b"
        r"|\bour \w+ (?:went to the wrong|was wrong|were wrong|failed|broke|hurt you)\b|\bcomes from a "
        r"fault on our\b",
        "We got this wrong.",
        ADMITS,
    ),
    Pattern(
        "ownership",
        r"\bwe (?:should not|shouldn't|never should) have\b"
        r"|\bi (?:should not|shouldn't|never should) have\b(?! (?:any|to|much)\b)|\bwe (?:did not"
        r"|didn't) (?:deliver"
        r"|meet|keep|do|call|get|live up|handle|tell)\b",
        "We should not have let that happen.",
        ADMITS,
        negated_by_scope=False,
    ),
    Pattern(
        "ownership",
        r"\bi(?:'ll| will| shall|'m going to| am going to|'m| am|'ve| have)(?: \w+)? (?:tak(?:e|ing) (?:care"
        r"|this|that|charge|it)|own(?:ing)?\b|handl(?:e|ing)|sort(?:ing)?|fix(?:ing)?"
        r"|mak(?:e|ing) (?:this|that|it|sure)|see(?:ing)? to|get(?:ting)? (?:this|that|it|you"
        r"|your \w+) (?:sorted|fixed|resolved|replaced|back|refunded|moved|to)"
        r"|look(?:ing)? into|chas(?:e|ing)|stay(?:ing)? (?:on|with)|follow(?:ing)?|keep(?:ing)? an eye"
        r"|see(?:ing)? (?:this|it) through|put(?:ting)? (?:this|that|it|things) right"
        r"|got this|made (?:this|that|it) my own|writ(?:e|ing) (?:to )?(?:you|her|him|them|the)"
        r"|ring(?:ing)?|rang|spoken (?:to|with)"
        r"|talking to|told (?:the|them|her|him|our|my)|asked (?:the|them|for|to|our|my)|called"
        r"|bring(?:ing)? in|stand(?:ing)?"
        r"|watch(?:ing)?|monitor(?:ing)?|stay(?:ing)? (?:here )?(?:on|with|here|until)|com(?:e|ing) by"
        r"|hear(?:ing)? from me|noted on your|opening|open(?:ing)? a search"
        r"|(?:call|contact|ask|speak(?:ing)? (?:to|with)|talk(?:ing)? to|writ(?:e|ing) to|message)(?:ing)? "
        r"(?:the|our|my|their|a|them))\b|\bi(?:'m| am|'ve| have)\b[^.]{0,40}\bmyself\b|\bi(?:'ll"
        r"| will)(?: \w+)? (?:personally|myself)\b|(?<!you )(?<!you can )\bpersonally (?:make|see"
        r"|check|call|follow|handle"
        r"|ensure|look|arrange)\b",
        "I'll take care of this for you.",
    ),
    Pattern(
        "ownership",
        r"\bi (?:now |also |then |already |have |just )*(?:make now|organi[sz]e|occupy|put|speak (?:to"
        r"|with)|bring|arrange|rang|called"
        r"|asked|spoke|pushed|restarted|told|wrote|stand|stay on|stay here|search|make a new|make sure)\b",
        "I rang the depot.",
    ),
    Pattern(
        "ownership",
        r"\b(?:it's|it is) just me\b|\bmy (?:own )?name on it\b|\bmy direct (?:number|line)\b|\bhear from "
        r"me\b",
        "From now on it's just me.",
    ),
    Pattern(
        "ownership",
        r"\bleave (?:it|this|that|all|everything|(?:the|that|this|your)(?: \w+){1,3}) (?:with|to) (?:me"
        r"|us)\b|\blet (?:me|us) (?:fix|sort|take care|make (?:this|it|that)|put (?:this|that|it|things) "
        r"right|get (?:this|that|it|you)|own|handle|chase)\b",
        "Leave it with me.",
        negated_by_scope=False,
    ),
    Pattern(
        "ownership",
        r"\b(?:that|it|this|somebody|someone)(?:'s| is| was) (?:all |entirely |only |just )?(?:us|me)\b(?! "
        r"(?:who|that|to)\b)|\b(?:is|was|are|were|that's|it's)(?: \w+)? (?:ours|mine)\b(?! (?:too|as well"
        r"|also))|(?:^\W*|[.,;:] ?|\b(?:that's|it's|this is|was|is|all) )our (?:own )?(?:\w+ )?(?:bug|slip"
        r"|mess|muddle|mix-?up|blunder|outage|glitch|carelessness)\b|\b(?:sloppy|careless|silly|wrong|bad"
        r"|stupid|poor|negligent|clumsy) of (?:us|me)\b|\bon our (?:end|part)\b|\bwe (?:did|caused) (?:this"
        r"|that|it)\b(?! (?:for|because|to))",
        "The outage was ours.",
        ADMITS,
    ),
    Pattern(
        "ownership",
        r"\b(?:lands?|comes?|goes|stays?|sits?|is|it's|remains?)(?: \w+)? with me\b|\bon my (?:desk|list"
        r"|watch)\b|\bmy (?:job|problem|headache|task|turn)(?: now)?(?=[.,!;]|$| (?:now|not|from|to)\b)"
        r"|\bours? (?:headache|problem|job),? not yours\b|\b(?:not yours|ours|mine) to (?:fix|sort|solve"
        r"|put right|carry|deal)\b|\b(?:count on|deal with|ask for|talk to|reach) me\b|\b(?:you(?:'ve got| "
        r"have)) my word\b|\bi(?:'m| am) (?:on it|your (?:person|contact))\b|\bi(?:'ve| have)? (?:got|took"
        r"|taken) (?:this|it|that|your case)(?: over)?(?=[.,!;]|$| (?:now|from|over))|\bi(?: \w+){1,8} "
        r"myself\b",
        "It lands with me, not with the bot.",
    ),
    Pattern(
        "ownership",
        r"\bi(?:'m|'ll| am| will| shall)?(?: not|n't| don't| won't)? (?:\w+ )?(?:clos(?:e|ing)|leav(?:e"
        r"|ing)|keep(?:ing)?|stay(?:ing)?|hang(?:ing)? up|go(?:ing)?|rest(?:ing)?|let(?:ting)?"
        r"|stop(?:ping)?)\b[^.?]{0,40}?\b(?:until|till|before) (?:you|it|he|she|they|i|your|the|that"
        r"|everything|all)\b",
        "I don't go home before he's told me the cellar's dry.",
        negated_by_scope=False,
    ),
    Pattern(
        "ownership",
        r"\b(?:i|we)(?:'d| would)? (?:really )?(?:like|want|love) to (?:put|make|set|get) (?:this|that|it"
        r"|things) (?:right|sorted|fixed)\b",
        "I want to put this right.",
    ),
    Pattern(
        "ownership",
        r"\b(?:we|i)(?:'ve| have)? (?:\w+ )?(?:slipped|messed|goofed|blundered|screwed|botched|muddled"
        r"|mislabel\w+|mispack\w+|misread|bungled)\b|\b(?:we|i) \w+(?:ed|t) (?:it|this|that|them|(?:your"
        r"|the) \w+) (?:so |too )?(?:badly|wrong(?:ly)?|late|thin|twice|poorly)\b|\b(?:we|i) (?:really "
        r")?should(?:'ve| have) (?!received|arrived|an?\b|the\b)\w+|\bi(?:'ve| have)? made (?:a|an|this"
        r"|that|the) (?:\w+ )?(?:mistake|error)\b|\b(?:is|was|'s|comes) (?:all )?down to (?:us|me)\b|\bwe "
        r"owe you\b|\bblame is (?:ours|mine|on (?:us|me))\b",
        "We slipped up here.",
        ADMITS,
    ),
    Pattern(
        "ownership",
        r"\bconsider me\b|\bhold me to\b|\bi(?:'ll| will|'m| am)[^.]{0,20}? (?:to the bottom of|dealing "
        r"with (?:this|it))\b|\boff your (?:shoulders|hands|plate|mind)\b|\bi(?:'m| am) (?:\w+ )?on the "
        r"(?:phone|line) (?:with|to)\b|\b(?:is|it's|this is) my (?:case|baby|job)\b|\bi(?:'ve| have) "
        r"(?:just |already |now |also )*(?:contacted|phoned|messaged|emailed|pushed|chased|walked|gone"
        r"|driven|been (?:on|to|down)) \w+|\b(?:our|my) job to\b|\bmy own eyes\b",
        "Consider me your contact until this works.",
    ),
    Pattern(
        "looking",
        r"\b(?:let me|i'll|i will|i'm|i am|allow me to|i can|we'll|we will|we are"
        r"|we're)(?: \w+){0,2}? (?:check(?:ing)?|look(?:ing)?|see what|find out|investigat\w+"
        r"|pull(?:ing)? up|review(?:ing)?)\b",
        "Let me check your order.",
    ),
)
OWNERSHIP_PATTERNS = (*OWNERSHIP, *DEFLECTION, *REFERRAL, *BLAME)
