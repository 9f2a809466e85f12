from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.autoscore.engine import Judge
from scorecards.autoscore.rules.catalogue import CATALOGUE
from scorecards.definitions.brand_voice import BrandVoice
from scorecards.definitions.conversation import SPEAKERS, Conversation, Turn
from scorecards.definitions.form import Form
from scorecards.definitions.playbook import Playbook

NOW = datetime(2026, 1, 5, tzinfo=UTC)
VOICE = BrandVoice.from_body(
    {
        "formality": "formal",
        "greeting": {"required": True, "phrases": ["Good day {name}"]},
        "sign_off": {"required": True, "phrases": ["Yours truly"]},
        "preferred": [{"clause": "BV-1", "phrase": "I'd be glad to", "instead_of": "no problem"}],
        "banned": [{"clause": "BV-7", "phrase": "per our policy", "reason": "sounds like hiding"}],
    }
)
BOOK = Playbook.from_body(
    {
        "key": "late",
        "name": "Late",
        "trigger": {"intents": ["late"], "phrases": ["where is my order"]},
        "ordered": True,
        "steps": [
            {"key": "sorry", "name": "Say sorry", "phrases": ["sorry for the delay"]},
            {"key": "check", "name": "Check", "phrases": ["check your order"]},
            {"key": "thank", "name": "Thank", "required": False, "phrases": ["thank you for waiting"]},
        ],
        "discretion": [
            {
                "key": "credit",
                "name": "Credit",
                "limit": 25,
                "currency": "USD",
                "need": ["let down"],
                "phrases": ["credit"],
            }
        ],
    }
)


def form(**overrides):
    asked = [
        {"key": name, "text": "?", "kind": "yes_no", "na_allowed": True, "auto": name, **overrides}
        for name in CATALOGUE
    ]
    return Form.from_body({"sections": [{"key": "all", "pillar": "listen_validate", "questions": asked}]})


JUDGE = Judge(form(), VOICE, [BOOK], charged_threshold=0.5)


def talk(*said, **facts):
    names = {"C": "customer", "A": "agent", "B": "bot"}
    return Conversation("chat", [Turn(names[each[0]], each[3:]) for each in said], NOW, **facts)


def judged(*said, judge=JUDGE, **facts):
    return judge.evaluate([talk(*said, **facts)])[0]


SAID = st.sampled_from(
    [
        "I'm so frustrated, it's broken!!",
        "I can see how frustrating this is.",
        "I'm sorry for the delay. Let me check your order 4711.",
        "As per our policy I’ve added a $30 credit.",
        "Where is my order? I feel let down",
        "Good day Anna",
        "İI'm sorry 😢don't worry",
    ]
)
TURNS = st.lists(st.builds(Turn, st.sampled_from(SPEAKERS), st.text(max_size=120) | SAID), max_size=7)
CONVERSATIONS = TURNS.map(lambda turns: Conversation("chat", turns, NOW, intent="late"))


@settings(deadline=None)
@given(CONVERSATIONS)
def test_evidence_of_any_conversation_lies_in_its_text(conversation):
    result = JUDGE.evaluate([conversation])[0]
    spans = [span for answer in result.answers.values() for span in answer.evidence]
    spans += [found.span for found in result.brand_voice if found.span]
    spans += [step.span for book in result.playbooks for step in book.steps if step.span]
    spans += [moment.span for moment in result.empathy]
    for span in spans:
        assert 0 <= span.start < span.end <= len(conversation.turns[span.turn].text)


@settings(deadline=None)
@given(CONVERSATIONS)
def test_every_answer_is_a_value_or_na_or_abstained_with_a_reason_and_confidence(conversation):
    for answer in JUDGE.evaluate([conversation])[0].answers.values():
        assert (answer.value is not None) + answer.na + answer.abstained == 1
        assert answer.reason
        assert 0.0 <= answer.confidence <= 1.0


@settings(deadline=None)
@given(st.lists(CONVERSATIONS, max_size=4))
def test_answers_alone_and_in_a_batch_are_the_same(conversations):
    alone = [
        Judge(form(), VOICE, [BOOK], charged_threshold=0.5).evaluate([each])[0] for each in conversations
    ]
    assert JUDGE.evaluate(conversations) == alone


@settings(deadline=None)
@given(TURNS, st.integers(0, 6))
def test_added_banned_phrase_makes_avoids_banned_phrases_no(turns, place):
    worth = {"no": 0, "yes": 1}
    spoiled = [*turns[:place], Turn("agent", "That is per our policy."), *turns[place:]]
    before, after = (
        JUDGE.evaluate([Conversation("chat", each, NOW)])[0].answers["avoids_banned_phrases"]
        for each in (turns, spoiled)
    )
    assert after.value == "no"
    assert worth[after.value] <= worth.get(before.value, 1)


def test_bot_turns_are_not_evaluated():
    answers = judged("C: I'm so upset", "B: I can see how upset you are.", "A: Ok.").answers
    assert answers["validates_feeling"].value == "no"


def test_without_an_agent_everything_abstains():
    answers = judged("C: I'm upset", "B: Sorry!").answers
    assert all(answer.abstained for answer in answers.values())


def test_unsupported_language_evaluates_only_client_phrases():
    answers = judged("C: Hallo", "A: per our policy", language="de").answers
    assert answers["validates_feeling"].abstained
    assert answers["avoids_banned_phrases"].value == "no"


