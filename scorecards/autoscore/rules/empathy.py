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
from scorecards.autoscore.deflection_patterns import MOCKS
from scorecards.autoscore.ownership_patterns import ADMITS
from scorecards.autoscore.rules.clarifying_questions import ONLY_A_FACT, asks_for_a_fact
from scorecards.autoscore.rules.customer_details import details_used
from scorecards.autoscore.shared_feeling_patterns import COGNITIVE, EMOTIONAL
from scorecards.autoscore.solution_patterns import OFFER, STEPS
from scorecards.autoscore.validation_patterns import OF_SOMETHING
from scorecards.definitions.form import Span

COMPASSIONATE, SYMPATHY = "compassionate", "sympathy"
NO_OPPORTUNITY = "The customer expressed no feeling and nothing had gone wrong."
_MIN_DISTRESS = 0.3
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
"""The beginnings of expressions of anger."""

_BEREAVEMENT = ("died", "passed away", "death of", "my late", "funeral", "widow", "my loss", "our loss")

_MIN_WORDS = 4


@dataclass(frozen=True, slots=True)
class EmpathyMoment:
    """A validated feeling: cognitive (understands), emotional (shares), compassionate (also acts).

    Condolence that names no feeling is no empathy: its kind is sympathy.
    """

    kind: str
    span: Span


def opportunity(transcript: AnnotatedTranscript, sentiment: Sentiment) -> Opportunity:
    """Return what called for empathy: feelings, grave stakes, failures reported or admitted."""
    customer = transcript.customer_annotations
    feelings = list(customer.get("feeling", ()))
    feelings += [annotation for annotation in customer.get("stakes", ()) if annotation.label == GRAVE]
    feelings += customer.get("sarcasm", ())
    peak = sentiment.peak_turn
    if not feelings and peak is not None and sentiment.peak_distress >= _MIN_DISTRESS:
        feelings = [Annotation(peak, 0, len(transcript.plain_turns[peak]), "")]
    feelings += transcript.agent_annotations.get("feeling", ())
    failures = list(customer.get("failure", ())) + list(customer.get("repeated", ()))
    admitted = [
        annotation
        for annotation in transcript.agent_annotations.get("ownership", ())
        if annotation.label == ADMITS
    ]
    admitted += transcript.agent_annotations.get("apology", ())
    turns = [annotation.turn for annotation in (*feelings, *failures, *admitted)]
    return Opportunity(
        tuple(sorted(feelings)), tuple(sorted([*failures, *admitted])), min(turns, default=None)
    )


def moments(case: Case) -> tuple[EmpathyMoment, ...]:
    """Return the feelings the agent validated, each with its kind, one a turn; sympathy where there is none.

    It is compassionate when the agent owns or solves something in the same turn or in their next one.
    """
    return case.once(_moments)


def _moments(case: Case) -> tuple[EmpathyMoment, ...]:
    acts = {annotation.turn for annotation in case.agent("ownership", "solution")}
    turns = case.transcript.agent_turns
    following = dict(pairwise(turns))
    found: dict[int, EmpathyMoment] = {}
    named = case.once(_named)
    shared = {annotation.turn for annotation in named if annotation.label == EMOTIONAL}
    for annotation in named:
        acted = annotation.turn in acts or following.get(annotation.turn) in acts
        kind = COMPASSIONATE if acted else EMOTIONAL if annotation.turn in shared else COGNITIVE
        found.setdefault(
            annotation.turn, EmpathyMoment(kind, Span(annotation.turn, annotation.start, annotation.end))
        )
    for annotation in case.answering("sympathy"):
        found.setdefault(
            annotation.turn, EmpathyMoment(SYMPATHY, Span(annotation.turn, annotation.start, annotation.end))
        )
    return tuple(found[turn] for turn in sorted(found))


def validates_feeling(case: Case) -> Verdict:
    """Naming the feeling; "I understand" or condolence alone is not enough."""
    if not case.opportunity.any:
        return not_applicable(NO_OPPORTUNITY)
    if by_library := _from_library(case):
        return by_library
    named = case.once(_named)
    canned = {annotation.turn for annotation in case.agent("canned")}
    if named:
        kinds = ", ".join(dict.fromkeys(each.kind for each in moments(case) if each.kind != SYMPATHY))
        confidence = UNSURE if all(annotation.turn in canned for annotation in named) else CLEAR
        return yes(confidence, named, f"The agent names how the customer feels ({kinds} empathy).")
    if general := case.answering("understanding"):
        return no(UNSURE, general, "A general 'I understand' does not name the feeling.")
    if sympathy := case.answering("sympathy"):
        return no(LIKELY, sympathy, "Condolence is offered, but the feeling is not named.")
    confidence = LIKELY if case.opportunity.feelings else UNSURE
    return no(confidence, _cause(case), "Nothing the agent says names how the customer feels.")


def validates_before_solution(case: Case) -> Verdict:
    """Acknowledging before solving, whatever the acknowledgement is."""
    if not case.opportunity.any:
        return not_applicable(NO_OPPORTUNITY)
    named = case.once(_named)
    understood = [
        annotation for annotation in case.answering("understanding") if annotation.label == OF_SOMETHING
    ]
    admitted = [annotation for annotation in case.answering("ownership") if annotation.label == ADMITS]
    reflected = case.answering("reflection")
    acknowledged = sorted(
        [*named, *understood, *admitted, *reflected, *case.answering("apology", "sympathy")]
    )
    solved = case.answering("solution")
    if not acknowledged:
        evidence = solved[:1] or _cause(case)
        return no(LIKELY if solved else UNSURE, evidence, "The feeling or failure is never acknowledged.")
    if not solved or acknowledged[0] < solved[0]:
        strong = any(not solved or annotation < solved[0] for annotation in named)
        return yes(
            CLEAR if strong else UNSURE,
            acknowledged[:1],
            "The agent acknowledges it before offering a solution.",
        )
    return no(
        LIKELY, [solved[0], acknowledged[0]], "A solution is offered before the feeling is acknowledged."
    )


