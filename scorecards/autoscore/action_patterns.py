"""What agents say when they act: solving, promising, naming a time, checking back, reassuring."""

from scorecards.autoscore.patterns import Pattern

_DO = (
    r"(?:refund|replac|resend|re-?send|send|sent|re-?ship|ship|issu|credit|cancel|process|reset|updat"
    r"|chang|correct|fix|waiv|escalat|re-?book|book"
    r"|re-?schedul|arrang|schedul|expedit|upgrad|extend|remov|add|appl|reactivat|activat|restor|unlock"
    r"|revers|fil|open|creat|dispatch"
    r"|submit|order|exchang|deduct|adjust|swap|repair|transferr|complet|sort|resolv|reinstat|register"
    r"|get you|given you|giv|offer|prepar"
    r"|mov|request|pass|rais|log|flag)(?:e|es|ed|ing|ied|y|ted|ting|d|s|led|ling|ped|ping|ged)?"
)
_DO_ANCHORS = (
    "refu* repl* rese* send* sent re-s* resh* ship* issu* cred* canc* proc* upda* chan* corr* fix* fixe* "
    "fixi* waiv* esca* rebo* book* "
    "arra* sche* expe* upgr* exte* remo* add adde* addi* appl* reac* acti* rest* unlo* reve* fili* file* "
    "open* crea* disp* subm* "
    "orde* exch* dedu* adju* swap* repa* tran* comp* sort* reso* rein* regi* get given give givi* offe* "
    "prep* "
    "move* movi* requ* pass* rais* log logged logging flag*"
)
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|march|april|may|june|july"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_COUNT = r"(?:\d+|an?|one|two|three|four|five|six|seven|ten|couple of|few|next|24|48)"
_UNIT = r"(?:minutes?|mins?|hours?|hrs?|(?:business |working )?days?|weeks?|seconds?)"

