"""The gatekeeper: gates fall when recent interactions contradict them, and follow the model in force."""

import copy
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update

from qm.learning.gate_store import gates_of
from qm.learning.gate_transitions import settle
from qm.learning.models import GateState, Model
from qm.reviews.models import Evaluation, Review
from scorecards.authoring import versions
from scorecards.automation.gate import Gate
from tenants.clients import change_client, whole_scope
from tenants.isolation import set_scope, transaction
from tenants.models import AuditEntry, utc_now
from tests.api.learning.evaluated_models import proof, put_in_force
from tests.api.reports.double_scoring import SCORECARD, Pairs, abstained, judged, said
from tests.jobs.training_fixture import Classroom
from workers.monitoring import gate_review

GATES = "/v1/clients/northwind/gates"
HEARS = ("care", "hears")
FAMILIAR = {"mean": 0.8, "sd": 0.1, "n": 400}

RULED = copy.deepcopy(SCORECARD)
RULED["sections"][0]["questions"][0]["auto"] = "validates_feeling"


class Gatehouse:
    """A client with a model in force whose promise may be broken by what is written here."""

    def __init__(self, provider):
        self.provider, self.pairs = provider, Pairs(provider)
        self.client = provider.clients["northwind"]
        self.version = 0

    def open(self, proven=None, **card):
        proofs = {HEARS: proven or proof()}
        with self.provider.session() as session:
            self.version += 1
            self.model = put_in_force(session, self.client, self.version, proofs, **card)
            settle(session, self.client, proofs, self.model)
        return self.model.model_id

    def review(self, times, human, machine, *, model="now", familiarity=0.8, **given):
        """Store double-scored interactions, judged by the model in force unless told otherwise."""
        model_id = self.model.model_id if model == "now" else model
        findings = {"model": {"model_id": str(model_id), "version": 1, "familiarity": familiarity}}
        answers = [machine] if isinstance(machine, dict) else [judged("hears", machine, source="model")]
        given = {"at": utc_now(), "findings": findings if model_id else {}} | given
        return self.pairs.add(times, [said("hears", human)], answers, **given)

    def look(self):
        return gate_review.keep(self.provider.services.engine, self.provider.tenant.tenant_id)

    @property
    def gate(self):
        with self.provider.session() as session:
            return gates_of(session, self.client.client_id).get(HEARS)

    @property
    def causes(self):
        with self.provider.session() as session:
            moves = select(AuditEntry).where(AuditEntry.action == "gate.moved")
            found = session.scalars(moves.order_by(AuditEntry.number))
            return [each.details["cause"] for each in found]


@pytest.fixture
def house(provider):
    return Gatehouse(provider)


def test_reviews_that_agree_leave_the_gate_open(house):
    model = house.open()
    house.review(60, "yes", "yes")
    house.review(60, "no", "no")
    assert house.look() == 0
    assert house.gate == Gate("automatic", 0.0, str(model))


def test_reviews_that_contradict_the_promise_close_the_gate(house):
    house.open()
    house.review(30, "yes", "yes")
    house.review(20, "no", "yes")
    assert house.look() == 1
    assert house.gate == Gate("assisted")
    assert house.causes == ["proved", "agreement_drift"]


def test_a_gate_that_fell_stays_closed_until_another_model_proves_itself(house):
    house.open()
    house.review(50, "no", "yes")
    house.look()
    assert house.look() == 0
    assert house.gate.state != "automatic"
    second = house.open()
    assert house.gate == Gate("automatic", 0.0, str(second))


def test_a_model_that_fell_before_does_not_rise_when_it_is_put_back(house):
    first = house.open()
    house.review(30, "yes", "yes")
    house.review(20, "no", "yes")
    house.look()
    house.open()
    with house.provider.session() as session:
        session.execute(update(Model).where(Model.state == "in_force").values(state="retired"))
        session.execute(update(Model).where(Model.model_id == first).values(state="in_force"))
    house.look()
    assert house.gate == Gate("assisted")


@pytest.mark.parametrize(
    "given",
    [
        {"model": "0198c2f0-0000-7000-8000-000000000001"},
        {"model": None},
        {"targeted": True},
        {"state": "cancelled"},
    ],
)
def test_what_another_model_judged_or_chance_did_not_draw_says_nothing(house, given):
    house.open()
    house.review(60, "no", "yes", **given)
    assert house.look() == 0


def test_what_the_model_said_after_the_review_says_nothing(house):
    house.open()
    house.review(60, "no", "yes")
    with house.provider.session() as session:
        later = Evaluation.created_at + timedelta(days=1)
        session.execute(update(Evaluation).where(Evaluation.kind == "automatic").values(created_at=later))
    assert house.look() == 0


def test_reviews_of_long_ago_say_nothing(house):
    house.open()
    house.review(60, "no", "yes")
    with house.provider.session() as session:
        session.execute(update(Review).values(created_at=utc_now() - timedelta(days=91)))
    assert house.look() == 0


def test_what_the_machine_left_to_people_is_not_held_against_it(house):
    house.open()
    house.review(60, "no", abstained("hears"))
    assert house.look() == 0


def test_an_answer_by_a_rule_is_not_held_against_the_model(house):
    house.open()
    house.review(60, "no", judged("hears", "yes", source="rule"))
    assert house.look() == 0


