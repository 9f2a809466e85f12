"""The risk guarantee on real labels: does it hold on out-of-sample dialogues?

The sentences of each MAIA brand are labelled one by one. Each is taken as a small interaction of its own;
three models of a brand learn from two thirds of its dialogues each and answer the last third. From these
answers, all out of sample, 200 random thirds are drawn as proof; what each lets stand is compared with all.
In a short run it is 40 thirds of the smallest brand.
"""

from collections import defaultdict
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pytest
from scipy.stats import binom

from scorecards.automation.holdout_evaluation import HoldoutCase, evaluate_holdout
from scorecards.automation.risk_control import GRID, NEGLIGIBLE_CLASS_SHARE, RARE_CLASS_SHARE
from scorecards.autoscore.engine import Judge
from scorecards.definitions.conversation import Conversation, Turn
from scorecards.definitions.form import Form
from tests.realdata import maia
from tests.realdata.data_folder import DATA, needed
from tests.realdata.labels import DISTRESS, EMPATHY
from workers.training.fitting.pipeline import Example, Label, fit

pytestmark = needed("maia")
BRANDS = ("de_client_02_a", "pt_br_client_02_a", "pt_br_client_04_a")
SMALLEST = "pt_br_client_04_a"
LIMIT, DELTA, FOLDS, SHARE = 0.1, 0.1, 3, 1 / 3
NOW = datetime(2026, 7, 1, tzinfo=UTC)
FORM = Form.from_body(
    {
        "key": "maia",
        "sections": [
            {
                "key": "all",
                "questions": [
                    {"key": "templated", "text": "Is it a stock sentence?", "kind": "yes_no"},
                    {"key": "empathy", "text": "Is it empathy?", "kind": "yes_no"},
                    {
                        "key": "emotion",
                        "text": "What does the customer feel?",
                        "kind": "single",
                        "options": [{"key": key, "label": key} for key in ("distress", "neutral", "pleased")],
                    },
                ],
            }
        ],
    }
)
KEYS = {key: ("maia", key) for key in FORM.questions}


def labels_of(turn, place):
    """Return the labels of one sentence as answers."""

    def label(name):
        return next(iter(turn[name][place : place + 1]), None)

    emotion, templated = label("Emotion"), label("Templated")
    found = {}
    if turn["floor"] == "inbound" and emotion in range(8):
        found["emotion"] = "distress" if emotion in DISTRESS else "neutral" if emotion == 2 else "pleased"
    if turn["floor"] == "outbound" and emotion in range(8):
        found["empathy"] = "yes" if emotion == EMPATHY else "no"
    if turn["floor"] == "outbound" and templated in {0, 1}:
        found["templated"] = "yes" if templated else "no"
    return found


def sentences_of(brand):
    """Return every labelled sentence of a brand as an interaction that is grouped by its dialogue."""
    judge = Judge(FORM, None, [], charged_threshold=0.5)
    found = []
    for name, dialogue in maia.dialogues(DATA / "maia" / f"{brand}.json").items():
        for turn in dialogue["turns"]:
            speaker = maia.SPEAKERS[turn["floor"]]
            for place, sentence in enumerate(maia.sentences(turn)):
                labels = {KEYS[key]: Label(said, (), "maia") for key, said in labels_of(turn, place).items()}
                if labels and sentence.strip():
                    case, rules = judge.apply_rules(Conversation("chat", [Turn(speaker, sentence)], NOW))
                    ruled = {KEYS[key]: verdict for key, verdict in rules.items()}
                    found.append(Example(name, case, ruled, labels))
    return found


@cache
def out_of_sample(brand):
    """Return what models say of sentences from dialogues that they did not learn from, by question."""
    examples = sentences_of(brand)
    names = sorted({each.id for each in examples})
    fold_of = dict(zip(names, np.random.default_rng(3).permutation(len(names)) % FOLDS, strict=True))
    questions = {KEYS[key]: question for key, question in FORM.questions.items()}
    answers = defaultdict(list)
    for fold in range(FOLDS):
        learning = [each for each in examples if fold_of[each.id] != fold]
        model = fit(learning, questions, seed=1, version=1).model
        for number, each in enumerate(examples):
            if fold_of[each.id] == fold:
                said = model.predict_all(model.encode(each.case.transcript), each.case, each.rules)
                for key in said.keys() & each.labels.keys():
                    shares, human = said[key].probability_by_class, each.labels[key].name
                    answers[key[1]].append(HoldoutCase.of(str(number), shares, human=human, probability=1.0))
    return answers


def limit_exceeded_by_threshold(everything):
    """Tell for each threshold whether it breaks the promise on all answers."""
    confidence = np.array([each.confidence for each in everything])
    wrong = np.array([each.machine != each.human for each in everything])
    human = np.array([each.human for each in everything])
    stands = confidence[:, np.newaxis] >= np.array(GRID)
    astray = stands & wrong[:, np.newaxis]
    broken = astray.sum(axis=0) > LIMIT * stands.sum(axis=0)
    for name in np.unique(human):
        if NEGLIGIBLE_CLASS_SHARE <= (human == name).mean() < RARE_CLASS_SHARE:
            broken |= astray[human == name].mean(axis=0) > LIMIT
    return dict(zip(GRID, broken.tolist(), strict=True))


def plug_in_threshold(cases):
    confidence = np.array([each.confidence for each in cases])
    wrong = np.array([each.machine != each.human for each in cases])
    fits = (each for each in reversed(GRID) if (confidence >= each).any())
    return next((each for each in fits if wrong[confidence >= each].mean() <= LIMIT), None)


@pytest.mark.parametrize("question", list(FORM.questions))
@pytest.mark.parametrize(
    ("brand", "splits"),
    [(SMALLEST, 40), *(pytest.param(brand, 200, marks=pytest.mark.slow) for brand in BRANDS)],
)
def test_risk_guarantee_holds_on_out_of_sample_maia_dialogues(brand, splits, question):
    everything = out_of_sample(brand)[question]
    if not everything:
        pytest.skip("the question was not learned")
    generator = np.random.default_rng(20261122)
    truth, asked = limit_exceeded_by_threshold(everything), FORM.questions[question]
    size = int(SHARE * len(everything))
    thirds = [
        [everything[place] for place in generator.choice(len(everything), size, replace=False)]
        for _ in range(splits)
    ]
    given = [evaluate_holdout(each, asked, limit=LIMIT, delta=DELTA).threshold for each in thirds]
    fitted = [plug_in_threshold(each) for each in thirds]
    whole = evaluate_holdout(everything, asked, limit=LIMIT, delta=DELTA)
    broken, plugged = (sum(truth[each] for each in found if each is not None) for found in (given, fitted))
    coverage = [np.mean([each.confidence >= t for each in everything]) for t in given if t is not None]
    print(
        f"\n| {brand} | {question} | {len(everything)} | {whole.accuracy:.2f} | {whole.kappa or 0:.2f} | "
        f"{whole.ece:.3f} | {len(coverage)} | {np.mean(coverage or [0]):.2f} | {broken} | {plugged} |"
    )
    assert broken <= binom.ppf(0.95, splits, DELTA)
