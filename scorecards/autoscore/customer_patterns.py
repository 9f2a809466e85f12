"""Patterns for customers: feelings by strength, stakes, failures, repeated contact, sarcasm, thanks."""

from scorecards.autoscore.failure_patterns import FAILURES
from scorecards.autoscore.matching.matcher import Pattern

STRONG, MEDIUM, MILD = "strong", "medium", "mild"
GRAVE = "grave"

FEELINGS = (
    Pattern(
        "feeling",
        r"\b(?:furious|outrag\w+|devastat\w+|desperate\w*|panic\w*|crying|livid|disgust\w+|horr\w+"
        r"|terri(?:fied|ble|fying)"
        r"|hate|appall\w+|heartbroken|infuriat\w+|nightmare|hell|tears|worst|sick (?:of|and tired)|a scam"
        r"|cry|cries|humiliat\w+|shaking|beside myself|freezing|gutted|end of my (?:tether|strength|rope)"
        r"|(?:my|at) wits'? end|(?:lie|lying|keeps? me|stay) awake|no sleep)\b",
        "I am absolutely furious about this.",
        STRONG,
    ),
    Pattern(
        "feeling",
        r"\b(?:frus\w*t\w*|angry|anger|wor+i(?:ed|some)|worry(?:ing)?|anxious|anxiety|upset\w*|stress\w*"
        r"|scar(?:ed|y)"
        r"|disap+oint\w*|ridiculous|unac+eptable|fed up|mad|afraid|nervous|insult\w*|awful|useless"
        r"|pathetic|a joke"
        r"|exhaust(?:ed|ing)|sad|unbelievabl[ey]|unfair|betrayed|ashamed|shock(?:ed|ing)|incompetent|rude"
        r"|(?:so |really |very )?tired of|let (?:me|us) down|let down|overwhelmed|distraught|hurt"
        r"|embarrass(?:ed|ing)"
        r"|disrespectful|abysmal|atrocious|incredibly (?:bad|slow|poor)|frighten\w*|fear(?:s|ing|ful)?"
        r"|worn out|miserable|cheated|ignored|(?:feel|look) stupid|mortif\w+|(?:very|so|really) tense|fuming"
        r"|dreadful|painful|cried|wept|sobb(?:ed|ing))\b"
        r"|\b(?:haven't|have not|hasn't|don't|do not|can't|hardly) (?:slept|sleep)\b",
        "I'm worried sick about my trip.",
        MEDIUM,
    ),
    Pattern(
        "feeling",
        r"\b(?:annoy(?:ed|ing)|concern(?:ed|ing)|confus(?:ed|ing)|urgent(?:ly)?|uneasy|unhappy|puzzled"
        r"|struggling|(?:a bit|so|completely|totally) lost|inconvenient|irritat\w+|unsure what|impatient"
        r"|really (?:hoping|hope)|rel(?:y|ying) on|hassle|unpleasant|a difficult time|dread(?:ing)?)\b",
        "I'm a little concerned about the bill.",
        MILD,
    ),
    Pattern(
        "feeling",
        r"\b(?:freak\w*|stress\w*)(?: \w+)? out\b|\b(?:could|want to|going to|gonna|about to) (?:scream"
        r"|explode"
        r"|cry|burst)\b|\b(?:going|go|gone|driv\w+ (?:me|us)|drove (?:me|us))(?: \w+)? (?:crazy|mad|nuts"
        r"|insane|up "
        r"the wall|round the bend|spare|bananas)\b|\b(?:los(?:e|ing|t)|running out of"
        r"|out of)(?: all)? (?:my |our )?"
        r"(?:patience|faith|trust|temper|hope|nerve|sleep)\b|\blosing (?:it|my mind)\b|\bhad it (?:with"
        r"|up to)\b"
        r"|\bhad enough\b|\btearing (?:my|our) hair\b|\bsick to my\b|\b(?:up|awake) (?:all|half the) night\b"
        r"|\b(?:feel|feels|feeling|felt) (?:so |very |really |a bit |rather |like )?(?:small|stupid|sick"
        r"|lost|ill"
        r"|helpless|powerless|foolish|forgotten|invisible|trapped|dumb|silly|unwanted|second class"
        r"|an idiot|a fool"
        r"|i'm nobody|you(?:'re| are| don't| never))\b|\bdie of (?:shame|embarrassment)\b|\b(?:laugh\w*"
        r"|mocking) "
        r"(?:at )?(?:me|us)\b|\bat a loss\b|\bon edge\b|\bknot in my\b|\bbroke(?:n)? my heart\b",
        "I'm losing patience with you.",
        MEDIUM,
        negated_by_scope=False,
    ),
    Pattern(
        "feeling",
        r"\bi (?:really |just |simply |honestly )*(?:can't|cannot|can not|couldn't) (?:believe|stand"
        r"|sleep|take (?:this|it|any)|deal|handle)\b",
        "I can't sleep because of this.",
        MEDIUM,
        negated_by_scope=False,
    ),
    Pattern(
        "feeling",
        r"\b(?:could|want to|about to|going to|wanna) (?:just )?(?:scream|cry|explode)\b|\b(?:los(?:e|ing)"
        r"|lost|out of|running out of) (?:my |our |all |any )?(?:patience|hope|my mind)\b|\bfree?a?k(?:ed"
        r"|ing) out\b|\b(?:go(?:ing)?|driv(?:es?|ing)|drove)(?: me| us)? (?:crazy|mad|insane|nuts|up the "
        r"wall)\b|\b(?:i've|i have|we've) had (?:it|enough)\b|\benough is enough\b|\blaughing at (?:me"
        r"|us)\b|\b(?:feel|feels|felt|feeling) (?:like (?:you|nobody|no one|shit|crap|an? (?:idiot|fool"
        r"|number|cheat|beggar|burden|criminal|thief|joke|child|nuisance|liar))|(?:so|very|really"
        r"|completely|utterly) (?!happy|good|grateful|lucky|relieved|better|welcome|comfortable|safe"
        r"|confident|much|well)|small\b|lost|sick|bad\b|alone|helpless|hopeless|lonely|numb|terrible|awful"
        r"|stupid|forgotten)|\b(?:helpless|hopeless)\b|\bheart (?:sank|sinks)\b|\b(?:broke|breaks|breaking) "
        r"(?:my|our) heart\b|\bon my (?:last )?nerves\b|\bpatience (?:is|has)\b",
        "I could scream.",
        MEDIUM,
    ),
    Pattern(
        "feeling",
        r"\b(?:not|isn't|aren't|wasn't|never|n't) (?:at all |very |really |too |so |one bit )*(?:happy"
        r"|satisfied|pleased|impressed|amused|acceptable|funny|cool)\b",
        "I'm not happy with this at all.",
        MEDIUM,
        negated_by_scope=False,
    ),
    Pattern(
        "feeling",
        "[\U0001f620\U0001f621\U0001f624\U0001f62d\U0001f62c\U0001f622\U0001f614\U0001f61e\U0001f61f\U0001f615\U0001f629\U0001f62b\U0001f616\U0001f623"
        "\U0001f630\U0001f628\U0001f631\U0001f613\U0001f625\U0001f494\U0001f644\U0001f612\U0001f92c\U0001f63f]",
        "my order again \U0001f621",
        MEDIUM,
        negated_by_scope=False,
    ),
)
STAKES = (
    Pattern(
        "stakes",
        r"\b(?:medic(?:ation|ine|al)\w*|funeral|evict\w*|pay (?:my |the )?rent|hospital\w*|insulin"
        r"|surgery|stranded"
        r"|(?:lose|lost|losing) my (?:job|home|deposit)|passed away|emergency|asthma|oxygen|(?:my"
        r"|our) loss|died|death of|cancer|inhaler|dialysis|wheelchair|pacemaker|seizures?|paralysed|smell "
        r"of gas|gas smell|smoke (?:smell|alarm)|newborn|my late \w+|widow)\b",
        "My mother passed away last week.",
        GRAVE,
        counts_in_condition=True,
    ),
    Pattern(
        "stakes",
        r"\b(?:hail|storm|flood|fire|lightning|tree|water|somebody|someone|a (?:car|van|truck|lorry|bus)"
        r"|they|burglars?"
        r"|thieves)(?: \w+)? (?:went through|came (?:in|through)|tore|hit|drove into|crashed into|ran into"
        r"|broke into"
        r"|broke in|smashed into|robbed|mugged|stole|flooded|destroyed|fell on)\b|\b(?:i|we)(?:'ve been"
        r"| was| were"
        r"| got)(?: just)? (?:robbed|burgled|mugged|scammed|hacked|hit by|knocked down"
        r"|in an? (?:\w+ )?(?:accident"
        r"|crash))\b|\bthere(?:'s| is| was) (?:water|smoke|mould|mold|gas) (?:in|everywhere|coming|all)\b",
        "Somebody drove into my parked car.",
        GRAVE,
    ),
    Pattern(
        "stakes",
        r"\b(?:(?:my|our|the|newborn) baby|(?:my|our|the|her|his) wedding|(?:miss|missed|my) (?:my "
        r"|the )?flight|lawyer|court|job interview"
        r"|exam|mortgage|overdraft|prescription|visa (?:interview|appointment)|elderly|(?:daughter|son"
        r"|kid|child|mum|mom|mother|father|wife"
        r"|husband)\w*(?:'s)? birthday|(?:it's|it is|this is|that's) my only)\b",
        "It is for my daughter's birthday.",
        counts_in_condition=True,
    ),
    Pattern(
        "stakes",
        r"\b(?:i|we) (?:really |badly |desperately |urgently )+need|\bdepend on (?:it|this)|can(?:'t"
        r"|not) afford|need (?:it|this|them) (?:by|before|today|tomorrow|tonight|for)\b",
        "I really need it before Friday.",
        negated_by_scope=False,
    ),
)
REPEATED = (
    Pattern(
        "repeated",
        r"\b(?:second|third|fourth|fifth|2nd|3rd|4th|5th|sixth|tenth|hundredth|umpteenth) time\b"
        r"|\b(?:again and again|over and over|time and again|once again|yet again)\b"
        r"|\b(?:keep|kept|had to|have to)(?: \w+)? (?:call|email|writ|explain|ask|chas|repeat"
        r"|contact)(?:ing|e)?\b|\b(?:keep|kept|had to)(?: \w+)? tell(?:ing)?\b|\b(?:already|'ve"
        r"|have)(?: \w+)? (?:contacted|called|emailed|written"
        r"|wrote|explained|asked|told|chased|repeated)\b"
        r"|\b(?:called|contacted|emailed|asked|written|tried|phoned|chased"
        r"|messaged)(?: \w+){0,3}? (?:\d+|two|three|four|five|six|several|many|countless|multiple) times\b",
        "This is the third time I am asking.",
        negated_by_scope=False,
    ),
)
_GRIEVANCE = (
    r"(?:waiting|paying|late|lost|losing|broken|flood|again|wrong|cold|missing|another|without|delays?|crash"
    r"|surcharge|fee|cancelled|only|hours|hrs|disaster)"
)
"""Words of complaint that make a polite phrase in the same sentence sarcastic."""

