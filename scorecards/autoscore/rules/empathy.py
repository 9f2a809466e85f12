"""Empathy: what called for it, what kind was shown, and the judgements of the first two pillars."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from scorecards.autoscore.annotation.sentiment import Sentiment
from scorecards.autoscore.annotation.transcript import AnnotatedTranscript, Annotation
from scorecards.autoscore.brand_voice.findings import EMPATHY_LIBRARY
from scorecards.autoscore.case import (
    CERTAIN,
    CLEAR,
    GUESS,
    LIKELY,
    UNSURE,
    Case,
    Opportunity,
    Verdict,
    no,
    not_applicable,
    yes,
)
from scorecards.autoscore.customer_patterns import GRAVE
from scorecards.autoscore.deflecting_patterns import MOCKS
from scorecards.autoscore.owning_patterns import ADMITS
from scorecards.autoscore.rules.customer_details import facts_used
from scorecards.autoscore.sharing_patterns import COGNITIVE, EMOTIONAL
from scorecards.autoscore.solving_patterns import OFFER, STEPS
from scorecards.autoscore.validating_patterns import OF_SOMETHING
from scorecards.definitions.form import Span

COMPASSIONATE, SYMPATHY = "compassionate", "sympathy"
NO_OPPORTUNITY = "The customer expressed no feeling and nothing had gone wrong."
_FELT = 0.3
_ANGER = (
    *("annoy", "angr", "anger", "furi", "livid", "fuming", "fed up", "sick of", "sick and tired", "outrag"),
    *("disgust", "ridicul", "unac", "a joke", "pathetic", "useless", "mad", "insult", "infuri", "appal"),
    *("irrit", "tired of", "worst", "a scam", "rude", "disrespect", "incompeten", "had enough", "had it"),
    *("frus", "disap", "terrible", "awful", "horrible", "let me", "let us", "let down", "ignored", "cheated"),
    *(
        "betrayed",
        "humil",
        "losing patience",
        "out of patience",
        "unbeliev",
        "unfair",
        "atroc",
        "abys",
        "laugh",
    ),
)
"""How words of anger begin."""

_MOURNED = ("died", "passed away", "death of", "my late", "funeral", "widow", "my loss", "our loss")

_FEW_WORDS = 4


@dataclass(frozen=True, slots=True)
class EmpathyMoment:
    """A validated feeling: cognitive (understands), emotional (shares), compassionate (also acts).

    Condolence that names no feeling is apart from empathy: its kind is sympathy.
    """

    kind: str
    span: Span


def opportunity(reading: AnnotatedTranscript, sentiment: Sentiment) -> Opportunity:
    """Return what called for empathy: feelings, grave stakes, failures told or admitted."""
    customer = reading.customer_annotations
    feelings = list(customer.get("feeling", ()))
    feelings += [mark for mark in customer.get("stakes", ()) if mark.label == GRAVE]
    feelings += customer.get("sarcasm", ())
    peak = sentiment.peak_turn
    if not feelings and peak is not None and sentiment.peak_distress >= _FELT:
        feelings = [Annotation(peak, 0, len(reading.plain_turns[peak]), "")]
    feelings += reading.agent_annotations.get("feeling", ())
    failures = list(customer.get("failure", ())) + list(customer.get("repeated", ()))
    admitted = [mark for mark in reading.agent_annotations.get("ownership", ()) if mark.label == ADMITS]
    admitted += reading.agent_annotations.get("apology", ())
    turns = [mark.turn for mark in (*feelings, *failures, *admitted)]
    return Opportunity(
        tuple(sorted(feelings)), tuple(sorted([*failures, *admitted])), min(turns, default=None)
    )


def moments(case: Case) -> tuple[EmpathyMoment, ...]:
    """Return the feelings the agent validated, each with its kind, one a turn; sympathy where there is none.

    It is compassionate when the agent owns or solves something in the same turn or in their next one.
    """
    return case.once(_moments)


def _moments(case: Case) -> tuple[EmpathyMoment, ...]:
    acts = {mark.turn for mark in case.agent("ownership", "solution")}
    turns = case.transcript.agent_turns
    following = dict(pairwise(turns))
    found: dict[int, EmpathyMoment] = {}
    named = case.once(_named)
    shared = {mark.turn for mark in named if mark.label == EMOTIONAL}
    for mark in named:
        acted = mark.turn in acts or following.get(mark.turn) in acts
        kind = COMPASSIONATE if acted else EMOTIONAL if mark.turn in shared else COGNITIVE
        found.setdefault(mark.turn, EmpathyMoment(kind, Span(mark.turn, mark.start, mark.end)))
    for mark in case.answering("sympathy"):
        found.setdefault(mark.turn, EmpathyMoment(SYMPATHY, Span(mark.turn, mark.start, mark.end)))
    return tuple(found[turn] for turn in sorted(found))


def validates_feeling(case: Case) -> Verdict:
    """Naming the feeling; "I understand" or condolence alone is not it."""
    if not case.opportunity.any:
        return not_applicable(NO_OPPORTUNITY)
    if theirs := _from_library(case):
        return theirs
    named = case.once(_named)
    canned = {mark.turn for mark in case.agent("canned")}
    if named:
        kinds = ", ".join(dict.fromkeys(each.kind for each in moments(case) if each.kind != SYMPATHY))
        sure = UNSURE if all(mark.turn in canned for mark in named) else CLEAR
        return yes(sure, named, f"The agent names how the customer feels ({kinds} empathy).")
    if general := case.answering("understanding"):
        return no(UNSURE, general, "A general 'I understand' does not name the feeling.")
    if sympathy := case.answering("sympathy"):
        return no(LIKELY, sympathy, "Condolence is offered, but the feeling is not named.")
    sure = LIKELY if case.opportunity.feelings else UNSURE
    return no(sure, _cause(case), "Nothing the agent says names how the customer feels.")


def validates_before_solution(case: Case) -> Verdict:
    """Acknowledging before solving, whatever the acknowledgement is."""
    if not case.opportunity.any:
        return not_applicable(NO_OPPORTUNITY)
    named = case.once(_named)
    understood = [mark for mark in case.answering("understanding") if mark.label == OF_SOMETHING]
    admitted = [mark for mark in case.answering("ownership") if mark.label == ADMITS]
    reflected = case.answering("reflection")
    heard = sorted([*named, *understood, *admitted, *reflected, *case.answering("apology", "sympathy")])
    solved = case.answering("solution")
    if not heard:
        evidence = solved[:1] or _cause(case)
        return no(LIKELY if solved else UNSURE, evidence, "The feeling or failure is never acknowledged.")
    if not solved or heard[0] < solved[0]:
        strong = any(not solved or mark < solved[0] for mark in named)
        return yes(
            CLEAR if strong else UNSURE, heard[:1], "The agent acknowledges it before offering a solution."
        )
    return no(LIKELY, [solved[0], heard[0]], "A solution is offered before the feeling is acknowledged.")


def listens_and_reflects(case: Case) -> Verdict:
    """Giving back what was heard, in so many words or by its facts."""
    if sum(len(said.annotations.words) for said in case.transcript.customer_sentences) < _FEW_WORDS:
        return not_applicable("The customer said too little to give back.")
    if reflected := case.agent("reflection"):
        return yes(CLEAR, reflected, "The agent gives back what the customer said.")
    echoed = case.once(facts_used)
    if len({mark.label for mark in echoed}) > 1:
        return yes(UNSURE, echoed, "The agent takes up the customer's own facts.")
    return no(UNSURE, (), "Nothing the customer said is given back.")


def apologises_with_action(case: Case) -> Verdict:
    """An apology for a failure, together with what is done about it."""
    apologies = case.agent("apology")
    if not case.opportunity.failures and not apologies and not _is_angry(case):
        return not_applicable("Nothing had gone wrong that calls for an apology.")
    if not apologies:
        return no(LIKELY, _cause(case), "Something had gone wrong and the agent does not apologise.")
    acts = case.agent("solution", "ownership")
    for apology in apologies:
        near = [act for act in acts if act.turn >= apology.turn - 1]
        if near:
            return yes(CLEAR, [apology, near[0]], "The agent apologises and says what they do about it.")
    if looking := [mark for mark in case.agent("looking") if mark.turn >= apologies[0].turn]:
        return yes(UNSURE, [apologies[0], looking[0]], "The agent apologises and looks into it.")
    return no(LIKELY, apologies, "The agent apologises without doing anything about it.")


def takes_ownership(case: Case) -> Verdict:
    """Making it one's own: "I will", "we got this wrong"."""
    if not case.opportunity.any:
        return not_applicable(NO_OPPORTUNITY)
    mocked = case.turns_of("blame", MOCKS)
    owned = [mark for mark in case.agent("ownership") if mark.turn not in mocked]
    deflected = case.agent("deflection", "blame")
    if owned:
        return yes(UNSURE if deflected else CLEAR, owned, "The agent makes the matter their own.")
    done = case.agent("solution")
    first_person = [mark for mark in done if mark.label.startswith("i ") and mark.turn not in mocked]
    if first_person and (not deflected or first_person[-1].turn > deflected[-1].turn):
        return yes(LIKELY, first_person, "The agent says what they do about it themselves.")
    if deflected:
        return no(CLEAR, deflected, "The agent passes the matter on instead of owning it.")
    return no(UNSURE, _cause(case), "The agent does not say that they take care of it.")


