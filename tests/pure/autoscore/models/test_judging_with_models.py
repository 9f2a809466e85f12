"""A judge with a trained model: its answers, when it falls back to the rules, and a growing conversation."""

import random
from datetime import UTC, datetime

import pytest

from scorecards.automation.gate import Gate
from scorecards.autoscore.answer_policy import ClientModels
from scorecards.autoscore.engine import Judge, shared_annotator
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
    return judge.evaluate([conversation], learned)[0]


COMPLAINT = ("customer", "The saddle arrived broken.")


def test_judge_with_model_answers_as_its_reviewers_do(model):
    for said, wanted in ((WARM[0], "yes"), (COLD[1], "no")):
        found = judged(ClientModels(model), talk(COMPLAINT, ("agent", said)))
        assert (found.answers["warm"].value, found.answers["warm"].source) == (wanted, "model")
        assert 0 < found.in_vocabulary_share <= 1


def test_rules_answer_when_model_options_differ_from_the_question(model):
    without_na = {**WARM_QUESTION, "na_allowed": False}
    found = judged(ClientModels(model), talk(COMPLAINT, ("agent", WARM[0])), without_na)
    assert found.answers["warm"].source == "rule"


def test_question_without_rule_is_answered_by_model_once_gate_is_assisted(model):
    care = {
        "key": "care",
        "text": "Care?",
        "kind": "scale",
        "options": [{"key": f"c{n}", "value": n / 2} for n in range(3)],
    }
    conversation = talk(COMPLAINT, ("agent", WARM[0]), ("agent", WARM[1]))
    closed = judged(ClientModels(model), conversation, care).answers["care"]
    opened = judged(ClientModels(model, gates={SCALE: Gate("assisted")}), conversation, care).answers["care"]
    assert (closed.abstained, closed.gate) == (True, "human_only")
    assert (opened.value, opened.source, opened.gate) == ("c2", "model", "assisted")


def test_automatic_gate_abstains_below_its_confidence_threshold(model):
    conversation = talk(COMPLAINT, ("agent", WARM[0]))
    sure = judged(ClientModels(model), conversation).answers["warm"].confidence

    def stands(threshold):
        gates = {YES: Gate("automatic", threshold, "m")}
        return not judged(ClientModels(model, "m", gates), conversation).answers["warm"].abstained

    assert stands(sure - 0.01)
    assert not stands(sure + 0.01)


def test_judge_abstains_without_an_agent_turn(model):
    assert judged(ClientModels(model), talk(COMPLAINT)).answers["warm"].abstained


def test_incremental_judging_matches_judging_the_full_conversation(model):
    judge = Judge(form(WARM_QUESTION), None, [], charged_threshold=0.5)
    said = [COMPLAINT, ("agent", COLD[0]), ("customer", "I am really upset."), ("agent", WARM[2])] * 3
    for length in range(1, len(said)):
        judge.evaluate([talk(*said[:length])], ClientModels(model))
    fresh = Judge(form(WARM_QUESTION), None, [], charged_threshold=0.5)
    assert judge.evaluate([talk(*said)], ClientModels(model)) == fresh.evaluate(
        [talk(*said)], ClientModels(model)
    )


def test_judgement_is_independent_of_batch_and_order(model):
    dice = random.Random(4)
    lines = [*WARM, *COLD, *FILLER, "Zyx frobnicates 4711 of 12 quuxes!", "Thnak you", "?", ""]
    conversations = [talk(*_random_turns(dice, lines)) for _ in range(60)]
    judge = Judge(form(WARM_QUESTION), None, [], charged_threshold=0.5)

    def judged_anew(*together):
        return judge.evaluate(together, ClientModels(serialization.load(serialization.dump(model))))

    alone = [judged_anew(each)[0] for each in conversations]
    assert judged_anew(*conversations) == alone
    assert judged_anew(*conversations[::-1]) == alone[::-1]


def test_transcript_of_3000_sentences_is_encoded_completely(model):
    said = [("agent", f"Part {chr(97 + n % 26) * (n // 26 + 1)} is in the box.") for n in range(3000)]
    heard = model.encode(shared_annotator().annotate(talk(COMPLAINT, *said)))
    assert len(heard.sides["agent"].sentences) == len(heard.sides["agent"].logits) == 3000


def _random_turns(dice, lines):
    speakers = ("agent", "customer", "system")
    return [(dice.choice(speakers), dice.choice(lines)) for _ in range(dice.randrange(9))]