ATTITUDE = (
    Pattern(
        "sarcasm",
        r"\bthanks? (?:a lot |so much )?for (?:nothing|wasting|ruining|the (?:non|zero))|\b(?:oh|well"
        r"|just|yeah|wow),? (?:how |that's |that is |just )?"
        r"(?:great|wonderful|brilliant|fantastic|lovely|perfect|amazing)\b(?=[.!,]|$)|\b(?:great"
        r"|wonderful|brilliant|fantastic|lovely|perfect|amazing),? "
        r"(?:another|now|so (?:now|i)|yet another|just what i|that'?s just)|\b(?:real|super"
        r"|so) helpful\b(?=[.!]|$)",
        "Great, another week without internet.",
        negated_by_scope=False,
    ),
    Pattern(
        "sarcasm",
        r"\b(?:just|simply|really|absolutely) love (?:waiting|being|how|paying|it when)\b"
        r"|\b(?:great|wonderful|brilliant|fantastic|lovely|perfect|amazing|congratulations|bravo|(?:five|5) "
        r"stars|impressive|what a (?:\w+ )?idea)\b[^?]{0,60}\b(?:late(?! (?:afternoon|evening|night))|lost"
        r"|losing|broken|flood\w*|again|wrong|cold|missing"
        r"|another|without|delays?|crash\w*|surcharge|fee|cancell?ed|run away|disaster)\b"
        r"|\bthank(?:s| you)(?: so much| a lot)? for the (?:cold|late|wrong|broken"
        r"|(?:long|endless)(?= (?:\w+ )?(?:wait|hold|queue|delay|silence|line|call)))\b"
        rf"|\btake your time\b(?=.*\b{_GRIEVANCE}\b)|\b{_GRIEVANCE}\b.*\btake your time\b"
        rf"|\bhow lovely\b|\bthis (?:decade|century)\b|\b(?:hrs?"
        r"|hours?)\b[^?]{0,30}\bimpressive\b",
        "Oh I just love waiting three weeks for a charger.",
        negated_by_scope=False,
    ),
    Pattern(
        "asks_when",
        r"\bwhen(?:'s| do| does| did| will| can| is| are| would| comes?| drop| you)\b(?! you (?:open"
        r"|close))|\bwhen\W*$"
        r"|\bwhen (?:\w+ )?(?:refund|delivery|money)\b|^money back when|\bhow (?:much longer|soon)\b"
        r"|\bhow long (?:will|does|do|until|till|must|before|is it)\b|\beta\b|\bw(?:h)?ere(?:'s| is) (?:my"
        r"|our|the|his|her)\b"
        r"|\bwhat (?:is happening|happens|next|now)\b|\bwhere (?:does|do) (?:it|we) stand\b|\ba date\b"
        r"|\bhow do i get\b",
        "When will the crane come?",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "asks_fact",
        r"^\W*(?:(?:hi|hello|hey|good \w+|dear \w+|please|so|and|ok|just|sorry|@\w+|quick question)\W+)*"
        r"(?:are (?:you|there|gift)|do (?:you|they|gift)|does|is (?:there|it|that|breakfast|the)|which|what "
        r"(?:time|colou?r|size|kind|model|is the|are the)"
        r"|what's the|how (?:big|much|many|long is|long are|long was)|can (?:i|we|you) (?:bring|tell)|when "
        r"(?:do|are) you (?:open|close))\b",
        "What time do you open?",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "asks_fact",
        r"\bhow (?:much|many|long) (?:is|are|does|would|will)\b|\bwould .{0,40} cost\b",
        "How much is the large one?",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "thanks",
        r"\b(?:thank you|thanks|thx|cheers|appreciate (?:it|your|the|that|you))\b"
        r"|^(?:that's )?(?:perfect|great|brilliant|awesome)\b",
        "Thanks, that helps.",
    ),
    Pattern(
        "praise",
        r"\b(?:word of (?:thanks|praise)|leave (?:some|a) (?:praise|compliment)|(?:my )?compliments to|pass "
        r"(?:on )?(?:my|our) (?:thanks|compliments)|(?:big|many) thanks to|shout-?out to|(?:want(?:ed)?"
        r"|would like|'d like) to (?:say (?:thanks|thank you)|thank|praise|compliment)|just an? (?:\w+ "
        r")?thank ?you|made (?:my|our) (?:day|week|evening|morning|trip)|(?:was|were|is|are|been|has been) "
        r"(?:so |very |really |just |absolutely |truly )*(?:marvell?ous|wonderful|fantastic|brilliant"
        r"|lovely|amazing|outstanding|superb|an angel|a star|a gem)(?: (?:with|to|about) \w+)?)\b(?! (?:if"
        r"|to (?:have|get|hear)))",
        "Just a word of thanks: Ana was wonderful.",
    ),
)
CUSTOMER_PATTERNS = (*FEELINGS, *STAKES, *FAILURES, *REPEATED, *ATTITUDE)
