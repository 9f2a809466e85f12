"""What customers say: feelings by strength, stakes, service failures, repeated contact, sarcasm, thanks."""

from scorecards.autoscore.patterns import Pattern

STRONG, MEDIUM, MILD = "strong", "medium", "mild"
GRAVE = "grave"

FEELINGS = (
    Pattern(
        "feeling",
        "furi* outr* deva* desp* pani* cryi* disg* horr* terr* hate appa* heartbroken infu* livi* "
        "nightmare hell tears worst "
        "sick desperate scam",
        r"\b(?:furious|outrag\w+|devastat\w+|desperate\w*|panic\w*|crying|livid|disgust\w+|horr\w+"
        r"|terri(?:fied|ble|fying)"
        r"|hate|appall\w+|heartbroken|infuriat\w+|nightmare|hell|tears|worst|sick (?:of|and tired)|a scam)\b",
        "I am absolutely furious about this.",
        STRONG,
    ),
    Pattern(
        "feeling",
        "frus* ange* angr* wori* worr* wory* anxi* upse* stre* scar* disa* ridi* unac* fed mad afra* "
        "nerv* insu* awfu* useless "
        "pathetic joke exha* sad unbe* unfa* betrayed ashamed shoc* incompetent rude tired let "
        "overwhelmed distraught hurt "
        "embarrassing embarrassed humiliating disrespectful abys* atro* incr*",
        r"\b(?:frus\w*t\w*|angry|anger|wor+i(?:ed|some)|worry(?:ing)?|anxious|anxiety|upset\w*|stress\w*"
        r"|scar(?:ed|y)"
        r"|disap+oint\w*|ridiculous|unac+eptable|fed up|mad|afraid|nervous|insult\w*|awful|useless"
        r"|pathetic|a joke"
        r"|exhaust(?:ed|ing)|sad|unbelievabl[ey]|unfair|betrayed|ashamed|shock(?:ed|ing)|incompetent|rude"
        r"|(?:so |really |very )?tired of|let (?:me|us) down|let down|overwhelmed|distraught|hurt"
        r"|embarrass(?:ed|ing)"
        r"|humiliating|disrespectful|abysmal|atrocious|incredibly (?:bad|slow|poor))\b",
        "I'm worried sick about my trip.",
        MEDIUM,
    ),
    Pattern(
        "feeling",
        "anno* conc* confused confusing urgent urgently uneasy unhappy puzzled struggling lost "
        "inconvenient irri* unsure "
        "desperately impatient hope hoping rely relying hassle unhappy missing unpleasant difficult "
        "dread dreading",
        r"\b(?:annoy(?:ed|ing)|concern(?:ed|ing)|confus(?:ed|ing)|urgent(?:ly)?|uneasy|unhappy|puzzled"
        r"|struggling"
        r"|(?:a bit|so|completely|totally) lost|inconvenient|irritat\w+|unsure what|impatient"
        r"|really (?:hoping|hope)"
        r"|rel(?:y|ying) on|hassle|unpleasant|a difficult time|dread(?:ing)?)\b",
        "I'm a little concerned about the bill.",
        MILD,
    ),
    Pattern(
        "feeling",
        "understand believe need stand sleep take deal handle",
        r"\bi (?:really |just |simply |honestly )*(?:can't|cannot|can not|couldn't) (?:believe|stand"
        r"|sleep|take (?:this|it|any)"
        r"|deal|handle)\b",
        "I can't sleep because of this.",
        MEDIUM,
        negatable=False,
    ),
    Pattern(
        "feeling",
        "happy satisfied pleased impressed amused okay acceptable funny cool",
        r"\b(?:not|isn't|aren't|wasn't|never|n't) (?:at all |very |really |too |so |one bit )*(?:happy"
        r"|satisfied|pleased"
        r"|impressed|amused|acceptable|funny|cool)\b",
        "I'm not happy with this at all.",
        MEDIUM,
        negatable=False,
    ),
)
STAKES = (
    Pattern(
        "stakes",
        "medi* fune* evic* rent hosp* insulin surgery stranded job home depo* pass* emergency asthma "
        "oxygen loss died death cancer",
        r"\b(?:medic(?:ation|ine|al)\w*|funeral|evict\w*|pay (?:my |the )?rent|hospital\w*|insulin"
        r"|surgery|stranded"
        r"|(?:lose|lost|losing) my (?:job|home|deposit)|passed away|emergency|asthma|oxygen|(?:my"
        r"|our) loss|died|death of|cancer)\b",
        "My mother passed away last week.",
        GRAVE,
        conditional=True,
    ),
    Pattern(
        "stakes",
        "baby wedding flight lawyer court interview exam mortgage overdraft prescription visa birthday "
        "only elderly",
        r"\b(?:(?:my|our|the|newborn) baby|(?:my|our|the|her|his) wedding|(?:miss|missed|my) (?:my "
        r"|the )?flight|lawyer|court|job interview"
        r"|exam|mortgage|overdraft|prescription|visa (?:interview|appointment)|elderly|(?:daughter|son"
        r"|kid|child|mum|mom|mother|father|wife"
        r"|husband)\w*(?:'s)? birthday|(?:it's|it is|this is|that's) my only)\b",
        "It is for my daughter's birthday.",
        conditional=True,
    ),
    Pattern(
        "stakes",
        "need depend afford",
        r"\b(?:i|we) (?:really |badly |desperately |urgently )+need|\bdepend on (?:it|this)|can(?:'t"
        r"|not) afford|need (?:it|this|them) "
        r"(?:by|before|today|tomorrow|tonight|for)\b",
        "I really need it before Friday.",
        negatable=False,
    ),
)
FAILURES = (
    Pattern(
        "failure",
        "arri* rece* deli* got get gotten come came show* turn* work* resp* repl* heard call* ship* "
        "refu* update* appear* "
        "fixed recieved",
        r"\b(?:hasn't|hasnt|has not|haven't|havent|have not|never|didn't|didnt|did not|still not"
        r"|still no|still haven't|yet to"
        r"|nor|isn't|not)(?: [\w']+){0,3}? (?:arriv\w*|rec(?:ei|ie)v\w*|deliver\w*|got|get|gotten|come"
        r"|came|show\w*|turned|work\w*"
        r"|respon\w*|repl\w*|hear(?:d)?|call(?:ed)?|ship\w*|refund\w*|updated|appear\w*|fixed)\b",
        "My parcel still hasn't arrived.",
        "missing",
        negatable=False,
    ),
    Pattern(
        "failure",
        "brok* dama* defe* faul* crac* smas* ripped torn leak* shat* stai* dead spoiled rotten mouldy "
        "moldy scratched dented",
        r"\b(?:broken|broke|damaged?|defect\w*|faulty|crack(?:ed|s)|smashed|ripped|torn|leak(?:s|ed|ing"
        r"|y)|shattered|stained"
        r"|dead on arrival|spoiled|rotten|mou?ldy|scratched|dented)\b",
        "The vase came broken.",
        "damaged",
    ),
    Pattern(
        "failure",
        "work* turn* start* load* open* conn* char* stop* crash* keep* fail* down freez* disc* drop* "
        "resp* rese* rest* log sayi* gett* cutt*",
        r"\b(?:not|isn't|isnt|doesn't|doesnt|does not|won't|wont|will not"
        r"|stopped) (?:\w+ )?(?:work(?:ing|s)?|turn(?:ing)? on|start(?:ing)?"
        r"|load(?:ing)?|open(?:ing)?|connect(?:ing)?|charg(?:e|ing)|respond(?:ing)?)\b"
        r"|\bkeep(?:s)? (?:on )?(?:crash|fail|freez|disconnect|dropp|cutt|log|reset|restart|say|get)\w*"
        r"|\b(?:crash(?:es|ed|ing)|failed|fails)\b"
        r"|\b(?:site|app|internet|service|system|network|website|line|connection) (?:is|was|has been"
        r"|went|keeps going) down\b",
        "The router won't turn on.",
        "not working",
        negatable=False,
    ),
    Pattern(
        "failure",
        "wrong wrongly inco* mist* error bug outage glitch mixed",
        r"\bwrong(?:ly)?\b|\bincorrect\w*|\bmistakes?\b|\b(?:an?|the|this|same|that) (?:error|bug|outage"
        r"|glitch)|\berror (?:message|code)"
        r"|\bmixed up\b",
        "You sent the wrong size.",
        "wrong",
    ),
    Pattern(
        "failure",
        "char* bill* double overcharged debited took taken",
        r"\b(?:charged?|billed|debited|took|taken)(?: [\w'$£€.]+){0,4}? (?:twice|double|two times"
        r"|three times|extra|again|too much"
        r"|for something|without)\b|\bdouble[ -](?:charge\w*|bill\w*)|\bovercharged\b|\bcharged (?:me"
        r"|us) (?:for|\$|£|€)",
        "You charged me twice.",
        "charged wrongly",
    ),
    Pattern(
        "failure",
        "late delay delayed delays overdue supposed meant due promised been",
        r"\b(?:was|were) (?:supposed|meant|due|promised) to (?:be (?:here|delivered|done|fixed|there)|arrive"
        r"|come|ship|get)\b"
        r"|\b(?:it's|it has|that's) been (?:over |more than |almost |already |now )?(?:an? |\d+ |two |three "
        r"|four |five |six )(?:whole |full )?(?:days?|weeks?|months?)\b(?! since i\b)"
        r"|\b(?:is|was|are|were|arrived|came|running|delivered|days?|weeks?|hours?|minutes|too|so|very"
        r"|again|it's)(?: \w+)?"
        r" (?:late|delayed|overdue)\b|\b(?:the|this|a|another|these|long|terrible) delays?\b"
        r"|\blate (?:again|delivery)\b",
        "The parcel is three days late.",
        "late",
    ),
    Pattern(
        "failure",
        "missing lost cancel* disa* gone stolen hacked locked hung refused declined expired dropped "
        "ignored blocked deleted "
        "suspended cut",
        r"\b(?:is|was|are|were|has|have|went|items?|pieces?|parts?|been|got|you|they|still|gone"
        r"|one)(?: \w+)? (?:missing|lost|disappeared"
        r"|gone|stolen|hacked|refused|declined|ignored|blocked|deleted|suspended|cut off|cancell?ed)\b"
        r"|\blocked out\b"
        r"|\b(?:hung up|cancell?ed) on (?:me|us)\b|\bmissing (?:from|item|part|a)\b|\bmissing$"
        r"|\blost (?:my|our) (?:order|parcel|package|luggage"
        r"|bag|booking|reservation|data)",
        "Two pieces are missing.",
        "lost",
    ),
    Pattern(
        "failure",
        "log access connect open use sign find cancel reach unable reset pay through get in into any",
        r"\b(?:can't|cant|cannot|can not|couldn't|could not|unable to|not able to|won't let me"
        r"|not letting me)(?: \w+){0,2}? (?:log|access"
        r"|connect|open|use|sign|cancel|reach|reset|pay|get (?:in|through|into|any))\b",
        "I can't log in.",
        "no access",
        negatable=False,
    ),
    Pattern(
        "failure",
        "waiting waited wait hold",
        r"\b(?:still|been|am|i'm|i've been|we're)(?: \w+)? waiting\b|\bwaited (?:for |over |more than "
        r"|almost |all |\d|two|three|weeks|hours|days)"
        r"|\bon hold (?:for|since)\b|\bhow (?:much longer|long) (?:do|must|will) (?:i|we) (?:have to )?wait",
        "I have been waiting for two weeks.",
        "waiting",
    ),
    Pattern(
        "failure",
        "one body nobody noone",
        r"\bno(?: one|body|one)(?: \w+){0,2}? (?:answer\w*|call\w*|respon\w*|repl\w*|help\w*|care[sd]?"
        r"|listen\w*|came|turned|told|can)\b",
        "Nobody answers my mails.",
        "ignored",
        negatable=False,
    ),
)
REPEATED = (
    Pattern(
        "repeated",
        "time times again already cont* call* email* writ* wrote expl* ask asked asking told chas* repe* "
        "trie* phon* mess*",
        r"\b(?:second|third|fourth|fifth|2nd|3rd|4th|5th|sixth|tenth|hundredth|umpteenth) time\b"
        r"|\b(?:again and again|over and over|time and again|once again|yet again)\b"
        r"|\b(?:keep|kept|had to|have to)(?: \w+)? (?:call|email|writ|explain|ask|tell|chas|repeat"
        r"|contact)(?:ing|e)?\b|\b(?:already|'ve|have)(?: \w+)? (?:contacted|called|emailed|written"
        r"|wrote|explained"
        r"|asked|told|chased|repeated)\b"
        r"|\b(?:called|contacted|emailed|asked|written|tried|phoned|chased"
        r"|messaged)(?: \w+){0,3}? (?:\d+|two|three|four|five|six|several|many|countless"
        r"|multiple) times\b",
        "This is the third time I am asking.",
        negatable=False,
    ),
)
ATTITUDE = (
    Pattern(
        "sarcasm",
        "thanks great wonderful brilliant fantastic lovely perfect congratulations amazing helpful",
        r"\bthanks? (?:a lot |so much )?for (?:nothing|wasting|ruining|the (?:non|zero))|\b(?:oh|well"
        r"|just|yeah|wow),? (?:how |that's |that is |just )?"
        r"(?:great|wonderful|brilliant|fantastic|lovely|perfect|amazing)\b(?=[.!,]|$)|\b(?:great"
        r"|wonderful|brilliant|fantastic|lovely|perfect|amazing),? "
        r"(?:another|now|so (?:now|i)|yet another|just what i|that'?s just)|\b(?:real|super"
        r"|so) helpful\b(?=[.!]|$)",
        "Great, another week without internet.",
        negatable=False,
    ),
    Pattern(
        "thanks",
        "thank thanks thx cheers appreciate perfect great brilliant awesome",
        r"\b(?:thank you|thanks|thx|cheers|appreciate (?:it|your|the|that|you))\b"
        r"|^(?:that's )?(?:perfect|great|brilliant|awesome)\b",
        "Thanks, that helps.",
    ),
    Pattern(
        "praise",
        "praise thanks thank compliment compliments shout shoutout",
        r"\b(?:word of (?:thanks|praise)|leave (?:some|a) (?:praise|compliment)|(?:my )?compliments to"
        r"|pass (?:on )?(?:my|our) (?:thanks|compliments)"
        r"|(?:big|many) thanks to|shout-?out to"
        r"|(?:want(?:ed)?|would like|'d like) to (?:say (?:thanks|thank you)|thank|praise|compliment))\b",
        "Just a word of thanks: Ana was wonderful.",
    ),
)
CUSTOMER_PATTERNS = (*FEELINGS, *STAKES, *FAILURES, *REPEATED, *ATTITUDE)
