"""The learned sentiment: what it hears, what it remembers, and what it refuses to learn from."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.autoscore.annotation.transcript import Reader
from scorecards.autoscore.models.safetensors_container import UnreadableModel
from scorecards.autoscore.models.sentiment_features import SIGNS, signs, surrounded
from scorecards.autoscore.models.sentiment_model import FEELINGS, dump, load
from scorecards.autoscore.text.normalization import word_set
from scorecards.definitions.conversation import Conversation, Turn
from scorecards.definitions.form import Span
from workers.training.fitting.sentiment import Felt, FeltExample, fit_sentiment

NOW = datetime(2026, 7, 1, tzinfo=UTC)
READER = Reader()
WORDS = word_set("red blue tall shop door lamp paper window garden stone river train cloud bread table")
SAID = {
    "negative": ("The zorkel is bust again", "My zorkel will not start", "The plomb went missing again"),
    "neutral": ("My number is {}", "I live in street {}", "It is model {}"),
    "positive": ("The zorkel hums now", "That did the trick, cheers", "Splendid, it hums like new"),
}


def reading(*said, language="en"):
    turns = [Turn("customer", each) if isinstance(each, str) else Turn(*each) for each in said]
    return READER.read(Conversation("chat", turns, NOW, language=language))


def example(number, feelings=None):
    feelings = feelings or tuple(np.random.default_rng(number).permutation(FEELINGS).tolist())
    texts = [SAID[each][(number + place) % 3].format(number) for place, each in enumerate(feelings)]
    felt = tuple(Felt(Span(turn), feeling) for turn, feeling in enumerate(feelings))
    return FeltExample(f"talk-{number}", reading(*texts), felt)


@pytest.fixture(scope="module")
def examples():
    return [example(number) for number in range(24)]


@pytest.fixture(scope="module")
def model(examples):
    return fit_sentiment(examples, seed=1, version=3).model


def likeliest(model, *said):
    return [FEELINGS[place] for place in model.probabilities(reading(*said)).argmax(axis=1)]


def test_what_was_taught_is_heard_again(model):
    assert likeliest(model, "The zorkel went bust", "I live in street 900", "Splendid, it hums") == list(
        FEELINGS
    )


def test_the_same_labels_in_another_order_make_the_same_bytes(examples, model):
    again = fit_sentiment(examples[::-1], seed=1, version=3).model
    assert dump(again) == dump(model)


def test_a_model_read_back_hears_the_same(model):
    said = reading("The zorkel is bust", "Splendid, cheers")
    assert np.array_equal(load(dump(model)).probabilities(said), model.probabilities(said))


def test_a_damaged_model_is_refused(model):
    with pytest.raises(UnreadableModel):
        load(dump(model)[:-5])


def test_a_remembered_sentence_is_heard_as_a_fresh_one(model):
    said = reading("The zorkel is bust again", "My number is 7")
    once = model.probabilities(said)
    assert np.array_equal(model.probabilities(said), once)
    assert np.array_equal(load(dump(model)).probabilities(said), once)


def test_a_customer_is_heard_the_same_alone_and_among_others(model):
    texts = [text.format(7) for said in SAID.values() for text in said]
    readings = [reading(*texts[:length], *texts[length // 2 :]) for length in range(len(texts))]
    alone = [load(dump(model)).feel(each, charged_threshold=0.5) for each in readings]
    assert load(dump(model)).feel_all(readings, charged_threshold=0.5) == alone
    assert model.feel_all([reading(), *readings[::-1]], charged_threshold=0.5)[1:] == alone[::-1]


@given(st.lists(st.sampled_from([text.format(5) for texts in SAID.values() for text in texts]), min_size=2))
def test_a_later_turn_changes_nothing_that_was_felt_before(model, texts):
    whole = model.probabilities(reading(*texts))
    earlier = model.probabilities(reading(*texts[:-1]))
    assert np.allclose(whole[: len(earlier)], earlier, atol=1e-6)


def test_probabilities_sum_to_one(model):
    assert model.probabilities(reading("The zorkel is bust", "ok")).sum(axis=1) == pytest.approx(1.0)


def test_a_customer_who_said_nothing_feels_nothing(model):
    found = model.feel(reading(("agent", "Hello?")), charged_threshold=0.5)
    assert (found.turns, found.start, found.peak_turn) == ((None,), None, None)


def test_unhappy_first_and_happy_last_is_a_recovery(model):
    found = model.feel(
        reading("The zorkel is bust again", "My number is 7", "Splendid, it hums like new"),
        charged_threshold=0.5,
    )
    assert found.recovered is True
    assert found.shift > 0.5


def test_calm_throughout_is_nothing_to_recover_from(model):
    found = model.feel(reading("My number is 7", "I live in street 8"), charged_threshold=0.5)
    assert found.recovered is None


def test_an_angry_sentence_is_not_lost_in_a_long_turn(model):
    alone = model.feel(reading("The zorkel is bust again."), charged_threshold=0.5)
    among = model.feel(
        reading("My number is 7. It is model 8. The zorkel is bust again. I live in street 9."),
        charged_threshold=0.5,
    )
    assert among.turns[0] < 0.5 * alone.turns[0] < 0


def test_a_language_nobody_taught_is_neutral_with_little_confidence(model):
    found = model.feel(reading("Mi pedido no ha llegado todavía", language="es"), charged_threshold=0.5)
    assert (found.turns, found.confidence) == ((0.0,), 0.1)


def test_signs_have_a_name_each():
    (spoken,) = [each.spoken for each in reading("Why is it 3 days late?!").customer_said]
    assert len(signs(spoken)) == len(SIGNS)


@given(st.lists(st.integers(0, 4), min_size=1).map(sorted))
def test_surroundings_are_as_a_loop_would_find_them(turns):
    own = np.arange(len(turns), dtype=np.float32)[:, None] + 1
    found = surrounded(own, turns)
    for row, turn in enumerate(turns):
        same = [place + 1 for place, other in enumerate(turns) if other == turn]
        below = [other for other in turns if other < turn]
        previous = [place + 1 for place, other in enumerate(turns) if below and other == below[-1]]
        expected = [
            row + 1,
            row if row and turns[row - 1] == turn else 0,
            row + 2 if row + 1 < len(turns) and turns[row + 1] == turn else 0,
            np.mean(same),
            np.mean(previous) if previous else 0,
            np.mean(range(1, row + 1)) if row else 0,
        ]
        assert found[row, :6] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("given_feelings", "count", "code"),
    [
        (None, 8, "too_few_labels"),
        (("negative", "negative", "negative"), 24, "one_class"),
    ],
)
def test_labels_that_cannot_teach_are_refused_with_a_reason(given_feelings, count, code):
    found = fit_sentiment([example(n, given_feelings) for n in range(count)], seed=1, version=1)
    assert (found.model, found.refused.code) == (None, code)


def test_labels_of_a_few_conversations_are_refused():
    feelings = (*FEELINGS,) * 8
    found = fit_sentiment([example(n, feelings) for n in range(3)], seed=1, version=1)
    assert found.refused.code == "too_few_labels"


def test_labels_given_by_chance_are_refused():
    chance = np.random.default_rng(2)
    words = sorted(WORDS)
    told = []
    for number in range(60):
        texts = [" ".join(chance.choice(words, 4)) for _ in FEELINGS]
        felt = tuple(Felt(Span(turn), FEELINGS[chance.integers(3)]) for turn in range(3))
        told.append(FeltExample(f"talk-{number}", reading(*texts), felt))
    assert fit_sentiment(told, seed=1, version=1).refused.code == "contradictory"


def test_a_client_whose_people_see_it_otherwise_is_judged_by_its_own():
    glum = {"negative": "negative", "neutral": "negative", "positive": "positive"}
    told = [example(number) for number in range(48)]
    torn = [
        FeltExample(
            each.id,
            each.reading,
            tuple(Felt(felt.span, glum[felt.feeling] if number % 2 else felt.feeling) for felt in each.felt),
            "glum" if number % 2 else "calm",
        )
        for number, each in enumerate(told)
    ]
    model = fit_sentiment(torn, seed=1, version=1).model
    assert sorted(model.own) == ["calm"]
    said = reading("My number is 7")
    calm, anybody = (each.probabilities(said)[0, 1] for each in (model.of("calm"), model.of("unheard")))
    assert calm > anybody
    assert load(dump(model)).of("calm").probabilities(said)[0, 1] == calm


def test_a_place_with_two_feelings_teaches_nothing(examples):
    torn = [
        FeltExample(each.id, each.reading, (*each.felt, Felt(Span(0), "positive"), Felt(Span(0), "negative")))
        for each in examples
    ]
    assert fit_sentiment(torn, seed=1, version=1).learned_from == 48
