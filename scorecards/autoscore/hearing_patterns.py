"""What agents say when they hear: naming feelings, condoling, giving back, apologising."""

from scorecards.autoscore.patterns import FEELING, FEELING_ANCHORS, Pattern

COGNITIVE, EMOTIONAL = "cognitive", "emotional"

VALIDATING = (
    Pattern(
        "feeling",
        FEELING_ANCHORS
        + " important stressful worry difficult tough hard inconvenient urgent disruptive inconvenience",
        r"\b(?:understand|see|hear|imagine|appreciate|know|get|realis|realiz|recognis|recogniz"
        r"|tell)\w*(?: \w+)?,? (?:just )?(?:how|why|that|what|the|your|you're|you are)"
        rf"\b(?: [\w']+){{0,6}}? (?:{FEELING}|important|difficult|tough|hard|inconvenient|urgent"
        rf"|disruptive)\b",
        "I can see how frustrating this is for you.",
        COGNITIVE,
    ),
    Pattern(
        "feeling",
        FEELING_ANCHORS + " difficult tough hard inconvenient",
        rf"\b(?:must|can|could|would|has to|have to)(?: \w+)? (?:be|been|feel"
        rf"|felt)(?: \w+){{0,3}}? {FEELING}\b"
        r"|\b(?:must|has to)(?: \w+)? (?:be|been|feel|felt)(?: \w+){0,3}? (?:difficult|tough|hard"
        r"|inconvenient)\b",
        "That must be so stressful.",
        COGNITIVE,
    ),
    Pattern(
        "feeling",
        FEELING_ANCHORS,
        rf"\b(?:right|reason|entitled|wonder|normal|natural|fair|okay|ok|understandabl[ey])(?: that"
        rf"| why)?,? (?:to (?:be|feel)|you(?:'re| are| feel| felt| were))(?: \w+){{0,2}}? {FEELING}\b",
        "You have every right to be upset.",
        COGNITIVE,
    ),
    Pattern(
        "feeling",
        FEELING_ANCHORS,
        rf"\b(?:that|this|it|which)(?:'s| is| sounds| was| seems| does sound| really is"
        rf"| must)(?: \w+){{0,3}}? {FEELING}\b",
        "That sounds really frustrating.",
        COGNITIVE,
    ),
    Pattern(
        "feeling",
        FEELING_ANCHORS + " pain",
        rf"\byou(?:'re| are|'ve been| have been| must be| sound| seem| were"
        rf"| felt)(?: \w+){{0,3}}? {FEELING}\b"
        rf"|\byour (?:{FEELING}|pain) (?:is|makes|about|over|with|at)\b",
        "You sound worried about the bill.",
        COGNITIVE,
    ),
    Pattern(
        "feeling",
        FEELING_ANCHORS + " same heart feel gutted sinking",
        rf"\b(?:i|anyone|anybody|most people|we)(?:'d| would)(?: \w+){{0,2}}? (?:feel"
        rf"|be)(?: \w+){{0,3}}? (?:the same|{FEELING})\b"
        r"|\b(?:my|our) heart (?:goes out|sinks|breaks|sank)|\bi(?: \w+)? feel for you\b|\bi(?:'m"
        r"| am)(?: \w+)? gutted\b"
        rf"|\bi(?: \w+)? (?:feel|felt) (?:{FEELING}|for you|your)\b|\bsinking feeling\b",
        "I'd be upset too.",
        EMOTIONAL,
        conditional=True,
    ),
    Pattern(
        "feeling",
        "understandable understandably right makes easy thing deserve hoped expected expect place shoes "
        "position every nobody one "
        "blame should wonder",
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
        negatable=False,
    ),
    Pattern(
        "feeling",
        FEELING_ANCHORS + " imagine",
        rf"\b(?:can't|cannot|can not|can only"
        rf"|could only) (?:even )?(?:begin to )?imagine(?: [\w']+){{0,6}}? (?:{FEELING}|hard|difficult"
        rf"|tough)\b"
        r"|\bcan (?:only )?imagine (?:how (?:you|that|this|it|much)|what you)\b",
        "I can't imagine how frustrating that was.",
        EMOTIONAL,
        negatable=False,
    ),
    Pattern(
        "feeling",
        FEELING_ANCHORS + " fun means meant mean",
        r"\b(?:is|was|are|were|feels)(?: \w+)? (?:frus\w*ting|maddening|infuriating|upsetting|worrying"
        r"|stressful"
        r"|exhausting|disappointing|annoying|horrible|awful|terrible|heart-?breaking|unsettling|scary"
        r"|no fun|never fun)\b"
        r"|\bhow much(?: \w+){1,4} (?:means?|meant) to you\b",
        "A week offline is maddening.",
        COGNITIVE,
        negatable=False,
    ),
    Pattern(
        "understanding",
        "understand understood hear sense point see",
        r"\bi(?: \w+){0,2}? understand\b|\bi hear you\b|\bthat makes (?:\w+ )?sense\b|\b(?:fair|good"
        r"|valid) point\b|\bunderstood\b"
        r"|\bi see(?: what you mean|[,.]|$)",
        "I completely understand.",
    ),
    Pattern(
        "sympathy",
        "sorry unfortunate shame pity loss condolences",
        r"\bsorry to (?:hear|learn|read|know|see)\b|\bsorry (?:that )?you(?:'re| are| had| have|'ve)\b"
        r"|\bsorry for your loss\b"
        r"|\b(?:that's|that is|what|how) (?:really |so |very )?(?:a (?:shame|pity)|unfortunate)\b"
        r"|\bcondolences\b",
        "I'm sorry to hear that.",
    ),
)
LISTENING = (
    Pattern(
        "reflection",
        "understand understood correctly mentioned said told sounds hearing right recap summarise "
        "summarize sure case mean saying "
        "confirm described wrote explained summary gather",
        r"\b(?:if i (?:understand|understood|hear|got)|if i'm (?:understanding|hearing)"
        r"|let me (?:make sure|see if|check) i|(?:to|let me|just to) (?:recap|summari[sz]e|confirm i)"
        r"|make sure i(?:'ve| have)? (?:understand|understood|got|have)|just to (?:be sure|make sure"
        r"|check|confirm|clarify) (?:i|that i|you|we)"
        r"|what i(?:'m| am) hearing|so what you(?:'re| are) saying|do i have (?:that|this) right"
        r"|have i (?:got|understood))\b",
        "If I understand correctly, the box was empty.",
        negatable=False,
        conditional=True,
    ),
    Pattern(
        "reflection",
        "mentioned said told wrote explained described saw read see sounds gather noticed tell",
        r"\b(?:as )?you(?:'ve| have)?(?: just| also| already)? (?:mentioned|said|told (?:me|us)|wrote"
        r"|explained|described)\b"
        r"|\b(?:it )?sounds like (?:you|your|the|this|that|it)\b|\bi gather (?:that )?(?:you|your|the)\b"
        r"|\bfrom what you\b"
        r"|\byou(?:'re| are) telling me\b",
        "You mentioned the second box was empty.",
    ),
    Pattern(
        "reflection",
        "so",
        r"^(?:ok(?:ay)?|right|alright|i see|thanks|thank you|got it)?[,.]? ?so,? you(?:'re| are|'ve"
        r"| have)? (?!welcome|can\b|need|could|will|should|must|have to)[\w']+(?: \S+){3,}",
        "So you ordered two lamps and only one came?",
        negatable=False,
        conditional=True,
    ),
)
APOLOGISING = (
    Pattern(
        "apology",
        "sorry",
        r"\bsorry\b(?! to (?:hear|learn|read|know|see))(?! (?:that |if )?you(?:'re| are| feel| had| have"
        r"|'ve))(?! for your loss)(?!,? but)"
        r"(?!,? (?:i|we) (?:can't|cannot|could not|couldn't|don't|do not|won't|am|are))(?!,? (?:can"
        r"|could|what|may|did) )(?! for (?:asking|the question))",
        "I'm so sorry about the delay.",
        conditional=False,
    ),
    Pattern(
        "apology",
        "apol* appo* appl* forgive",
        r"\bap+ol+o?g\w*|\bforgive (?:me|us)\b",
        "We apologise for the late delivery.",
    ),
    Pattern(
        "apology",
        "sorry apologise apologize thank",
        r"\b(?:can't|cannot|can not|couldn't) (?:be more sorry|apologi[sz]e enough|tell you how sorry)",
        "I can't apologise enough.",
        negatable=False,
    ),
)
HEARING_PATTERNS = (*VALIDATING, *LISTENING, *APOLOGISING)
