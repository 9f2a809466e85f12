"""What is heard is what was learned: the tables against scikit-learn's own vectorizer and decisions."""

import random
from itertools import pairwise

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from scorecards.autoscore.models.vocabulary import EDGES, NOTHING, runs, tokens
from tests.pure.autoscore.models.conversations import QUESTIONS, YES, examples
from workers.training.fitting import linear_heads, pipeline, stacking
from workers.training.fitting.assemble import table_of
from workers.training.fitting.examples import in_order
from workers.training.fitting.ngram_matrix import FEWEST, corpus

CLOSE = 1e-4


def ngrams(conversation):
    """Every word, pair and run of a conversation, as scikit-learn is given them."""
    found = []
    for spoken in conversation:
        said = tokens(spoken)
        found += [token for token in said if token not in EDGES]
        found += [f"{first} {second}" for first, second in pairwise(said)]
        found += [f"run:{run}" for token in said for run in runs(token)]
    return found


def vectorized(conversations):
    vectorizer = TfidfVectorizer(analyzer=ngrams, min_df=FEWEST, norm=None).fit(conversations)

    def rows(told):
        weighted = vectorizer.transform(told)
        lengths = np.sqrt(weighted @ vectorizer.idf_)  # the sum of count * idf squared
        return weighted.multiply(1 / np.maximum(lengths, 1e-6)[:, None]).tocsr()

    return rows


@pytest.fixture(scope="module")
def told():
    agents = [[said.spoken for said in each.case.reading.agent_said] for each in examples(240)]
    answers = np.array([each.labels[YES].name == "yes" for each in examples(240)])
    return agents, answers


def heard(table, heads, conversation):
    rows = table.hear(conversation)
    return rows[:, :-3].sum(axis=0) / np.sqrt(max(rows[:, -3].sum(), 1e-12)) + heads.offsets


def test_a_whole_conversation_is_scored_as_scikit_learn_scores_it(told):
    agents, answers = told
    known = corpus(agents[:160])
    heads = linear_heads.margins(known.wholes, answers[:160].astype(int), 2)
    rows = vectorized(agents[:160])
    theirs = LinearSVC(C=linear_heads.STRENGTH, dual=False, tol=1e-9, max_iter=10_000).fit(
        rows(agents[:160]), answers[:160]
    )
    ours = np.array([heard(table_of(known, [heads]), heads, each)[0] for each in agents])
    assert ours == pytest.approx(theirs.decision_function(rows(agents)), abs=0.02)  # solvers stop at 1e-2

    exact = linear_heads.Heads(np.zeros_like(heads.weights), theirs.intercept_)
    names = dict(zip(sorted_names(known), range(heads.weights.shape[1]), strict=True))
    for name, weight in zip(theirs_names(agents[:160]), theirs.coef_[0], strict=True):
        exact.weights[0, names[name]] = weight
    table = table_of(known, [exact])
    ours = np.array([heard(table, exact, each)[0] for each in agents])
    assert ours == pytest.approx(theirs.decision_function(rows(agents)), abs=CLOSE)


def sorted_names(known):
    vocabulary = known.vocabulary
    pairs = [divmod(int(pair), vocabulary.size) for pair in vocabulary.pairs]
    return [
        *vocabulary.words,
        *(f"{vocabulary.words[first]} {vocabulary.words[second]}" for first, second in pairs),
        *(f"run:{run}" for run in vocabulary.runs),
    ]


def theirs_names(conversations):
    return (
        TfidfVectorizer(analyzer=ngrams, min_df=FEWEST, norm=None).fit(conversations).get_feature_names_out()
    )


@pytest.mark.parametrize("side", ["agent", "customer"])
def test_unseen_sentences_are_scored_as_the_fitted_heads_score_them(side):
    taught = examples(120)
    model = pipeline.fit(taught, QUESTIONS, seed=1, version=1).model
    material = pipeline._material(in_order(taught))
    learned = [stacking.learn(material, key, question, 1) for key, question in sorted(QUESTIONS.items())]
    offset = 0
    known = material.corpora[side]
    table, offsets = model.weights.tables[side], model.weights.offsets[side]
    said = {
        each.spoken.plain: each.spoken
        for example in taught
        for each in (
            example.case.reading.agent_said if side == "agent" else example.case.reading.customer_said
        )
    }
    place = {plain: int(row) for plain, row in zip(_plains(material, side), known.said, strict=True)}
    for heads in [each.margins[side] for each in learned] + [each.witnesses[side] for each in learned]:
        count = len(heads.offsets)
        for plain, spoken in random.Random(1).sample(sorted(said.items()), 5):
            row = table.hear([spoken])[0]
            ours = row[offset : offset + count] / np.sqrt(row[-3]) + offsets[offset : offset + count]
            assert ours == pytest.approx(heads.of(known.sentences[place[plain]])[0], abs=CLOSE, rel=CLOSE)
        offset += count


def _plains(material, side):
    return ["" if each is None else each.spoken.plain for each in material.said[side]]


def test_the_last_step_sees_what_it_was_fitted_on():
    taught = in_order(examples(120))
    material = pipeline._material(taught)
    learned = stacking.learn(material, YES, QUESTIONS[YES], 1)
    model = pipeline.fit(taught, {YES: QUESTIONS[YES]}, seed=1, version=1).model
    rows = np.arange(len(taught))
    for row in rows[:20]:
        pools = [
            stacking._pooled(
                corpus_, learned.witnesses[side].of(corpus_.sentences[corpus_.said]), rows[row : row + 1]
            )
            for side, corpus_ in material.corpora.items()
        ]
        wholes = [learned.margins[side].of(each.wholes[[row]]) for side, each in material.corpora.items()]
        rule = np.zeros(4)
        verdict = taught[row].rules[YES]
        rule[2 if verdict.value is None else int(verdict.value < 1)] = verdict.confidence
        seen = np.concatenate([*(each[0] for each in (*wholes, *pools)), material.context[row], rule])
        logits = seen @ learned.meta + learned.constant
        odds = np.exp(logits - logits.max())
        heard_ = model.listen(taught[row].case.reading)
        told = model.predict(YES, heard_, taught[row].case, verdict)
        assert list(told.probabilities.values()) == pytest.approx((odds / odds.sum()).tolist(), abs=CLOSE)


def test_a_side_that_says_nothing_is_heard_as_it_was_learned():
    known = corpus([[], []])
    assert known.said.tolist() == [0, 0]
    assert tokens(NOTHING) == list(EDGES)
