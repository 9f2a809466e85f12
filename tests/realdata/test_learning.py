"""Models trained on MAIA labels meet quality floors; `make bench-quality` measures them in full."""

from itertools import islice

import pytest

from tests.realdata import grading
from tests.realdata.data_folder import DATA, needed
from tests.realdata.grading import Grade
from tests.realdata.sentence_judges import Ways
from tests.realdata.sentences import Corpus
from tests.sizes import short_and_whole

pytestmark = needed("maia")
SEED = 0
GERMAN = "de_client_02_a"


@pytest.fixture(scope="module")
def corpus():
    return Corpus.read(DATA / "maia")


@pytest.fixture(scope="module")
def ways(corpus):
    return Ways(corpus)


@pytest.fixture(scope="module")
def tasks(corpus):
    return {task.name: task for task in corpus.tasks()}


def grade_per_client(way, task, clients, parts):
    """Judge dialogues of each client, in so many of five parts, by what its others teach."""
    labels, opinions = [], []
    for client in clients:
        rows = [row for row, item in enumerate(task.items) if item.client == client]
        for learn, test in islice(grading.folds([task.items[row].dialogue for row in rows], SEED), parts):
            asked = [rows[place] for place in test]
            labels += [task.items[row].label for row in asked]
            opinions += way(task, [rows[place] for place in learn], asked)
    return Grade.of(labels, opinions)


def grade_pooled(way, task, parts):
    """Judge dialogues of all clients, in so many of five parts, by what the others teach."""
    labels, opinions = [], []
    for learn, test in islice(grading.folds([item.dialogue for item in task.items], SEED), parts):
        labels += [task.items[row].label for row in test]
        opinions += way(task, learn, test)
    return Grade.of(labels, opinions)


@pytest.fixture(scope="module", params=short_and_whole(1, grading.FOLDS))
def parts(request):
    return request.param


@pytest.fixture(scope="module")
def emotion(ways, tasks, parts):
    return grade_pooled(ways.ours, tasks["emotion"], parts)


@pytest.fixture(scope="module")
def templated(corpus, ways, tasks, parts):
    return grade_per_client(ways.ours, tasks["templated"], corpus.clients, parts)


def test_customer_sentiment_model_meets_accuracy_and_macro_f1_floors(emotion):
    print(emotion)
    assert emotion.accuracy >= 0.76
    assert emotion.macro_f1 >= 0.69


def test_emotion_is_calibrated(emotion):
    assert emotion.ece <= 0.03


def test_emotion_learned_beats_the_lexicon(emotion, ways, tasks, parts):
    lexicon = grade_pooled(ways.rules, tasks["emotion"], parts)
    assert emotion.macro_f1 - lexicon.macro_f1 >= 0.2


def test_agent_empathy_model_meets_macro_f1_and_kappa_floors(ways, tasks, parts):
    found = grade_per_client(ways.ours, tasks["empathy"], [GERMAN], parts)
    print(found)
    assert found.macro_f1 >= 0.69
    assert found.kappa >= 0.38


def test_templated_sentence_model_meets_accuracy_and_macro_f1_floors(templated):
    print(templated)
    assert templated.accuracy >= 0.85
    assert templated.macro_f1 >= 0.85


def test_templated_sentence_model_is_calibrated(templated):
    assert templated.ece <= 0.03


def test_rules_answer_when_labels_are_too_few_to_train(ways, tasks):
    task = tasks["templated"]
    learn, test = range(25), range(3000, 3100)
    assert ways.ours(task, learn, test) == ways.rules(task, learn, test)