SOLVING = (
    Pattern(
        "solution",
        _DO_ANCHORS,
        rf"\b(?:i|we)(?:'ll| will|'ve| have|'m| am|'re| are|'d| would| can| could| just"
        rf"| went)(?: (?:\w+ly|now|just|also|like|going|to|gone|ahead|and|be|able|be|happy|glad|then"
        rf"|instead|actually|go|right|away)){{0,5}} {_DO}\b"
        r"(?! (?:up with|back to|in touch|this up|into))",
        "I've issued a refund of $20.",
    ),
    Pattern(
        "solution",
        "refund replacement credit exchange discount voucher refunded replaced credited cancelled "
        "canceled fixed reset updated "
        "resolved booked rebooked shipped reshipped dispatched processed upgraded waived corrected "
        "removed restored unlocked sent approved arranged reversed way offer give get",
        r"\b(?:your|the|a|full|this|that)(?: \w+){0,2}? (?:refund|replacement|credit|exchange|order"
        r"|charge|fee|booking|account|payment|label|technician|parcel|package)?"
        r" ?(?:has been|have been|is now|was|will be|is|are|have now been"
        r"|has now been) (?:\w+ )?(?:refunded|replaced|credited|cancell?ed|fixed|reset|updated|resolved"
        r"|(?:re)?booked"
        r"|(?:re)?shipped|dispatched|processed|upgraded|waived|corrected|removed|restored|unlocked|sent"
        r"|approved|on (?:its|the) way|arranged|reversed)\b"
        r"|\b(?:offer|give|get) you (?:a|an|the|your|\$|£|€|\d)",
        "Your refund has been approved.",
    ),
    Pattern(
        "solution",
        "try restart click go open use follow reset turn unplug update reinstall download press select "
        "log visit return sign clear "
        "switch check enter choose tap hold plug connect scroll delete change head uninstall",
        r"(?:^|[,;:] ?|\b(?:please|simply|just|then|first|next|now|and|you can|you could|could you"
        r"|can you|let's|you may|you'll need to|you need to|to (?:fix|solve) (?:this|that|it),?)(?: \w+)? )"
        r"(?:try|restart|click|go (?:to|into|back)|open|use (?:the|this|our|your)|follow|reset"
        r"|turn (?:it|the|off|on|your)|unplug|update|reinstall|download|press|select|log (?:in|out|off"
        r"|on|into)|visit|return (?:it|the)"
        r"|sign (?:in|out)|clear|switch|enter (?:the|this|your)|choose|tap|hold (?:down|the)|plug"
        r"|connect|scroll|delete|change (?:the|your)|head (?:to|over)|uninstall)\b",
        "Please try restarting the router.",
    ),
    Pattern(
        "solution",
        "had",
        r"\b(?:i|we)(?:'ve| have) had (?:the|our|my|them|a)(?: \w+){0,3}? (?:put|send|sent|move|release|book"
        r"|ship|hold|change|correct|reset|replace|repair|check|return)\b",
        "I've had the carrier put it on the next truck.",
    ),
    Pattern(
        "solution",
        "here's here solution option way fix workaround answer thing what",
        r"\bhere(?:'s| is) (?:what|how|your|a|the (?:link|label|fix|plan|solution))\b|\bthe (?:best"
        r"|easiest|quickest|simplest)? ?(?:solution|option|fix|way|thing|workaround|answer) (?:is|here"
        r"|would be|to do)\b"
        r"|\bwhat (?:i|we) can do(?: \w+){0,3}? (?:is|for you)\b",
        "Here's what I can do.",
    ),
    Pattern(
        "solution",
        "you'll you will expire ships free valid available allowed can",
        r"\byou(?:'ll| will)(?: \w+)? (?:receive|get|have|see) (?:a|an|the|your|it|one|that)\b",
        "You'll get a new one on Monday.",
    ),
)
FOLLOWING_UP = (
    Pattern(
        "next_step",
        "next then once after afterwards as when what from first",
        r"\b(?:the )?next,? (?:step|i|we|you|the)\b|\bnext steps?\b|\bwhat (?:happens"
        r"|will happen) (?:next|now)\b|\b(?:after that|afterwards|from there)\b|(?:^|[,;] ?)from here\b"
        r"|\b(?:once|as soon as|after|when) (?:that|it|this|you|we|i|the|your)\b[^.]*?(?:'ll|will|can"
        r"|should)\b|\bfirst\b[^.]*\bthen\b|^then\b",
        "Once it arrives, we'll refund you.",
    ),
    Pattern(
        "next_step",
        "will you'll i'll we'll they'll he'll she'll",
        r"\b(?:you|they|it|he|she|(?:the|our|a|my)(?: \w+){1,2})(?:'ll"
        r"| will) (?!be happy)(?:\w+ )?(?:receive|get|hear|see|need|be|call|contact|arrive|take|come"
        r"|pick|deliver|email|reach|review|check|ship|appear|show)\b",
        "You'll receive an email with the label.",
    ),
    Pattern(
        "promise",
        "i'll we'll you'll they'll it'll he'll she'll will going expect should 'll gonna",
        r"(?:'ll|\bwill|\bgoing to)(?: (?!help|assist|check that for you now"
        r"|do my best|(?:have|need) to (?:call|contact|email|message|write|ring))[\w']+){0,7}?"
        r" (?:get back|send|call|email|e-mail|refund\w*|ship|arriv\w*|contact"
        r"|follow(?:ing)? up|let you know|reach|deliver\w*|receive|have (?:it|your|a)"
        r"|hear|notify|replac\w*|process\w*|credit\w*|be (?:refunded|credited|delivered|there|shipped"
        r"|with you|fixed|resolved|back|in touch|sent|processed)|escalate|check back|check in|write"
        r"|reply|respond"
        r"|ring|message|text|dispatch|issue|update you|keep you|come|see (?:it|the|your)|appear|post"
        r"|expedite|book|resend|re-send|reship|take \d)\b",
        "I'll call you back tomorrow.",
    ),
    Pattern(
        "promise",
        "expect should",
        r"\byou (?:can expect|should (?:expect|receive|see|get|have)|may expect)\b|\b(?:it|they|order"
        r"|parcel|refund|replacement|package|money) should (?:arrive|be|reach|show|appear|land|get)\b",
        "You should see it on your account by Friday.",
    ),
    Pattern(
        "promise",
        "send* ship* call* ring* email* deli* come* comi* arri* leav* disp* refu* post* resc*",
        r"\b(?:i'm|i am|we're|we are|it|he|she|they|technician|engineer|courier|driver|order"
        r"|parcel)(?: \w+){0,2}? (?:sending|shipping|calling|emailing"
        r"|delivering|arrives|arriving|leaves|leaving|comes|coming|ships|dispatching|refunding|posting)\b",
        "I'm sending an engineer tomorrow.",
    ),
    Pattern(
        "promise",
        "promise guarantee",
        r"\bi (?:\w+ )?(?:promise|guarantee)\b",
        "I promise to call you.",
    ),
    Pattern(
        "date",
        "monday tuesday wednesday thursday friday saturday sunday today tomorrow tonight noon midnight "
        "january february march april may june "
        "july august september october november december jan feb aug sept sep oct nov dec morning "
        "afternoon evening weekend week "
        "end close",
        rf"\b(?<!since\W)(?<!last\W)(?:{_DAY}|today|tomorrow|tonight|noon|midnight)\b"
        rf"|\b(?:this|tomorrow|in the|by) (?:morning"
        rf"|afternoon|evening)\b"
        rf"|\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b|\b{_MONTH} \d{{1,2}}\b|\b(?:this|next"
        rf"|the) (?:week(?:end)?|month)\b|\b(?:end|close) of (?:the )?(?:day|business|week)\b",
        "You will have it by Friday.",
        negatable=False,
        conditional=True,
    ),
    Pattern(
        "date",
        "minute minutes min mins hour hours hr hrs day days week weeks second seconds pm am a.m p.m 24h "
        "48h 72h 24 48 72 o'clock 1am 1pm 2am 2pm 3am 3pm 4am 4pm 5am 5pm 6am 6pm 7am 7pm 8am 8pm 9am "
        "9pm 10am 10pm 11am 11pm 12am 12pm",
        rf"\b(?:within|in|after|by|under|about|for|up to|less than|at most|takes?|another)(?: the| next"
        rf"| about| around| roughly| up to| a| an| another| less than| under){{0,3}} ?{_COUNT}(?: ?(?:-"
        rf"|to|or) ?\w+)? ?{_UNIT}\b"
        rf"|\b(?:\d+|one|two|three|five)(?: ?(?:-|to|or) ?(?:\d+|two|three|five|seven|ten))? ?{_UNIT}\b"
        rf"|\bwithin (?:the|an?|one) (?:\w+ )?{_UNIT}\b|\b\d{{1,2}}(?:[:.]\d\d)? ?(?:am|pm|a\.m|p\.m"
        rf"|o'clock)\b|\b(?:24|48|72) ?h\b",
        "It takes 3-5 business days.",
        negatable=False,
        conditional=True,
    ),
    Pattern(
        "date",
        "now away immediately instantly 1 2 3 4 5 6 7 8 9 10 11 12 00 30 15",
        r"\b(?:right (?:now|away)|straight away|immediately|instantly)\b|\bby \d{1,2}[:.]\d\d\b"
        r"|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{4}-\d\d-\d\d\b|\b(?:on|by) \d{1,2}/\d{1,2}\b",
        "I'll refund it right away.",
        negatable=False,
        conditional=True,
    ),
    Pattern(
        "vague_time",
        "soon shortly possible course asap later",
        r"\b(?:soon|shortly|asap|later|in due course)\b|\bas soon as possible\b",
        "I'll get back to you as soon as possible.",
        negatable=False,
        conditional=True,
    ),
    Pattern(
        "check_back",
        "does do did will would is are has have how happy",
        r"\b(?:does|did|do|would|will) (?:that|this|it|these|those)(?: all)? (?:work|help|make sense"
        r"|sound|answer|solve|resolve|fix|be (?:ok|okay|alright|all right|helpful)|suit|look)\b"
        r"|\b(?:is|are) (?:that|this|everything|it|things|you)(?: \w+){0,2}? (?:ok|okay|alright"
        r"|all right|working|clear|fine|better|sorted|resolved|happy|comfortable|good|able to (?:see|log"
        r"|access|connect))\b"
        r"|\b(?:does|do|will|would) (?!that|this|it)(?:\w+ ){1,5}?(?:work|suit|be (?:ok|okay|fine|alright))"
        r" ?(?:for )?you\b"
        r"|\b(?:has|have) (?:that|this|it|i|we)(?: \w+)? (?:solved|resolved|answered|fixed|helped|worked"
        r"|come through)\b|\bhow does (?:that|this) sound\b|\bhappy with (?:that|this)\b",
        "Does that work for you?",
        negatable=False,
        conditional=True,
    ),
    Pattern(
        "check_back",
        "confirm check try see let tell reply write respond",
        r"\b(?:can|could|would|please)(?: you)?(?: please)? (?:confirm|check|try|see"
        r"|tell me)(?: \S+){0,6}? (?:work\w*|see it|now|arrived|received|okay|ok)\b"
        r"|\b(?:let (?:me|us) know|tell me|(?:reply|write|respond)(?: to)? (?:me|here|to this)) (?:if"
        r"|how|whether|when|once|in case)(?: \S+){0,7}? (?:work\w*|help\w*|arriv\w*|goes|persist\w*"
        r"|again|still|happen\w*|problems?|issues?|trouble|doesn't|isn't|hasn't)\b",
        "Let me know if the problem comes back again.",
        negatable=False,
        conditional=True,
    ),
    Pattern(
        "check_back",
        "follow following check checking call ring phone get getting be being keep keeping circling "
        "touch reach reaching update updating let letting write email message text look looking",
        r"(?:'ll|\bwill|\bgoing to|\bi'm|\bi am|\blet me)(?: [\w']+){0,4}? (?:follow(?:ing)? up"
        r"|check(?:ing)? (?:back|in)|(?:call|ring|phone) you|get(?:ting)? back to you"
        r"|be(?:ing)? in touch|keep(?:ing)? (?:you|an eye|track)|circl(?:e|ing) back"
        r"|touch base|reach(?:ing)? out|updat(?:e|ing) you|let(?:ting)? you know|look(?:ing)? again"
        r"|(?:write(?: to)?|message|text) you"
        r"|email you (?:as soon|when|once|to))\b",
        "I'll follow up with you on Friday.",
    ),
    Pattern(
        "more_help",
        "else other further",
        r"\b(?:anything|something) else\b|\b(?:any )?(?:other|further) (?:questions?|assistance|help)\b",
        "Is there anything else?",
        conditional=True,
    ),
    Pattern(
        "reassurance",
        "worry worries worried stressed panic rush rushed feel assured assure won't will have good right "
        "on side figure work find make find charged here get got sort lose safe peace stress together "
        "with alone confident anywhere through hesitate rush",
        r"\b(?:do not|don't|dont|no need to|needn't|please don't|nothing to|not have to|won't have to"
        r"|shouldn't)(?: you)?(?: need to)?(?: feel)? (?:be )?(?:worr(?:y|ied)|stress\w*|panic|rush\w*"
        r"|feel (?:bad|in a rush)|in a rush)\b"
        r"|\brest assured\b|\bi(?: can)? assure you\b|\byou(?:'re| are) in (?:good|safe|the right)\b"
        r"|\b(?:i|we)(?:'m| am|'re| are)(?: \w+)? (?:here (?:for|with|to help|until)|with you|on (?:this"
        r"|it|your side))\b"
        r"|\b(?:we|i)(?:'ll| will)(?: \w+)? (?:get (?:this|that|it|you) (?:sorted|fixed|resolved|through"
        r"|back)|sort (?:this|it|that) out|make sure|work (?:this|it) out|figure (?:this|it) out"
        r"|find a (?:way|solution)|make (?:this|it|things) right)\b"
        r"|\byou (?:won't|will not) (?:lose|be charged|miss|have to|need to)\b|\b(?:are"
        r"|is) (?:completely |perfectly )?safe\b|\bi(?:'ve| have)? got you\b|\bi(?:'m| am) confident\b"
        r"|\b(?:not going anywhere|get through this|not alone)\b|\bpeace of mind\b",
        "Don't worry, we'll get this sorted.",
        negatable=False,
    ),
)
ACTION_PATTERNS = (*SOLVING, *FOLLOWING_UP)
