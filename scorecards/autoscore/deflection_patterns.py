"""Patterns of an agent who deflects: passes the matter on, cites rules, blames or mocks."""

from scorecards.autoscore.matching.matcher import Pattern

_THIRD_PARTY = (
    r"(?:the|your|our|their|them|him|her|a|an|someone|another|billing|sales|customer (?:service|care)"
    r"|concerned|relevant|technical|support)"
)
DEFLECTION = (
    Pattern(
        "deflection",
        r"(?:^\W*(?:(?:[a-z]+ )?but |so |and |maybe |perhaps )?|[,;:.!?] ?(?:so |and |but )?|\b(?:please"
        r"|kindly|just|simply|maybe|best|should"
        r"|you(?:'d| would| will|'ll)? (?:need|have) to|too|you (?:can|could|may|must|might|should)"
        r"|requested to|advised to|happy to) )"
        r"(?:(?:contact|call|ring|phone|ask|approach|email) (?:with )?(?!me|us|back|you)"
        + _THIRD_PARTY
        + r"|(?:write|turn|reach out|speak|talk|go) (?:to|with) (?!me|us)"
        + _THIRD_PARTY
        + r"|give (?:him|her|them|the \w+) a (?:ring|call)|get in touch with (?!me|us)"
        + _THIRD_PARTY
        + r"|take (?:it|this|that) up with|(?:try|use|check|see|visit) (?:the|our) (?:contact form|form"
        r"|app\b(?! to)|forum|website|faq"
        r"|help pages?|help cent\w+|portal)|check (?:with )?the \w+'s page|(?:try|use) (?:the )?contact "
        r"form)\b",
        "Please call them.",
    ),
    Pattern(
        "deflection",
        r"\b(?:are|is) (?:handled|looked after|dealt with|managed) by\b|\b(?:are|is) with our (?:\w+ "
        r")?(?:colleagues|team|department)\b"
        r"|\b(?:billing|finance|sales|accounting|hr|support|the \w+ team|the \w+) (?:handles|handle|deals "
        r"with) (?:that|this|it|those)\b"
        r"|\b(?:is|are|was) (?:not|n't) (?:my|our) (?:area|desk|shop|field|table|line)\b|\b(?:not|isn't) "
        r"our (?:shop|area)\b|\b(?:best|right) (?:place|person|people|contact|team|address)(?: to \w+)?\b"
        r"|\b(?:team|department|desk|dealer|forum|colleagues|manufacturer|hotline)(?: \w+){0,3}? (?:would"
        r"|will) (?:\w+ )?"
        r"(?:know|be (?:happy|glad|pleased) to|help|assist)\b|\bis a(?:n)? (?:different|other|another) "
        r"(?:team|department|desk)\b"
        r"|\b(?:the )?(?:manufacturer|dealer|carrier|partner|supplier)(?: \w+)? is the right\b"
        r"|\b(?:forum|community|faq)(?: \w+)? (?:has|have|offers)\b|\bcan sort (?:that|this|it) out for "
        r"you\b",
        "Roofs are looked after by our partner.",
        negated_by_scope=False,
    ),
    Pattern(
        "deflection",
        r"\bas (?:our|the) (?:terms|rules|conditions|policy|policies)(?: and conditions)? (?:say|state"
        r"|read)s?\b|\bhouse rules\b"
        r"|\brespect the rules\b|\bfollowing the rules\b|\bour (?:policy|rules?) (?:is|are) (?:not )?to\b"
        r"|\bour policy ?:|\b(?:company|our) policy\b(?=,? so)|\bhands are tied\b",
        "As our terms say, water damage is excluded.",
        negated_by_scope=False,
    ),
    Pattern(
        "deflection",
        r"\b(?:made|decided) above me\b|\bi have no (?:say|influence|power)\b|\bthe system (?:won't|doesn't"
        r"|does not|will not)"
        r"|\b(?:can't|cannot) do (?:anything|more) (?:from|about|for)\b|\bsomebody should\b|\bwish i could\b",
        "That decision is made above me.",
        negated_by_scope=False,
    ),
    Pattern(
        "deflection",
        r"\b(?:that|this|it)(?:'s| is|'d be| would be)(?: \w+)? (?:another|an other|a different|the (?:\w+ )?"
        r"|some other|someone else's) ?(?:department|team|courier|supplier|job|problem)"
        r"|\b(?:not|isn't) (?:my|our) (?:job|department|problem|fault|responsibility|concern|issue)\b"
        r"|\bnothing (?:i|we|more i) can do\b"
        r"|\b(?:out of|beyond|not in) (?:my|our) (?:hands|control)\b|\b(?:i|we) (?:don't|do not|can't"
        r"|cannot) (?:handle|deal with|help (?:you )?with) (?:that|this|those|these)\b"
        r"|\bnot responsible for\b|\b(?:can't|cannot|could not|couldn't) do (?:anything|any more)\b",
        "That's another department.",
        negated_by_scope=False,
    ),
    Pattern(
        "deflection",
        r"\b(?:that's|that is|it's|it is|this is|those are|as per|per|according to|due to"
        r"|because of) (?:just |simply )?(?:our|the|company)(?: \w+)? (?:policy|policies|rules)\b"
        r"|\b(?:that's|that is|it's|it is) (?:just )?how (?:the system|it|things) works?\b"
        r"|\bthe system (?:won't|doesn't|does not|will not) (?:let|allow)\b",
        "That's our policy.",
        negated_by_scope=False,
    ),
    Pattern(
        "deflection",
        r"\byou(?:'ll| will|'d)? ?(?:just )?(?:have to|need to|must|should|will need to"
        r"|better) (?:to )?(?:call|contact|ask|speak to|speak with|talk to|email|reach out to"
        r"|take (?:that|this|it) up with)"
        r" (?!me|us)(?:the|your|our|them|someone|another|sales|billing|technical|support)\b",
        "You'll have to contact the courier.",
    ),
    Pattern(
        "deflection",
        r"\b(?:must|has to|have to|need to|needs to|should|can only|may only|are to|is to|only be"
        r"|cannot be|can't be)"
        r" (?:only )?(?:be )?(?:filed|submitted|raised|reported|addressed|directed|dealt with|taken up"
        r"|brought|made"
        r"|handled|requested|done) (?:\w+ )?(?:at|to|with|via|through|by|in|on|using) (?!me\b|us\b)"
        r"|\b(?:look|looks) after (?:the )?(?:deliver\w+|that|this|it|those|these|orders?|refunds?"
        r"|payments?|billing"
        r"|repairs?|returns?|accounts?)\b|\b(?:your|the) best (?:bet|option|chance|port of call)\b"
        r"|\b(?:being|currently) (?:handled|dealt with|managed|looked after) by (?:the|our|an?)\b"
        r"|\b(?:the|our) (?:responsible|relevant|concerned|appropriate|competent|right) (?:department|team"
        r"|colleagues?|office|unit|desk|people)\b|\b(?:direct|address|refer) (?:\w+ ){0,4}to (?:the|our"
        r"|your|their)\b"
        r"|\bfor (?:\w+ ){1,4}(?:questions?|queries|matters|issues|enquiries"
        r"|complaints)?,? ?(?:please )?(?:use|see"
        r"|visit|check|go to|fill in|consult|refer to) (?:the|our)\b"
        r"|\b(?:we|i) (?:don't|do not|can't|cannot|won't|are not able to"
        r"|am not able to)(?: \w+){1,5}? (?:over the"
        r" phone|by phone|by email|in chat|over chat|on this (?:line|channel|number)|on the phone)\b"
        r"|\bi(?:'m| am) (?:just|only) (?:the|an?|here (?:to|for))\b|\b(?:we|i) don't do that\b"
        r"|\b(?:someone|somebody|one of them|people) (?:in|at|over at) [a-z]+(?: (?:would|might|may|will"
        r"|should|i"
        r" (?:suppose|guess|think)))\b|\b(?:someone|somebody|you need someone) with an?\b"
        r"|\byou(?:'d| would|'ll| will)? (?:have|need) to (?:\w+ )?(?:try|ring|phone|go to|go through"
        r"|write to)"
        r" (?:the|your|our|their|them|him|her|someone|another)\b|\b(?:pop|head|hop|go) over to (?:the|our"
        r"|their)\b"
        r"|\bas (?:\w+ )?stated,",
        "Claims must be filed at the airport of arrival.",
        negated_by_scope=False,
    ),
    Pattern(
        "deflection",
        r"\byou can (?:\w+ )?(?:find|check|see|read|look)(?: [\w']+){0,3}? (?:online"
        r"|on (?:our|the) (?:website|site|page)|in the faq|yourself)\b|\b(?:it's|that's|this is|is"
        r"|are) (?:all )?"
        r"(?:explained|listed|online|on|in) (?:on |in )?(?:our|the) (?:website|faqs?|portal|site|terms"
        r"|help)\b"
        r"|\bnothing to do with (?:us|me)\b|\bbetween you and (?:the|your)\b|\ba matter for\b"
        r"|\bnot up to (?:us|me)\b"
        r"|\b(?:bring|take|raise) (?:it|this|that) (?:up )?(?:to|with) (?:the|your|them|him|her)\b"
        r"|\b(?:bank|carrier|courier|airline|landlord|hotel|provider|seller|insurer|manufacturer|dealer"
        r"|pharmacy"
        r"|doctor|council|shop|agency|partner)(?: \w+)? (?:can help|(?:should|must|has to|needs to|would have"
        r" to) (?:help|sort|handle|deal|answer|resolve|refund|pay|decide|explain|check|look|investigate)|is"
        r" responsible|decides|is in charge)\b|\b(?:call|ring|come|write) (?:us )?(?:back|again) (?:later"
        r"|tomorrow"
        r"|on|during|when|in)\b|\btry again (?:later|tomorrow|another|on \w+day)\b|\b(?:open|raise|create"
        r"|submit) a"
        r" (?:\w+ )?(?:ticket|request|claim)\b|\bfill (?:in|out) (?:the|our|an?)"
        r" (?:\w+ )?(?:contact|complaint|online|web|feedback|claims?)\b"
        r"|\bsend an? e-?mail to\b"
        r"|\bwrong (?:department|number|line|place|desk|team)\b|\b(?:not|n't) (?:allowed|authori[sz]ed"
        r"|permitted)"
        r" to\b|\babove my\b|\bon (?:my|our) (?:side|end) (?:there's|there is|i|we) (?:nothing|can't"
        r"|cannot)\b"
        r"|\bwe only (?:do|handle|sell|book|arrange|deal|pass)\b",
        "You'd have to take it up with your landlord: it has nothing to do with us.",
        negated_by_scope=False,
    ),
    Pattern(
        "deflection",
        r"\b(?:there is|there's) (?:really )?nothing (?:that )?(?:i|we|more|else|to be done)\b"
        r"|\bnot something (?:i|we) (?:can|do|handle)\b",
        "There's nothing we can do.",
        negated_by_scope=False,
    ),
)
MOCKS = "mocks"

