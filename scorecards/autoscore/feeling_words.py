"""The words for feelings that an agent may name, and the beginnings by which they are looked up."""

FEELING = (
    r"(?:frus\w*t\w*|upset\w*|annoy\w+|disap+o\w+|wor+(?:y|ied|ying|isome|ies)|stress\w*|anxious|anxiety"
    r"|concern(?:ed|ing)|frighten\w*|frightful|fright|terrif\w+|miserable|misery|dreadful|dread|humiliat\w+"
    r"|ashamed|degrading|fuming|seething|livid|outrag\w+|appalling|lonely|helpless|desperat\w+|gutted"
    r"|heavy situation|bitter|wearing|draining|gruelling|grueling|nightmare|rotten|wretched|unbearable"
    r"|scar(?:y|ed)|confus(?:ed|ing|ion)|awful|terrible|horrible|horrid|exhaust\w+|unsettl(?:ing|ed)"
    r"|distress\w*|overwhelm\w+|shock(?:ed|ing)?|shaken|rattled|drives? (?:you|anyone|anybody) (?:mad|crazy)"
    r"|up the wall|at (?:your|the) (?:wits' end|end of your)|had enough|crushed|crushing|torn apart"
    r"|nerve-?wracking|nerve-?racking|maddening|infuriat\w+|embarrass\w+|alarm(?:ed|ing)|aggravat\w+"
    r"|exasperat\w+|dishearten\w+|insult(?:ed|ing)|offen(?:ded|sive)|cheated|betrayed|ignored|abandoned"
    r"|painful|unpleasant|let down|ang(?:er|ry)|mad|furious|sad|sadness|nervous|afraid|panic\w*|unfair"
    r"|heart-?breaking|heart-?broken|in tears|unnerving|tiring|tired of|irritat\w+|fed up|devastat\w+"
    r"|hurts?|hurtful|uneasy|jittery|tense|impatient|unhappy|sickening"
    r"|disgust\w*|cruel|brutal|grim|sour|lousy|nasty|freak\w*(?: \w+)? out|scream\w*|mortif\w+"
    r"|tearing (?:your|their|his|her|my|our) hair|shaking|trembling|crying|in (?:shock|despair|a state)"
    r"|beside (?:your|him|her|them)sel(?:f|ves)|(?:los(?:t|e|es|ing)|running out of|out of) (?:all )?(?:your "
    r"|their |his |her |my )?(?:patience|temper|hope|faith|trust|sleep|nerve)|(?:l[iy](?:e|es|ing)|keeps?"
    r"|kept|wide)(?: \w+)? awake|had it(?=\W*$|[.,!?]| with| up to)|dead on (?:your|his|her|their) feet|weary"
    r"|worn (?:out|down|thin)|drained|knackered|shattered|tired|sick (?:of|with|to)|at a loss|on edge"
    r"|(?:stomach|gut|hair)-?\w*(?:turn|wrench|churn|rais)\w*|(?:driv\w+|drove) (?:you|me|us|anyone"
    r"|anybody|her|him"
    r"|them)(?: \w+)? (?:mad|crazy|nuts|insane|wild|bananas|up|round)|go(?:es|ing|ne)? (?:mad|crazy|nuts"
    r"|insane)"
    r"|(?:kick|slap|punch) in the \w+|stings?|stung|(?:feel|feels|feeling|felt) (?:so |very )?(?:small|stupid"
    r"|foolish|silly|powerless|invisible|forgotten|trapped|lost|sick))"
)
FEELING_ANCHORS = (
    "frus* upse* anno* disa* worr* wory worie* stre* anxi* conc* frig* terr* misera* miser* drea* humi* "
    "asha* degr* fumi* seet* livi* outr* appa* lone* help* desp* gutt* heavy bitter wearing drai* grue* "
    "nigh* rott* wret* unbe* scar* conf* awfu* horr* exha* unse* dist* over* shoc* shak* ratt* drive "
    "drives wall wits end enough crus* torn nerve nerv* madd* infu* emba* alar* aggr* exas* dish* insu* "
    "offe* chea* betr* igno* aban* pain* unpl* down ange* angr* mad furi* sad sadn* afra* pani* unfa* "
    "hear* tears unne* tiri* tired irri* fed deva* hurt hurts hurtf* unea* jitt* tense impa* unha* sick* "
    "disg* crue* brut* grim sour lous* nast* frea* scre* mort* tear* shak* trem* cryi* desp* state besi* "
    "lost "
    "lose loses losing out awake had dead weary knac* tired loss edge stom* gut gutw* hair* driv* drove mad "
    "craz* nuts insa* kick slap punch sting stings stung smal* stup* fool* sill* powe* invi* forg* trap*"
)
PREDICATE = (
    r"(?:frustrating|upsetting|annoying|disappointing|worrying|worrisome|stressful|frightening|terrifying"
    r"|miserable|dreadful|humiliating|degrading|draining|gruelling|grueling|wearing|scary|awful|terrible"
    r"|horrible|horrid|exhausting|unsettling|distressing|shocking|crushing|nerve-?wracking|nerve-?racking"
    r"|maddening|infuriating|embarrassing|alarming|aggravating|exasperating|disheartening|insulting"
    r"|painful|unpleasant|unfair|heart-?breaking|unnerving|tiring|irritating|devastating|hurtful"
    r"|unbearable|sickening|a nightmare|no fun|never fun|no joke|rotten|tough|rough|hard on you)"
)
PREDICATE_ANCHORS = (
    "frus* upse* anno* disa* worr* stre* frig* terr* misera* miser* drea* humi* degr* drai* grue* wearing "
    "scary awfu* horr* exha* unse* dist* shoc* crus* nerve nerv* madd* infu* emba* alar* aggr* exas* dish* "
    "insu* pain* unpl* unfa* hear* unne* tiri* irri* deva* hurtful unbe* sick* nigh* fun joke rott* tough "
    "rough hard"
)
BLOW = (
    r"(?:let-?down|nightmare|mess|blow|ordeal|shock|disaster|headache|fright|scare|shocker|pain|hassle|mood"
    r"|stomach-?turner|heavy load|rotten luck|bad luck|slap in the face|kick in the teeth|punch in the gut"
    r"|bitter pill|kick in the \w+|wrench|worry|burden|insult|misery|(?:horrible|awful|terrible|nasty|rotten"
    r"|tough|bad|rough|hard|long|miserable|grim|scary|lousy|dreadful) (?:spot|place|position|situation|start"
    r"|day|night|week|feeling|thing|time|shock|surprise|way|wait|experience))"
)
"""What falls upon a customer, as a noun: "what a letdown", "that's a blow"."""

BLOW_ANCHORS = (
    "letdown let nightmare mess blow ordeal shock disaster headache fright scare shocker pain hassle mood "
    "stom* load luck slap kick punch pill wrench worry burden insult misery spot place position situation "
    "start day night week feeling thing time surprise way wait experience"
)