def test_unfamiliar_conversations_close_the_gate(house):
    house.open(familiarity=FAMILIAR)
    house.review(60, "yes", "yes", familiarity=0.5)
    assert house.look() == 1
    assert house.causes == ["proved", "input_drift"]


def test_familiar_conversations_leave_the_gate_open(house):
    house.open(familiarity=FAMILIAR)
    house.review(60, "yes", "yes", familiarity=0.79)
    assert house.look() == 0


def test_a_rule_that_agrees_less_than_chance_is_silenced_without_any_model(house):
    house.pairs.version = house.pairs.publish(RULED)
    for human, machine in (("yes", "no"), ("no", "yes")):
        house.review(30, human, machine, model=None)
    assert house.look() == 1
    assert house.gate == Gate("human_only")
    assert house.causes == ["worse_than_chance"]


def test_gates_follow_a_model_that_was_put_back_without_a_word(house):
    house.open(proof(0.8))
    first = house.open()
    house.open(proof(0.8))
    with house.provider.session() as session:
        session.execute(update(Model).where(Model.state == "in_force").values(state="retired"))
        session.execute(update(Model).where(Model.model_id == first).values(state="in_force"))
    assert house.look() == 1
    assert house.gate == Gate("automatic", 0.0, str(first))


def test_gates_close_when_the_question_offers_other_options_than_were_learned(house):
    house.open()
    changed = copy.deepcopy(SCORECARD)
    options = [
        {"key": key, "label": key, "value": value} for key, value in (("yes", 1), ("part", 0.5), ("no", 0))
    ]
    changed["sections"][0]["questions"][0] |= {"kind": "single", "options": options}
    with house.provider.session() as session:
        versions.put_in_force(session, house.client, kind="scorecard", key="care", body=changed)
    assert house.look() == 1
    assert house.gate == Gate("human_only")
    assert house.causes[-1] == "no_model"


def test_gates_close_when_the_model_cannot_be_read(house):
    house.open()
    with house.provider.session() as session:
        session.execute(update(Model).values(fault="it is torn"))
    assert house.look() == 1
    assert house.gate == Gate("human_only")


def test_a_client_that_accepts_less_disagreement_gets_no_more_than_was_promised(house):
    house.open()
    with house.provider.session() as session:
        client = session.merge(house.client)
        change_client(session, client, settings={"disagreement_limit": 0.05})
    assert house.look() == 1
    assert house.causes == ["proved", "limit_lowered"]


def test_what_recent_reviews_show_is_kept_with_the_gate(house):
    house.open()
    house.review(60, "yes", "yes")
    house.look()
    with house.provider.session() as session:
        (row,) = session.scalars(select(GateState))
    assert row.evidence["recent"]["answered"] == 60


def test_nothing_is_read_twice_while_no_review_comes(house):
    house.open()
    house.review(60, "yes", "yes")
    house.look()
    statements = []
    engine = house.provider.services.engine
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    house.look()
    assert not any("as judged" in each.lower() for each in statements)
    house.review(1, "yes", "yes")
    house.look()
    assert any("as judged" in each.lower() for each in statements)


def test_a_client_without_model_gate_or_recent_review_costs_no_look_of_its_own(house):
    def looks():
        with transaction(house.provider.services.engine) as session:
            set_scope(session, whole_scope(session, house.provider.tenant.tenant_id))
            return gate_review._with_something_to_keep(session, house.provider.tenant.tenant_id)

    assert looks() == []
    house.pairs.add(1, [said("hears", "yes")], [judged("hears", "yes")])
    assert looks() == [house.client.client_id]
    with house.provider.session() as session:
        session.execute(update(Review).values(created_at=utc_now() - timedelta(days=91)))
    assert looks() == []
    cap = {"highest": "human_only", "reason": "Wait for the new form."}
    assert house.provider.caller().put(f"{GATES}/care/hears", json=cap).status_code == 200
    assert looks() == [house.client.client_id]


def test_a_client_with_a_model_in_force_is_looked_at_before_any_review(house):
    house.open()
    assert house.look() == 0
    assert house.client.client_id in gate_review._looked


def test_a_client_whose_gates_cannot_be_looked_at_harms_no_other(make_provider, capsys):
    provider = make_provider("northwind", "southsea")
    house = Gatehouse(provider)
    house.open()
    house.review(60, "no", "yes")
    with provider.session() as session:
        torn = session.merge(provider.clients["southsea"])
        torn.settings = {"disagreement_limit": "a tenth"}
        versions.put_in_force(session, torn, kind="scorecard", key="care", body=RULED)
        put_in_force(session, torn, 1, {HEARS: proof()})
    assert house.look() == 1
    assert "gates_not_kept" in capsys.readouterr().out


def test_a_training_opens_gates_and_a_model_put_back_brings_its_own(make_provider):
    room = Classroom(make_provider("northwind"))
    manager = room.provider.caller()
    room.teach(300)
    room.train(manager)
    first = manager.get("/v1/models?client=northwind").json["data"][0]["id"]
    room.teach(60, seed=5)
    room.train(manager)
    assert manager.post(f"/v1/models/{first}/restore").status_code == 200
    (gate,) = [each for each in manager.get(GATES).json["data"] if each["question"] == "warm"]
    assert (gate["state"], gate["model_id"]) == ("automatic", first)
    assert [each["cause"] for each in gate["history"]] == ["proved_again", "proved_again", "proved"]
