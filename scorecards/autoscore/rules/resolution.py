"""Judgements of the last two pillars: asking, solving, personalising, promising, checking, closing."""

from scorecards.autoscore.annotation.transcript import Annotation, Sentence
from scorecards.autoscore.case import (
    CERTAIN,
    CLEAR,
    GUESS,
    LIKELY,
    UNSURE,
    Case,
    Verdict,
    no,
    not_applicable,
    yes,
)
from scorecards.autoscore.deflection_patterns import MOCKS
from scorecards.autoscore.rules.clarifying_questions import (
    ONLY_A_FACT,
    asked_of_outcome,
    asks_for_a_fact,
    is_question,
    solved_before,
)
from scorecards.autoscore.rules.customer_details import details_used, has_details
from scorecards.autoscore.rules.promises import promises
from scorecards.autoscore.text.word_rarity import is_strong

_MIN_WORDS = 3
_MIN_REPEATED_WORDS = 6
_NOTHING_ASKED = "The customer said nothing that asks for it."


def asks_question_back(case: Case) -> Verdict:
    """A question about the customer's situation; closing questions and requests for data do not count."""
    if not case.once(_asks_for_something):
        return not_applicable(_NOTHING_ASKED)
    first = case.transcript.customer_turns[0]
    asked = [
        sentence
        for sentence in case.transcript.agent_sentences
        if sentence.turn > first and is_question(sentence)
    ]
    open_questions = [sentence for sentence in asked if _about_the_matter(case, sentence)]
    if open_questions:
        annotations = [_whole_sentence(sentence) for sentence in open_questions]
        return yes(LIKELY, annotations, "The agent asks about the customer's situation.")
    if case.once(asks_for_a_fact):
        return not_applicable(ONLY_A_FACT)
    if asked:
        annotations = [_whole_sentence(sentence) for sentence in asked]
        return no(UNSURE, annotations, "Only data or closing questions were asked, none about the situation.")
    return no(LIKELY, (), "The agent asks nothing back.")


def personalises(case: Case) -> Verdict:
    """Repeating details that this customer mentioned."""
    if not has_details(case.transcript):
        return not_applicable("The customer told nothing of their own that could be used.")
    repeated = case.once(details_used)
    details = {annotation.label for annotation in repeated}
    if len(details) > 1 or any(detail.isdigit() for detail in details):
        return yes(LIKELY, repeated, "The agent uses what this customer told.")
    if any(is_strong(detail) for detail in details):
        return yes(UNSURE, repeated, "The agent takes up one thing the customer told.")
    if case.once(asks_for_a_fact):
        return not_applicable(ONLY_A_FACT)
    return no(UNSURE, case.agent("canned"), "Nothing particular to this customer is used.")


def avoids_canned_sentences(case: Case) -> Verdict:
    """No stock sentence, no canned response of the client's agents, no long sentence twice."""
    if canned := case.agent("canned"):
        return no(LIKELY, canned, "A stock sentence is used.")
    if case.canned_responses is not None:
        is_canned = case.canned_responses.is_canned
        canned_sentences = [each for each in case.transcript.agent_sentences if is_canned(each)]
        if canned_sentences:
            times = max(case.canned_responses.times(each.annotations.plain) for each in canned_sentences)
            total = case.canned_responses.interactions
            reason = f"A sentence comes back word for word in {times} of {total} interactions of this client."
            return no(CERTAIN, [_whole_sentence(each) for each in canned_sentences], reason)
    previous: set[str] = set()
    for sentence in case.transcript.agent_sentences:
        if len(sentence.annotations.words) >= _MIN_REPEATED_WORDS:
            if sentence.annotations.plain in previous:
                return no(
                    LIKELY,
                    [_whole_sentence(sentence)],
                    "The same sentence is said twice in one conversation.",
                )
            previous.add(sentence.annotations.plain)
    return yes(UNSURE if case.canned_responses is None else LIKELY, (), "No stock sentence was found.")


def offers_solution(case: Case) -> Verdict:
    """An offered or completed solution."""
    if not case.once(_asks_for_something):
        return not_applicable(_NOTHING_ASKED)
    first = case.transcript.customer_turns[0]
    if offered := [annotation for annotation in case.agent("solution") if annotation.turn > first]:
        return yes(LIKELY, offered, "The agent offers or carries out a solution.")
    if case.once(asks_for_a_fact):
        return not_applicable(ONLY_A_FACT)
    if looking := case.agent("looking"):
        return no(UNSURE, looking, "The agent looks into it, but offers no solution.")
    return no(LIKELY, (), "No solution is offered.")


