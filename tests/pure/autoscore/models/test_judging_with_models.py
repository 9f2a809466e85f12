"""A judge that was taught: its answers, where it leaves them to the rules, and a conversation that grows."""

import random
from datetime import UTC, datetime

import pytest

from scorecards.automation.gate import Gate
from scorecards.autoscore.answer_policy import Learned
from scorecards.autoscore.engine import Judge, shared_reader
from scorecards.autoscore.models import serialization
from scorecards.definitions.conversation import Conversation, Turn
from scorecards.definitions.form import Form
from tests.pure.autoscore.models.conversations import COLD, FILLER, QUESTIONS, SCALE, WARM, YES, examples
from workers.training.fitting.pipeline import fit

NOW = datetime(2026, 1, 5, tzinfo=UTC)
WARM_QUESTION = {
    "key": "warm",
    "text": "Warm?",
    "kind": "yes_no",
    "na_allowed": True,
    "auto": "validates_feeling",
}


@pytest.fixture(scope="module")
def model():
    return fit(examples(240), QUESTIONS, seed=1, version=3).model


def form(*questions):
    sections = [{"key": "s", "name": "S", "questions": list(questions)}]
    return Form.from_body({"key": "card", "name": "Card", "sections": sections})


def talk(*said):
    return Conversation("chat", [Turn(speaker, text) for speaker, text in said], NOW)


def judged(learned, conversation, *questions):
    judge = Judge(form(*(questions or (WARM_QUESTION,))), None, [], charged_threshold=0.5)
    return judge.judge([conversation], learned)[0]


COMPLAINT = ("customer", "The saddle arrived broken.")


def test_a_taught_judge_says_what_its_reviewers_would(model):
    for said, wanted in ((WARM[0], "yes"), (COLD[1], "no")):
        found = judged(Learned(model), talk(COMPLAINT, ("agent", said)))
        assert (found.answers["warm"].value, found.answers["warm"].source) == (wanted, "model")
        assert 0 < found.familiarity <= 1


def test_a_version_whose_options_the_model_never_learned_is_left_to_the_rules(model):
    without_na = {**WARM_QUESTION, "na_allowed": False}
    found = judged(Learned(model), talk(COMPLAINT, ("agent", WARM[0])), without_na)
    assert found.answers["warm"].source == "rule"


def test_a_question_without_a_rule_is_answered_once_its_gate_opens(model):
    care = {
        "key": "care",
        "text": "Care?",
        "kind": "scale",
        "options": [{"key": f"c{n}", "value": n / 2} for n in range(3)],
    }
    conversation = talk(COMPLAINT, ("agent", WARM[0]), ("agent", WARM[1]))
    closed = judged(Learned(model), conversation, care).answers["care"]
    opened = judged(Learned(model, gates={SCALE: Gate("assisted")}), conversation, care).answers["care"]
    assert (closed.abstained, closed.gate) == (True, "human_only")
    assert (opened.value, opened.source, opened.gate) == ("c2", "model", "assisted")


def test_an_automatic_gate_lets_only_sure_answers_stand(model):
    conversation = talk(COMPLAINT, ("agent", WARM[0]))
    sure = judged(Learned(model), conversation).answers["warm"].confidence

    def stands(threshold):
        gates = {YES: Gate("automatic", threshold, "m")}
        return not judged(Learned(model, "m", gates), conversation).answers["warm"].abstained

    assert stands(sure - 0.01)
    assert not stands(sure + 0.01)


def test_nobody_is_judged_where_no_agent_spoke(model):
    assert judged(Learned(model), talk(COMPLAINT)).answers["warm"].abstained


def test_a_conversation_judged_as_it_grows_ends_as_if_judged_at_once(model):
    judge = Judge(form(WARM_QUESTION), None, [], charged_threshold=0.5)
    said = [COMPLAINT, ("agent", COLD[0]), ("customer", "I am really upset."), ("agent", WARM[2])] * 3
    for length in range(1, len(said)):
        judge.judge([talk(*said[:length])], Learned(model))
    fresh = Judge(form(WARM_QUESTION), None, [], charged_threshold=0.5)
    assert judge.judge([talk(*said)], Learned(model)) == fresh.judge([talk(*said)], Learned(model))


def test_what_is_said_of_a_conversation_is_the_same_alone_and_among_others_in_any_order(model):
    dice = random.Random(4)
    lines = [*WARM, *COLD, *FILLER, "Zyx frobnicates 4711 of 12 quuxes!", "Thnak you", "?", ""]
    conversations = [talk(*_some(dice, lines)) for _ in range(60)]
    judge = Judge(form(WARM_QUESTION), None, [], charged_threshold=0.5)

    def judged_anew(*together):
        return judge.judge(together, Learned(serialization.load(serialization.dump(model))))

    alone = [judged_anew(each)[0] for each in conversations]
    assert judged_anew(*conversations) == alone
    assert judged_anew(*conversations[::-1]) == alone[::-1]


def test_a_transcript_of_thousands_of_sentences_is_heard_in_parts(model):
    said = [("agent", f"Part {chr(97 + n % 26) * (n // 26 + 1)} is in the box.") for n in range(3000)]
    heard = model.listen(shared_reader().read(talk(COMPLAINT, *said)))
    assert len(heard.sides["agent"].said) == len(heard.sides["agent"].logits) == 3000


def _some(dice, lines):
    speakers = ("agent", "customer", "system")
    return [(dice.choice(speakers), dice.choice(lines)) for _ in range(dice.randrange(9))]
