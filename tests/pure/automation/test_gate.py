import json
from dataclasses import replace

import pytest

from scorecards.automation.drift import Familiarity, Recent, Seen, inputs, recent
from scorecards.automation.gate import (
    CAUSES,
    FALLS,
    STATES,
    Evidence,
    Gate,
    decide,
    explained,
    promise_kept,
    starting,
)
from scorecards.automation.holdout_evaluation import Proof
from scorecards.definitions.form import Option, Question
from scorecards.statistics.confidence_intervals import Interval

SURE = Interval(0.9, 0.8, 0.95)
PROOF = Proof(
    labelled=400,
    proved_on=300,
    ratio=2.0,
    limit=0.1,
    delta=0.1,
    answers={"yes": 150, "no": 150},
    alpha=Interval(0.6, 0.5, 0.7),
    ac1=Interval(0.7, 0.6, 0.8),
    standing_alpha=SURE,
    standing_ac1=SURE,
    threshold=0.8,
    coverage=0.6,
)
WEAK = replace(PROOF, threshold=None, code="wrong_too_often")
HELPLESS = replace(WEAK, alpha=Interval(0.05, -0.1, 0.2))
BROKEN = Recent(60, 60, 20, 0.2, broken="too_often_wrong")
HOSTILE = replace(BROKEN, alpha=Interval(-0.5, -0.7, -0.3), ac1=Interval(-0.5, -0.7, -0.3))
STRANGE = inputs(Familiarity(0.8, 0.1, 400), Familiarity(0.5, 0.1, 300))
AUTOMATIC = Gate("automatic", 0.8, "m1")


def known(**given):
    return Evidence(**({"ruled": False, "limit": 0.1, "model": "m1", "proof": PROOF} | given))


def moved(gate, **given):
    found = decide(gate, known(**given))
    return None if found is None else (found.after.state, found.cause)


def test_a_question_begins_assisted_only_with_a_rule():
    assert (starting(ruled=True).state, starting(ruled=False).state) == ("assisted", "human_only")


@pytest.mark.parametrize(
    ("gate", "given", "expected"),
    [
        (Gate("human_only"), {}, ("automatic", "proved")),
        (Gate("human_only"), {"proof": WEAK}, ("assisted", "proved")),
        (Gate("human_only"), {"proof": HELPLESS}, None),
        (Gate("human_only"), {"proof": None, "model": None}, None),
        (Gate("assisted"), {}, ("automatic", "proved")),
        (Gate("assisted"), {"proof": WEAK}, None),
        (Gate("assisted"), {"proof": HELPLESS}, None),
        (Gate("assisted"), {"proof": None}, ("human_only", "no_model")),
        (Gate("assisted"), {"proof": None, "ruled": True}, None),
        (Gate("human_only"), {"proof": None, "ruled": True}, ("assisted", "ruled")),
        (AUTOMATIC, {}, None),
        (AUTOMATIC, {"proof": WEAK}, ("assisted", "not_proved")),
        (AUTOMATIC, {"proof": None, "ruled": True}, ("assisted", "no_model")),
        (AUTOMATIC, {"proof": None}, ("human_only", "no_model")),
        (AUTOMATIC, {"recent": BROKEN}, ("assisted", "agreement_drift")),
        (AUTOMATIC, {"inputs": STRANGE}, ("assisted", "input_drift")),
        (AUTOMATIC, {"recent": HOSTILE}, ("human_only", "worse_than_chance")),
        (AUTOMATIC, {"limit": 0.05}, ("assisted", "limit_lowered")),
        (AUTOMATIC, {"limit": 0.2}, None),
        (AUTOMATIC, {"model": "m2"}, ("automatic", "proved_again")),
        (AUTOMATIC, {"highest": "assisted"}, ("assisted", "capped")),
        (AUTOMATIC, {"highest": "human_only"}, ("human_only", "capped")),
        (Gate("assisted"), {"highest": "assisted"}, None),
        (Gate("human_only"), {"cap_moved": True}, ("automatic", "cap_lifted")),
        (Gate("human_only"), {"highest": "assisted"}, ("assisted", "proved")),
    ],
)
def test_evidence_moves_the_gate(gate, given, expected):
    assert moved(gate, **given) == expected
    assert expected is None or expected[1] in CAUSES


def test_a_gate_that_fell_stays_down_under_the_same_model():
    first = decide(AUTOMATIC, known(recent=BROKEN))
    assert first.cause in FALLS
    assert decide(first.after, known(fallen=first.cause)) is None
    assert moved(first.after, fallen=None, model="m2") == ("automatic", "proved")


def test_evidence_is_kept_with_its_numbers():
    found = json.loads(json.dumps(known(recent=BROKEN, inputs=STRANGE).to_body()))
    assert found["proof"]["threshold"] == 0.8
    assert found["recent"]["wrong"] == 20
    assert found["inputs"]["drifted"] is True


@pytest.mark.parametrize("state", STATES)
def test_no_gate_stands_above_its_cap(state):
    for gate in (Gate("human_only"), Gate("assisted"), AUTOMATIC):
        found = decide(gate, known(highest=state))
        now = found.after if found else gate
        assert STATES.index(now.state) <= STATES.index(state)


@pytest.mark.parametrize(
    "change",
    [
        {"coverage": 0.1},
        {"threshold": None},
        {"alpha": Interval(0.2, -0.1, 0.4)},
        {"alpha": Interval()},
        {"standing_alpha": Interval(0.7, 0.5, 0.9), "standing_ac1": Interval(0.7, 0.5, 0.9)},
    ],
)
def test_a_proof_without_one_of_its_parts_is_not_enough(change):
    assert promise_kept(PROOF)
    assert not promise_kept(replace(PROOF, **change))


@pytest.mark.parametrize(
    ("gate", "given", "words"),
    [
        (AUTOMATIC, {"proof": replace(PROOF, words="Promised.")}, "Promised."),
        (Gate("assisted"), {"proof": replace(WEAK, words="Why not.")}, "Why not."),
        (Gate("assisted"), {"proof": None}, CAUSES["no_model"]),
        (Gate("assisted"), {"fallen": "input_drift"}, CAUSES["input_drift"]),
        (Gate("assisted"), {"highest": "assisted"}, CAUSES["capped"]),
        (Gate("assisted"), {"limit": 0.01}, CAUSES["limit_lowered"]),
        (
            Gate("assisted"),
            {"proof": replace(PROOF, alpha=Interval(0.2, -0.1, 0.4))},
            "Nothing shows that the machine agrees with people more than chance would.",
        ),
        (
            Gate("assisted"),
            {"proof": replace(PROOF, standing_alpha=Interval(), standing_ac1=Interval())},
            "Alpha and AC1 of the answers that would stand may both lie below 0.667.",
        ),
    ],
)
def test_a_gate_says_what_is_promised_or_why_nothing_is(gate, given, words):
    assert explained(gate, known(**given)) == words


def test_steady_agreement_where_one_answer_is_rare_is_enough():
    assert promise_kept(replace(PROOF, standing_alpha=Interval(0.4, 0.1, 0.7)))


def test_answers_that_the_machine_left_to_people_are_not_held_against_it():
    question = Question("heard", "?", "yes_no", options=(Option("yes", "Yes", 1.0), Option("no", "No", 0.0)))
    left = [Seen(f"l{place}", None, "no", 0.1) for place in range(50)]
    right = [Seen(f"r{place}", "yes", "yes", 0.1) for place in range(50)]
    found = recent([*left, *right], question, limit=0.1, rare=["no"])
    assert (found.answered, found.wrong, found.broken) == (50, 0, None)
    assert found.missed == {"no": 0.0}
