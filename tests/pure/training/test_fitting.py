"""Training of the answer model: what it learns, which labels it refuses, and that it is deterministic."""

import random
from dataclasses import replace

import pytest

from scorecards.autoscore.models import serialization
from scorecards.definitions.form import Span, question_from_body
from tests.pure.autoscore.models.conversations import (
    FILLER,
    QUESTIONS,
    SCALE,
    WARM,
    YES,
    case_of,
    examples,
    warm_question,
)
from workers.training.fitting.label_checks import MIN_LABELS
from workers.training.fitting.pipeline import Example, Label, fit


def relabelled(example, name, *, reviewer="ann", spans=None):
    label = example.labels[YES]
    spans = label.spans if spans is None else spans
    return replace(example, labels={YES: Label(name, spans, reviewer)})


def fitted(training_examples, questions=None, seed=1):
    return fit(training_examples, questions or {YES: QUESTIONS[YES]}, seed=seed, version=1)


def refusal(training_examples, questions=None):
    result = fitted(training_examples, questions)
    assert not result.model.questions
    return next(iter(result.refused.values()))


@pytest.fixture(scope="module")
def training_examples():
    return examples(160)


@pytest.fixture(scope="module")
def result(training_examples):
    return fitted(training_examples, QUESTIONS)


def test_fitted_model_reproduces_reviewer_answers_on_unseen_conversations(result):
    right = 0
    for example in examples(100, seed=77):
        heard = result.model.encode(example.case.transcript)
        told = result.model.predict_all(heard, example.case, example.rules)
        right += sum(told[key].predicted_class == example.labels[key].name for key in QUESTIONS)
    assert right > 190


def test_fitted_question_records_classes_example_count_and_evidence_classifiers(result, training_examples):
    learned = result.model.questions[YES]
    assert learned.classes == ("yes", "no", "n/a")
    assert learned.n_labels == len(training_examples)
    assert learned.evidence_classes == {"agent": ("yes",), "customer": ("no",)}


def test_the_same_examples_in_any_order_make_the_same_artefact(result, training_examples):
    shuffled = random.Random(4).sample(training_examples, len(training_examples))
    reordered = dict(reversed(QUESTIONS.items()))
    assert serialization.dump(fitted(shuffled, reordered).model) == serialization.dump(result.model)


def test_model_artefact_depends_on_the_seed(result, training_examples):
    assert serialization.dump(fitted(training_examples, QUESTIONS, seed=2).model) != serialization.dump(
        result.model
    )


def test_a_refused_question_leaves_the_others_as_they_are(result, training_examples):
    third = ("card", "when")
    asked = {**QUESTIONS, third: question_from_body({"key": "when", "text": "?", "kind": "date"})}
    with_third = fitted(training_examples, asked)
    assert with_third.refused[third].code == "not_learnable"
    assert serialization.dump(with_third.model) == serialization.dump(result.model)


@pytest.mark.parametrize("kind", ["numeric", "multi", "date", "text"])
def test_questions_without_single_choice_are_not_learnable(training_examples, kind):
    question = question_from_body({"key": "warm", "text": "?", "kind": kind, "options": [{"key": "yes"}]})
    assert refusal(training_examples, {YES: question}).code == "not_learnable"


def test_fit_without_examples_is_refused_as_too_few_labels():
    assert refusal([]).code == "too_few_labels"


def test_labels_below_minimum_are_refused(training_examples):
    told = refusal(training_examples[: MIN_LABELS - 1])
    assert (told.code, "39" in told.detail) == ("too_few_labels", True)


def test_second_class_below_minimum_labels_is_refused(training_examples):
    rare = [relabelled(each, "yes" if place < 5 else "no") for place, each in enumerate(training_examples)]
    told = refusal(rare)
    assert (told.code, "'yes' has 5" in told.detail) == ("too_few_labels", True)


def test_labels_of_one_class_are_refused(training_examples):
    assert refusal([relabelled(each, "no") for each in training_examples]).code == "one_class"


def test_repeated_conversations_do_not_count_as_separate_labels(training_examples):
    repeated = [replace(training_examples[place % 2], id=str(place)) for place in range(100)]
    assert (
        refusal([relabelled(each, ("yes", "no")[n % 2]) for n, each in enumerate(repeated)]).code
        == "too_few_labels"
    )


def test_random_labels_are_refused_as_contradictory(training_examples):
    rng = random.Random(3)
    told = refusal([relabelled(each, rng.choice(["yes", "no"])) for each in training_examples])
    assert told.code == "contradictory"


def test_equal_conversations_labelled_differently_are_contradictory(training_examples):
    twice = [relabelled(each, name) for each in training_examples for name in ("yes", "no")]
    told = refusal([replace(each, id=str(place)) for place, each in enumerate(twice)])
    assert (told.code, "same words" in told.detail) == ("contradictory", True)


def flipped(example, reviewer):
    opposite = {"yes": "no", "no": "yes", "n/a": "yes"}
    return relabelled(example, opposite[example.labels[YES].name], reviewer=reviewer, spans=())


def test_a_reviewer_who_contradicts_all_others_is_named(training_examples):
    honest = [
        relabelled(each, each.labels[YES].name, reviewer=f"r{n % 3}")
        for n, each in enumerate(training_examples)
    ]
    liar = [flipped(each, "mallory") for each in examples(40, seed=5)]
    told = refusal([*honest, *liar])
    assert (told.code, "mallory" in told.detail, "r1" in told.detail) == ("poisoned", True, False)


