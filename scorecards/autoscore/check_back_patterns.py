"""Patterns of an agent who checks the outcome, offers more help, or reassures."""

from scorecards.autoscore.matching.matcher import Pattern

_NOT_AFTER_ADJECTIVE = "".join(
    rf"(?<!{word} )"
    for word in (
        *("glad", "sorry", "happy", "good", "nice", "great", "sad", "saddened", "awful", "hard", "terrible"),
        *(
            "upset",
            "upsetting",
            "disappointing",
            "disappointed",
            "concerned",
            "concerning",
            "shocked",
            "shocking",
        ),
        *("frustrating", "frustrated", "annoying", "painful", "relieved", "pleased", "delighted", "dismayed"),
        *("heartbreaking", "dreadful", "horrible", "tough", "easy", "surprised", "lovely", "wonderful"),
        *("troubling", "worrying", "difficult", "unhappy", "thrilled", "distressing", "horrified", "fair"),
    )
)
"""Lookbehinds for adjectives before "to hear", after which it is no question."""

_NOT_PERCEIVED = "".join(
    rf"(?<!{word} )"
    for word in (
        *(
            r"\bi",
            r"\bwe",
            "can",
            "could",
            "do",
            "did",
            "also",
            "now",
            "really",
            "clearly",
            "totally",
            "fully",
        ),
        *("certainly", "easily", "definitely", "completely", "absolutely", "truly", "well", "to", "let's"),
    )
)
"""Lookbehinds for words before "see how": "I can see how upsetting that is" looks at nothing again."""

