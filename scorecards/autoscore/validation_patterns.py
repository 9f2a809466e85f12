"""Patterns of validation: a feeling named or shared, general understanding, condolence."""

from scorecards.autoscore.feeling_words import FEELING, PREDICATE
from scorecards.autoscore.matching.matcher import Pattern
from scorecards.autoscore.shared_feeling_patterns import COGNITIVE, EMOTIONAL

OF_SOMETHING = "of something"

VALIDATION = (
    Pattern(
        "feeling",
        r"\b(?:understand|see|hear|imagine|appreciate|know|get|realis|realiz|recognis|recogniz"
        r"|tell)\w*(?: \w+)?,? (?:just )?(?:how|why|that|what|the|your|you're|you are)"
        rf"\b(?: [\w']+){{0,6}}? (?:{FEELING}|important|difficult|tough|hard|inconvenient|urgent"
        rf"|disruptive|keeps? (?:you|her|him|them) awake)\b",
        "I can see how frustrating this is for you.",
        COGNITIVE,
    ),
    Pattern(
        "feeling",
        rf"\b(?:must|can|could|would|has to|have to)(?: \w+)? (?:be|been|feel"
        rf"|felt)(?: \w+){{0,3}}? {FEELING}\b"
        r"|\b(?:must|has to)(?: \w+)? (?:be|been|feel|felt)(?: \w+){0,3}? (?:difficult|tough|hard"
        r"|inconvenient)\b",
        "That must be so stressful.",
        COGNITIVE,
    ),
    Pattern(
        "feeling",
        rf"\b(?:right|reason|entitled|wonder|normal|natural|fair|okay|ok|course|understandabl[ey])(?: that"
        rf"| why)?,? (?:to (?:be|feel)|(?:you|she|he|they)(?:'re|'s| are| is| feel| felt| were| was))"
        rf"(?: \w+){{0,2}}? {FEELING}\b",
        "You have every right to be upset.",
        COGNITIVE,
        negated_by_scope=False,
    ),
    Pattern(
        "feeling",
        rf"\b(?:that|this|it|which)(?:'s| is| sounds| was| seems| does sound| really is"
        rf"| must)(?: \w+){{0,3}}? {FEELING}\b",
        "That sounds really frustrating.",
        COGNITIVE,
    ),
    Pattern(
        "feeling",
        rf"\b(?:you|she|he|they|your \w+)(?:'re|'s| are| is|'ve been| have been| must be| must feel| sounds?"
        rf"| seems?| were| was| feels?| felt)(?: \w+){{0,3}}? {FEELING}\b"
        rf"|\byour (?:{FEELING}|pain) (?:is|makes|about|over|with|at)\b",
        "You sound worried about the bill.",
        COGNITIVE,
    ),
    Pattern(
        "feeling",
        rf"\b(?:i|anyone|anybody|most people|we)(?:'d| would)(?: \w+){{0,2}}? (?:feel"
        rf"|be)(?: \w+){{0,3}}? (?:the same|{FEELING})\b"
        r"|\b(?:my|our) hearts? (?:goes? out|sinks?|breaks?|sank|broke)|\bbreaks my heart\b"
        r"|\bi(?: \w+)? (?:feel|am feeling|'m feeling) (?:for|with) you\b|\bi(?:'m| am)(?: \w+)? gutted\b"
        r"|\b(?:it|this|that) makes (?:me|us)(?: \w+){0,3}? (?:sad|angry|furious|sick|sorry for you)\b"
        r"|\bi felt (?:sick|awful|terrible|your)\b"
        rf"|\bi(?: \w+)? (?:feel|felt) (?:{FEELING}|for you|your)\b|\bsinking feeling\b",
        "I'd be upset too.",
        EMOTIONAL,
        counts_in_condition=True,
    ),
    Pattern(
        "feeling",
        r"\b(?:completely|totally|perfectly|absolutely|entirely|quite|very|that's|that is|it's|is"
        r"|so) understandable\b|\bunderstandably\b"
        r"|\byou (?:have|had) every right\b|\bi (?:do not|don't) blame you\b|\b(?:can't|cannot|couldn't"
        r"|could not) have been easy"
        r"|\bthe last thing (?:you|anyone)|\bnot (?:what|the experience|the service|how"
        r"|the way)(?: \w+){0,2} (?:you|we|anyone)(?: \w+)?"
        r" (?:deserve\w*|hoped|expect\w*|want\w*)|\b(?:in your (?:place|shoes|position))\b"
        r"|\b(?:nobody|no one)(?: \w+)? (?:should|wants to|deserves to|likes to)\b"
        r"|\byou deserve(?:d)? better\b|\b(?:no|small|little) wonder you(?:'ve| have) had enough\b"
        r"|\byou should(?:n't| not|n't ever| never) have (?:had )?to\b",
        "Nobody should have to wait that long.",
        COGNITIVE,
        negated_by_scope=False,
    ),
    Pattern(
        "feeling",
        rf"\b(?:can't|cannot|can not|can only"
        rf"|could only) (?:even )?(?:begin to )?imagine(?: [\w']+){{0,6}}? (?:{FEELING}|hard|difficult"
        rf"|tough)\b"
        r"|\bcan (?:only )?imagine (?:how (?:you|that|this|it|much)|what you)\b",
        "I can't imagine how frustrating that was.",
        EMOTIONAL,
        negated_by_scope=False,
    ),
    Pattern(
        "feeling",
        rf"(?<!there\W)\b(?:is|was|are|were|feels?|sounds?|seems?|must be|must have been|'s)(?: \w+){{0,2}}?"
        rf" {PREDICATE}\b(?! to (?:find|say|reach|get|read))"
        rf"|^(?:\W*(?:oh|ugh|ouch|wow|no|dear|gosh|god|my|goodness|yes|ah)\W+)*(?:so|how|really|very)"
        rf" (?:very |really )?{PREDICATE}(?=\W|$)"
        r"|\bhow much(?: \w+){1,4} (?:means?|meant) to you\b"
        rf"|\b(?:an?|such an?|that|this|what an?)(?: \w+)? {PREDICATE}(?: \w+)? (?:time|moment|night|day|week"
        rf"|wait|situation|drive|surprise|experience|position|place to be)\b",
        "A week offline is maddening.",
        COGNITIVE,
        negated_by_scope=False,
    ),
    Pattern(
        "understanding",
        r"\bi(?: \w+){0,2}? understand\b|\bi hear you\b|\bthat makes (?:\w+ )?sense\b|\b(?:fair|good"
        r"|valid) point\b|\bunderstood\b|\bi see(?: what you mean|[,.]|$)",
        "I completely understand.",
    ),
    Pattern(
        "understanding",
        r"\bi(?: \w+){0,2}? understand (?:your|the|that|how|why|what|where|you)\b(?! mean)",
        "I understand your situation.",
        OF_SOMETHING,
    ),
    Pattern(
        "sympathy",
        r"\b(?:sorry|sad) to (?:hear|here|learn|read|know|see)\b|\bmakes (?:me|us)(?: \w+)? sorry\b"
        r"|\bsorry (?:that )?you(?:'re| are| had| have|'ve)\b"
        r"|\bsorry for your loss\b"
        r"|\b(?:that's|that is|what|how) (?:really |so |very )?(?:a (?:shame|pity)|unfortunate)\b"
        r"|\bcondolences\b|\bdeepest sympathy\b|\b(?:thoughts|prayers) (?:are|go) (?:with|out)\b",
        "I'm sorry to hear that.",
    ),
)
