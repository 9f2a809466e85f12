"""Patterns of emotional empathy: the agent shares the customer's feeling."""

from scorecards.autoscore.feeling_words import BLOW
from scorecards.autoscore.matching.matcher import Pattern

_SPEAKER = r"(?:i|we|anyone|anybody|everyone|everybody|most (?:people|of us)|any \w+)"
_NO_FEELING = (
    r"(?:(?:also|just|really|gladly|happily|certainly) )?(?:like|love|suggest|recommend|advise|need|prefer"
    r"|add|check|ask|say|do|help|see|look|send|offer|get|take|try|include|know|put|make|keep|mention|think"
    r"|want to (?:check|see|add|know|ask|have|offer|make|hear|look|mention)|have to"
    r"|be (?:\w+ )?(?:happy|glad|delighted|pleased|able|willing|available|interested|grateful|fine|ok|okay"
    r"|good|great|nice|best|covered|eligible|welcome))\b"
)
_UPSET_VERB = (
    r"(?:scare|upset|worry|bother|annoy|hurt|throw|rattle|shake|frighten|anger|unsettle|unnerve|irritate"
    r"|infuriate|enrage|floor|crush|alarm|break|wear|test|drive|finish|kill|have|make|keep|leave|get"
    r"|knock|sadden|stress|put|send)"
)
_ANYONE = r"(?:me|us|anyone|anybody|any \w+|most people|everyone|everybody)"

COGNITIVE, EMOTIONAL = "cognitive", "emotional"
"""Kinds of empathy: the feeling is named, or it is shared."""

