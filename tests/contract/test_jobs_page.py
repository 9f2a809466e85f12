"""Queues, schedule and states of the jobs page are those of the code, and whoever moves a state exists."""

import itertools

import pytest

from qm import jobs
from qm.interactions.models import STATES
from qm.learning.models import GATE_STATES, MODEL_STATES, TRAINING_STATES
from qm.reviews.models import REVIEW_STATES
from qm.webhooks.models import DELIVERY_STATES
from scorecards.automation import gate
from scorecards.automation.gate import CAUSES, Evidence, Gate, next_state
from scorecards.automation.holdout_evaluation import HoldoutEvaluation
from scorecards.statistics.confidence_intervals import Interval
from tests.contract.code_index import defined_in, tree_of
from tests.contract.docs_reader import ROOT, codes, page, rows, section
from workers import schedule
from workers.training import claims, triggers
from workers.training import job as training_job

PAGE = page("docs/explanation/jobs.md")
STATES_OF = {
    "Interaction": STATES,
    "Review": REVIEW_STATES,
    "Training": (*TRAINING_STATES, *MODEL_STATES),
    "Gate": GATE_STATES,
    "Delivery": DELIVERY_STATES,
}


def plain(cell):
    return cell.strip("`")


def text_of(heading):
    return " ".join(section(PAGE, heading).split())


def moves(heading):
    """Return the rows that tell of a move: from, to, and what stands beside them."""
    states = {f"`{state}`" for state in STATES_OF[heading]} | {"(new)"}
    return [row for row in rows(section(PAGE, heading)) if {row[0], row[1]} <= states]


def test_queues_are_those_of_the_code():
    found = [(plain(row[0]), plain(row[1])) for row in rows(section(PAGE, "Queues"))]

    assert found == [(queue.name, queue.job) for queue in jobs.QUEUES]


def test_schedule_entries_are_those_of_the_code(services):
    said = {plain(row[0]): row[1] for row in rows(section(PAGE, "Schedule"))}
    wanted = {each.name: f"{each.every} s" for each in schedule.table(services)}

    assert said == wanted | {"sweep": "`QM_SWEEP_SECONDS`"}


@pytest.mark.parametrize("heading", STATES_OF)
def test_states_are_those_of_the_tables(heading):
    found = [plain(row[0]) for row in rows(section(PAGE, heading)) if len(row) == 2]

    assert tuple(found) == STATES_OF[heading]


@pytest.mark.parametrize(("heading", "unused"), [("Interaction", set()), ("Review", set())])
def test_every_state_is_reached_by_a_move(heading, unused):
    assert {plain(row[1]) for row in moves(heading)} == set(STATES_OF[heading]) - unused


def test_every_state_of_a_training_is_reached_by_a_move():
    assert {plain(row[1]) for row in moves("Training")} == set(TRAINING_STATES)


@pytest.mark.parametrize("heading", STATES_OF)
def test_whoever_moves_a_state_exists(heading):
    named = [row for row in rows(section(PAGE, heading)) if any(cell.endswith(".py`") for cell in row)]
    found = []
    for row in named:
        place = next(number for number, cell in enumerate(row) if cell.endswith(".py`"))
        found.append((plain(row[place]), plain(row[place + 1])))

    assert len(found) > 2
    assert [(f, name) for f, name in found if name not in defined_in(tree_of(ROOT / f))] == []


def test_numbers_of_trainings_are_those_of_the_code():
    schedule_text, training = text_of("Schedule"), text_of("Training")

    assert f"at least {triggers.REST_SECONDS} s after" in schedule_text
    assert f"{triggers.MIN_FIRST_LABELS} the first time, later {triggers.MIN_NEW_LABELS} or" in schedule_text
    assert f"after {triggers.MIN_SENTENCES} new interactions" in schedule_text
    assert f"longer than {training_job.MAX_SECONDS} s" in training
    assert claims.MAX_ATTEMPTS == 3
    assert "lost three times" in training


def proofs():
    good, none, bad = Interval(0.9, 0.8, 1.0), Interval(0.0, -0.2, 0.2), Interval(-0.5, -0.7, -0.3)
    yield None
    for alpha, threshold in itertools.product((good, none, bad), (0.5, None)):
        yield HoldoutEvaluation(
            labelled=100,
            proved_on=100,
            weight_ratio=1.0,
            limit=0.1,
            delta=0.1,
            answers={"yes": 50, "no": 50},
            alpha=alpha,
            accepted_alpha=alpha,
            threshold=threshold,
            coverage=0.9 if threshold is not None else None,
        )


def all_moves():
    """Return every move that some evidence brings about: from, to and cause."""
    gates = [Gate("human_only"), Gate("assisted"), Gate("automatic", 0.7, "before")]
    for before, proof, ruled, highest, limit, fallen, moved in itertools.product(
        gates,
        proofs(),
        (True, False),
        gate.STATES,
        (0.1, 0.05),
        (None, *gate.FALL_CAUSES),
        (True, False),
    ):
        evidence = Evidence(
            ruled=ruled,
            limit=limit,
            highest=highest,
            model="now" if proof else None,
            proof=proof,
            fallen=fallen,
            cap_moved=moved,
        )
        move = next_state(before, evidence)
        if move is not None:
            yield before.state, move.after.state, move.cause


def test_moves_of_a_gate_are_those_the_code_makes():
    said = {
        (plain(row[0]), plain(row[1]), cause)
        for row in moves("Gate")
        if row[0] != "(new)"
        for cause in codes(row[2])
    }

    assert said == set(all_moves())
    assert {cause for _, _, cause in said} == set(CAUSES)
