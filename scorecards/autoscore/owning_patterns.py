"""What agents say about whose matter it is: owning, looking into, deflecting, blaming."""

from scorecards.autoscore.patterns import Pattern

ADMITS = "admits"

OWNING = (
    Pattern(
        "ownership",
        "on our my fault mistake error responsibility ownership ours accountable",
        r"\b(?:that's|that is|this is|it's|it is|this one is|this was|that was"
        r"|it was)(?: \w+)? (?:on (?:us|me)|(?:our|my)(?: own)? (?:fault|mistake|error|responsibility))\b"
        r"|\b(?:our|my) (?:fault|mistake|error|bad)\b(?! if)|\b(?:take|taking|took"
        r"|accept)(?: \w+)? (?:responsibility|ownership)\b",
        "That was our mistake.",
        ADMITS,
    ),
    Pattern(
        "ownership",
        "we our",
        r"\bwe(?:'ve| have)?(?: \w+)? (?:got (?:this|that|it) wrong|made (?:a|an|this|that"
        r"|the) (?:\w+ )?(?:mistake|error)|messed (?:this |that )?up"
        r"|dropped the ball|let you down|failed you|fell short|sent (?:you )?the wrong"
        r"|charged you (?:twice|wrong\w*|in error)|missed (?:your|that|this|the)"
        r"|lost your|should have (?!received)|could have done better|overlooked)\b",
        "We got this wrong.",
        ADMITS,
    ),
    Pattern(
        "ownership",
        "we us",
        r"\b(?:we|i) (?:should not|shouldn't|never should) have\b|\bwe (?:did not|didn't) (?:deliver"
        r"|meet|keep|do|call|get|live up|handle|tell)\b",
        "We should not have let that happen.",
        ADMITS,
        negatable=False,
    ),
    Pattern(
        "ownership",
        "i i'll i'm i've let me",
        r"\bi(?:'ll| will|'m going to| am going to|'m| am|'ve| have)(?: \w+)? (?:tak(?:e|ing) (?:care"
        r"|this|that|charge|it)|own(?:ing)?\b|handl(?:e|ing)|sort(?:ing)?|fix(?:ing)?"
        r"|mak(?:e|ing) (?:this|that|it|sure)|see(?:ing)? to|get(?:ting)? (?:this|that|it|you"
        r"|your \w+) (?:sorted|fixed|resolved|replaced|back|refunded|moved|to)"
        r"|look(?:ing)? into|chas(?:e|ing)|stay(?:ing)? (?:on|with)|follow(?:ing)?|keep(?:ing)? an eye"
        r"|see(?:ing)? (?:this|it) through|put(?:ting)? (?:this|that|it|things) right"
        r"|got this|made (?:this|that|it) my own"
        r"|(?:call|contact|ask|speak (?:to|with)|talk to|write to|message) (?:the|our|my"
        r"|them))\b|\bi(?:'m| am|'ve| have)\b[^.]{0,40}\bmyself\b|\bi(?:'ll"
        r"| will)(?: \w+)? (?:personally|myself)\b|\bpersonally (?:make|see|check|call|follow|handle"
        r"|ensure|look|arrange)\b",
        "I'll take care of this for you.",
    ),
    Pattern(
        "ownership",
        "leave let",
        r"\bleave (?:it|this|that) (?:with|to) me\b|\blet (?:me|us) (?:fix|sort|take care|make (?:this"
        r"|it|that)|put (?:this|that|it|things) right|get (?:this|that|it|you)|own|handle|chase)\b",
        "Leave it with me.",
        negatable=False,
    ),
    Pattern(
        "looking",
        "check look looking checking see find investigate investigating pull review verify",
        r"\b(?:let me|i'll|i will|i'm|i am|allow me to|i can|we'll|we will|we are"
        r"|we're)(?: \w+){0,2}? (?:check(?:ing)?|look(?:ing)?|see what|find out|investigat\w+"
        r"|pull(?:ing)? up|review(?:ing)?)\b",
        "Let me check your order.",
    ),
)
DEFLECTING = (
    Pattern(
        "deflection",
        "department job team hands do help control policy rules nothing responsible call contact handle "
        "supplier courier",
        r"\b(?:that|this|it)(?:'s| is|'d be| would be)(?: \w+)? (?:another|a different|the (?:\w+ )?"
        r"|some other|someone else's) ?(?:department|team|courier|supplier|job|problem)"
        r"|\b(?:not|isn't) (?:my|our) (?:job|department|problem|fault|responsibility|concern|issue)\b"
        r"|\bnothing (?:i|we|more i) can do\b"
        r"|\b(?:out of|beyond|not in) (?:my|our) (?:hands|control)\b|\b(?:i|we) (?:don't|do not|can't"
        r"|cannot) (?:handle|deal with|help (?:you )?with) (?:that|this|those|these)\b"
        r"|\bnot responsible for\b|\b(?:can't|cannot|could not|couldn't) do (?:anything|any more)\b",
        "That's another department.",
        negatable=False,
    ),
    Pattern(
        "deflection",
        "policy policies rules system it things",
        r"\b(?:that's|that is|it's|it is|this is|those are|as per|per|according to|due to"
        r"|because of) (?:just |simply )?(?:our|the|company)(?: \w+)? (?:policy|policies|rules)\b"
        r"|\b(?:that's|that is|it's|it is) (?:just )?how (?:the system|it|things) works?\b"
        r"|\bthe system (?:won't|doesn't|does not|will not) (?:let|allow)\b",
        "That's our policy.",
        negatable=False,
    ),
    Pattern(
        "deflection",
        "have need must should ask contact call",
        r"\byou(?:'ll| will|'d)? ?(?:just )?(?:have to|need to|must|should|will need to"
        r"|better) (?:to )?(?:call|contact|ask|speak to|speak with|talk to|email|reach out to"
        r"|take (?:that|this|it) up with)"
        r" (?!me|us)(?:the|your|our|them|someone|another|sales|billing|technical|support)\b",
        "You'll have to contact the courier.",
    ),
    Pattern(
        "deflection",
        "not nothing",
        r"\b(?:there is|there's) (?:really )?nothing (?:that )?(?:i|we|more|else|to be done)\b"
        r"|\bnot something (?:i|we) (?:can|do|handle)\b",
        "There's nothing we can do.",
        negatable=False,
    ),
)
BLAMING = (
    Pattern(
        "blame",
        "should must failed read fault your ought",
        r"\byou (?:really |clearly |obviously |simply )?(?:should(?:'ve| have)|ought to have"
        r"|were supposed to|could have just|needed to) (?!received|gotten|had|been (?:told|charged|sent"
        r"|given))(?:\w+ed|\w+en|\w+wn|\w+ought|read|told|done|sent|kept|paid|said|come|gone|left|put"
        r"|asked)\b"
        r"|\byou (?:clearly |obviously |must have |probably )?(?:failed|forgot|neglected|ignored"
        r"|entered the wrong|gave (?:us )?the wrong|put in the wrong|typed|chose the wrong"
        r"|misread|misunderst\w+|broke it|caused)\b|\b(?:that's|it's|is|was|this is|entirely"
        r"|all) your (?:fault|mistake|error|responsibility|problem|doing)\b|\byour own (?:fault|mistake"
        r"|error|responsibility|problem|doing)\b",
        "You should have read the terms.",
    ),
    Pattern(
        "blame",
        "read check follow listen understand pay",
        r"\byou (?:clearly |obviously )?(?:did not|didn't|don't|do not|never|weren't|aren't) (?:read"
        r"|check|follow|listen|pay|provide|tell us|bother|paying|listening|reading)\w*"
        r"|\bif you (?:had|'d) (?:just |only )?(?:read|check|follow|listen|call|told|provided|done)\w*",
        "You didn't read the instructions.",
        negatable=False,
        conditional=True,
    ),
    Pattern(
        "blame",
        "calm already said told explained mentioned relax obviously wrong sorry feel nothing",
        r"\b(?:please |just |need to )?calm down\b|\bas (?:i|we)(?:'ve| have)?(?: \w+)? (?:already "
        r"|just )?(?:said|told|explained|mentioned)\b|\bi(?:'ve| have)? (?:already|just) told you\b"
        r"|\b(?:just )?relax\b|\bsorry (?:that |if |but )?you feel (?:that|this) way\b|\byou(?:'re"
        r"| are) (?:wrong|mistaken|overreacting|being (?:rude|difficult|unreasonable))\b"
        r"|\b(?:upset|angry|mad|worked up) (?:over|about) nothing\b",
        "As I already said, it takes a week.",
        negatable=False,
    ),
)
OWNING_PATTERNS = (*OWNING, *DEFLECTING, *BLAMING)
