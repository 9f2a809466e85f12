"""Patterns of solutions: done, announced, under way, steps to follow, offers."""

from scorecards.autoscore.matching.matcher import Pattern

DID, ARRANGED, WILL, DOING = "i did", "i arranged", "i will", "i am doing"
"""Labels of what the agent does in the first person; all begin with "i "."""

SENT, STEPS, OFFER = "sent", "steps", "offer"

_ADVERBS = (
    r"(?: (?:\w+ly|now|just|also|like|going|to|gone|ahead|and|be|able|happy|glad|then|instead|actually|go"
    r"|right|away|already|today|both|all))"
)
_ACTION_VERB = (
    r"(?:refund|replac|resend|re-?send|send|sent|re-?ship|ship|issu|credit|cancel|process(?! your)|reset"
    r"|updat|chang|correct|fix|waiv|escalat|re-?book|book|mail|deliver|collect|bring|push|restart|roll"
    r"|re-?schedul|arrang|schedul|expedit|upgrad|extend|remov|add|appl|reactivat|activat|restor|unlock"
    r"|revers|fil|open|creat|dispatch|reimburs|organi[sz]|prepar|mak(?:e|ing) (?:you|a|it possible|now)"
    r"|submit|order|exchang|deduct|adjust|swap|repair|transferr|complet|sort|resolv|reinstat|register"
    r"|get you|given you|giv|offer|found (?:you |an? |the )|find you|do \w+day|put"
    r"|mov|request|pass|rais|log|flag)(?:e|es|ed|ing|ied|y|ted|ting|d|s|led|ling|ped|ping|ged)?"
)
_NO_SOLUTION_PARTICIPLE = (
    r"(?:noted|received|forwarded|passed|checked|looked|reviewed|read|heard|seen|been|had|understood|tried"
    r"|asked|called|contacted|talked|spoken|told|rung|emailed|messaged|written|experienced|informed|searched"
    r"|listened|confirmed|verified|located|attempted|explained|mentioned|noticed|stated|wondered|decided"
    r"|felt|thought|worked|learned|hoped|enjoyed|missed|failed|overlooked|messed|charged|lost|dropped"
    r"|forgotten|disappointed|escalated|registered|recorded|agreed|wanted|needed|expected|offended|got"
    r"|double-checked|answered|identified|recently|investigated|apologi[sz]ed|ended|closed (?:your|the|this)"
    r" (?:ticket|chat|case)|made (?:a|an|this|that|the) (?:\w+ )?(?:mistake|error)|made (?:this|that|it) my"
    r"|let|sent you (?:a )?(?:greet|hug)\w*)\b"
)
_PARTICIPLE = (
    r"(?:\w{2,}ed|put|set|sent|made|given|found|taken|moved|done|paid|bought|brought|held|kept back|cut"
    r"|built|chosen|run|left|lent|drawn|begun|reset|got (?:you|an?|the|your|him|her|them))\b"
)
_NO_SOLUTION_GERUND = (
    r"(?:looking|begging|checking|reviewing|investigating|trying|wondering|asking|calling|writing|feeling"
    r"|hoping"
    r"|going|being|having|hearing|seeing|reading|talking|speaking|wishing|planning|experiencing|working"
    r"|thinking|understanding|staying|listening|missing|waiting|starting|striving|doing|using|taking \w+ "
    r"seriously"
    r"|handling|following|facing|running|dealing|aiming|sending you \w* ?(?:sunny |warm )?(?:greetings|a hug)"
    r"|guessing|saying|telling|assuming|typing|getting (?:a|the|many)|not|interesting|willing|bringing in"
    r"|chasing|processing (?:your|the) (?:request|claim|case|complaint|message|e?inquiry))\b"
)
_NO_SOLUTION_INFINITIVE = (
    r"(?:be(?! able| glad to| happy to)|not|never|see|check|look|find out|investigate|try|help|assist|need"
    r"|have to"
    r"|have (?:a look|to)|let|get back|get in touch|get to|get this|call|ring|phone|write|email|message"
    r"|text|contact|reply"
    r"|respond|follow|update you|inform|tell|forward|pass|note|review|take care|take this|take it|do (?:my"
    r"|our|all|everything)"
    r"|love|like|want|wish|hope|think|know|understand|appreciate|say|ask|process|keep|miss|stay|make sure"
    r"|talk|speak|chase|handle|own|come|watch|monitor|stand|pray|remember|continue|revert|share|wait"
    r"|consider|handle|serve|welcome|meet|lose|end|close|give you my|always|surely|certainly|definitely|add "
    r"(?:a|this) note|solve|feel|charge|really|now|also|just|then|today|personally|gladly|more)\b"
)
_READY = (
    r"(?:refunded|replaced|credited|fixed|reset|updated|resolved|(?:re)?booked|(?:re)?shipped|dispatched"
    r"|processed|upgraded|waived|corrected|removed|restored|unlocked|approved|arranged|reversed|extended"
    r"|attached|enclosed|reserved|set aside|rescheduled|raised|repaired|replaced|collected|signed|active "
    r"again"
    r"|yours|free (?:on|from|at|of|for)|on us\b|on the house|back to you|at your door|recalled|blocked|dead"
    r"|on (?:its|the|his|her|their|tonight's|today's) (?:way|truck|van|bike|train|bus)|on (?:its|his|her"
    r"|the) (?:\w+ )?way|in (?:the|tonight's|today's|tomorrow's|your) (?:post|mail|inbox|van)|booked)"
)
_PEOPLE = (
    r"(?:technician|engineer|courier|driver|colleague|mechanic|nurse|fitter|plumber|locksmith|restorer|crew"
    r"|officer|messenger|guard|van|truck|crane|guide|doctor|chef|workshop|electrician|rider|taxi|car|plane"
    r"|installer|specialist|expert|team of ours)"
)
_WHERE = (
    r"(?:to you(?:r)?|at|your|you|out|today|tonight|tomorrow|this|on|by|in|within|before|until|it"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:\d+|two|three|five|ten) min\w*|there and then)\b"
)

