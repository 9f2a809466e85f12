"""The trained sentiment model: predictions, caching, per-client meta-classifiers, and labels it refuses."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.autoscore.engine import shared_annotator
from scorecards.autoscore.models.safetensors_container import UnreadableModel
from scorecards.autoscore.models.sentiment_features import (
    SENTENCE_FEATURES,
    context_window_features,
    sentence_features,
)
from scorecards.autoscore.models.sentiment_model import SENTIMENT_CLASSES, dump, load
from scorecards.autoscore.text.normalization import word_set
from scorecards.definitions.conversation import Conversation, Turn
from scorecards.definitions.form import Span
from workers.training.fitting.sentiment import SentimentExample, SentimentSpan, fit_sentiment

NOW = datetime(2026, 7, 1, tzinfo=UTC)
READER = shared_annotator()
WORDS = word_set("red blue tall shop door lamp paper window garden stone river train cloud bread table")
SAID = {
    "negative": ("The zorkel is bust again", "My zorkel will not start", "The plomb went missing again"),
    "neutral": ("My number is {}", "I live in street {}", "It is model {}"),
    "positive": ("The zorkel hums now", "That did the trick, cheers", "Splendid, it hums like new"),
}


def reading(*said, language="en"):
    turns = [Turn("customer", each) if isinstance(each, str) else Turn(*each) for each in said]
    return READER.annotate(Conversation("chat", turns, NOW, language=language))


def example(number, feelings=None):
    feelings = feelings or tuple(np.random.default_rng(number).permutation(SENTIMENT_CLASSES).tolist())
    texts = [SAID[each][(number + place) % 3].format(number) for place, each in enumerate(feelings)]
    felt = tuple(SentimentSpan(Span(turn), feeling) for turn, feeling in enumerate(feelings))
    return SentimentExample(f"talk-{number}", reading(*texts), felt)


@pytest.fixture(scope="module")
def examples():
    return [example(number) for number in range(24)]


@pytest.fixture(scope="module")
def model(examples):
    return fit_sentiment(examples, seed=1, version=3).model


def predicted_sentiments(model, *said):
    return [SENTIMENT_CLASSES[place] for place in model.probabilities(reading(*said)).argmax(axis=1)]


def test_sentiment_model_predicts_training_vocabulary(model):
    assert predicted_sentiments(
        model, "The zorkel went bust", "I live in street 900", "Splendid, it hums"
    ) == list(SENTIMENT_CLASSES)


def test_the_same_labels_in_another_order_make_the_same_bytes(examples, model):
    again = fit_sentiment(examples[::-1], seed=1, version=3).model
    assert dump(again) == dump(model)


def test_reloaded_sentiment_model_gives_equal_probabilities(model):
    said = reading("The zorkel is bust", "Splendid, cheers")
    assert np.array_equal(load(dump(model)).probabilities(said), model.probabilities(said))


def test_a_damaged_model_is_refused(model):
    with pytest.raises(UnreadableModel):
        load(dump(model)[:-5])


def test_sentiment_from_cache_equals_fresh_sentiment(model):
    said = reading("The zorkel is bust again", "My number is 7")
    once = model.probabilities(said)
    assert np.array_equal(model.probabilities(said), once)
    assert np.array_equal(load(dump(model)).probabilities(said), once)


def test_sentiment_is_independent_of_batch_and_order(model):
    texts = [text.format(7) for said in SAID.values() for text in said]
    readings = [reading(*texts[:length], *texts[length // 2 :]) for length in range(len(texts))]
    alone = [load(dump(model)).score(each, charged_threshold=0.5) for each in readings]
    assert load(dump(model)).score_batch(readings, charged_threshold=0.5) == alone
    assert model.score_batch([reading(), *readings[::-1]], charged_threshold=0.5)[1:] == alone[::-1]


@given(st.lists(st.sampled_from([text.format(5) for texts in SAID.values() for text in texts]), min_size=2))
def test_later_turn_leaves_earlier_sentiment_unchanged(model, texts):
    whole = model.probabilities(reading(*texts))
    earlier = model.probabilities(reading(*texts[:-1]))
    assert np.allclose(whole[: len(earlier)], earlier, atol=1e-6)


def test_probabilities_sum_to_one(model):
    assert model.probabilities(reading("The zorkel is bust", "ok")).sum(axis=1) == pytest.approx(1.0)


def test_silent_customer_has_no_sentiment(model):
    found = model.score(reading(("agent", "Hello?")), charged_threshold=0.5)
    assert (found.turns, found.start, found.peak_turn) == ((None,), None, None)


def test_negative_start_and_positive_end_is_a_recovery(model):
    found = model.score(
        reading("The zorkel is bust again", "My number is 7", "Splendid, it hums like new"),
        charged_threshold=0.5,
    )
    assert found.recovered is True
    assert found.shift > 0.5


def test_neutral_conversation_has_undefined_recovery(model):
    found = model.score(reading("My number is 7", "I live in street 8"), charged_threshold=0.5)
    assert found.recovered is None


def test_negative_sentence_dominates_a_long_neutral_turn(model):
    alone = model.score(reading("The zorkel is bust again."), charged_threshold=0.5)
    among = model.score(
        reading("My number is 7. It is model 8. The zorkel is bust again. I live in street 9."),
        charged_threshold=0.5,
    )
    assert among.turns[0] < 0.5 * alone.turns[0] < 0


def test_untrained_language_gets_neutral_low_confidence(model):
    found = model.score(reading("Mi pedido no ha llegado todavía", language="es"), charged_threshold=0.5)
    assert (found.turns, found.confidence) == ((0.0,), 0.1)


def test_every_sentiment_feature_has_a_name():
    (spoken,) = [each.annotations for each in reading("Why is it 3 days late?!").customer_sentences]
    assert len(sentence_features(spoken)) == len(SENTENCE_FEATURES)


@given(st.lists(st.integers(0, 4), min_size=1).map(sorted))
def test_context_window_features_match_a_naive_loop(turns):
    own = np.arange(len(turns), dtype=np.float32)[:, None] + 1
    found = context_window_features(own, turns)
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
def test_unlearnable_sentiment_labels_are_refused_with_a_code(given_feelings, count, code):
    found = fit_sentiment([example(n, given_feelings) for n in range(count)], seed=1, version=1)
    assert (found.model, found.refused.code) == (None, code)


def test_labels_of_a_few_conversations_are_refused():
    feelings = (*SENTIMENT_CLASSES,) * 8
    found = fit_sentiment([example(n, feelings) for n in range(3)], seed=1, version=1)
    assert found.refused.code == "too_few_labels"


def test_labels_given_by_chance_are_refused():
    chance = np.random.default_rng(2)
    words = sorted(WORDS)
    told = []
    for number in range(60):
        texts = [" ".join(chance.choice(words, 4)) for _ in SENTIMENT_CLASSES]
        felt = tuple(SentimentSpan(Span(turn), SENTIMENT_CLASSES[chance.integers(3)]) for turn in range(3))
        told.append(SentimentExample(f"talk-{number}", reading(*texts), felt))
    assert fit_sentiment(told, seed=1, version=1).refused.code == "contradictory"


def test_client_with_divergent_labels_gets_its_own_sentiment_meta_classifier():
    glum = {"negative": "negative", "neutral": "negative", "positive": "positive"}
    told = [example(number) for number in range(48)]
    torn = [
        SentimentExample(
            each.id,
            each.transcript,
            tuple(
                SentimentSpan(felt.span, glum[felt.label] if number % 2 else felt.label)
                for felt in each.labels
            ),
            "glum" if number % 2 else "calm",
        )
        for number, each in enumerate(told)
    ]
    model = fit_sentiment(torn, seed=1, version=1).model
    assert sorted(model.by_client) == ["calm"]
    said = reading("My number is 7")
    calm, anybody = (
        each.probabilities(said)[0, 1] for each in (model.for_client("calm"), model.for_client("unheard"))
    )
    assert calm > anybody
    assert load(dump(model)).for_client("calm").probabilities(said)[0, 1] == calm


def test_span_with_conflicting_sentiment_labels_is_excluded_from_training(examples):
    torn = [
        SentimentExample(
            each.id,
            each.transcript,
            (*each.labels, SentimentSpan(Span(0), "positive"), SentimentSpan(Span(0), "negative")),
        )
        for each in examples
    ]
    assert fit_sentiment(torn, seed=1, version=1).n_labels == 48
