"""Patterns of service failures: missing, damaged, not working, wrong, late, locked out, ignored."""

from scorecards.autoscore.matching.matcher import Pattern

FAILURES = (
    Pattern(
        "failure",
        r"\b(?<!can )(?<!could )(?:hasn't|hasnt|has not|haven't|havent|have not|never|didn't|didnt|did not"
        r"|still not|still no|still haven't|yet to"
        r"|nor|isn't|not)(?: [\w']+){0,3}? (?:arriv\w*|rec(?:ei|ie)v\w*|deliver\w*|got|get|gotten|come"
        r"|came|show\w*|turned|work\w*"
        r"|respon\w*|repl\w*|hear(?:d)?|call(?:ed)?|ship\w*|refund\w*|updated|appear\w*|fixed)\b",
        "My parcel still hasn't arrived.",
        "missing",
        negated_by_scope=False,
    ),
    Pattern(
        "failure",
        r"\b(?:broken|broke|damaged?|defect\w*|faulty|crack(?:ed|s)|smashed|ripped|torn|leak(?:s|ed|ing"
        r"|y)|shattered|stained|dead on arrival|spoiled|rotten|mou?ldy|scratched|dented)\b",
        "The vase came broken.",
        "damaged",
    ),
    Pattern(
        "failure",
        r"\b(?:not|isn't|isnt|doesn't|doesnt|does not|won't|wont|will not"
        r"|stopped) (?:\w+ )?(?:work(?:ing|s)?|turn(?:ing)? on|start(?:ing)?"
        r"|load(?:ing)?|open(?:ing)?|connect(?:ing)?|charg(?:e|ing)|respond(?:ing)?)\b"
        r"|\bkeep(?:s)? (?:on )?(?:crash|fail|freez|disconnect|dropp|cutt|log|reset|restart|say|get)\w*"
        r"|\b(?:crash(?:es|ed|ing)|failed|fails)\b"
        r"|\b(?:site|app|internet|service|system|network|website|line|connection) (?:is|was|has been"
        r"|went|keeps going) down\b",
        "The router won't turn on.",
        "not working",
        negated_by_scope=False,
    ),
    Pattern(
        "failure",
        r"\b(?:i|we|he|she|they)(?: still| just| now)? (?:can't|cant|cannot|can not|couldn't|could not"
        r"|(?:am|are|is|was|were)(?: not able|n't able| unable) to|'m (?:not able|unable) to)"
        r"(?: even| get to)? (?:buy|pay|download|open|access|install|sync|read|play|start"
        r"|activate|complete|finish|submit|upload|register"
        r"|reserve|log|sign|connect|check out)\b|\bhas disappeared\b|\bdisappeared(?= and| from|$|[.!,])"
        r"|\b(?:gave|gives|get|got|shows?|showed) (?:me |us )?(?:an )?errors?\b",
        "I can't open the e-book.",
        "not working",
        negated_by_scope=False,
    ),
    Pattern(
        "failure",
        r"\b(?:food|meal|dinner|lunch|pizza|soup|coffee|burgers?|fries|chips|steak|rice|pasta)"
        r" (?:was|were|is|are|came|arrived|turned up)"
        r"(?: (?:stone|ice|all|completely|really|totally|half))?"
        r" (?:cold|raw|burnt|burned|soggy|undercooked|stale|mouldy|inedible)\b",
        "The food was cold.",
        "damaged",
    ),
    Pattern(
        "failure",
        r"(?<!nothing )(?<!nothing's )(?<!nothing is )(?<!nothing was )\bwrong(?:ly)?\b"
        r"|\bincorrect\w*|(?<!\bby )(?<!\bmy )\bmistakes?\b|\b(?:an?|the|this|same"
        r"|that) (?:error|bug|outage"
        r"|glitch)|\berror (?:message|code)|\bmixed up\b",
        "You sent the wrong size.",
        "wrong",
    ),
    Pattern(
        "failure",
        r"\b(?:charged?|billed|debited|took|taken)(?: [\w'$£€.]+){0,4}? (?:twice|double|two times"
        r"|three times|extra|again|too much"
        r"|for something|without)\b|\bdouble[ -](?:charge\w*|bill\w*)|\bovercharged\b|\bcharged (?:me"
        r"|us) (?:for|\$|£|€)",
        "You charged me twice.",
        "charged wrongly",
    ),
    Pattern(
        "failure",
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
        r"\b(?:is|was|are|were|has|have|went|items?|pieces?|parts?|been|got|you|they|still|gone"
        r"|one)(?: \w+)? (?:missing|lost|disappeared"
        r"|gone|stolen|hacked|refused|declined|ignored|blocked|deleted|suspended|cut off|cancell?ed)\b"
        r"|\blocked out\b|\b(?:hung up|cancell?ed) on (?:me|us)\b|\bmissing (?:from|item|part|a)\b|\bmissing$"
        r"|\blost (?:my|our) (?:order|parcel|package|luggage|bag|booking|reservation|data)",
        "Two pieces are missing.",
        "lost",
    ),
    Pattern(
        "failure",
        r"\b(?:can't|cant|cannot|can not|couldn't|could not|unable to|not able to|won't let me"
        r"|not letting me)(?: \w+){0,2}? (?:log|access"
        r"|connect|open|use|sign|cancel|reach|reset|pay|get (?:in|through|into|any))\b",
        "I can't log in.",
        "no access",
        negated_by_scope=False,
    ),
    Pattern(
        "failure",
        r"\b(?:still|been|am|i'm|i've been|we're)(?: \w+)? waiting\b|\bwaited (?:for |over |more than "
        r"|almost |all |\d|two|three|weeks|hours|days)"
        r"|\bon hold (?:for|since)\b|\bhow (?:much longer|long) (?:do|must|will) (?:i|we) (?:have to )?wait",
        "I have been waiting for two weeks.",
        "waiting",
    ),
    Pattern(
        "failure",
        r"\bno(?: one|body|one)(?: \w+){0,2}? (?:answer\w*|call\w*|respon\w*|repl\w*|help\w*|care[sd]?"
        r"|listen\w*|came|turned|told|can)\b",
        "Nobody answers my mails.",
        "ignored",
        negated_by_scope=False,
    ),
    Pattern(
        "failure",
        r"\b(?:fell (?:apart|over|off|down)|jam(?:s|med)|stuck|sticks|squeaks?|crackl\w+|flickers?|wobbl\w+"
        r"|sinking"
        r"|stalls|freezes|froze|frozen|flood(?:s|ed)|exploded|burst|shr[au]nk|faded|snap(?:s|ped|ping)|bent"
        r"|chipped"
        r"|upside down|ruined|deleted|vanish\w*|flew off|came (?:off|down|apart)|towed|scraped|spilled"
        r"|a hole|stain(?:s|ed)?|smells|overheats|trips the|ate (?:my|his|her|our|the)|banging|funny noise"
        r"|crashed|behind the picture|half empty|rude to)\b"
        r"|\b(?:came|arrived|delivered|sent|come|got|comes|shipped|is|are|returned)(?: [\w']+){0,2}? "
        r"(?:without|empty|in pieces|half"
        r"|cold|with only|with the wrong)\b|\bgone\b(?! (?:to|for|through|ahead|well))",
        "The zip is stuck.",
        "broken",
    ),
    Pattern(
        "failure",
        r"\byou(?:r)?(?: (?!can|could|should|would|will|need|may|must|want)[\w']+){0,2}? (?:lost|left"
        r"|closed|cancell?ed|forgot|deleted|sold|ruined|scraped|damaged"
        r"|broke|blocked|locked|billed|ignored|refused|drilled|crashed|froze|spilled|failed|rejected|printed|"
        r"installed|still charge|had promised|let me down|cut me|turned me"
        r"|made me(?! (?:so |very |really |such )?(?:happy|happier|smile|laugh|glad|proud|an?"
        r"|feel (?:so |very "
        r"|really |much )?(?:better|good|great|welcome|valued|heard|safe|special))\b))\b"
        r"|\b(?:as|like) you (?:had )?promised\b",
        "You sold my seat twice.",
        "done to them",
    ),
    Pattern(
        "failure",
        r"\b(?:there (?:is|are|was|were)|with|has|have|had|got|still|and|is|'s|^) ?no (?:record|answers?"
        r"|reply|heating|hot water"
        r"|internet|signal|phone|food|taxi|driver|idea|word|sign of|room|electricity|power|connection)\b"
        r"|^no (?:record|answers?|reply|heating|hot water|internet|signal|phone|food|taxi|driver|show"
        r"|power)\b"
        r"|\bno[ -]shows?\b|\bout of order\b|\bnot acceptable\b|\bwithout (?:a )?(?:reason|word|warning"
        r"|asking)\b",
        "There is no hot water.",
        "missing",
        negated_by_scope=False,
    ),
    Pattern(
        "failure",
        r"\b(?:have|had|i|we)(?: now| already)? waited\b|\b\d+ ?(?:min\w*|hrs?|hours?|days?|weeks?) late\b"
        r"|^(?:\d+|two|three|four) (?:hrs?|hours?|weeks?|days?) (?:and|in|without|with|for)\b"
        r"|\b(?:been|was|were|got|is|are|gone|went)(?: \w+)? (?:dead|offline|declined|cut off|broken)\b"
        r"|\bcut (?:me |us )?off\b|\btold the whole story\b|\b(?:three|four|five|3|4|5|several|two|2) times\b"
        r"|\b(?:two|three|four|five|six|\d+) (?:weeks?|months?|days) (?:now|ago and|already)\b"
        r"|\bonly (?:\d+|one|two|three|four|five|half)(?: \w+){0,3}? (?:came|arrived|worked?)\b"
        r"|\bonly (?:\d+|one|two|three|four|five|half)(?: \w+)? (?:hours?|hrs|days|weeks|months) left\b"
        r"|\bholds (?:only )?\d+\b|\bdue (?:last|yesterday)\b|\b(?:was|were) promised\b",
        "I have now waited five weeks.",
        "waiting",
        negated_by_scope=False,
    ),
    Pattern(
        "failure",
        r"\b(?:doesn't|does not|don't|do not|won't|will not) (?:fit|stay|stop|hold|close|move|open|show"
        r"|match|get warm|reach)\b",
        "The shelf does not fit.",
        "wrong",
        negated_by_scope=False,
    ),
    Pattern(
        "failure",
        r"\btwo left\b|\b(?:some(?:one|body) else's)\b|\bthe old (?:flat|address|house)\b",
        "I got two left shoes.",
        "wrong",
        negated_by_scope=False,
    ),
    Pattern(
        "failure",
        r"\b(?:although|even though|despite|scratches)\b|\b(?:isn't|is not|wasn't|not|nothing) here\b"
        r"|\bnobody (?:was|is|had|showed|came|there)\b|\b(?:new|a|the|this|another) (?:flood|leak|crack"
        r"|scratch|smell|stain|noise)\b",
        "The pool was closed although we paid for it.",
        "complaint",
        negated_by_scope=False,
    ),
    Pattern(
        "failure",
        r"\bcharged\b[^.?]{0,30}\bafter (?:i|we)(?: had)? cancell?ed\b|\b(?:want|like|get|have) (?:my|the"
        r"|our) money back\b"
        r"|\b(?:is|was|has been|have been|been|are|were|went)(?: still| now)? (?:down|offline|dead|empty"
        r"|off by|closed for|ice cold)\b(?! (?:to|there))",
        "Our line has been down since six.",
        "complaint",
        negated_by_scope=False,
    ),
    Pattern(
        "failure",
        r"\bstill (?:no(?! (?:longer|rush|hurry|problem))|nothing|not(?! (?:sure|certain|decided|clear))"
        r"|without|off"
        r"|down|dead|out of|broken|closed|locked|missing|stuck)\b"
        r"|\b(?:shout|yell|scream|swear|swore|laugh|hang|hung|snap|bark)\w*(?: up)? (?:at|on) (?:me|us|my)\b"
        r"|\b(?:passed|pushed|sent|bounced|shoved|transferred)(?: \w+)? (?:around|about|back and forth"
        r"|from one"
        r"|from pillar)\b|\b(?:lied|lie|lying) to (?:me|us)\b|\b(?:comes?|came|arrives?|arrived|delivered"
        r"|sent"
        r"|left)(?: (?:me|us|it|again|here))? without\b|\bnobody (?:shows?|comes?|picks?|knows?|tells?"
        r"|writes?|rings?"
        r"|calls?|reacts?|turns?)\b|\b(?:is|are|keeps?|started|starts)(?: \w+)? (?:dripping|leaking"
        r"|flickering"
        r"|buzzing|smoking|sparking|rattling|whistling|cutting out)\b|\bswallow(?:s|ed)\b"
        r"|\b(?:dead|down|off|gone|out|offline|silent) since\b|\bfined (?:me|us)\b"
        r"|\b(?:was|were|is) due\b(?! (?:on|in|by|next|to be paid|date))",
        "I've been passed around four people.",
        "let down",
        negated_by_scope=False,
    ),
    Pattern(
        "failure",
        r"\b(?:got|gets?|sent|received|delivered|came|arrived|gave|brought|charged"
        r"|shipped)\b[^.!?]{1,40} instead of\b"
        r"|\bnot (?:what|the one|the \w+) (?:i|we)(?:'d| had)? (?:ordered|paid|booked|asked|agreed|chose)\b"
        r"|\b(?:should(?:'ve| have)|ought to have) (?:been|arrived|come|got|received|had)\b"
        r"|\b(?:second|third|fourth|fifth|sixth|2nd|3rd|4th|5th) (?:day|week|month|year|night|morning"
        r"|delivery|visit"
        r"|call|mail|email|letter|attempt)\b|\b(?:hours|days|weeks|months|mins|minutes|hrs) (?:and|later"
        r"|with) (?:still"
        r"|no|nothing|nobody|not)\b|\b(?:drove (?:off|past|away)|left (?:me|us) (?:standing|waiting"
        r"|outside|without"
        r"|there)|threw (?:it|my|our)|turned (?:me|us) away|(?:made|kept) (?:me|us) wait\w*|walked off)\b"
        r"|\b(?:went|gone|jump\w*|rose|risen|goes) (?:up )?from \d|\b(?:doubled|tripled)\b"
        r"|\bnothing (?:works|happens|happened|came|comes|changed|arrived)\b|\brefuse[sd]? to\b"
        r"|\bwon't let (?:me|us)\b|\b(?:bed ?bugs?|mice|rats|cockroach\w*|hair in (?:my|the)|lukewarm"
        r"|soggy|filthy"
        r"|stale|burnt|raw in)\b|\b(?:down|off|out|wrong|late|gone|broken|happened|cancell?ed"
        r"|doing it) again\b"
        r"|\bsame (?:problem|issue|error|story|mistake|fault)\b|(?:\b(?:and|but|got|have|had|with)"
        r"|^)(?: still)? no"
        r" (?:money|refund|email|mail|update|call|response|confirmation|delivery|heat|tracking|label|news"
        r"|receipt)\b"
        r"|\b(?:my|our|the) \w+(?: \w+)? (?:was|were|got|has been|have been"
        r"|is being)(?: \w+)? (?:cancell?ed|rejected"
        r"|denied|suspended|blocked|frozen|removed|downgraded|overbooked|bumped|moved to|pushed back"
        r"|postponed)\b",
        "I got a blue one instead of the red.",
        "complaint",
        negated_by_scope=False,
    ),
    Pattern(
        "failure",
        r"\b(?:it|it's|this|that|they|there|nobody|(?:the|my|your|our|his|her) \w+)(?: \w+){0,2}?"
        r" (?:isn't|is not|wasn't|was not|aren't|doesn't|does not|didn't|did not|won't|hasn't|has not"
        r"|haven't|never|no longer"
        r"|can't|cannot|not)\b(?! (?:worry|worried|urgent|bad|a problem|the only|sure|hurry|matter|mind"
        r"|need|want|hurt|too bad|only|yet sure))(?![^?]*\?)",
        "The report does not add up.",
        "negated",
        negated_by_scope=False,
    ),
    Pattern(
        "failure",
        r"\bstill (?:no (?!idea|reason|need|problem|rush|hurry|question)\w+|nothing)\b|\bnobody (?:shows?"
        r"|turns?|comes|picks?)\b|\bsw[a]l?lowed\b|\bwent through (?:my|our|the) (?:roof|ceiling|wall"
        r"|floor)\b|\bwater in (?:my|our|the)\b",
        "Still no money.",
        "missing",
        negated_by_scope=False,
    ),
)
