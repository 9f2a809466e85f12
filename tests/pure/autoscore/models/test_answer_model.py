"""Invariants of a trained answer model: scoring, prediction, evidence, familiarity and caching."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.autoscore.case import no, yes
from scorecards.autoscore.models import explanation, features, serialization
from scorecards.autoscore.rules.catalogue import CATALOGUE
from scorecards.definitions.form import Span
from tests.pure.autoscore.models.conversations import (
    ASKED,
    COLD,
    FILLER,
    QUESTIONS,
    SCALE,
    WARM,
    YES,
    case_of,
    examples,
)
from workers.training.fitting.pipeline import fit

SENTENCES = st.sampled_from(
    (*WARM, *COLD, *FILLER, *ASKED, "Zyxgh wvut!", "4711", "", "\ud800 \U0001f600?", "I'm so sory")
)
TALKS = st.lists(
    st.tuples(st.sampled_from(["agent", "customer", "bot"]), st.lists(SENTENCES, max_size=4).map(" ".join)),
    max_size=6,
)
SLOW = settings(max_examples=60, deadline=None)


@pytest.fixture(scope="module")
def model():
    return fit(examples(160), QUESTIONS, seed=1, version=3).model


def predictions_of(model, case, rules=None):
    return model.predict_all(model.encode(case.transcript), case, rules or {})


@SLOW
@given(TALKS)
def test_the_probabilities_of_every_answer_sum_to_one(model, turns):
    for key, prediction in predictions_of(model, case_of(*turns)).items():
        assert sum(prediction.probability_by_class.values()) == pytest.approx(1.0)
        assert tuple(prediction.probability_by_class) == model.questions[key].classes


@SLOW
@given(TALKS)
def test_evidence_is_sentences_of_the_conversation(model, turns):
    case = case_of(*turns)
    spoken = [*case.transcript.agent_sentences, *case.transcript.customer_sentences]
    places = {Span(said.turn, said.start, said.end) for said in spoken}
    for prediction in predictions_of(model, case).values():
        assert set(prediction.evidence) <= places
        assert len(prediction.evidence) == len(set(prediction.evidence)) <= explanation.MAX_SENTENCES


@SLOW
@given(TALKS)
def test_prediction_is_the_same_from_cache_and_after_reload(model, turns):
    case = case_of(*turns)
    fresh = serialization.load(serialization.dump(model))
    first, again = predictions_of(fresh, case), predictions_of(fresh, case)
    assert first == again == predictions_of(model, case)


@SLOW
@given(TALKS)
def test_predict_matches_predict_all(model, turns):
    case = case_of(*turns)
    heard = model.encode(case.transcript)
    rule = CATALOGUE["validates_feeling"].rule(case)
    together = model.predict_all(heard, case, {YES: rule})
    alone = model.predict(YES, heard, case, rule)
    assert alone.evidence == together[YES].evidence
    assert alone.probability_by_class == pytest.approx(together[YES].probability_by_class, abs=1e-5)


@SLOW
@given(TALKS, SENTENCES)
def test_appended_turn_leaves_earlier_sentence_scores_unchanged(model, turns, sentence):
    before = model.encode(case_of(*turns).transcript)
    after = model.encode(case_of(*turns, ("agent", sentence)).transcript)
    for side in ("agent", "customer"):
        told = len(before.sides[side].sentences)
        assert np.array_equal(before.sides[side].margins[:told], after.sides[side].margins[:told])
        assert np.array_equal(before.sides[side].logits[:told], after.sides[side].logits[:told])
    assert len(after.sides["customer"].sentences) == len(before.sides["customer"].sentences)


@SLOW
@given(TALKS)
def test_familiarity_is_a_share(model, turns):
    assert 0.0 <= model.encode(case_of(*turns).transcript).in_vocabulary_share <= 1.0


def test_training_text_is_more_familiar_than_another_language(model):
    known = model.encode(case_of(("agent", WARM[0])).transcript)
    strange = model.encode(case_of(("agent", "Wir bedauern den Vorfall zutiefst und melden uns.")).transcript)
    assert known.in_vocabulary_share > 0.9
    assert strange.in_vocabulary_share < 0.3


def test_a_conversation_without_words_is_answered_without_evidence(model):
    answers = predictions_of(model, case_of())
    assert all(prediction.evidence == () for prediction in answers.values())


def test_deciding_sentence_is_the_first_evidence(model):
    case = case_of(("customer", ASKED[0]), ("agent", f"{FILLER[0]} {WARM[1]}"))
    assert predictions_of(model, case)[YES].evidence[0] == Span(
        1, len(FILLER[0]) + 1, len(FILLER[0]) + 1 + len(WARM[1])
    )


def test_evidence_of_a_no_may_be_a_customer_sentence(model):
    case = case_of(("customer", ASKED[0]), ("agent", FILLER[0]), ("agent", COLD[0]), ("agent", COLD[1]))
    prediction = predictions_of(model, case)[YES]
    assert prediction.predicted_class == "no"
    assert Span(0, 0, len(ASKED[0])) in prediction.evidence


def test_predicted_na_has_no_evidence(model):
    prediction = predictions_of(
        model, case_of(("customer", "How do I change my address?"), ("agent", FILLER[4]))
    )[YES]
    assert (prediction.predicted_class, prediction.evidence) == ("n/a", ())


def test_agreeing_rule_verdict_raises_the_answer_probability(model):
    case = case_of(("customer", ASKED[0]), ("agent", WARM[0]))
    heard = model.encode(case.transcript)
    told = [
        model.predict(YES, heard, case, rule).probability_by_class["yes"]
        for rule in (yes(0.9, (), ""), no(0.9, (), ""))
    ]
    assert told[0] > told[1]


@pytest.mark.parametrize(("worth", "choice"), [(1.0, "c2"), (0.6, "c1"), (0.1, "c0")])
def test_rule_verdict_maps_to_nearest_scale_option(worth, choice):
    verdict = yes(0.9, (), "")._replace(value=worth)
    assert features.class_of_verdict(QUESTIONS[SCALE].values, verdict) == choice


def test_misspelt_word_is_scored_by_character_ngrams(model):
    table = model.weights.scorers["agent"]
    plain, misspelt, other = (
        table.score([case_of(("agent", text)).transcript.agent_sentences[0].annotations])[0, :-3]
        for text in ("frustrating", "frustratingg", "zyxgh")
    )
    assert np.corrcoef(plain, misspelt)[0, 1] > 0.5
    assert not other.any()


def test_numbers_of_equal_length_get_equal_scores(model):
    table = model.weights.scorers["customer"]
    rows = [
        table.score(
            [case_of(("customer", f"It is number {number}.")).transcript.customer_sentences[0].annotations]
        )
        for number in (123456, 987654)
    ]
    assert np.array_equal(*rows)


def test_score_cache_is_bounded_and_model_size_includes_tables(model):
    fresh = serialization.load(serialization.dump(model))
    table = fresh.weights.scorers["customer"]
    for number in range(3 * table.cache_size):
        table.score(
            [
                case_of(("customer", "word " * (number % 7) + chr(97 + number % 26) * (number // 26 + 1)))
                .transcript.customer_sentences[0]
                .annotations
            ]
        )
    assert len(table.cache) <= 2 * table.cache_size
    assert fresh.size == model.size > sum(each.levels.nbytes for each in model.weights.scorers.values())
