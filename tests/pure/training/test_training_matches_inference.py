"""Training and inference compute the same features and scores, checked against scikit-learn."""

import random
from itertools import pairwise

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from scorecards.autoscore.models.vocabulary import EDGES, EMPTY_SENTENCE, character_ngrams, tokens
from tests.pure.autoscore.models.conversations import QUESTIONS, YES, examples
from workers.training.fitting import linear_heads, pipeline, stacking
from workers.training.fitting.assemble import ngram_scorer_of
from workers.training.fitting.examples import in_canonical_order
from workers.training.fitting.ngram_matrix import MIN_DOCUMENT_FREQUENCY, build_corpus

CLOSE = 1e-4


def ngrams(conversation):
    """Every word, pair and run of a conversation, as scikit-learn is given them."""
    found = []
    for spoken in conversation:
        said = tokens(spoken)
        found += [token for token in said if token not in EDGES]
        found += [f"{first} {second}" for first, second in pairwise(said)]
        found += [f"run:{run}" for token in said for run in character_ngrams(token)]
    return found


def vectorized(conversations):
    vectorizer = TfidfVectorizer(analyzer=ngrams, min_df=MIN_DOCUMENT_FREQUENCY, norm=None).fit(conversations)

    def rows(told):
        weighted = vectorizer.transform(told)
        lengths = np.sqrt(weighted @ vectorizer.idf_)  # the sum of count * idf squared
        return weighted.multiply(1 / np.maximum(lengths, 1e-6)[:, None]).tocsr()

    return rows


@pytest.fixture(scope="module")
def told():
    agents = [[said.annotations for said in each.case.transcript.agent_sentences] for each in examples(240)]
    answers = np.array([each.labels[YES].name == "yes" for each in examples(240)])
    return agents, answers


def heard(table, heads, conversation):
    rows = table.score(conversation)
    return rows[:, :-3].sum(axis=0) / np.sqrt(max(rows[:, -3].sum(), 1e-12)) + heads.intercepts


def test_a_whole_conversation_is_scored_as_scikit_learn_scores_it(told):
    agents, answers = told
    known = build_corpus(agents[:160])
    heads = linear_heads.fit_margins(known.documents, answers[:160].astype(int), 2)
    rows = vectorized(agents[:160])
    theirs = LinearSVC(C=linear_heads.REGULARIZATION_C, dual=False, tol=1e-9, max_iter=10_000).fit(
        rows(agents[:160]), answers[:160]
    )
    ours = np.array([heard(ngram_scorer_of(known, [heads]), heads, each)[0] for each in agents])
    assert ours == pytest.approx(theirs.decision_function(rows(agents)), abs=0.02)  # solvers stop at 1e-2

    exact = linear_heads.LinearHeads(np.zeros_like(heads.weights), theirs.intercept_)
    names = dict(zip(own_feature_names(known), range(heads.weights.shape[1]), strict=True))
    for name, weight in zip(sklearn_feature_names(agents[:160]), theirs.coef_[0], strict=True):
        exact.weights[0, names[name]] = weight
    table = ngram_scorer_of(known, [exact])
    ours = np.array([heard(table, exact, each)[0] for each in agents])
    assert ours == pytest.approx(theirs.decision_function(rows(agents)), abs=CLOSE)


def own_feature_names(known):
    vocabulary = known.vocabulary
    pairs = [divmod(int(pair), vocabulary.size) for pair in vocabulary.pairs]
    return [
        *vocabulary.words,
        *(f"{vocabulary.words[first]} {vocabulary.words[second]}" for first, second in pairs),
        *(f"run:{run}" for run in vocabulary.character_ngrams),
    ]


def sklearn_feature_names(conversations):
    return (
        TfidfVectorizer(analyzer=ngrams, min_df=MIN_DOCUMENT_FREQUENCY, norm=None)
        .fit(conversations)
        .get_feature_names_out()
    )


@pytest.mark.parametrize("side", ["agent", "customer"])
def test_unseen_sentences_are_scored_as_the_fitted_heads_score_them(side):
    taught = examples(120)
    model = pipeline.fit(taught, QUESTIONS, seed=1, version=1).model
    material = pipeline._material(in_canonical_order(taught))
    learned = [
        stacking.fit_question(material, key, question, 1) for key, question in sorted(QUESTIONS.items())
    ]
    offset = 0
    known = material.corpora[side]
    table, offsets = model.weights.scorers[side], model.weights.intercepts[side]
    said = {
        each.annotations.plain: each.annotations
        for example in taught
        for each in (
            example.case.transcript.agent_sentences
            if side == "agent"
            else example.case.transcript.customer_sentences
        )
    }
    place = {
        plain: int(row) for plain, row in zip(_plains(material, side), known.sentence_index, strict=True)
    }
    for heads in [each.margins[side] for each in learned] + [
        each.evidence_classifiers[side] for each in learned
    ]:
        count = len(heads.intercepts)
        for plain, spoken in random.Random(1).sample(sorted(said.items()), 5):
            row = table.score([spoken])[0]
            ours = row[offset : offset + count] / np.sqrt(row[-3]) + offsets[offset : offset + count]
            assert ours == pytest.approx(
                heads.decision_function(known.sentences[place[plain]])[0], abs=CLOSE, rel=CLOSE
            )
        offset += count


def _plains(material, side):
    return ["" if each is None else each.annotations.plain for each in material.sentences[side]]


def test_meta_classifier_features_match_between_training_and_inference():
    taught = in_canonical_order(examples(120))
    material = pipeline._material(taught)
    learned = stacking.fit_question(material, YES, QUESTIONS[YES], 1)
    model = pipeline.fit(taught, {YES: QUESTIONS[YES]}, seed=1, version=1).model
    rows = np.arange(len(taught))
    for row in rows[:20]:
        pools = [
            stacking._pooled(
                corpus_,
                learned.evidence_classifiers[side].decision_function(
                    corpus_.sentences[corpus_.sentence_index]
                ),
                rows[row : row + 1],
            )
            for side, corpus_ in material.corpora.items()
        ]
        wholes = [
            learned.margins[side].decision_function(each.documents[[row]])
            for side, each in material.corpora.items()
        ]
        rule = np.zeros(4)
        verdict = taught[row].rules[YES]
        rule[2 if verdict.value is None else int(verdict.value < 1)] = verdict.confidence
        seen = np.concatenate([*(each[0] for each in (*wholes, *pools)), material.context[row], rule])
        logits = seen @ learned.weights + learned.intercept
        odds = np.exp(logits - logits.max())
        heard_ = model.encode(taught[row].case.transcript)
        told = model.predict(YES, heard_, taught[row].case, verdict)
        assert list(told.probability_by_class.values()) == pytest.approx(
            (odds / odds.sum()).tolist(), abs=CLOSE
        )


def test_silent_side_is_encoded_the_same_in_training_and_inference():
    known = build_corpus([[], []])
    assert known.sentence_index.tolist() == [0, 0]
    assert tokens(EMPTY_SENTENCE) == list(EDGES)
