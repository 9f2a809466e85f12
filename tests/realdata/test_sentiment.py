"""Lexicon sentiment of customer sentences against the emotions labelled by annotators."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from scorecards.autoscore.annotation.transcript import score_sentiment
from scorecards.autoscore.engine import shared_annotator
from scorecards.definitions.conversation import Conversation, Turn
from tests.realdata import maia
from tests.realdata.data_folder import DATA, needed
from tests.realdata.labels import DISTRESS

pytestmark = needed("maia")
PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "automatic-judgement.md"
NOW = datetime(2026, 7, 1, tzinfo=UTC)
NEUTRAL = 2
NEAR_ZERO = 0.05
"""VADER's own bound: what is nearer to zero is neither good nor bad."""


@pytest.fixture(scope="module")
def labelled():
    """Customer sentences with the class of their label: -1 distress, 0 neutral, 1 happiness or empathy."""
    return [
        (sentence, -1 if emotion in DISTRESS else int(emotion != NEUTRAL))
        for file in sorted((DATA / "maia").glob("*.json"))
        for dialogue in maia.dialogues(file).values()
        for turn in dialogue["turns"]
        if turn["floor"] == "inbound"
        for sentence, emotion in zip(maia.sentences(turn), turn["Emotion"], strict=False)
        if emotion in range(8)
    ]


def ours():
    reader = shared_annotator()

    def sentiment(sentence):
        talk = Conversation("chat", [Turn("customer", sentence)], NOW)
        return score_sentiment(reader.annotate(talk), charged_threshold=0.5).turns[0]

    return sentiment


def vader():
    analyser = SentimentIntensityAnalyzer()
    return lambda sentence: analyser.polarity_scores(sentence)["compound"]


def agreement(labelled, sentiment):
    """Accuracy and macro-F1 over the three classes."""
    pairs = Counter()
    for sentence, wanted in labelled:
        value = sentiment(sentence)
        pairs[wanted, (value >= NEAR_ZERO) - (value <= -NEAR_ZERO)] += 1
    f1 = []
    for kind in (-1, 0, 1):
        said = sum(count for (_, judged), count in pairs.items() if judged == kind)
        meant = sum(count for (wanted, _), count in pairs.items() if wanted == kind)
        f1.append(2 * pairs[kind, kind] / (said + meant))
    return sum(pairs[kind, kind] for kind in (-1, 0, 1)) / pairs.total(), sum(f1) / 3


def test_lexicon_sentiment_beats_vader_and_matches_documented_figures(labelled):
    (accuracy, f1), (plain_accuracy, plain_f1) = (agreement(labelled, judge()) for judge in (ours, vader))
    figures = f"{accuracy:.3f} / {f1:.3f}, against {plain_accuracy:.3f} / {plain_f1:.3f} for VADER alone"
    print(figures)
    assert accuracy > plain_accuracy
    assert f1 > plain_f1
    assert figures in PAGE.read_text(encoding="utf-8")
