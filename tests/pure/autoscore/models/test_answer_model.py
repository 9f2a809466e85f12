"""What a learned model hears and answers, whatever it was taught."""

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


def answered(model, case, rules=None):
    return model.predict_all(model.listen(case.reading), case, rules or {})


@SLOW
@given(TALKS)
def test_the_probabilities_of_every_answer_sum_to_one(model, turns):
    for key, prediction in answered(model, case_of(*turns)).items():
        assert sum(prediction.probabilities.values()) == pytest.approx(1.0)
        assert tuple(prediction.probabilities) == model.questions[key].classes


@SLOW
@given(TALKS)
def test_evidence_is_sentences_of_the_conversation(model, turns):
    case = case_of(*turns)
    spoken = [*case.reading.agent_said, *case.reading.customer_said]
    places = {Span(said.turn, said.start, said.end) for said in spoken}
    for prediction in answered(model, case).values():
        assert set(prediction.evidence) <= places
        assert len(prediction.evidence) == len(set(prediction.evidence)) <= explanation.MOST


@SLOW
@given(TALKS)
def test_a_sentence_heard_before_is_heard_the_same(model, turns):
    case = case_of(*turns)
    fresh = serialization.load(serialization.dump(model))
    first, again = answered(fresh, case), answered(fresh, case)
    assert first == again == answered(model, case)


@SLOW
@given(TALKS)
def test_one_question_is_answered_as_among_all(model, turns):
    case = case_of(*turns)
    heard = model.listen(case.reading)
    rule = CATALOGUE["validates_feeling"].rule(case)
    together = model.predict_all(heard, case, {YES: rule})
    alone = model.predict(YES, heard, case, rule)
    assert alone.evidence == together[YES].evidence
    assert alone.probabilities == pytest.approx(together[YES].probabilities, abs=1e-5)


@SLOW
@given(TALKS, SENTENCES)
def test_one_more_turn_changes_nothing_but_its_own_part(model, turns, sentence):
    before = model.listen(case_of(*turns).reading)
    after = model.listen(case_of(*turns, ("agent", sentence)).reading)
    for side in ("agent", "customer"):
        told = len(before.sides[side].said)
        assert np.array_equal(before.sides[side].margins[:told], after.sides[side].margins[:told])
        assert np.array_equal(before.sides[side].logits[:told], after.sides[side].logits[:told])
    assert len(after.sides["customer"].said) == len(before.sides["customer"].said)


@SLOW
@given(TALKS)
def test_familiarity_is_a_share(model, turns):
    assert 0.0 <= model.listen(case_of(*turns).reading).familiarity <= 1.0


def test_what_it_learned_from_is_more_familiar_than_another_language(model):
    known = model.listen(case_of(("agent", WARM[0])).reading)
    strange = model.listen(case_of(("agent", "Wir bedauern den Vorfall zutiefst und melden uns.")).reading)
    assert known.familiarity > 0.9
    assert strange.familiarity < 0.3


def test_a_conversation_without_words_is_answered_without_evidence(model):
    answers = answered(model, case_of())
    assert all(prediction.evidence == () for prediction in answers.values())


def test_the_sentence_that_shows_it_is_the_evidence(model):
    case = case_of(("customer", ASKED[0]), ("agent", f"{FILLER[0]} {WARM[1]}"))
    assert answered(model, case)[YES].evidence[0] == Span(
        1, len(FILLER[0]) + 1, len(FILLER[0]) + 1 + len(WARM[1])
    )


def test_what_a_no_rests_on_may_be_said_by_the_customer(model):
    case = case_of(("customer", ASKED[0]), ("agent", FILLER[0]), ("agent", COLD[0]), ("agent", COLD[1]))
    prediction = answered(model, case)[YES]
    assert prediction.likeliest == "no"
    assert Span(0, 0, len(ASKED[0])) in prediction.evidence


def test_nothing_shows_that_a_question_does_not_apply(model):
    prediction = answered(model, case_of(("customer", "How do I change my address?"), ("agent", FILLER[4])))[
        YES
    ]
    assert (prediction.likeliest, prediction.evidence) == ("n/a", ())


def test_a_rule_for_the_answer_makes_it_likelier(model):
    case = case_of(("customer", ASKED[0]), ("agent", WARM[0]))
    heard = model.listen(case.reading)
    told = [
        model.predict(YES, heard, case, rule).probabilities["yes"]
        for rule in (yes(0.9, (), ""), no(0.9, (), ""))
    ]
    assert told[0] > told[1]


@pytest.mark.parametrize(("worth", "choice"), [(1.0, "c2"), (0.6, "c1"), (0.1, "c0")])
def test_a_rule_on_a_scale_stands_for_the_nearest_option(worth, choice):
    verdict = yes(0.9, (), "")._replace(value=worth)
    assert features.chosen(QUESTIONS[SCALE].values, verdict) == choice


def test_a_misspelt_word_is_heard_by_its_letters(model):
    table = model.weights.tables["agent"]
    plain, misspelt, other = (
        table.hear([case_of(("agent", text)).reading.agent_said[0].spoken])[0, :-3]
        for text in ("frustrating", "frustratingg", "zyxgh")
    )
    assert np.corrcoef(plain, misspelt)[0, 1] > 0.5
    assert not other.any()


def test_numbers_are_heard_by_their_length_alone(model):
    table = model.weights.tables["customer"]
    rows = [
        table.hear([case_of(("customer", f"It is number {number}.")).reading.customer_said[0].spoken])
        for number in (123456, 987654)
    ]
    assert np.array_equal(*rows)


def test_its_memory_is_bounded_and_counted(model):
    fresh = serialization.load(serialization.dump(model))
    table = fresh.weights.tables["customer"]
    for number in range(3 * table.remembered):
        table.hear(
            [
                case_of(("customer", "word " * (number % 7) + chr(97 + number % 26) * (number // 26 + 1)))
                .reading.customer_said[0]
                .spoken
            ]
        )
    assert len(table.memory) <= 2 * table.remembered
    assert fresh.size == model.size > sum(each.levels.nbytes for each in model.weights.tables.values())