SOLUTION = (
    Pattern(
        "solution",
        rf"\b(?:i|we)(?:'d| would| can| could| went){_ADVERBS}{{0,5}} {_ACTION_VERB}\b"
        r"(?! (?:up with|back to|in touch|this up|into|to help|the \w+ team))"
        rf"|\b(?:i|we|let me|let's|let us|shall i|shall we){_ADVERBS}{{0,3}} {_ACTION_VERB}\b"
        r"(?! (?:up with|back to|in touch|this up|into|that you|to help|the \w+ team"
        r"|you (?:\w+ )?(?:greetings|regards|hugs|love|wishes)))",
        "I can issue a refund of $20.",
        DID,
    ),
    Pattern(
        "solution",
        r"\band (?:gave|sent|booked|added|credited|refunded|ordered|opened|moved|put|took) (?:you|your|the"
        r"|it|a)\b",
        "I looked it up and gave you a credit.",
        DID,
    ),
    Pattern(
        "solution",
        rf"\b(?:i|we)(?:'ve| have){_ADVERBS}{{0,3}}? (?!{_NO_SOLUTION_PARTICIPLE}){_PARTICIPLE}",
        "I've set aside forty tiles for you.",
        DID,
    ),
    Pattern(
        "solution",
        r"\b(?:i've|we've|i have|we have)(?: \w+ly| now| just| also| already)? (?:(?:re)?booked|arranged"
        r"|scheduled|organi[sz]ed"
        r"|moved|put|set (?!aside)|had|reserved|got (?:an?|the|our|my) \w+ (?:\w+ )?(?:going|coming))\b(?! "
        r"(?:to|a look))",
        "I've booked you in for nine tomorrow.",
        ARRANGED,
    ),
    Pattern(
        "solution",
        rf"\b(?:i'm|i am|we're|we are){_ADVERBS}{{0,3}}? (?!{_NO_SOLUTION_GERUND})\w{{2,}}ing\b",
        "I'm taking the fee off right now.",
        DOING,
    ),
    Pattern(
        "solution",
        rf"\b(?:i|we)(?:'ll| will){_ADVERBS}{{0,3}}? (?!{_NO_SOLUTION_INFINITIVE})[a-z]{{2,}}\b",
        "I'll swap the wheel for you.",
        WILL,
    ),
    Pattern(
        "solution",
        rf"\b(?:(?:has|have|will)(?: now)? (?:been|be)|is|are|was|it's|that's)(?: (?:\w+ly|now|already|all"
        rf"|just|both))? {_READY}\b"
        r"|\b(?:has been|have been|is now) cancell?ed\b",
        "Your refund has been approved.",
    ),
    Pattern(
        "solution",
        r"\b(?:offer|give|get) you (?:a|an|the|your|\$|£|€|\d)",
        "I can offer you a discount.",
    ),
    Pattern(
        "solution",
        r"^\W*(?:(?:and|all|also|it's|that's|ok(?:ay)?|sure|yes|right|great|perfect),? )*"
        r"(?:done|fixed|sorted|renamed|refunded|unlocked|reset|updated|moved|cancell?ed|booked|ended|changed"
        r"|added|removed|restarted|replaced|reinstated|extended|rebooked|sent|shipped|credited|corrected"
        r"|rolling"
        r"|restored|repaired|waived|rescheduled|ordered|renewed|sending|putting)\b(?! (?:as|by me|that way))"
        r"|(?:^|[,;] ?)(?:(?:a|an|the|your|full|both|new|fresh|all)? ?\w+ )?(?:\w+ )?(?:is )?"
        r"(?:updated|booked|refunded|credited|done|fixed|replaced|restored|unlocked|renewed|extended"
        r"|rescheduled|shipped|repaired|corrected|removed)(?=[ ]?[.,!+;&]|$| (?:for you|just now|today|now"
        r"|and)\b)",
        "Taxi booked.",
    ),
    Pattern(
        "solution",
        r"\b(?:no|free of|without) (?:extra )?(?:charge|costs?)\b|\b(?:free of|without) (?:extra )?charges\b"
        r"|(?<!see )(?<!find )(?<!found )(?<!was )(?<!were )\bno (?:extra )?charges\b"
        r"|\bfor free\b(?!\?)|\byou (?:don't|do "
        r"not|won't) pay\b|\bcosts you nothing\b|\bon the house\b|\b(?:goes|go|comes|come) back to you\b",
        "We repair it for free.",
        negated_by_scope=False,
    ),
    Pattern(
        "solution",
        rf"\b{_PEOPLE}s?(?: \w+){{0,3}}? (?:will|can)(?: be| (?!contact|call|be in|write)\w+)(?: "
        rf"\w+){{0,4}}? {_WHERE}",
        "A technician will be in your shop within the hour.",
        SENT,
    ),
    Pattern(
        "solution",
        rf"\b(?:comes|goes|leaves|arrives|ships|follows|reaches|travels|lands|brings|delivers|collects"
        rf"|picks|drops|fits"
        rf"|visits|changes|fixes|repairs|cooks|prepares|serves|waits for)(?: \w+){{0,3}}? {_WHERE}"
        r"|\b(?:goes|ships|leaves) (?:out|our)\b",
        "It leaves our store on Tuesday.",
        SENT,
    ),
    Pattern(
        "solution",
        rf"\b(?:is|are|it's|he's|she's|will be) (?:(?:there|here|with you|back|coming|at your door|on "
        rf"(?:the|its|his|her|their)"
        rf" way|in your (?:account|shop|mail|inbox|hands))(?: \w+){{0,3}}? {_WHERE}|on (?:the|its|his|her"
        rf"|their) way|(?:\w+ )?\d+ min)",
        "A fitter is coming to you this afternoon.",
        SENT,
    ),
    Pattern(
        "solution",
        rf"\b(?:they|both|we|men|(?!(?:some|al)\w+s\b)\w{{3,}}s) (?:come|go|leave|arrive|ship|follow|travel"
        rf"|bring|deliver|collect)(?: \w+){{0,3}}? {_WHERE}",
        "They come on Thursday.",
        SENT,
    ),
    Pattern(
        "solution",
        r"\bworks? (?:again|now)\b(?!\?)|\bworking (?:again|now)\b(?! (?:on|to|with)\b)(?![^.!]*\?)"
        r"|\bworks (?:for|on) you\b",
        "The card works again.",
    ),
    Pattern(
        "solution",
        r"(?:^\W*(?:(?:right|sure|ok|okay|yes|so|well|hi|hello|hey|then)(?: [a-z]+)?,? )?|[,;:&] ?"
        r"|\b(?:please|simply|just|then|first|next|now|and|you can|you could|could you"
        r"|can you|let's|you may|you'll need to|you need to|to (?:fix|solve) (?:this|that|it),?)(?: \w+)? )"
        r"(?:try (?:to \w+|\w+ing|the(?! contact| forum| app| website)|it|a|again|this|that|another)"
        r"|restart|click|go (?:to|into|back)|open"
        r"|use (?:the manual|the|this|our|your|a)(?! (?:app|form|website|contact|survey))|follow (?:the"
        r"|these|this)|reset|turn (?:it|the|off|on|your)|unplug|update (?:the|your)|reinstall"
        r"|download|press|select|log (?:in|out|off|on|into)|visit our (?:shop|store)|return (?:it|the)"
        r"|sign (?:in|out)|clear (?:the|your)|switch|enter (?:the|this|your)|choose|tap|hold|plug"
        r"|connect (?:the|it|your)|scroll|delete|change (?:the|your)|head (?:to|over)|uninstall|bring (?:it"
        r"|the|your|them)"
        r"|drop (?:it|the|them|your)|pull|push|lift|rub|wrap|pair (?:the|it|them|your)|load (?:it|the)|set "
        r"the|bleed"
        r"|unscrew|put (?:the|it|your)|scan|take (?:the|half|it(?! up)|off|out)|show (?:the|it|this|your)"
        r"|loosen|lower|close (?:the|all|your)|remove|wipe|rinse|slide|fold|twist)\b",
        "Please try restarting the router.",
        STEPS,
    ),
    Pattern(
        "solution",
        r"\b(?:i|we)(?:'ve| have) had (?:the|our|my|them|a)(?: \w+){0,3}? (?:put|send|sent|move|release|book"
        r"|ship|hold|change|correct|reset|replace|repair|check|return|taken|removed|done|made)\b",
        "I've had the carrier put it on the next truck.",
        DID,
    ),
    Pattern(
        "solution",
        r"\bhere(?:'s| is| are) (?:what|how|your|a|an|it|the)(?: \w+)?\b(?! problem)|\bhere (?:it|they) "
        r"(?:is|are)\b"
        r"|\bthe (?:best|easiest|quickest|simplest)? ?(?:solution|option|fix|way|thing|workaround|answer) "
        r"(?:is|here|would be|to do)\b|\bwhat (?:i|we) can do(?: \w+){0,3}? (?:is|for you)\b",
        "Here's what I can do.",
        OFFER,
    ),
    Pattern(
        "solution",
        r"\byou(?:'ll| will)(?: \w+)? (?:receive|get|have|see) (?:a|an|the|your|it|one|that)\b",
        "You'll get a new one on Monday.",
        OFFER,
    ),
    Pattern(
        "solution",
        r"\b(?:you|he|she|they) can (?:return|keep|exchange|swap|collect|pick|choose|still|change|have)\b"
        r"|\b(?:shall|should) (?:i|we) (?!check|look|see)\w+\b|\bwould you (?:rather|prefer|like) (?:to "
        r"(?:keep|have)|me|us|a|an|the)\b"
        r"|\b(?:both|that|it) (?:is|are) possible\b|\bwe (?:can )?make it possible\b",
        "You can keep the old one.",
        OFFER,
    ),
)