def avoids_deflection(case: Case) -> Verdict:
    """Not sending the customer away; a warm handover with an action is no deflection."""
    deflected = case.agent("deflection")
    if not deflected:
        return yes(LIKELY, (), "The agent does not pass the matter on.")
    acting = {mark.turn for mark in case.agent("ownership", "solution") if mark.label not in {STEPS, OFFER}}
    left = [mark for mark in deflected if mark.turn not in acting]
    if left:
        return no(CLEAR, left, "The agent passes the matter on to someone or something else.")
    return yes(UNSURE, deflected, "The agent points to a limit and acts all the same.")


def avoids_blame(case: Case) -> Verdict:
    """Not making it the customer's fault."""
    if blamed := case.agent("blame"):
        return no(LIKELY, blamed, "The agent makes it the customer's fault or talks down to them.")
    return yes(LIKELY, (), "The agent does not blame the customer.")


def no_sympathy_only(case: Case) -> Verdict:
    """Condolence followed by empathy or action, not left alone."""
    if not case.opportunity.any:
        return not_applicable(NO_OPPORTUNITY)
    sympathy = case.answering("sympathy") or (case.answering("apology") if _mourns(case) else [])
    if not sympathy:
        return not_applicable("The agent offers no condolence that could stand alone.")
    if named := case.once(_named):
        return yes(CLEAR, [sympathy[0], *named], "Condolence comes with naming the feeling.")
    if acts := [mark for mark in case.answering("solution", "ownership") if mark.turn >= sympathy[0].turn]:
        return yes(LIKELY, [sympathy[0], acts[0]], "Condolence comes with action.")
    return no(LIKELY, sympathy, "Condolence stands alone: no feeling named, nothing done.")


