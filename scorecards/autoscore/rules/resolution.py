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
from scorecards.autoscore.deflecting_patterns import MOCKS
from scorecards.autoscore.rules.clarifying_questions import asked_of_outcome, is_question, solved_before
from scorecards.autoscore.rules.customer_details import facts_used, has_facts
from scorecards.autoscore.rules.promises import promises
from scorecards.autoscore.text.word_rarity import is_strong

_FEW_WORDS = 3
_REPEATED_WORDS = 6
_NO_TALK = "The customer said nothing that asks for it."


def asks_question_back(case: Case) -> Verdict:
    """A question about the matter; openers, closers and requests for data are none."""
    if not case.once(_asked_something):
        return not_applicable(_NO_TALK)
    first = case.transcript.customer_turns[0]
    asked = [said for said in case.transcript.agent_sentences if said.turn > first and is_question(said)]
    open_questions = [said for said in asked if _about_the_matter(case, said)]
    if open_questions:
        marks = [_whole(said) for said in open_questions]
        return yes(LIKELY, marks, "The agent asks about the customer's situation.")
    if asked:
        marks = [_whole(said) for said in asked]
        return no(UNSURE, marks, "Only data or closing questions were asked, none about the situation.")
    return no(LIKELY, (), "The agent asks nothing back.")


def personalises(case: Case) -> Verdict:
    """Using what this customer told."""
    if not has_facts(case.transcript):
        return not_applicable("The customer told nothing of their own that could be used.")
    used = case.once(facts_used)
    facts = {mark.label for mark in used}
    if len(facts) > 1 or any(fact.isdigit() for fact in facts):
        return yes(LIKELY, used, "The agent uses what this customer told.")
    if any(is_strong(fact) for fact in facts):
        return yes(UNSURE, used, "The agent takes up one thing the customer told.")
    return no(UNSURE, case.agent("canned"), "Nothing particular to this customer is used.")


def avoids_canned_sentences(case: Case) -> Verdict:
    """No stock sentence, none that the client's agents say everywhere, no long one said twice."""
    if canned := case.agent("canned"):
        return no(LIKELY, canned, "A stock sentence is used.")
    if case.canned_responses is not None:
        worn = [said for said in case.transcript.agent_sentences if case.canned_responses.is_canned(said)]
        if worn:
            times = max(case.canned_responses.times(said.annotations.plain) for said in worn)
            heard = case.canned_responses.interactions
            reason = f"A sentence comes back word for word in {times} of {heard} interactions of this client."
            return no(CERTAIN, [_whole(said) for said in worn], reason)
    said_before: set[str] = set()
    for said in case.transcript.agent_sentences:
        if len(said.annotations.words) >= _REPEATED_WORDS:
            if said.annotations.plain in said_before:
                return no(LIKELY, [_whole(said)], "The same sentence is said twice in one conversation.")
            said_before.add(said.annotations.plain)
    return yes(UNSURE if case.canned_responses is None else LIKELY, (), "No stock sentence was found.")


def offers_solution(case: Case) -> Verdict:
    """Something that moves the matter on."""
    if not case.once(_asked_something):
        return not_applicable(_NO_TALK)
    first = case.transcript.customer_turns[0]
    if offered := [mark for mark in case.agent("solution") if mark.turn > first]:
        return yes(LIKELY, offered, "The agent offers or carries out a solution.")
    if looking := case.agent("looking"):
        return no(UNSURE, looking, "The agent looks into it, but offers no solution.")
    return no(LIKELY, (), "No solution is offered.")


def explains_next_step(case: Case) -> Verdict:
    """What happens next; nothing needs to once a plain question was answered or all is done."""
    if not case.once(_asked_something):
        return not_applicable(_NO_TALK)
    steps = case.agent("next_step", "promise") or case.once(promises).dated
    first = case.transcript.customer_turns[0]
    if later := [mark for mark in steps if mark.turn > first]:
        return yes(LIKELY, later, "The agent says what happens next.")
    if not case.opportunity.any and _finished(case):
        return not_applicable("The question was answered in the conversation; nothing was left to do.")
    return no(UNSURE, (), "The agent does not say what happens next.")