CHECK_BACK = (
    Pattern(
        "check_back",
        rf"\b{_NOT_PERCEIVED}see(?: \w+){{0,2}}? (?:how|when|once)\b|"
        r"\bsee(?: \w+){0,2}? (?:if|whether)\b|"
        r"\b(?:tell (?:me|us)|text (?:me|us)|message (?:me|us)|write(?: to)? (?:me|us)|let (?:me|us) "
        r"(?:know|no)|(?<!can't )(?<!cannot )(?<!not )(?:say|answer)|reply|drop (?:me|us) (?:a"
        r"|one) (?:line|note"
        r"|word|message|text))(?: \w+){0,2}? (?:if|whether|how|when|once)\b"
        rf"|{_NOT_AFTER_ADJECTIVE}\bto (?:see|hear|check|ask)(?: \w+){{0,3}}? (?:if|whether|how"
        rf"|that (?:it|you"
        rf"|everything|the|they|all|he|she|your|this|nothing))\b"
        rf"|{_NOT_AFTER_ADJECTIVE}\bto hear (?:it|everything|all|you|he|she|they)(?:'s|'re)\b"
        r"|\b(?:i'll|i will|we'll|we will|i'm|i am)(?: \w+)? (?:be )?(?:watch(?:ing)?|monitor(?:ing)?"
        r"|keep(?:ing)? (?:an eye|watch)"
        r"|com(?:e|ing) by|stand(?:ing)? on)\b|\byou(?:'ll| will)? hear from (?:me|us)\b",
        "Text me if it's still off.",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "check_back",
        r"\b(?:does|do|did|is|are|has|have|can|could)(?: [\w']+){1,6}? (?:now|again|yet|this time|through"
        r"|come on|stay up|look right|suit you|sound)\b[^?.!]*\?",
        "Does it stay up now?",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "check_back",
        r"\b(?:does|did|do|would|will) (?:that|this|it|these|those)(?: all)? (?:work|help|make sense"
        r"|sound|answer|solve|resolve|fix|be (?:ok|okay|alright|all right|helpful)|suit|look)\b"
        r"|\b(?:is|are) (?:that|this|everything|it|things|you)(?: \w+){0,2}? (?:ok|okay|alright"
        r"|all right|working|clear|fine|better|sorted|resolved|happy|comfortable|good|able to (?:see|log"
        r"|access|connect))\b"
        r"|\b(?:does|do|will|would) (?!that|this|it)(?:\w+ ){1,5}?(?:work|suit|be (?:ok|okay|fine|alright))"
        r" ?(?:for )?you\b"
        r"|\b(?:has|have) (?:that|this|it|i|we)(?: \w+)? (?:solved|resolved|answered|fixed|helped|worked"
        r"|come through)\b|\bhow does (?:that|this) sound\b|(?<!you\W)\bhappy with (?:that|this)\b|\bwould "
        r"(?:that|this|it|\w+day) (?:suit|work for) you\b",
        "Does that work for you?",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "check_back",
        r"\b(?:can|could|would|please)(?: you)?(?: please)? (?:confirm|check|try|see"
        r"|tell me)(?: \S+){0,6}? (?:work\w*|see it|now|arrived|received|okay|ok)\b"
        r"|\b(?:let (?:me|us) know|tell me|(?:reply|write|respond)(?: to)? (?:me|here|to this)) (?:if"
        r"|how|whether|when|once|in case)(?: \S+){0,7}? (?:work\w*|help\w*|arriv\w*|goes|persist\w*"
        r"|again|still|happen\w*|problems?|issues?|trouble|doesn't|isn't|hasn't)\b",
        "Let me know if the problem comes back again.",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "check_back",
        r"\b(?:(?:i|we|you|they|he|she|it|that)'ll|(?<!somebody )(?<!someone )will|going to|i'm|i am"
        r"|let me)(?: [\w']+){0,4}? "
        r"(?:follow(?:ing)? up|check(?:ing)? (?:back|in)|(?:call|ring|phone) you|get(?:ting)? back to you"
        r"|be(?:ing)? in touch|keep(?:ing)? (?:you|an eye|track)|circl(?:e|ing) back"
        r"|touch base|reach(?:ing)? out|updat(?:e|ing) you|let(?:ting)? you know|look(?:ing)? again"
        r"|(?:write(?: to)?|message|text) you|email you (?:as soon|when|once|to))\b",
        "I'll follow up with you on Friday.",
    ),
    Pattern(
        "check_back",
        r"\b(?:i(?:'m| am|'ll| will| shall| won't| don't| do not)?|we(?:'re| are|'ll| will| won't| don't)?"
        r"|not)(?: (?:not|just|only|also|still|even|gonna|going to))* (?:clos(?:e|ing)|leav(?:e|ing)"
        r"|keep(?:ing)?|stay(?:ing)?|hang(?:ing)?|go(?:ing)?|rest(?:ing)?|let(?:ting)?|finish(?:ing)?"
        r"|drop(?:ping)?|stop(?:ping)?|done|sleep)\b[^.?]{0,45}?\b(?:until|till|before) (?:you|it|he|she"
        r"|they|i|your|the|that|everything|all|we)\b",
        "I'm not closing this until you've got the tins in your hand.",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "check_back",
        r"\b(?:i|i'm|i am|i'll|i will|i shall|let me|i'd like to|may i|can i)(?: (?:also|then|personally"
        r"|just|quickly|give|to|gladly|still|even|be))* (?:(?:ring(?:ing)?|call(?:ing)?|phon(?:e|ing)"
        r"|text(?:ing)?|messag(?:e|ing)|email(?:ing)?|writ(?:e|ing) to) (?:you|her|him|them)|look(?:ing)? "
        r"in|check(?:ing)? (?:again|on))\b(?! (?:as soon as|later|at some point|sometime|soon|if|in case))",
        "I'm ringing you at six.",
    ),
    Pattern(
        "check_back",
        r"\bkeep (?:me|us) (?:posted|updated|in the loop)\b|\b(?:give|drop|send) (?:me|us) (?:a|one) "
        r"(?:quick |short |little )?(?:shout|line|word|note|ping|text|message|ring|call)\b|\b(?:shout|ping "
        r"me) (?:if|when|once)\b|\b(?:i|we)(?:'d| would)? (?:really )?(?:love|like|want) to (?:know|hear|be "
        r"sure|make sure)\b|\b(?:set|put|made|got)(?: [\w']+){0,4}? (?:reminder|alarm)\b|\b(?:in|into) my "
        r"(?:calendar|diary)\b|\b(?:can|may|shall|could) i check in\b|\b(?:report|write) (?:back|you "
        r"(?:what|how|the result))\b|\bare we (?:good|ok|okay|set|all set)\b|\bsounds? good\b(?=\?)",
        "I've set myself a reminder for Monday.",
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "more_help",
        r"\b(?:anything|something) else\b|\b(?:any )?(?:other|further) (?:questions?|assistance|help)\b",
        "Is there anything else?",
        counts_in_condition=True,
    ),
)
REASSURANCE = (
    Pattern(
        "reassurance",
        r"\b(?:do not|don't|dont|no need to|needn't|please don't|nothing to|not have to|won't have to"
        r"|shouldn't)(?: you)?(?: need to)?(?: feel)? (?:be )?(?:worr(?:y|ied)|stress\w*|panic|rush\w*"
        r"|feel (?:bad|in a rush)|in a rush)\b"
        r"|\brest assured\b|\bi(?: can)? assure you\b|\byou(?:'re| are) in (?:good|safe|the right)\b"
        r"|\b(?:are|is) (?:completely |perfectly )?safe\b|\bi(?:'ve| have)? got you\b|\bi(?:'m| am) "
        r"confident\b|\b(?:not going anywhere|get through this|not alone)\b|\bpeace of mind\b",
        "Don't worry, we'll get this sorted.",
        negated_by_scope=False,
    ),
    Pattern(
        "reassurance",
        r"\b(?:i|we)(?:'m| am|'re| are)(?: \w+)? (?:here (?:for|with|to help|until)|with you|on (?:this|it"
        r"|your side))\b",
        "I'm here with you.",
        negated_by_scope=False,
    ),
    Pattern(
        "reassurance",
        r"\b(?:we|i)(?:'ll| will)(?: \w+)? (?:get (?:this|that|it|you) (?:sorted|fixed|resolved|through"
        r"|back)|sort (?:this|it|that) out|make sure|work (?:this|it) out|figure (?:this|it) out"
        r"|find a (?:way|solution)|make (?:this|it|things) right)\b"
        r"|\byou (?:won't|will not) (?:lose|be charged|miss|have to|need to)\b",
        "We'll get this sorted.",
        negated_by_scope=False,
    ),
    Pattern(
        "reassurance",
        r"\b(?:nobody|no one|nothing)(?: else| more| bad)? (?:can|could|will|is|has|loses|gets|goes|happens"
        r"|takes|was|would)\b(?! (?:available|(?:to )?be done|tell|say|promise|i can|we can|answer|help"
        r"|know|knows))",
        "The card is blocked, so nobody can use it.",
        negated_by_scope=False,
    ),
    Pattern(
        "reassurance",
        r"\b(?:won't|will not|cannot|can't|never) (?:be (?:lost|gone|charged|deleted|a problem|any|taken)"
        r"|be(?=[:,.!])"
        r"|happen again|come (?:again|back)|lose|miss|run out|expire|go anywhere|wait\b|(?:have|need) to)\b"
        r"|\b(?:not|isn't|aren't) (?:gone|lost|true|in danger|over|come again)\b",
        "Your money is not gone.",
        negated_by_scope=False,
    ),
    Pattern(
        "reassurance",
        r"\bthere (?:will|is going to) be no\b|\bno (?:reason|need)(?: at all)? (?:to|for)\b"
        r"(?! (?:contact|call|shout|argue|yell|scream|get|raise|be (?:so )?(?:rude|upset|angry|loud"
        r"|dramatic)))"
        r"|\bso (?:that )?(?:you|he|she|they)(?: can|'re| are)? (?:need no|needn't|need not|don't (?:have"
        r"|need) to|won't (?:have|need) to|safe|fine|get used to)\b|\byou (?:don't|do not|needn't) have to"
        r" (?:do|start|worry|explain|pay|tell)\b|\b(?:you|he|she|they) did (?:the right thing|nothing wrong"
        r"|everything right)\b|\b(?:my|our) word\b|\b(?:be|stay) (?:without (?:sorrow|worry|fear)|calm)\b"
        r"|\b(?:comes|come|goes) first\b",
        "You need not explain it again, so you don't have to start over.",
        negated_by_scope=False,
    ),
    Pattern(
        "reassurance",
        r"\b(?:is|are|was|were)(?: \w+){0,3}? (?:insured|protected|backed up|secured|covered|guaranteed"
        r"|saved|in time|safe|save|unharmed|all right|alright)\b(?![^.!]*\?)|\b(?:ate|slept|eats"
        r"|sleeps) well\b",
        "Your photos are all safe.",
    ),
)