BLAME = (
    Pattern(
        "blame",
        r"\b(?:oh |aw |aww )poor you\b|\bexcuse us for\b|\bglad you (?:love|like) it\b|\btried (?:liking"
        r"|reading|thinking)\b|\bget glasses\b|\bwhen pigs fly\b",
        "Oh poor you, how terrible.",
        MOCKS,
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "blame",
        r"\b(?:yeah|sure|right|wow),? i'm sure\b.{0,60}\b(?:super|so|very|really) \w+\b|\byou can't read\b"
        r"|\b(?:sure|surely|of course|right),?(?: it's| that's)? (?:all )?(?:our|my) fault\b(?! and)"
        r"|\b(?:happy|satisfied|pleased) now (?:that|you)\b",
        "Yeah, I'm sure a click was so hard for you.",
        MOCKS,
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "blame",
        r"\bare you (?:really |quite )?sure (?:that )?you (?:really |actually |even )?\w+ed?\b|\bpeople "
        r"often (?:say|claim)\b"
        r"|\bno (?:need|reason) (?:to|for you to) (?:shout|yell|scream|raise|get (?:upset|angry|loud)|be "
        r"(?:so )?(?:rude|upset|angry|loud|dramatic))\b"
        r"|\b(?:everybody|everyone)(?: else)? (?:manages?|can|finds?|understands?|pays)\b"
        r"|\b(?:all others?|other (?:people|customers)) (?:manages?|finds?|understands?|pays?"
        r"|can (?:do|manage|understand))\b"
        r"|\b(?:customer's|your) (?:own )?(?:duty|job|responsibility) to\b|\bimproper (?:use|handling)\b"
        r"|\bmisuse\b"
        r"|\b(?:ought to|should(?:'ve| have| of)) (?:have )?(?:read|washed|checked|saved|asked|called|known"
        r"|listened|looked|kept|paid|come)\b"
        r"|\bhad you (?:read|followed|listened|checked|asked|called|told)\b|\bas (?:stated|mentioned"
        r"|explained|said|told)(?: \w+)? (?:before|above|already|earlier)\b"
        r"|\bnext time,? (?:please |maybe |just |better )?(?:read|check|get|think|listen|look|call|ask)\b"
        r"|\bpay attention\b"
        r"|\bdid you (?:even|actually|really|not) (?:read|check|look|try|listen)\b|\b(?:it's|that's|is) not "
        r"that bad\b"
        r"|\b(?:can't|cannot|don't|do not) (?:see|understand) why you(?:'d|'re| would| are)? (?:be )?(?:so "
        r")?(?:upset|angry|mad|annoyed|worried|complaining)\b|\bover a (?:small|little|tiny)\b",
        "There's no need to shout at me.",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "blame",
        r"\b(?:people|customers|guests|clients|users|riders|passengers|tenants|patients|many|some"
        r"|they all) (?:often"
        r"|sometimes|usually|always|tend to|like to|love to) (?:say|claim|bring|forget|do|make|complain"
        r"|think|blame"
        r"|exaggerate|try|lie|mix|confuse)\b|\bas i (?:keep|always|told|tell|have to keep)(?: \w+)?"
        r" (?:telling|saying|say|tell|people|you)\b|\bbefore (?:you )?(?:complain\w*|accus\w*|blam\w*)\b"
        r"|\byou must(?:'ve| have) (?:\w+ )?(?:done (?:it|something|that)|pressed|entered|typed|deleted"
        r"|forgotten"
        r"|misread|misunderstood|dropped|damaged|clicked|used|set|given|mixed|overlooked|broken|lost (?:it"
        r"|the))\b"
        r"|\bare you (?:really |quite |absolutely )?sure (?:\w+ ){1,6}and not\b|\bprove (?:otherwise|it"
        r"|that it)\b"
        r"|\byou (?:cannot|can't|can hardly|should not|shouldn't|have no right to"
        r"|are in no position to)(?: \w+)?"
        r" (?:complain|blame (?:us|me)|be surprised|expect us)\b|\b(?:riders|customers|people|adults|one"
        r"|you|anyone"
        r"|users|guests|passengers) should be able to (?:read|understand|see|follow|count)\b"
        r"|\bpay (?:more|better|closer) attention\b|\bbe more careful\b|\bmore (?:care|attention) next time\b"
        r"|\byou were (?:also |already |clearly |repeatedly )(?:told|informed|notified|asked)\b"
        r"|\byou were (?:warned|asked to (?:confirm|read|check))\b"
        r"|\b(?:it's|it is|was|is) (?:clearly |plainly |right there )?(?:shown|written|stated|printed"
        r"|mentioned)"
        r" (?:\w+ times|everywhere|clearly|there for)\b",
        "Please pay more attention next time.",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "blame",
        r"\byou (?:really |clearly |obviously |simply )?(?:should(?:'ve| have)|ought to have"
        r"|were supposed to|could have just|needed to) (?!received|gotten|had|been (?:told|charged|sent"
        r"|given))(?:\w+ed|\w+en|\w+wn|\w+ought|read|told|done|sent|kept|paid|said|come|gone|left|put"
        r"|asked)\b|\byou (?:clearly |obviously |must have |probably )?(?:failed|forgot|neglected|ignored"
        r"|entered the wrong|gave (?:us )?the wrong|put in the wrong|typed|chose the wrong"
        r"|misread|misunderst\w+|broke it|caused)\b|\b(?:that's|it's|is|was|this is|entirely"
        r"|all) your (?:fault|mistake|error|responsibility|problem|doing)\b|\byour own (?:fault|mistake"
        r"|error|responsibility|problem|doing)\b",
        "You should have read the terms.",
    ),
    Pattern(
        "blame",
        r"\byou (?:clearly |obviously )?(?:did not|didn't|don't|do not|never|weren't|aren't) (?:read"
        r"|check|follow|listen|pay|provide|tell us|bother|paying|listening|reading)\w*"
        r"|\bif you (?:had|'d) (?:just |only )?(?:read|check|follow|listen|call|told|provided|done)\w*",
        "You didn't read the instructions.",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "blame",
        r"\b(?:please |just |need to )?calm down\b|\bas (?:i|we)(?:'ve| have)?(?: \w+)? (?:already "
        r"|just )?(?:said|told|explained|mentioned)\b|\bi(?:'ve| have)? (?:already|just) told you\b"
        r"|\b(?:just )?relax\b|\bsorry (?:that |if |but )?you feel (?:that|this) way\b|\byou(?:'re"
        r"| are) (?:wrong|mistaken|overreacting|being (?:rude|difficult|unreasonable))\b"
        r"|\b(?:upset|angry|mad|worked up) (?:over|about) nothing\b",
        "As I already said, it takes a week.",
        negated_by_scope=False,
    ),
)