def promises_with_date(case: Case) -> Verdict:
    """Every promise with a time by which it is kept."""
    found = case.once(promises)
    if not found.any:
        return not_applicable("The agent promised nothing for later.")
    if found.vague:
        return no(CLEAR, found.vague, "Only a vague time is named, such as 'soon'.")
    if found.dated:
        sure = LIKELY if found.open else CLEAR
        return yes(sure, found.dated, "The agent says by when it will happen.")
    if found.beside:
        return yes(UNSURE, found.beside, "A time is named beside the promise.")
    return no(LIKELY, found.open, "A promise is made without saying by when.")


def checks_back(case: Case) -> Verdict:
    """Asking whether it worked, or coming back to see; a general offer of more help is neither."""
    if not case.once(_asked_something):
        return not_applicable(_NO_TALK)
    mocked = case.turns_of("blame", MOCKS)
    checked = [mark for mark in case.agent("check_back") if mark.turn not in mocked]
    if checked := sorted([*checked, *asked_of_outcome(case)]):
        return yes(LIKELY, checked, "The agent checks that it works for the customer or comes back to it.")
    if general := case.agent("more_help"):
        return no(GUESS, general, "More help is offered in general, but the solution is not checked.")
    return no(UNSURE, (), "The agent does not check whether it worked.")


def closes_warmly(case: Case) -> Verdict:
    """A warm last word, in one of the agent's last two turns."""
    last = case.transcript.agent_turns[-2:]
    if warm := [mark for mark in case.agent("warm_close") if mark.turn in last]:
        return yes(CLEAR, warm, "The conversation ends on a warm word.")
    if bye := [mark for mark in case.agent("sign_off") if mark.turn in last]:
        return no(UNSURE, bye, "There is a farewell, but only a formal one.")
    return no(LIKELY, (), "The conversation ends without a warm word.")


def _asked_something(case: Case) -> bool:
    said = case.transcript.customer_sentences
    words = sum(len(each.annotations.words) for each in said)
    if not said:
        return False
    if (
        words < _FEW_WORDS
        and not case.opportunity.any
        and not case.transcript.customer_annotations.get("asks_when")
    ):
        return False
    return not _only_praises(case)


def _only_praises(case: Case) -> bool:
    """Tell whether the customer came to praise: nothing went wrong, and nothing is asked."""
    if not case.transcript.customer_annotations.get("praise") or case.opportunity.any:
        return False
    return not any(is_question(said) for said in case.transcript.customer_sentences)


def _about_the_matter(case: Case, said: Sentence) -> bool:
    signals = {hit.signal for hit in said.annotations.matches}
    if signals & {"verification", "more_help"} or ("check_back" in signals and solved_before(case, said)):
        return False
    plain = said.annotations.plain
    return len(said.annotations.words) >= _FEW_WORDS and not (
        ("help" in plain or "assist" in plain) and "how" in plain and len(said.annotations.words) <= 10
    )


def _whole(said: Sentence) -> Annotation:
    return Annotation(said.turn, said.start, said.end, "")


def _finished(case: Case) -> bool:
    """Tell whether only facts were asked for, or the customer closed the matter with a word of thanks."""
    customer, reading = case.transcript.customer_annotations, case.transcript
    if customer.get("asks_when"):
        return False
    if customer.get("asks_fact"):
        return True
    last = [said for said in reading.customer_sentences if said.turn == reading.customer_turns[-1]]
    closed = len(reading.customer_turns) > 1 and reading.agent_turns[0] < reading.customer_turns[-1]
    thanked = any(mark.turn == reading.customer_turns[-1] for mark in customer.get("thanks", ()))
    return closed and thanked and not any(is_question(said) for said in last)
