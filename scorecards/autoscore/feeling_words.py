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
    r"|hurts?|hurtful|uneasy|jittery|tense|impatient|unhappy|sickening)"
)
FEELING_ANCHORS = (
    "frus* upse* anno* disa* worr* wory worie* stre* anxi* conc* frig* terr* misera* miser* drea* humi* "
    "asha* degr* fumi* seet* livi* outr* appa* lone* help* desp* gutt* heavy bitter wearing drai* grue* "
    "nigh* rott* wret* unbe* scar* conf* awfu* horr* exha* unse* dist* over* shoc* shak* ratt* drive "
    "drives wall wits end enough crus* torn nerve nerv* madd* infu* emba* alar* aggr* exas* dish* insu* "
    "offe* chea* betr* igno* aban* pain* unpl* down ange* angr* mad furi* sad sadn* afra* pani* unfa* "
    "hear* tears unne* tiri* tired irri* fed deva* hurt hurts hurtf* unea* jitt* tense impa* unha* sick*"
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