def test_two_reviewers_who_contradict_each_other_are_both_named(training_examples):
    told = refusal([*training_examples, *(flipped(each, "bob") for each in examples(160, seed=5))])
    assert (told.code, "ann" in told.detail, "bob" in told.detail) == ("poisoned", True, True)


def test_reviewers_with_random_labels_are_contradictory_not_poisoned(training_examples):
    rng = random.Random(11)
    tossed = [
        relabelled(each, rng.choice(["yes", "no"]), reviewer=f"r{n % 8}")
        for n, each in enumerate(training_examples)
    ]
    assert refusal(tossed).code == "contradictory"


def test_contradicting_reviewer_with_few_labels_is_not_reported(training_examples):
    liar = [flipped(each, "mallory") for each in examples(14, seed=5)]
    assert YES in fitted([*training_examples, *liar]).model.questions


def test_agreeing_reviewer_of_separate_conversations_is_not_reported(training_examples):
    other = [
        replace(each, labels={YES: replace(each.labels[YES], reviewer="bob")})
        for each in examples(40, seed=5)
    ]
    assert YES in fitted([*training_examples, *other]).model.questions


def test_a_class_with_few_labels_is_left_out_and_said_so(training_examples):
    questions = {YES: warm_question(options=[{"key": "no", "reasons": ["late"]}])}
    few = [each for each in training_examples if each.labels[YES].name != "n/a"]
    few += [each for each in training_examples if each.labels[YES].name == "n/a"][:7]
    learned = fitted(few, questions).model.questions[YES]
    assert (learned.classes, learned.untrained_classes) == (("yes", "no"), ("n/a",))
    assert learned.n_labels == len(few) - 7


def test_labels_of_removed_options_are_ignored(training_examples):
    stale = [relabelled(each, "maybe") for each in examples(30, seed=8)]
    again = fitted([*training_examples, *stale]).model
    assert again.questions[YES].classes == ("yes", "no", "n/a")
    assert again.questions[YES].n_labels == len(training_examples)


@pytest.mark.parametrize(
    "span",
    [Span(0, 5, 10**6), Span(99), Span(0, 10**6, 10**7), Span(1, 9, 3), Span(0, None, 4), Span(0, 0, 0)],
)
def test_fit_tolerates_evidence_spans_outside_the_turn(training_examples, span):
    wild = [relabelled(each, each.labels[YES].name, spans=(span,)) for each in training_examples]
    assert YES in fitted(wild).model.questions


def test_fit_tolerates_conversations_without_turns(training_examples):
    silent = [Example(f"s{n}", case_of(), {}, {YES: Label("n/a", (), "ann")}) for n in range(20)]
    model = fitted([*training_examples, *silent]).model
    case = case_of()
    assert model.predict(YES, model.encode(case.transcript), case, None).predicted_class == "n/a"


def test_fit_without_evidence_learns_from_whole_conversations(training_examples):
    bare = [relabelled(each, each.labels[YES].name, spans=()) for each in training_examples]
    model = fitted(bare).model
    assert model.questions[YES].evidence_classes == {"agent": (), "customer": ()}
    case = case_of(("customer", "Where is my order?"), ("agent", "One moment please."), ("agent", WARM[0]))
    prediction = model.predict(YES, model.encode(case.transcript), case, None)
    assert (prediction.predicted_class, prediction.evidence[0].turn) == ("yes", 2)


def test_fit_accepts_several_examples_of_one_interaction(training_examples):
    parts = [replace(each, id=f"whole-{place // 4}") for place, each in enumerate(training_examples)]
    assert YES in fitted(parts).model.questions


def test_fit_tolerates_a_class_from_a_single_interaction(training_examples):
    parts = [
        replace(each, id="one") if each.labels[YES].name == "yes" else each for each in training_examples
    ]
    two = [each for each in parts if each.labels[YES].name != "n/a"]
    assert set(fitted(two).refused) | set(fitted(two).model.questions) == {YES}


def test_fit_tolerates_every_sentence_being_evidence():
    single = [case_of(("agent", f"{WARM[n % 2]} {FILLER[n % 6]} {chr(97 + n // 6) * 3}")) for n in range(60)]
    shown = [
        Example(str(n), case, {}, {YES: Label(("yes", "no")[n % 2], (Span(0),), "ann")})
        for n, case in enumerate(single)
    ]
    assert YES in fitted(shown).model.questions


def test_fit_tolerates_interactions_without_customer_turns():
    single = [case_of(("agent", WARM[0] if n % 2 else FILLER[n % 5])) for n in range(60)]
    shown = [
        Example(str(n), case, {}, {YES: Label(("no", "yes")[n % 2], (), "ann")})
        for n, case in enumerate(single)
    ]
    assert set(fitted(shown).refused) | set(fitted(shown).model.questions) == {YES}


def test_each_question_learns_from_its_own_labels(training_examples):
    own = [
        replace(each, labels={YES: each.labels[YES]}) if n % 2 else each
        for n, each in enumerate(training_examples)
    ]
    model = fitted(own, QUESTIONS).model
    assert model.questions[YES].n_labels == len(training_examples)
    assert model.questions[SCALE].n_labels == len(training_examples) / 2
