"""Learning from reviewers: what it learns, what it refuses to learn, and that it always learns the same."""

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
from workers.training.fitting.label_checks import FEWEST_LABELS
from workers.training.fitting.pipeline import Example, Label, fit


def relabelled(example, name, *, reviewer="ann", spans=None):
    label = example.labels[YES]
    spans = label.spans if spans is None else spans
    return replace(example, labels={YES: Label(name, spans, reviewer)})


def fitted(taught, questions=None, seed=1):
    return fit(taught, questions or {YES: QUESTIONS[YES]}, seed=seed, version=1)


def refusal(taught, questions=None):
    result = fitted(taught, questions)
    assert not result.model.questions
    return next(iter(result.refused.values()))


@pytest.fixture(scope="module")
def taught():
    return examples(160)


@pytest.fixture(scope="module")
def result(taught):
    return fitted(taught, QUESTIONS)


def test_it_learns_what_its_reviewers_go_by(result):
    right = 0
    for example in examples(100, seed=77):
        heard = result.model.listen(example.case.reading)
        told = result.model.predict_all(heard, example.case, example.rules)
        right += sum(told[key].likeliest == example.labels[key].name for key in QUESTIONS)
    assert right > 190


def test_it_tells_what_it_learned_and_how_well(result, taught):
    learned = result.model.questions[YES]
    assert learned.classes == ("yes", "no", "n/a")
    assert learned.learned_from == len(taught)
    assert learned.witnesses == {"agent": ("yes",), "customer": ("no",)}


def test_the_same_examples_in_any_order_make_the_same_artefact(result, taught):
    shuffled = random.Random(4).sample(taught, len(taught))
    reordered = dict(reversed(QUESTIONS.items()))
    assert serialization.dump(fitted(shuffled, reordered).model) == serialization.dump(result.model)


def test_the_seed_matters(result, taught):
    assert serialization.dump(fitted(taught, QUESTIONS, seed=2).model) != serialization.dump(result.model)


def test_a_refused_question_leaves_the_others_as_they_are(result, taught):
    third = ("card", "when")
    asked = {**QUESTIONS, third: question_from_body({"key": "when", "text": "?", "kind": "date"})}
    with_third = fitted(taught, asked)
    assert with_third.refused[third].code == "not_learnable"
    assert serialization.dump(with_third.model) == serialization.dump(result.model)


@pytest.mark.parametrize("kind", ["numeric", "multi", "date", "text"])
def test_only_choices_are_learned(taught, kind):
    question = question_from_body({"key": "warm", "text": "?", "kind": kind, "options": [{"key": "yes"}]})
    assert refusal(taught, {YES: question}).code == "not_learnable"


def test_nothing_to_learn_from_is_too_little():
    assert refusal([]).code == "too_few_labels"


def test_few_labels_are_too_few(taught):
    told = refusal(taught[: FEWEST_LABELS - 1])
    assert (told.code, "39" in told.detail) == ("too_few_labels", True)


def test_a_second_answer_needs_labels_too(taught):
    rare = [relabelled(each, "yes" if place < 5 else "no") for place, each in enumerate(taught)]
    told = refusal(rare)
    assert (told.code, "'yes' has 5" in told.detail) == ("too_few_labels", True)


def test_labels_that_all_say_the_same_teach_nothing(taught):
    assert refusal([relabelled(each, "no") for each in taught]).code == "one_class"


def test_the_same_conversation_over_and_over_is_too_little(taught):
    repeated = [replace(taught[place % 2], id=str(place)) for place in range(100)]
    assert (
        refusal([relabelled(each, ("yes", "no")[n % 2]) for n, each in enumerate(repeated)]).code
        == "too_few_labels"
    )


def test_labels_by_the_toss_of_a_coin_are_contradictory(taught):
    rng = random.Random(3)
    told = refusal([relabelled(each, rng.choice(["yes", "no"])) for each in taught])
    assert told.code == "contradictory"


def test_equal_conversations_labelled_differently_are_contradictory(taught):
    twice = [relabelled(each, name) for each in taught for name in ("yes", "no")]
    told = refusal([replace(each, id=str(place)) for place, each in enumerate(twice)])
    assert (told.code, "same words" in told.detail) == ("contradictory", True)


def flipped(example, reviewer):
    opposite = {"yes": "no", "no": "yes", "n/a": "yes"}
    return relabelled(example, opposite[example.labels[YES].name], reviewer=reviewer, spans=())


def test_a_reviewer_who_contradicts_all_others_is_named(taught):
    honest = [relabelled(each, each.labels[YES].name, reviewer=f"r{n % 3}") for n, each in enumerate(taught)]
    liar = [flipped(each, "mallory") for each in examples(40, seed=5)]
    told = refusal([*honest, *liar])
    assert (told.code, "mallory" in told.detail, "r1" in told.detail) == ("poisoned", True, False)


