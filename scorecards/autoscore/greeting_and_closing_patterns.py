"""Patterns of greeting, farewell, stock sentences, identity verification and account actions."""

from scorecards.autoscore.matching.matcher import Pattern

GREETING_AND_CLOSING_PATTERNS = (
    Pattern(
        "greeting",
        r"^\W*(?:hi+|hello|hey|hiya|good (?:morning|afternoon|evening|day)|welcome|dear|greetings|esteemed"
        r"|respected|honou?red|most honou?red)\b(?!,? (?:oh|poor))",
        "Hello Anna,",
    ),
    Pattern(
        "sign_off",
        r"\b(?:kind|best|warm|many|with) (?:kind |best |warm )?(?:regards|wishes)\b|\btake care\b(?! of)"
        r"|\b(?:good)?bye\b|\b(?:yours )?(?:sincerely|truly|faithfully)\b|\b(?:have|enjoy"
        r"|wish(?:ing)? you)(?: \w+){0,3}? (?:day|night|weekend|evening|afternoon|one|morning|week|trip"
        r"|holiday)\b|\bregards\b|^cheers",
        "Have a lovely day!",
        negated_by_scope=False,
    ),
    Pattern(
        "warm_close",
        r"\btake (?:good )?care\b(?! of)|\b(?:have(?! \w+(?:ed|en|nt)\b)|enjoy|hope you have|wish(?:ing)? "
        r"you)(?: \w+){0,4}? (?:day|night|weekend|evening|afternoon|one|week|trip|holiday|morning|birthday"
        r"|wedding|party)\b|\b(?:warm(?:est)?|best|kind) wishes\b|\b(?:thank you|thanks)(?: \w+){0,2} for "
        r"(?:your (?:\w+ )?(?:patience|trust|understanding|kindness|time)|bearing with|giving us|letting us"
        r"|sticking|being)\b|\bi(?:'m| am)(?: \w+)? (?:glad|happy|pleased) (?:i|we|that|this|it|to (?:have"
        r"|hear))\b|\b(?:it was|it's been|my) (?:a |my )?pleasure\b|\b(?:i )?hope (?:you|the|your|that"
        r"|everything|she|he|they)(?: \S+){0,5}? (?:a good one|enjoy\w*|love\w*|well|better|great|wonderful"
        r"|smooth\w*|soon)\b|\benjoy (?:your|the|every|it)\b",
        "Thank you for your patience, take care.",
    ),
    Pattern(
        "warm_close",
        r"\bgood luck\b|\bsafe (?:travels?|trip|journey|drive|flight)\b|\ball the best\b|\bhappy (?:baking"
        r"|reading|travels|trails|birthday|holidays|cooking|riding|sewing|gardening)\b|\bhave (?:fun|a "
        r"(?:good|great|nice|safe|lovely|sweet))\b|\b(?:look|looking) forward to (?:having|seeing|welcoming"
        r"|meeting)\b|\b(?:wish|wishing) (?:you|him|her|them|your)\b|\b(?:kiss(?:es)?|hugs?|love|greetings"
        r"|best) (?:to|for|from all)\b(?! (?:help|hear|see|do|have|be|call|contact|wait)\b)|\bgive (?:the"
        r"|your|her|him)(?: \w+){1,3} (?:a )?(?:kiss|hug|pat|stroke|treat)\b|\bsend (?:me|us) a (?:picture"
        r"|photo|postcard)\b|\b(?:warm(?:est)?|sunny|kind) (?:greetings|wishes)\b|\byou've got this\b"
        r"|\bfingers crossed\b|\bget well\b|\bcongratulations\b|\bsee you (?:soon|there)\b"
        r"|(?<!\bi )(?<!can )(?<!could )\bsee you on\b|\bsleep well\b",
        "Good luck, and have fun in the hills!",
    ),
    Pattern(
        "warm_close",
        r"\b(?:drive|ride|travel|fly|walk|home|stay|keep|sleep|be) (?:safe(?:ly)?|well|tight|warm|dry"
        r"|strong|healthy|cosy|carefully)\b(?! (?:and|in|with|on|from|as|within|below|above|under))|\bsafe "
        r"(?:\w+ing|home|return|arrival|landing|crossing|ride|way)\b|\b(?:get|catch|have)(?: yourself)? "
        r"(?:some|a|plenty of)(?: good| little| bit of| night's| proper)* (?:sleep|rest)\b|\b(?:get warm"
        r"|warm up|feel better|get better|rest up)\b|\b(?:very )?good ?night\b|\bhats off\b|\bbest of "
        r"luck\b|\ball the (?:very )?best\b|\bproud of you\b|\byou(?:'re| are) a star\b|\b(?:very|most"
        r"|always|so) welcome\b|^\W*any ?time\b|\bmusic to my ears\b|\bwarms my heart\b|\bhow lovely\b",
        "Get home safe!",
    ),
    Pattern(
        "warm_close",
        r"(?:^\W*|[.!,;:] ?|\b(?:and|then|so) )(?:happy (?!to|with|for|about|that|you|we|i|it|if|when|and"
        r"|customers?)[a-z]+|enjoy(?: (?!our|with|to\b|up to)[a-z]+|!|\W*$)|(?:go|now go)(?: and)? "
        r"(?:celebrate|relax|rest|sleep|get some|enjoy|have (?:a|fun))|take it easy|rest easy|relax now"
        r"|glad (?:we|it|i|that's|this|you|everything)|until (?:\w+day|then|tomorrow|next time)|pleasure\b)"
        r"|\b(?:so|very|really|truly|i'm|i am) (?:glad|happy|relieved|delighted|pleased)(?= ?(?:[.!,]|$)| "
        r"(?:for (?:you|him|her|them)|you|he|she|they|your|to (?:see|know|read)|it|we|this|everything)\b)",
        "Happy anniversary to you two!",
    ),
    Pattern(
        "warm_close",
        r"\b(?:give|send|tell|say|pass)(?: (?:on|\w+'?s?)){0,3}? (?:(?:my|our) (?:best|love|regards"
        r"|greetings|wishes)|hello|hi)\b|\btell (?:your|the) (?:\w+ )?(?:son|daughter|baby|kids?|children"
        r"|mum|mom|mother|dad|father|wife|husband|grandma|grandmother|grandpa|grandfather|dog|cat|family"
        r"|girls?|boys?)\b(?! to\b)|\bgive(?: [\w']+){1,3} (?:an? )?(?:\w+ )?(?:squeeze|cuddle|pat|hug|kiss"
        r"|stroke|treat|scratch|cookie|biscuit)\b",
        "Give your mother our love.",
    ),
    Pattern(
        "warm_close",
        r"(?:^\W*|[.!,;:] ?|\b(?:and|then|so|straight away|hear) )see you (?:\w+day|at|in|then|again"
        r"|tomorrow|tonight|later|next|around|\d)",
        "See you Friday!",
    ),
    Pattern(
        "warm_close",
        r"\b(?:thank you|thanks)(?: \w+){0,2} for (?:not |never |so |always |still )?(?!contacting|calling"
        r"|reaching|choosing|holding|waiting|getting in|bringing this|confirming|providing|sharing|sending"
        r"|submitting|verifying|answering|checking|using|writing|shopping|booking|ordering|flying"
        r"|travelling|visiting|responding|replying|letting us know|letting me know)\w+ing\b",
        "Thank you for not giving up on us.",
        negated_by_scope=False,
    ),
    Pattern(
        "warm_close",
        r"\b(?:take(?: very| good)* care of|look after|be (?:kind|good|gentle) to|go easy on|treat) "
        r"(?:yourself|yourselves|each other)\b|\bput your feet up\b|\byou(?:'ve| have)?(?: both| all| two| "
        r"really| more than| certainly)* (?:deserved?|earned) (?:it|that|this|an?|your|every|some)\b"
        r"|\b(?:rooting|cheering) for\b|\bthinking of (?:you|him|her|them|your)\b|\bcross(?:ing)? (?:my|our"
        r"|all my|all our) (?:fingers|thumbs)\b|\b(?:fingers|thumbs|paws|everything) crossed\b|\b(?:lovely"
        r"|nice|great|good|joy|pleasure|wonderful) (?:talking|chatting|speaking|meeting|helping|to (?:talk"
        r"|chat|speak|meet|help)|working)\b|\bcan't wait to (?:see|hear|have|welcome)\b|\byou(?:'ve been| "
        r"have been| were|'re| are) (?:so |very |really |incredibly |too )+(?:patient|kind|gracious"
        r"|understanding|good|nice|lovely|sweet|brave)\b|\byou(?:'ve been| have been| were) (?:patient|kind"
        r"|gracious|lovely|wonderful|great|brilliant|amazing|fantastic|fabulous|an? (?:star|pleasure|joy"
        r"|angel))\b|\b(?:i'm|i am|we're|we are) (?:always |right |still )?here (?:if|whenever|any ?time"
        r"|when you)\b|^\W*(?:yours )?warmly\b|\bmerry \w+|\bbon \w+|\bspeedy recovery\b|\bhang in there\b"
        r"|\bchin up\b|\bsweet dreams\b|\b(?:god )?bless (?:you|him|her|them)\b|\b(?:lots of|much|big|all "
        r"our|all my) (?:love|hugs?)\b|\bwelcome (?:home|back|aboard|to (?:the|your|our) (?:\w+ "
        r")?(?:neighbou?rhood|family|club|team|house|home|flat|crew))\b|\b(?:it was|it's been|it is|it's"
        r"|was|been|always|such)(?: an?| all)?(?: real| true| great| pure)? (?:joy|pleasure|delight"
        r"|honou?r)\b|\bpleasure (?:is|was)(?: all)? (?:mine|ours)\b|\bmade (?:my|our) (?:day|morning|week"
        r"|evening)\b|\bcongrats\b",
        "Take good care of yourselves.",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "warm_close",
        r"(?:^\W*|[.!,;:] ?|\b(?:and|then|so|now|please) )(?:have an? (?!look|think|read|go\b|moment|word"
        r"|seat|try|question|number|copy|photo|chat|problem|minute|second)\w+|have the (?:best|loveliest"
        r"|most)|may (?:the|your|you|she|he|they) [^?]*$|(?:here's|here is) (?:hoping|to (?!the|your|our"
        r"|be))|let's hope (?:the|your|she|he|they|you)\b)",
        "Have a calm start with the new team.",
    ),
    Pattern(
        "warm_close",
        r"(?:^\W*|[.!,;:] ?|\b(?:and|i|we) )(?:i |we )?(?:do |really |so |very much )?(?:hope|hoping) "
        r"(?!(?:this|that|it|these|those|i|we)\b(?: \w+){0,2}? (?:help|helps|helped|answer|answers|answered"
        r"|clarif\w+|resolv\w+|explain\w*|clear|sense|information|useful|satisf\w+|have|can|could|will|was "
        r"able|were able)|you (?:understand|can understand|will|are (?:satisfied|aware)|found|find (?:this"
        r"|the|it)|can (?:see|accept|forgive)|received|got)|to\b|for (?:your|the)|that (?:you (?:will"
        r"|understand|can)|this|answers?|helps?|clarifies)|the (?:information|above|answer|issue|matter"
        r"|problem|explanation|reply|link|steps?)|so\b|not\b|otherwise)[a-z]+",
        "I hope she sings beautifully.",
    ),
    Pattern(
        "canned",
        r"\b(?:any|the) inconveniences?(?: (?:this|it|that|which)?(?: \w+)? ?(?:may|might|has|have|could"
        r"|caused?)| caused)|\b(?:valued? (?:customer|your business|your feedback|you as)|we value)\b"
        r"|\bis (?:very )?important to us\b|\b(?:please )?be (?:informed|advised)\b|\bkindly (?:note|be)\b"
        r"|\bregret to inform\b|\b(?:customer|your) satisfaction is\b|\b(?:do not|don't|dont) hesitate\b"
        r"|\bthank you for your (?:valuable )?(?:feedback|cooperation|understanding and)\b"
        r"|^i (?:completely |totally |fully )?understand your (?:frustration|concerns?)[.,!]?$"
        r"|\bsincerely apologi[sz]e for (?:the|any) (?:inconvenience|delay)\b"
        r"|\b(?:apologi[sz]e|sorry|apologies) for (?:any|the) inconveniences?\b|\b(?:our|a|the) (?:top"
        r"|highest|first|number one) priority\b"
        r"|\byour \w+ is (?:our|a|of) (?:top |highest |utmost |great )?(?:priority|importance)\b"
        r"|\bwe (?:always )?(?:strive|aim) to\b|\bexcellent service\b|\b(?:high|unusually high|large) "
        r"(?:volume|number) of (?:calls|requests|inquiries|enquiries|contacts)\b"
        r"|\bbear with us\b|\bthank(?:s| you) for (?:reaching out|contacting|getting in touch|calling"
        r"|choosing|bringing this to our attention"
        r"|your (?:patience|message|understanding|continued|interest|loyalty|inquiry|enquiry)\b(?: (?:and"
        r"|with)\b)?[^,.!]{0,40}(?=[.!]|$))"
        r"|\bsend us a (?:dm|pm|direct message)\b|\bassist you (?:further|today)\b|\bfeedback helps us\b"
        r"|\b(?:valuable|valued) feedback\b|\b(?:take|taking) a moment to (?:rate|fill)\b|\brate our "
        r"service\b"
        r"|\bin due course\b|\bmeet your expectations\b|\bon this occasion\b|\bassure you of our best\b"
        r"|\bfully understand your concerns?\b"
        r"|\brest assured that\b|\bwe take \w+ very seriously\b|\bforwarded to the (?:relevant|concerned"
        r"|appropriate|responsible)\b|\bunder review\b",
        "We apologise for any inconvenience caused.",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "verification",
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
        r"\b(?:i|we)(?:'ve| have|'ll| will|'m| am)(?: \w+){0,3}? (?:refund|credit|chang|updat"
        r"|cancel|reset|transfer|clos|remov|unlock)\w*|\b(?:has|have) been (?:refunded|credited|changed"
        r"|updated|cancell?ed|reset|closed|unlocked)\b|\byour (?:balance|card|payment) (?:is|was|on file)\b",
        "I have changed the address on your account.",
    ),
)