def test_voice_and_playbook_judgements_abstain_without_definitions():
    answers = judged("C: Hi", "A: Hi", judge=Judge(form(), None, [], charged_threshold=0.5)).answers
    for name in (
        "avoids_banned_phrases",
        "uses_preferred_phrases",
        "playbook_followed",
        "discretion_within_limit",
    ):
        assert answers[name].abstained


def test_a_question_without_auto_is_left_to_people():
    answer = judged("C: Hi", "A: Hi", judge=Judge(form(auto=None), None, [], charged_threshold=0.5)).answers[
        "greets"
    ]
    assert (answer.abstained, answer.reason) == (True, "People judge this question.")


def test_na_verdict_abstains_when_question_does_not_allow_na():
    judge = Judge(form(na_allowed=False), None, [], charged_threshold=0.5)
    assert judged("C: When do you open?", "A: At nine.", judge=judge).answers["validates_feeling"].abstained


def test_a_scale_gets_the_option_nearest_to_the_verdict():
    options = [{"key": str(i), "value": i / 4} for i in range(5)]
    judge = Judge(form(kind="scale", options=options), None, [], charged_threshold=0.5)
    assert (
        judged("C: I'm upset", "A: I see how upset you are.", judge=judge).answers["validates_feeling"].value
        == "4"
    )


def test_without_a_form_there_is_sentiment_and_no_score():
    result = judged("C: I'm furious!!", judge=Judge(None, None, [], charged_threshold=0.5))
    assert (result.score, result.answers, result.sentiment.charged) == (None, {}, True)


def test_a_banned_phrase_cites_its_clause_and_place():
    result = judged("C: Why?", "A: It’s per our policies, sorry.")
    found = next(each for each in result.brand_voice if each.rule == "banned")
    answer = result.answers["avoids_banned_phrases"]
    assert (found.clause, answer.clause) == ("BV-7", "BV-7")
    assert "It’s per our policies, sorry."[found.span.start : found.span.end] == "per our policies"


def test_greeting_must_match_the_phrases_of_the_brand_voice():
    answers = judged("C: Hi", "A: Hello there, yours truly").answers
    assert (answers["greets"].value, answers["signs_off"].value) == ("no", "yes")


def test_a_casual_word_breaks_a_formal_voice():
    assert judged("C: Hi", "A: Yeah, gonna do that").answers["formality_fits"].value == "no"


def test_repeated_amount_is_a_single_evidence_span():
    answer = judged("C: You owe me $66.04 for the shell.", "A: The $66.04 is on its way.").answers[
        "personalises"
    ]
    assert [(each.start, each.end) for each in answer.evidence] == [(5, 10)]


def test_kinds_of_empathy_are_told_apart():
    kinds = [
        judged("C: I'm so worried", answer).empathy[0].kind
        for answer in (
            "A: I understand how worried you are.",
            "A: I'd be worried too.",
            "A: I understand how worried you are. I've refunded it.",
        )
    ]
    assert kinds == ["cognitive", "emotional", "compassionate"]


def steps(*said, **facts):
    return [step.status for step in judged(*said, **facts).playbooks[0].steps]


def test_steps_in_order_are_done_and_optional_ones_may_be_missing():
    result = judged("C: Where is my order?", "A: Sorry for the delay.", "A: Let me check your order.")
    assert [step.status for step in result.playbooks[0].steps] == ["done", "done", "missing"]
    assert result.answers["playbook_followed"].value == "yes"


def test_playbook_step_taken_too_early_is_out_of_order():
    assert steps("C: Where is my order?", "A: Let me check your order. Sorry for the delay.")[:2] == [
        "done",
        "out_of_order",
    ]


def test_playbook_step_repeated_in_order_is_done():
    said = (
        "C: Where is my order?",
        "A: I check your order.",
        "A: Sorry for the delay.",
        "A: Let me check your order.",
    )
    assert steps(*said)[:2] == ["done", "done"]


def test_a_denied_step_is_missing():
    assert steps("C: Where is my order?", "A: I can't check your order.")[1] == "missing"


def test_the_intent_triggers_a_playbook_before_any_phrase():
    assert judged("C: Hi", "A: Hi", intent="late").playbooks[0].triggered_by == "intent"


def discretion(answer):
    return judged("C: Where is my order? I feel let down.", f"A: {answer}").playbooks[0].discretion[0]


def test_discretion_at_the_limit_is_within_it():
    found = discretion("I've added a $25.00 credit.")
    assert (found.needed, found.used, found.amount, found.within) == (True, True, 25.0, True)


def test_discretion_over_the_limit_is_not_within_it():
    assert discretion("You get a credit. It is 25.01 USD.").within is False


def test_an_amount_in_another_currency_or_none_is_not_compared():
    assert discretion("I've added a €10 credit.").within is None
    assert discretion("I've added a credit.").within is None


def test_a_refused_discretion_is_not_used():
    assert not discretion("I can't give you a credit.").used


def test_reasons_never_quote_the_transcript():
    said = (
        "C: I'm furious about zanzibar",
        "A: I see how furious you are about zanzibar, per our policy zanzibar.",
    )
    assert all("zanzibar" not in answer.reason for answer in judged(*said).answers.values())


HOSTILE = [
    "i ",
    "sorry if ",
    "\n>",
    '" ',
    "you should have ",
    ". ",
    "A",
    "first then ",
    "$1,",
    "😢",
    "1.",
    "!",
    "'",
    "not ",
]


@pytest.mark.parametrize("stuff", HOSTILE)
def test_long_hostile_text_is_judged_in_time(stuff):
    began = process_time()
    assert judged(f"C: {stuff * 20_000}", f"A: {stuff * 20_000}").answers
    assert process_time() - began < 5
