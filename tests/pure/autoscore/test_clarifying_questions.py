"""Clarifying questions and checking back are told apart by wording and by position in the conversation."""

import pytest

from tests.pure.autoscore import empathy_dialogues as made

CUSTOMER = "C: my blender came broken, order 4411"
DONE = "A: I've sent you a new one, it's with you tomorrow."


def answer(turns: list[str], judgement: str) -> object:
    case = made.conversation({"channel": "chat", "turns": turns})
    found = made.judge().evaluate([case])[0].answers[judgement]
    return "n/a" if found.na else found.value


@pytest.mark.parametrize(
    "asked",
    [
        "and is he sitting next to you",
        "did it leak or was it only cracked",
        "good morning oh dear is everybody alright",
        "How is he now, is he at home?",
        "and the party is when if i may ask",
    ],
)
def test_clarifying_question_is_recognised_without_question_mark(asked):
    assert answer([CUSTOMER, f"A: {asked}"], "asks_question_back") == "yes"


@pytest.mark.parametrize("said", ["what you see there is the serial number", "when it arrives you are done"])
def test_a_statement_that_begins_like_a_question_asks_nothing(said):
    assert answer([CUSTOMER, f"A: {said}"], "asks_question_back") == "no"


@pytest.mark.parametrize(
    "asked",
    [
        "Is the light on?",
        "do you see it in your inbox",
        "All four green?",
        "What does the screen show now?",
        "Could you try the link for me?",
    ],
)
def test_question_after_resolution_counts_as_checking_back(asked):
    assert answer([CUSTOMER, DONE, "C: ok", f"A: {asked}"], "checks_back") == "yes"


@pytest.mark.parametrize("asked", ["Is the light on?", "All four green?"])
def test_question_before_resolution_is_not_checking_back(asked):
    assert answer([CUSTOMER, f"A: {asked}", "C: yes"], "checks_back") == "no"


@pytest.mark.parametrize(
    "asked", ["Do you want a receipt?", "May I have your postcode?", "Is there anything else I can do?"]
)
def test_offers_and_data_requests_are_not_checking_back(asked):
    assert answer([CUSTOMER, DONE, "C: ok", f"A: {asked}"], "checks_back") == "no"


@pytest.mark.parametrize(
    "said", ["Give Lena a big squeeze from us.", "Safe driving!", "Thank you for not giving up on us."]
)
def test_warm_closing_is_recognised_in_free_wording(said):
    assert answer([CUSTOMER, DONE, "C: ok", f"A: {said}"], "closes_warmly") == "yes"


@pytest.mark.parametrize(
    "said", ["I hope this answers your question.", "Please tell the driver to ring.", "Thanks for waiting."]
)
def test_merely_polite_closing_is_not_warm(said):
    assert answer([CUSTOMER, DONE, "C: ok", f"A: {said}"], "closes_warmly") == "no"