def listens_and_reflects(case: Case) -> Verdict:
    """Reflective listening: a paraphrase, or the customer's own details."""
    if sum(len(reassured.annotations.words) for reassured in case.transcript.customer_sentences) < _MIN_WORDS:
        return not_applicable("The customer said too little to give back.")
    if reflected := case.agent("reflection"):
        return yes(CLEAR, reflected, "The agent gives back what the customer said.")
    repeated = case.once(details_used)
    if len({annotation.label for annotation in repeated}) > 1:
        return yes(UNSURE, repeated, "The agent takes up the customer's own facts.")
    if case.once(asks_for_a_fact):
        return not_applicable(ONLY_A_FACT)
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
    if looking := [
        annotation for annotation in case.agent("looking") if annotation.turn >= apologies[0].turn
    ]:
        return yes(UNSURE, [apologies[0], looking[0]], "The agent apologises and looks into it.")
    return no(LIKELY, apologies, "The agent apologises without doing anything about it.")


def takes_ownership(case: Case) -> Verdict:
    """Taking responsibility: "I will", "we got this wrong"."""
    if not case.opportunity.any:
        return not_applicable(NO_OPPORTUNITY)
    mocking_turns = case.turns_of("blame", MOCKS)
    owned = [annotation for annotation in case.agent("ownership") if annotation.turn not in mocking_turns]
    deflected = case.agent("deflection", "blame")
    if owned:
        return yes(UNSURE if deflected else CLEAR, owned, "The agent makes the matter their own.")
    done = case.agent("solution")
    first_person = [
        annotation
        for annotation in done
        if annotation.label.startswith("i ") and annotation.turn not in mocking_turns
    ]
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
    acting = {
        annotation.turn
        for annotation in case.agent("ownership", "solution")
        if annotation.label not in {STEPS, OFFER}
    }
    left = [annotation for annotation in deflected if annotation.turn not in acting]
    if left:
        return no(CLEAR, left, "The agent passes the matter on to someone or something else.")
    return yes(UNSURE, deflected, "The agent points to a limit and acts all the same.")


def avoids_blame(case: Case) -> Verdict:
    """Not blaming the customer."""
    if blamed := case.agent("blame"):
        return no(LIKELY, blamed, "The agent makes it the customer's fault or talks down to them.")
    return yes(LIKELY, (), "The agent does not blame the customer.")


def no_sympathy_only(case: Case) -> Verdict:
    """Condolence together with empathy or action, not alone."""
    if not case.opportunity.any:
        return not_applicable(NO_OPPORTUNITY)
    sympathy = case.answering("sympathy") or (case.answering("apology") if _is_bereaved(case) else [])
    if not sympathy:
        return not_applicable("The agent offers no condolence that could stand alone.")
    if named := case.once(_named):
        return yes(CLEAR, [sympathy[0], *named], "Condolence comes with naming the feeling.")
    if acts := [
        annotation
        for annotation in case.answering("solution", "ownership")
        if annotation.turn >= sympathy[0].turn
    ]:
        return yes(LIKELY, [sympathy[0], acts[0]], "Condolence comes with action.")
    return no(LIKELY, sympathy, "Condolence stands alone: no feeling named, nothing done.")


def reassures(case: Case) -> Verdict:
    """Reassuring the customer."""
    if not case.opportunity.any:
        return not_applicable(NO_OPPORTUNITY)
    if reassured := case.answering("reassurance"):
        return yes(LIKELY, reassured, "The agent reassures the customer.")
    return no(GUESS, _cause(case), "No words of reassurance were found.")


def _is_angry(case: Case) -> bool:
    """Tell whether the customer is angry, by sarcasm or expressions of anger."""
    customer = case.transcript.customer_annotations
    return bool(customer.get("sarcasm")) or _any_begins(case, customer.get("feeling", ()), _ANGER)


def _is_bereaved(case: Case) -> bool:
    """Tell whether the customer lost someone: then "I'm sorry" is condolence, not only an apology."""
    return _any_begins(case, case.transcript.customer_annotations.get("stakes", ()), _BEREAVEMENT)


def _any_begins(case: Case, annotations: Iterable[Annotation], beginnings: tuple[str, ...]) -> bool:
    plain_turns = case.transcript.plain_turns
    return any(
        plain_turns[annotation.turn].startswith(beginnings, annotation.start) for annotation in annotations
    )


def _cause(case: Case) -> tuple[Annotation, ...]:
    return (*case.opportunity.feelings[:1], *case.opportunity.failures[:1])


def _from_library(case: Case) -> Verdict | None:
    """Return a yes with its clause if a phrase of the client's empathy library was used."""
    first = case.opportunity.first_turn or 0
    for found in case.voice or ():
        if found.rule == EMPATHY_LIBRARY and found.kept and found.span and found.span.turn >= first:
            reason = "The agent validates the feeling in the client's own words."
            return Verdict(1.0, CERTAIN, (found.span,), reason, found.clause)
    return None


def _named(case: Case) -> list[Annotation]:
    """Return where the agent names a feeling, except in mocking turns."""
    mocking_turns = case.turns_of("blame", MOCKS)
    return [annotation for annotation in case.answering("feeling") if annotation.turn not in mocking_turns]