def explains_next_step(case: Case) -> Verdict:
    """What happens next; not applicable if a plain question was answered or everything is done."""
    if not case.once(_asks_for_something):
        return not_applicable(_NOTHING_ASKED)
    steps = case.agent("next_step", "promise") or case.once(promises).dated
    first = case.transcript.customer_turns[0]
    if later := [annotation for annotation in steps if annotation.turn > first]:
        return yes(LIKELY, later, "The agent says what happens next.")
    if not case.opportunity.any and _finished(case):
        return not_applicable("The question was answered in the conversation; nothing was left to do.")
    return no(UNSURE, (), "The agent does not say what happens next.")


def promises_with_date(case: Case) -> Verdict:
    """A time for every promise."""
    found = case.once(promises)
    if not found.any:
        return not_applicable("The agent promised nothing for later.")
    if found.vague:
        return no(CLEAR, found.vague, "Only a vague time is named, such as 'soon'.")
    if found.dated:
        confidence = LIKELY if found.open else CLEAR
        return yes(confidence, found.dated, "The agent says by when it will happen.")
    if found.beside:
        return yes(UNSURE, found.beside, "A time is named beside the promise.")
    return no(LIKELY, found.open, "A promise is made without saying by when.")


def checks_back(case: Case) -> Verdict:
    """Asking whether it worked, or a follow-up; a general offer of more help is neither."""
    if not case.once(_asks_for_something):
        return not_applicable(_NOTHING_ASKED)
    mocking_turns = case.turns_of("blame", MOCKS)
    checked = [annotation for annotation in case.agent("check_back") if annotation.turn not in mocking_turns]
    if checked := sorted([*checked, *asked_of_outcome(case)]):
        return yes(LIKELY, checked, "The agent checks that it works for the customer or comes back to it.")
    if case.once(asks_for_a_fact):
        return not_applicable(ONLY_A_FACT)
    if general := case.agent("more_help"):
        return no(GUESS, general, "More help is offered in general, but the solution is not checked.")
    return no(UNSURE, (), "The agent does not check whether it worked.")


def closes_warmly(case: Case) -> Verdict:
    """A warm closing in one of the agent's last two turns."""
    last = case.transcript.agent_turns[-2:]
    if warm := [annotation for annotation in case.agent("warm_close") if annotation.turn in last]:
        return yes(CLEAR, warm, "The conversation ends on a warm word.")
    if sign_offs := [annotation for annotation in case.agent("sign_off") if annotation.turn in last]:
        return no(UNSURE, sign_offs, "There is a farewell, but only a formal one.")
    return no(LIKELY, (), "The conversation ends without a warm word.")


def _asks_for_something(case: Case) -> bool:
    sentences = case.transcript.customer_sentences
    words = sum(len(each.annotations.words) for each in sentences)
    if not sentences:
        return False
    if (
        words < _MIN_WORDS
        and not case.opportunity.any
        and not case.transcript.customer_annotations.get("asks_when")
    ):
        return False
    return not _only_praises(case)


def _only_praises(case: Case) -> bool:
    """Tell whether the customer only praises: nothing went wrong, and nothing is asked."""
    if not case.transcript.customer_annotations.get("praise") or case.opportunity.any:
        return False
    return not any(is_question(sentence) for sentence in case.transcript.customer_sentences)


def _about_the_matter(case: Case, sentence: Sentence) -> bool:
    signals = {match.signal for match in sentence.annotations.matches}
    if signals & {"verification", "more_help"} or ("check_back" in signals and solved_before(case, sentence)):
        return False
    plain = sentence.annotations.plain
    return len(sentence.annotations.words) >= _MIN_WORDS and not (
        ("help" in plain or "assist" in plain) and "how" in plain and len(sentence.annotations.words) <= 10
    )


def _whole_sentence(sentence: Sentence) -> Annotation:
    return Annotation(sentence.turn, sentence.start, sentence.end, "")


def _finished(case: Case) -> bool:
    """Tell whether only information was asked for, or the customer closed with thanks."""
    customer, transcript = case.transcript.customer_annotations, case.transcript
    if customer.get("asks_when"):
        return False
    if customer.get("asks_fact"):
        return True
    last = [
        sentence
        for sentence in transcript.customer_sentences
        if sentence.turn == transcript.customer_turns[-1]
    ]
    closed = len(transcript.customer_turns) > 1 and transcript.agent_turns[0] < transcript.customer_turns[-1]
    thanked = any(
        annotation.turn == transcript.customer_turns[-1] for annotation in customer.get("thanks", ())
    )
    return closed and thanked and not any(is_question(sentence) for sentence in last)
