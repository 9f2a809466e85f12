"""Patterns of next steps and promises of an agent, and of their dates and times."""

from scorecards.autoscore.matching.matcher import Pattern

_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|march|april|may|june|july"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_COUNT = r"(?:\d+|an?|one|two|three|four|five|six|seven|ten|couple of|few|next|24|48)"
_UNIT = r"(?:minutes?|mins?|hours?|hrs?|(?:business |working )?days?|weeks?|seconds?)"
_DEADLINE = (
    r"(?:(?:by|before|until|within|on|this|next|between)\b"
    r"(?! (?:us|me|now|mistake|error|our|your|the (?:wrong|driver|courier)))|today|tonight|tomorrow"
    r"|in (?:\d|an?|half|two|three|ten))"
)

PROMISES = (
    Pattern(
        "next_step",
        r"\b(?:the )?next,? (?:step|i|we|you|the)\b|\bnext steps?\b|\bwhat (?:happens|will happen) (?:next"
        r"|now)\b|\b(?:after that|afterwards|from there)\b|(?:^|[,;] ?)from here\b|\b(?:once|as soon as"
        r"|after|when|until) (?:that|it|this|you|we|i|the|they|he|she|your|his|her)\b[^.]*?(?:'ll|will|can"
        r"|should|get|gets|goes|leaves?|comes?|write|writes|ring|rings)\b|\bwhat comes (?:now|next)\b|\bthe "
        r"moment (?:it|that|this|you|we|i|the|they|he|she|your) (?!you)|\b(?:first|then)\b[^.]*\bthen\b"
        r"|(?:^|[,;] ?|\band )then (?:i|we|you|it|the|he|she|they|our|a|your)\b|\bhere(?:'s| is) the plan\b",
        "Once it arrives, we'll refund you.",
    ),
    Pattern(
        "next_step",
        r"(?:(?<!\bi)(?<!\bwe)(?<!\bthis)(?<!\bthat)'ll"
        r"|(?<!\bi )(?<!\bwe )(?<!this )(?<!that )\bwill) (?!be happy)(?:\w+ "
        r")?(?:receive|get|hear|see|need|be|call|contact|arrive|take|come"
        r"|pick|deliver|email|reach|review|check|ship|appear|show|visit|bring|ring|look|write|decide)\b",
        "You'll receive an email with the label.",
    ),
    Pattern(
        "next_step",
        r"\b(?:you|they) (?:get|have|then get) (?:it|them|the|a|an|your|his|her|that|one)\b|\b(?:he|she"
        r"|they|driver|manager|technician|nurse|crew|potter|team|office|engineer|lawyer|we|it|colleague"
        r"|courier|plumber|fitter|electrician|mechanic|rider|workshop|carrier|desk)(?: \w+){0,2}? (?:gets "
        r"(?:your|the|it)|walks?|signs|writes|rings|calls you|telephones|lifts?|looks at|marks|fills|scans?"
        r"|decides|calls (?:you|her|him)|phones you|texts you|delivers|repairs|collects|brings|picks up"
        r"|comes (?:to you|by|at|on|tomorrow|today|tonight|between|out)|visits|fits|swaps|hands you"
        r"|replaces|reaches you|gets to you|rings your)\b",
        "The driver rings you the evening before.",
    ),
    Pattern(
        "promise",
        r"\byou (?:have|get) (?:it|them|the|your|a|one)(?: \w+){0,5}? (?:by|on|until|before|within|in|today"
        r"|tonight|tomorrow)\b|^\W*(?:it|he|she|they|we|i)(?: \w+ly)? will\W*$",
        "You have it by Thursday noon.",
    ),
    Pattern(
        "promise",
        r"\b(?:(?:i|we|you|they|he|she|it|that)'ll|will|shall|going to)(?: (?!help|assist|check that for "
        r"you now|do my best|(?:have|need) to (?:call|contact|email|message|write|ring))[\w']+){0,7}? "
        r"(?:get back|send|call|email|e-mail|refund\w*|ship|arriv\w*|contact|follow(?:ing)? up|let you know"
        r"|reach|deliver\w*|receive|have (?:it|your|a)|hear|notify|follow(?= (?:shortly|soon|by|on|today"
        r"|tomorrow|within|in|later)\b)|replac\w*|process\w*(?! your request)|credit\w*|be (?:refunded"
        r"|credited|delivered|there|shipped|with you|fixed|resolved|back|in touch|sent|processed|released"
        r"|paid|posted|issued|replaced|repaired|done|ready|here|at your)|escalate|check back|check in|write"
        r"|reply|respond|ring|message|text|fix (?:it|this|that)|pay|telephone|revert|transferred|be "
        r"transferred|dispatch|issue|update you|keep you|come|see (?:it|the|your)|appear|post|expedite|book"
        r"|resend|re-send|reship|take \d)\b",
        "I'll call you back tomorrow.",
    ),
    Pattern(
        "promise",
        rf"\bwith (?:you|him|her|them|your (?:bank|neighbou?r))(?: again)? {_DEADLINE}"
        r"|\b(?:in|on|at) (?:your|his|her|their) (?:\w+ )?(?:hands?|mailbox|inbox|letterbox|account|card"
        rf"|door|desk|street|house|home|flat|shop|office|phone|table)(?: again)? {_DEADLINE}"
        rf"|\bat yours (?:again )?{_DEADLINE}|\b(?<!up )(?<!was )(?<!were )(?:done|ready|sorted"
        rf"|delivered|fixed"
        r"|refunded|shipped|printed|posted|released|credited|collected)(?: (?:again|out|off|for you))?"
        rf" {_DEADLINE}",
        "129.00, with your bank by Tuesday the 28th.",
    ),
    Pattern(
        "promise",
        r"\b(?:i|we) (?:then |also |just )?(?:ring|call|phone|text|email|message|write to|send|bring|meet"
        r"|visit) (?:you|him|her|them|it)\b(?! (?:because|about|to (?:say|tell|inform|ask|let)|regarding))"
        r"|\bi (?:write|report|look|come|am|check)(?: \w+)? (?:here|back|again|in) (?:on|at|by|tomorrow"
        r"|tonight|today|this|before)\b|\b(?:he|she|they)(?:'s|'re| is| are) to (?:ring|call|text|email"
        r"|bring|come|write)\b|\bmay i (?:ring|call|text|write to|phone|email) (?:you|her|him|them)\b",
        "Tomorrow at noon I ring you.",
    ),
    Pattern(
        "promise",
        r"\b(?:is|are|he's|she's|they're|it's)(?: \w+)? (?:at|outside|in|with|there|here|back)\b"
        r"(?: (?!since\b)[\w']+){0,5}? (?:today|tonight|tomorrow|this (?:morning|afternoon|evening)"
        rf"|(?:on |by |before |until )(?:{_DAY}|noon|midnight|\d)|{_DAY})\b(?! (?:last|was|were))",
        "Our engineer is at the cabinet in your street tomorrow between 8 and 10.",
    ),
    Pattern(
        "promise",
        r"\bgive (?:me|us) (?:until|till)\b",
        "Give me until noon.",
    ),
    Pattern(
        "promise",
        r"^\W*(?:\w+, )?expect (?:it|them|your|the|an?)\b|\byou hear from (?:me|us)\b|\bby (?:tonight"
        r"|tomorrow|noon|then|\w+day|\d[\w:]*),? (?:it|they|that|you|this|everything)(?:'s|'re| is| are) "
        r"(?:done|fixed|back|sorted|ready|here|there|yours)\b",
        "Expect it on Thursday.",
    ),
    Pattern(
        "promise",
        r"\byou (?:can expect|should (?:expect|receive|see|get|have(?! (?:been|\w+ed|switched|read|told"
        r"|known)\b))|may expect)\b|\b(?:it|they|order|parcel|refund|replacement|package|money) should "
        r"(?:arrive|be|reach|show|appear|land|get)\b",
        "You should see it on your account by Friday.",
    ),
    Pattern(
        "promise",
        r"\b(?:i'm|i am|we're|we are|it|he|she|they|technician|engineer|courier|driver|order"
        r"|parcel)(?: \w+){0,2}? (?:sending|shipping|calling|emailing"
        r"|delivering|arrives|arriving|leaves|leaving|comes|coming|ships|dispatching|refunding|posting)\b",
        "I'm sending an engineer tomorrow.",
    ),
    Pattern(
        "promise",
        r"\bi (?:\w+ )?(?:promise|guarantee)\b|\bmy word\b|\bwe(?:'re| are)? (?:plan|planning|hope|hoping) "
        r"to (?:ship|send|deliver|fix|release|have)\b",
        "I promise to call you.",
    ),
    Pattern(
        "date",
        rf"\b(?<!since\W)(?<!last\W)(?:{_DAY}|today|tomorrow|tonight|noon|midnight)\b"
        rf"|\b(?:this|tomorrow|in the|by the|by) (?:morning|afternoon|evening)\b"
        rf"|\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b|\b{_MONTH} \d{{1,2}}\b|\b(?:this|next"
        rf"|the) (?:week(?:end)?|month)\b|\b(?:end|close) of (?:the )?(?:day|business|week)\b",
        "You will have it by Friday.",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "date",
        rf"\b(?:within|in|after|by|under|about|for|up to|less than|at most|takes?|another)(?: the| next"
        rf"| about| around| roughly| up to| a| an| another| less than| under){{0,3}} ?{_COUNT}(?: ?(?:-"
        rf"|to|or) ?\w+)? {_UNIT}\b"
        rf"|\b(?:\d+|one|two|three|five)(?: ?(?:-|to|or) ?(?:\d+|two|three|five|seven|ten))? {_UNIT}\b"
        rf"|\b\d+(?:-\d+)?{_UNIT}\b"
        rf"|\bwithin (?:the|an?|one) (?:\w+ )?{_UNIT}\b|\b\d{{1,2}}(?:[:.]\d\d)? ?(?:am|pm|a\.m|p\.m"
        rf"|o'clock)\b|\b(?:24|48|72) ?h\b",
        "It takes 3-5 business days.",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "date",
        r"\bat (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:[12]?\d|3[01]))\b(?! "
        r"(?:percent|per|euro|dollar))|\b(?:by|before|until|between|after) (?:about )?(?:one|two|three|four"
        r"|five|six|seven|eight|nine|ten|eleven|twelve|(?:[12]?\d|3[01]))\b|\b(?:on|by|until|before) the "
        r"(?:[12]?\d|3[01])(?:st|nd|rd|th)?\b|\bbefore (?:breakfast|lunch|supper|dinner|bed)\b|\bhalf "
        r"(?:past )?(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|an hour)\b|\b(?:of"
        r"|for|from) the (?:[12]?\d|3[01])(?:st|nd|rd|th)\b|\bquarter (?:past|to)\b",
        "I'll ring you at three.",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "date",
        r"\b(?:every|each) (?:half )?(?:hour|day|morning|evening|week)\b|\bin no time\b|\bthe same day\b",
        "You'll hear from me every half hour.",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "date",
        r"\b(?:right (?:now|away)|straight away|immediately|instantly)\b|\bby \d{1,2}[:.]\d\d\b"
        r"|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{4}-\d\d-\d\d\b|\b(?:on|by) \d{1,2}/\d{1,2}\b",
        "I'll refund it right away.",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "past",
        r"\b(?:reached|arrived|was|were|had|came|left|went|yesterday|ago|did|began)\b",
        "It reached us on Tuesday.",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "vague_time",
        r"\b(?:soon|shortly|asap|later|in due course|at some point|sometime|in the (?:near|foreseeable) "
        r"future|at (?:the|our) earliest|at a (?:good|convenient|suitable) (?:moment|time))\b|\bas soon as "
        r"possible\b"
        r"|\blonger than usual\b|\bas soon as (?:we|i) can\b|\bwhen(?:ever)? (?:we|i)(?:'re| are| am)? "
        r"(?:can|able)\b",
        "I'll get back to you as soon as possible.",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
)
