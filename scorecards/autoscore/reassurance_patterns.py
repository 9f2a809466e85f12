"""Patterns of reassurance: it will not happen again, nothing is lost, it is not the customer's fault."""

from scorecards.autoscore.matching.matcher import Pattern

_CUSTOMER_SIDE = r"(?:you|she|he|they|your \w+|both of you|we all)"
_NEGATED_MODAL = (
    r"(?:won't|will not|cannot|can't|can never|will never|isn't going to|is not going to|doesn't|don't)"
)
_SAFE_STATE = r"(?:safe|fine|sure|okay|ok|in good hands|all right|covered|protected|home|in time)"

RELIEF = (
    Pattern(
        "reassurance",
        r"\b(?:nothing|not anything|isn't anything|isnt anything|wasn't anything|not something|not because of"
        r" anything) (?:that )?(?:you|she|he|they)(?:'ve| have)? (?:did|done)\b"
        r"|\b(?:not|isn't|wasn't|never|neither|nor)(?: \w+)? your (?:fault|doing|mistake)\b"
        r"|\b(?:you|she|he|they)(?: really)? (?:didn't|did not|haven't|have not|can't|cannot"
        r"|couldn't)(?: \w+)?"
        r" (?:do|done|do much|go) (?:anything )?wrong\b",
        "It's nothing you did wrong.",
        negated_by_scope=False,
    ),
    Pattern(
        "reassurance",
        r"\b(?:it|that|this|he|she|they|the \w+|those|these|nobody|no one|nothing|nobody else)(?:(?<=one)"
        r"|(?<=body)"
        rf"|(?<=ing)|(?<=else)| {_NEGATED_MODAL}| can| will)(?! (?:be )?(?:chang|us(?:e|ed)\b|refund|sen[dt]"
        rf"|do(?:ne)?\b|mov|return|cancel|open|book|offer|extend|revers|exchang|try"
        rf"|work))(?: [\w']+){{1,6}}? (?:again|anymore|any more"
        rf"|any longer)"
        r"\b(?![^.!]*\?)",
        "It can't be stopped again by that sofa.",
        negated_by_scope=False,
    ),
    Pattern(
        "reassurance",
        r"\b(?:nobody|no one|nothing|none of (?:it|this|that|them))(?: [\w']+){0,3}? (?:will|can"
        r"|could) (?:ever )?"
        r"(?:be|get|happen|touch|use|see|reach|take|change|go|come|stop)\b(?! (?:done|available|able))"
        r"|\bso (?:that )?(?:no|nobody|nothing|no one|none)\b(?! (?:refund|way|chance|point|luck|news|idea))"
        r"|\bso (?:it|that|this|they)(?: \w+)? (?:stops?|doesn't|won't|can't|never)\b",
        "Nothing at 240 will ever be collected.",
        negated_by_scope=False,
    ),
    Pattern(
        "reassurance",
        rf"\b{_CUSTOMER_SIDE}(?:'ll| will| should| are|'re|'s"
        rf"| is)(?: \w+)? (?:be )?{_SAFE_STATE}(?=\W|$)(?![^.!]*\?)"
        rf"(?! (?:to|with (?:that|this|it)|if|for))"
        rf"|(?<!when )(?<!once )(?<!until )\b{_CUSTOMER_SIDE}(?:'ll| will| should| are|'re|'s"
        rf"| is)(?: \w+)? (?:be )?"
        rf"(?:secure|sorted|set)(?=\W|$)(?![^.!]*\?)(?! (?:to|with (?:that|this|it)|if|for))"
        r"|\byou(?:'ll| will| should) have no (?:\w+ )?(?:trouble|problems?|worries|bother)\b"
        rf"|\b{_CUSTOMER_SIDE}(?:'re|'s| are| is) not (?:going to )?(?:be )?(?:left|charged|stuck"
        rf"|alone|losing"
        rf"|lose|miss"
        r"|missing|paying|pay|have to|wait|waiting)\b",
        "You're not going to be left with a bill.",
        negated_by_scope=False,
    ),
    Pattern(
        "reassurance",
        r"\b(?:won't|will not|never|not going to) let (?:it|that|this|you|him|her|them)\b"
        r"|\b(?:stays?|remains?) (?:as (?:it|they) (?:is|are|was|were)|the same|yours|untouched|intact"
        r"|in place"
        r"|where|valid|open|yours)\b"
        rf"|\b(?:so (?:that )?{_CUSTOMER_SIDE}|now {_CUSTOMER_SIDE})(?: can| may)? (?:sleep|breathe|relax"
        rf"|rest (?:easy|assured)|stop worrying)\b"
        r"|\b(?:sleep|rest|breathe) (?:easy|easier|easily|again|soundly)\b|\b(?:put|set) your mind\b"
        r"|\byou (?:can|may) (?:relax|breathe|rest|stop worrying|be sure|lean back)\b|\bknowing (?:it's"
        r"|that|it|they)\b"
        r"|\b(?:needn't|need not|don't need to|no need to|nothing to) (?:fear|be afraid)\b",
        "Your no-claims years stay as they are.",
        negated_by_scope=False,
    ),
    Pattern(
        "reassurance",
        r"\b(?:plenty of|still|enough|got) time\b|\bit happens (?:a lot|to|more often|all the time)\b"
        r"|\b(?:completely|perfectly|quite|very|totally|absolutely) (?:normal|common|harmless)\b|\bharmless\b"
        r"|\b(?:easy to|easily) (?:fix|sort|undo|solve|put right|fixed|sorted|undone|solved)\b|\bfixable\b"
        r"|\bcan be (?:\w+ )?(?:undone|reversed|restored|recovered|fixed|saved|put right)\b|\bgood news\b"
        r"|\b(?:not|isn't|never) too late\b|\bno harm\b|\byou (?:did|were|are) (?:\w+ )?right to\b"
        r"|\b(?:that's|that is) what (?:i'm|i am|we're|we are) here for\b|\bi(?:'m| am) (?:staying"
        r"|not leaving)\b"
        r"|\bi(?:'ll| will)(?: \w+)? stay (?:on|with|here|right|by)\b|\bi (?:won't|will not) (?:hang up"
        r"|leave|stop"
        r"|go|rest|close|let)\b|\bstep by step\b|\bone (?:thing|step) at a time\b|\b(?:do|get|go|work"
        r"|sort) (?:this|it"
        r"|that|through (?:this|it))? ?together\b|\btake your time\b|\bno (?:hurry|rush|risk|danger"
        r"|cause for)\b"
        r"|\bi (?:can )?(?:promise|guarantee)\b(?! (?:anything|nothing|that yet))|\b(?:you have"
        r"|you've got) my (?:word|promise)\b"
        r"|\b(?:place|spot|seat|money|data|order|account|room|appointment|number|points?|photos?"
        r"|files?)(?: \w+)?"
        r" (?:is|are|stays?) (?:still )?(?:there|here|held|reserved|kept|untouched|yours|intact)\b"
        r"|\byou (?:still|always) (?:keep|have) your\b|\byou(?:'ll| will)? keep your\b|\byou (?:can"
        r"|may) (?:always )?(?:reach"
        r"|ring|call|write(?: to)?) me(?=\W*$| (?:any|at|on|directly|back|if|when|here))"
        r"|\bany ?time,? (?:day or night|you)\b|\bday or night\b|\bnothing to do with your\b"
        r"|\bif (?:it|anything|something|they|that|he|she|there)[^.!?]{3,60}, ?(?:(?:just"
        r"|please) )?(?:ring|call|write"
        r"|text|tell|message) me\b|\b(?:costs? you nothing|you pay nothing|you don't pay|you won't pay"
        r"|at no cost)\b",
        "There is plenty of time.",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "reassurance",
        r"\b(?:this|that|it) (?:won't|will not) (?:affect|cost|touch|hurt)\b|\b(?:under control"
        r"|taken care of|in (?:good|safe) hands|got your back|hang in there)\b"
        r"|\b(?:it|this|that|everything|all)(?:'ll| will) (?:all )?(?:be|work out|turn out"
        r"|come) (?:all )?(?:fine|okay|ok"
        r"|alright|all right|sorted)\b|\beverything(?:'s| is) (?:fine|okay|ok|in order"
        r"|safe|set|there)\b"
        r"|\byou can (?:count|rely|depend) on\b|\b(?:no matter what|whatever happens)\b|\bthere(?:'s"
        r"| is) (?:always )?a"
        r" way\b|\bin time for (?:your|the|his|her)\b|\bmake it (?:in time|happen)\b|\b(?:i'll|i will"
        r"|i'm) be(?:en)? right"
        r" (?:here|there|with you)\b|\b(?:comes?|came) as no (?:cost|risk)\b|\bleave (?:the|that|the rest) "
        r"(?:\w+ ){0,2}to (?:me|us)\b",
        "It will all be fine.",
        negated_by_scope=False,
    ),
    Pattern(
        "reassurance",
        r"^\W*(?:no,? |and |but )*(?:you|it|that|he|she|they) (?:won't|will not)(?=\W*$)"
        r"|\bit(?:'s| is) (?:all )?(?:over|behind you) now\b",
        "You won't.",
        negated_by_scope=False,
    ),
    Pattern(
        "reassurance",
        r"\b(?:tomorrow's|tonight's|next|\w+day's) (?:\w+ )?\w+ will (?:hold|make it|go through)\b"
        r"|\b(?:your|the) (?:\w+ )?\w+ will (?:hold(?! (?:your|the|it|them|him|her|on|onto|off|an?|this|that"
        r"|our|you|any|back)\b)|make it(?=\W*$|[.,!;]| (?:to|on|in|by|there|for|before|through|back|home"
        r"|tomorrow|today|tonight)\b)|go through(?! (?:the|your|this|that|all|it|an?|each|every)\b))\b"
        r"|\b(?:your|the|tomorrow's|tonight's|next|\w+day's) (?:\w+ )?\w+ will (?:be fine|work out"
        r"|be (?:there )?in time|go (?:well|smoothly)|be (?:quiet|silent|safe))\b",
        "So tomorrow's call will hold.",
    ),
)