SHARED_FEELING = (
    Pattern(
        "feeling",
        rf"\b{_SPEAKER}(?:'d| would)(?:n't)? (?!{_NO_FEELING})[^.!?;]{{1,50}}? (?:too|as well|myself"
        rf"|either)(?=\W|$)",
        "I'd want to scream as well.",
        EMOTIONAL,
        negated_by_scope=False,
        counts_in_condition=True,
    ),
    Pattern(
        "feeling",
        rf"\b(?:anyone|anybody|everyone|everybody|most people|any (?:\w+ )?\w+)(?:'d"
        rf"| would) (?!{_NO_FEELING})"
        r"(?:be|feel|hate|find (?:that|this|it)|want|lose|panic|worry|have (?:been|felt|lost))\b"
        r"|\bany \w+ would(?: be)?(?=\W*$)"
        r"|\bi(?:'d| would) have (?:\w+ )?(?:lost|given up|screamed|walked|thrown|panicked|cried|snapped"
        r"|hung up|run|felt|hated|gone (?:mad|crazy|spare))\b|\bi(?:'d| would) hate (?:that|this|it)\b"
        r"|\bi know (?:the|that) feeling\b|\bi know what (?:it's|it is|that's|that is) like\b"
        r"|\b(?:i've|i have|we've(?: all)?|we have(?: all)?) been (?:there|in your)\b",
        "Any parent would be.",
        EMOTIONAL,
        counts_in_condition=True,
    ),
    Pattern(
        "feeling",
        rf"\b(?:that|this|it|which|\w+s)(?:'d| would)(?: \w+)? {_UPSET_VERB} {_ANYONE}"
        r"(?! (?:happy|glad|smile|to (?:check|see|look|help|process|send|find)|know|check|able|the|a|an|two"
        r"|time|there|back|more|some|\d))\b",
        "That would have anyone tearing their hair out.",
        EMOTIONAL,
    ),
    Pattern(
        "feeling",
        r"\b(?:no|little|small) wonder,? (?:that )?(?:you|she|he|they|your)\b"
        r"|\b(?:not|n't)(?: \w+)? surpris\w+,? (?:that )?(?:you|she|he|they|your|to hear you)\b"
        r"|\b(?:can't|cannot|couldn't|don't|wouldn't|could|can|would) blame (?:you|her|him|them)\b"
        r"|\bwho wouldn't\b|\byou(?:'ve| have| had)(?: got)? (?:every|all the|good) (?:right|reason|cause)\b"
        r"|\bmakes (?:\w+ )?sense (?:that )?you(?:'re|'d| are| feel| want| would)\b|\b(?:than"
        r"|as) (?:anyone|anybody"
        r"|any \w+) should\b|\b(?:nobody|no one) (?:enjoys|needs|would (?:want|like|enjoy))\b"
        r"|\bof all (?:days|times|moments|weeks|nights|things|places)\b|\b(?:at|is|was|be"
        r"|of) the worst (?:possible )?(?:time"
        r"|moment"
        r"|timing|day)\b|\bat a worse (?:time|moment)\b|\b(?:spoil\w*|ruin\w*|overshadow\w*) (?:your|her"
        r"|his|their)\b"
        r"|\btak\w+ the (?:shine|joy|fun) (?:off|out)\b|\b(?:not|hardly|far from)(?: exactly)? (?:the"
        r"|an?) (?:\w+ )?"
        r"\w+ (?:you|anyone|she|he|they)(?:'d| would|'ve| had| have| were)?(?: \w+)? (?:want|hop|plan"
        r"|expect|deserv"
        r"|imagin|need|pictur|look)\w*",
        "I'm not surprised your wife lies awake.",
        COGNITIVE,
        negated_by_scope=False,
    ),
    Pattern(
        "feeling",
        r"\b(?:must|has to|can only)(?: (?!be\b|have\b)\w+)? (?:have )?(?:feel|felt (?!free)|sting|stung|hurt"
        r"|ache|grate|cut (?:deep|to)|hit (?:you |her |him |them )?(?:very |so |really )?hard|throw you"
        r"|weigh|unsettle|rattle|wear (?:you|on)|sap|gnaw|scare|worry|eat (?:at|away)"
        r"|open(?:ed)? (?:\w+ )?(?:wounds?|it all)|bring (?:it all|everything) back|leave you)\b"
        r"|\bmust have been (?:(?:quite|such|really|so|very|some|one) )?(?:an? )?(?:\w+ )?(?:day|night"
        r"|morning"
        r"|week|month|moment|shock|blow|scare|fright|ordeal|time|wait|read|sight|surprise|journey|trip)\b"
        r"|\bmust be (?!logged|signed|set|left|valid|sent)(?: ?[\w']+){1,4}? for (?:you|her|him|them|your)\b"
        r"|\bmust have been(?: [\w']+){1,4}? (?:for (?:you|her|him|them|your)|to (?:see|hear|read|find"
        r"|open|lose|wait|be told|come home))\b",
        "A silent hall must sting every time.",
        COGNITIVE,
    ),
    Pattern(
        "feeling",
        r"\b(?:can|could)(?: only| well| just| easily| very well| certainly)? (?:imagine|picture)"
        r" (?:how|what(?! (?:would|could|might|happened))|the|your|you|being|having|her|his|their)\b",
        "I can imagine the look on your face.",
        EMOTIONAL,
    ),
    Pattern(
        "feeling",
        rf"\bwhat an? (?:\w+ )?{BLOW}\b"
        rf"|\b(?:that's|that is|this is|it's|it is|that was|is|was|been|comes as|such)(?: \w+)? an?"
        rf" (?:\w+ )?{BLOW}\b"
        r"|\byou(?:'ve| have)(?: \w+)? (?:been|gone) through (?:a lot|enough|so much|all (?:of )?(?:that"
        r"|this))"
        r"|\b(?:a lot|enough|plenty|so much) (?:to (?:cope|carry|go through|bear|take in)|on your"
        r" (?:plate|mind|shoulders))\b"
        r"|\bas (?:if|though) [^.!?]{3,60}n't (?:\w+ )?enough\b|\bon top of (?:everything|all (?:that"
        r"|this))\b"
        r"|\byou(?:'d| had| were|'ve)(?: been)?(?: \w+)? (?:looking forward|counting on|relying on"
        r"|saving for|excited)\b"
        r"|\ball (?:you|she|he|they) (?:want|need|ask)(?:ed|s)?\b(?: (?:is|was|for))|\byou (?:just|only"
        r"|simply) wanted\b"
        r"|\bnot what you (?:signed|paid|pay|asked|came) (?:up )?for\b",
        "And that on your anniversary, what a letdown.",
        COGNITIVE,
        negated_by_scope=False,
        counts_in_condition=True,
    ),
)