def test_two_reviewers_who_contradict_each_other_are_both_named(taught):
    told = refusal([*taught, *(flipped(each, "bob") for each in examples(160, seed=5))])
    assert (told.code, "ann" in told.detail, "bob" in told.detail) == ("poisoned", True, True)


def test_reviewers_who_toss_coins_contradict_nobody_in_particular(taught):
    rng = random.Random(11)
    tossed = [
        relabelled(each, rng.choice(["yes", "no"]), reviewer=f"r{n % 8}") for n, each in enumerate(taught)
    ]
    assert refusal(tossed).code == "contradictory"


def test_a_reviewer_with_few_labels_is_not_accused(taught):
    liar = [flipped(each, "mallory") for each in examples(14, seed=5)]
    assert YES in fitted([*taught, *liar]).model.questions


def test_a_reviewer_of_their_own_kind_of_conversation_is_not_accused(taught):
    other = [
        replace(each, labels={YES: replace(each.labels[YES], reviewer="bob")})
        for each in examples(40, seed=5)
    ]
    assert YES in fitted([*taught, *other]).model.questions


def test_a_class_with_few_labels_is_left_out_and_said_so(taught):
    questions = {YES: warm_question(options=[{"key": "no", "reasons": ["late"]}])}
    few = [each for each in taught if each.labels[YES].name != "n/a"]
    few += [each for each in taught if each.labels[YES].name == "n/a"][:7]
    learned = fitted(few, questions).model.questions[YES]
    assert (learned.classes, learned.unlearned) == (("yes", "no"), ("n/a",))
    assert learned.learned_from == len(few) - 7


def test_answers_that_are_no_option_any_more_are_left_out(taught):
    stale = [relabelled(each, "maybe") for each in examples(30, seed=8)]
    again = fitted([*taught, *stale]).model
    assert again.questions[YES].classes == ("yes", "no", "n/a")
    assert again.questions[YES].learned_from == len(taught)


@pytest.mark.parametrize(
    "span",
    [Span(0, 5, 10**6), Span(99), Span(0, 10**6, 10**7), Span(1, 9, 3), Span(0, None, 4), Span(0, 0, 0)],
)
def test_evidence_beyond_its_turn_does_no_harm(taught, span):
    wild = [relabelled(each, each.labels[YES].name, spans=(span,)) for each in taught]
    assert YES in fitted(wild).model.questions


def test_conversations_in_which_nobody_speaks_do_no_harm(taught):
    silent = [Example(f"s{n}", case_of(), {}, {YES: Label("n/a", (), "ann")}) for n in range(20)]
    model = fitted([*taught, *silent]).model
    case = case_of()
    assert model.predict(YES, model.listen(case.reading), case, None).likeliest == "n/a"


def test_without_evidence_it_learns_from_whole_conversations(taught):
    bare = [relabelled(each, each.labels[YES].name, spans=()) for each in taught]
    model = fitted(bare).model
    assert model.questions[YES].witnesses == {"agent": (), "customer": ()}
    case = case_of(("customer", "Where is my order?"), ("agent", "One moment please."), ("agent", WARM[0]))
    prediction = model.predict(YES, model.listen(case.reading), case, None)
    assert (prediction.likeliest, prediction.evidence[0].turn) == ("yes", 2)


def test_one_interaction_may_be_given_in_parts(taught):
    parts = [replace(each, id=f"whole-{place // 4}") for place, each in enumerate(taught)]
    assert YES in fitted(parts).model.questions


def test_an_answer_that_one_interaction_alone_gives_does_no_harm(taught):
    parts = [replace(each, id="one") if each.labels[YES].name == "yes" else each for each in taught]
    two = [each for each in parts if each.labels[YES].name != "n/a"]
    assert set(fitted(two).refused) | set(fitted(two).model.questions) == {YES}


def test_sentences_that_are_all_evidence_do_no_harm():
    single = [case_of(("agent", f"{WARM[n % 2]} {FILLER[n % 6]} {chr(97 + n // 6) * 3}")) for n in range(60)]
    shown = [
        Example(str(n), case, {}, {YES: Label(("yes", "no")[n % 2], (Span(0),), "ann")})
        for n, case in enumerate(single)
    ]
    assert YES in fitted(shown).model.questions


def test_an_interaction_of_a_silent_customer_does_no_harm():
    single = [case_of(("agent", WARM[0] if n % 2 else FILLER[n % 5])) for n in range(60)]
    shown = [
        Example(str(n), case, {}, {YES: Label(("no", "yes")[n % 2], (), "ann")})
        for n, case in enumerate(single)
    ]
    assert set(fitted(shown).refused) | set(fitted(shown).model.questions) == {YES}


def test_each_question_learns_from_its_own_labels(taught):
    own = [replace(each, labels={YES: each.labels[YES]}) if n % 2 else each for n, each in enumerate(taught)]
    model = fitted(own, QUESTIONS).model
    assert model.questions[YES].learned_from == len(taught)
    assert model.questions[SCALE].learned_from == len(taught) / 2
