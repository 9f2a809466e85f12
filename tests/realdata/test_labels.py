"""The conversion of MAIA labels to answers, evidence and ground truth, on small hand-checked dialogues."""

import pytest

from tests.realdata import brand_definitions, labels, maia
from tests.realdata.brand_definitions import BRANDS
from tests.realdata.labels import NO_FEELING, NO_LABEL, Labelled, Place

DISAPPOINTED, EMPATHY, NEUTRAL = 3, 0, 2


def turn(floor, *emotions, templated=0, **of_turn):
    words = [f"{floor} sentence {n}" for n in range(len(emotions))]
    return {
        "floor": floor,
        "text_mt": words,
        "text_src": words,
        "Emotion": list(emotions),
        "Templated": [templated] * len(emotions),
        "Politeness": 1,
        "Understanding": 1,
        "IQ": 4,
        **of_turn,
    }


def customer(*emotions, **of_turn):
    return turn("inbound", *emotions, **of_turn)


def agent(*emotions, **of_turn):
    return turn("outbound", *emotions, **of_turn)


def answered(question, *turns):
    return labels.answers({"turns": turns})[question]


def test_distress_followed_by_empathy_is_validated_with_that_sentence():
    found = answered("validates_feeling", customer(DISAPPOINTED), agent(NEUTRAL, EMPATHY))
    assert found == Labelled("yes", (Place(1, 1),))


def test_empathy_before_distress_does_not_validate():
    found = answered("validates_feeling", agent(EMPATHY), customer(NEUTRAL, DISAPPOINTED), agent(NEUTRAL))
    assert found == Labelled("no", (Place(1, 1),))


def test_without_a_distress_there_is_nothing_to_validate():
    assert answered("validates_feeling", customer(NEUTRAL), agent(EMPATHY)) == Labelled(None, (), NO_FEELING)


@pytest.mark.parametrize("emotion", sorted(labels.DISTRESS))
def test_every_distress_emotion_without_empathy_is_a_no(emotion):
    assert answered("validates_feeling", customer(emotion), agent(NEUTRAL)).value == "no"


def test_empathy_in_second_turn_of_next_message_answers_at_once():
    turns = [customer(DISAPPOINTED), customer(NEUTRAL), agent(NEUTRAL), agent(EMPATHY), customer(NEUTRAL)]
    assert answered("answers_at_once", *turns) == Labelled("yes", (Place(3, 0),))


def test_empathy_in_a_later_message_does_not_answer_at_once():
    turns = [customer(DISAPPOINTED), agent(NEUTRAL), customer(NEUTRAL), agent(EMPATHY)]
    assert answered("answers_at_once", *turns).value == "no"
    assert answered("validates_feeling", *turns).value == "yes"


def test_interaction_quality_is_the_last_valid_agent_label():
    turns = [agent(NEUTRAL, IQ=5), agent(NEUTRAL, IQ=3), agent(NEUTRAL, IQ=-1), customer(NEUTRAL, IQ=0)]
    assert answered("interaction_quality", *turns) == Labelled("iq_3", (Place(1),))


@pytest.mark.parametrize(("canned", "value"), [(1, "yes"), (2, "no")])
def test_own_words_allow_half_of_the_sentences_to_be_canned(canned, value):
    turns = [agent(NEUTRAL, templated=int(n < canned)) for n in range(2)]
    assert answered("own_words", *turns).value == value


@pytest.mark.parametrize(("polite", "value"), [(10, "always"), (9, "mostly"), (8, "rarely")])
def test_politeness_is_the_share_of_polite_turns(polite, value):
    turns = [agent(NEUTRAL, Politeness=int(n < polite)) for n in range(10)]
    assert answered("polite", *turns).value == value


def test_single_turn_without_understanding_is_a_no():
    turns = [agent(NEUTRAL), agent(NEUTRAL, Understanding=0)]
    assert answered("understands", *turns) == Labelled("no", (Place(1),))


@pytest.mark.parametrize(
    ("question", "label", "value"),
    [
        ("own_words", "Templated", [2]),
        ("own_words", "Templated", []),
        ("polite", "Politeness", 3),
        ("polite", "Politeness", None),
        ("understands", "Understanding", -1),
        ("interaction_quality", "IQ", 6),
    ],
)
def test_missing_or_out_of_range_label_gives_na(question, label, value):
    assert answered(question, agent(NEUTRAL, **{label: value})) == Labelled(None, (), NO_LABEL)


def test_only_values_out_of_range_are_typing_errors():
    turns = [agent(NEUTRAL, Politeness=3), agent(NEUTRAL, IQ=-1), agent(NEUTRAL, Understanding=None)]
    assert labels.typing_errors({"turns": turns}) == 1


def test_evidence_span_covers_exactly_its_sentence():
    dialogue = {"turns": [customer(NEUTRAL), agent(NEUTRAL, EMPATHY)]}
    stored = [" ".join(maia.sentences(each)) for each in dialogue["turns"]]
    found = maia.span(dialogue, Place(1, 1), stored)
    assert stored[1][found["start"] : found["end"]] == "outbound sentence 1"


def test_evidence_span_is_relocated_after_masking_shifts_text():
    dialogue = {"turns": [agent(NEUTRAL, EMPATHY)]}
    stored = ["[EMAIL] outbound sentence 1"]
    found = maia.span(dialogue, Place(0, 1), stored)
    assert stored[0][found["start"] : found["end"]] == "outbound sentence 1"


def test_evidence_of_masked_sentence_is_the_whole_turn():
    dialogue = {"turns": [agent(NEUTRAL, EMPATHY)]}
    assert maia.span(dialogue, Place(0, 1), ["outbound sentence 0 [EMAIL]"]) == {"turn": 0}


def test_ground_truth_score_is_the_weighted_mean_of_label_answers():
    turns = [customer(DISAPPOINTED), agent(NEUTRAL), customer(NEUTRAL), agent(EMPATHY, IQ=5)]
    found = brand_definitions.truth(BRANDS[0], labels.answers({"turns": turns}))
    assert found.pillars["listen_validate"] == pytest.approx(100 * 2 / 3)
    assert found.pillars["resolve_personalize"] == 100
    assert found.empathy == pytest.approx((50 * 100 * 2 / 3 + 30 * 100) / 80)
    assert found.score == pytest.approx((50 * 100 * 2 / 3 + 30 * 100 + 20 * 100) / 100)


def test_ground_truth_excludes_weight_of_inapplicable_pillar():
    found = brand_definitions.truth(
        BRANDS[0], labels.answers({"turns": [customer(NEUTRAL), agent(NEUTRAL, IQ=0)]})
    )
    assert found.pillars["listen_validate"] is None
    assert found.empathy == found.pillars["resolve_personalize"] == pytest.approx(100 / 3)