def reassures(case: Case) -> Verdict:
    """Taking the worry away."""
    if not case.opportunity.any:
        return not_applicable(NO_OPPORTUNITY)
    if said := case.answering("reassurance"):
        return yes(LIKELY, said, "The agent reassures the customer.")
    return no(GUESS, _cause(case), "No words of reassurance were found.")


def _is_angry(case: Case) -> bool:
    """Tell whether the customer is angry: nobody is, where nothing has gone wrong."""
    customer = case.transcript.customer_annotations
    return bool(customer.get("sarcasm")) or _begins(case, customer.get("feeling", ()), _ANGER)


def _mourns(case: Case) -> bool:
    """Tell whether the customer lost someone: "I'm sorry" is condolence then, and no apology alone."""
    return _begins(case, case.transcript.customer_annotations.get("stakes", ()), _MOURNED)


def _begins(case: Case, marks: Iterable[Annotation], beginnings: tuple[str, ...]) -> bool:
    plains = case.transcript.plain_turns
    return any(plains[mark.turn].startswith(beginnings, mark.start) for mark in marks)


def _cause(case: Case) -> tuple[Annotation, ...]:
    return (*case.opportunity.feelings[:1], *case.opportunity.failures[:1])


def _from_library(case: Case) -> Verdict | None:
    """Return a yes that rests on a clause where the client's own validating words were used."""
    first = case.opportunity.first_turn or 0
    for found in case.voice or ():
        if found.rule == EMPATHY_LIBRARY and found.kept and found.span and found.span.turn >= first:
            reason = "The agent validates the feeling in the client's own words."
            return Verdict(1.0, CERTAIN, (found.span,), reason, found.clause)
    return None


def _named(case: Case) -> list[Annotation]:
    """Return where the agent names a feeling, not in mockery."""
    mocked = case.turns_of("blame", MOCKS)
    return [mark for mark in case.answering("feeling") if mark.turn not in mocked]
