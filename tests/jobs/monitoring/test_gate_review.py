"""Gate review: gates close when recent reviews violate the risk guarantee, and follow the current model."""

import copy
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update

from qm.learning.gate_store import load_gates
from qm.learning.gate_transitions import apply_transitions
from qm.learning.models import GateState, Model
from qm.reviews.models import Evaluation, Review
from scorecards.authoring import versions
from scorecards.automation.gate import Gate
from tenants.clients import change_client, tenant_scope
from tenants.isolation import set_scope, transaction
from tenants.models import AuditEntry, utc_now
from tests.api.learning.evaluated_models import proof, put_in_force
from tests.api.reports.double_scoring import SCORECARD, Pairs, abstained, judged, said
from tests.jobs.training_fixture import TrainingFixture
from workers.monitoring import gate_review

GATES = "/v1/clients/northwind/gates"
HEARS = ("care", "hears")
FAMILIAR = {"mean": 0.8, "sd": 0.1, "n": 400}

RULED = copy.deepcopy(SCORECARD)
RULED["sections"][0]["questions"][0]["auto"] = "validates_feeling"


class GateReviewScenario:
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
            apply_transitions(session, self.client, proofs, self.model)
        return self.model.model_id

    def review(self, times, human, machine, *, model="now", familiarity=0.8, **given):
        """Store double-scored interactions, judged by the model in force unless told otherwise."""
        model_id = self.model.model_id if model == "now" else model
        findings = {"model": {"model_id": str(model_id), "version": 1, "familiarity": familiarity}}
        answers = [machine] if isinstance(machine, dict) else [judged("hears", machine, source="model")]
        given = {"at": utc_now(), "findings": findings if model_id else {}} | given
        return self.pairs.add(times, [said("hears", human)], answers, **given)

    def review_gates(self):
        return gate_review.review_gates(self.provider.services.engine, self.provider.tenant.tenant_id)

    @property
    def gate(self):
        with self.provider.session() as session:
            return load_gates(session, self.client.client_id).get(HEARS)

    @property
    def causes(self):
        with self.provider.session() as session:
            moves = select(AuditEntry).where(AuditEntry.action == "gate.moved")
            found = session.scalars(moves.order_by(AuditEntry.number))
            return [each.details["cause"] for each in found]


@pytest.fixture
def scenario(provider):
    return GateReviewScenario(provider)


def test_reviews_that_agree_leave_the_gate_open(scenario):
    model = scenario.open()
    scenario.review(60, "yes", "yes")
    scenario.review(60, "no", "no")
    assert scenario.review_gates() == 0
    assert scenario.gate == Gate("automatic", 0.0, str(model))


def test_gate_closes_if_recent_reviews_violate_risk_guarantee(scenario):
    scenario.open()
    scenario.review(30, "yes", "yes")
    scenario.review(20, "no", "yes")
    assert scenario.review_gates() == 1
    assert scenario.gate == Gate("assisted")
    assert scenario.causes == ["proved", "agreement_drift"]


def test_closed_gate_reopens_only_for_newly_evaluated_model(scenario):
    scenario.open()
    scenario.review(50, "no", "yes")
    scenario.review_gates()
    assert scenario.review_gates() == 0
    assert scenario.gate.state != "automatic"
    second = scenario.open()
    assert scenario.gate == Gate("automatic", 0.0, str(second))


def test_restored_model_does_not_reopen_gate_after_agreement_drift(scenario):
    first = scenario.open()
    scenario.review(30, "yes", "yes")
    scenario.review(20, "no", "yes")
    scenario.review_gates()
    scenario.open()
    with scenario.provider.session() as session:
        session.execute(update(Model).where(Model.state == "in_force").values(state="retired"))
        session.execute(update(Model).where(Model.model_id == first).values(state="in_force"))
    scenario.review_gates()
    assert scenario.gate == Gate("assisted")


@pytest.mark.parametrize(
    "given",
    [
        {"model": "0198c2f0-0000-7000-8000-000000000001"},
        {"model": None},
        {"targeted": True},
        {"state": "cancelled"},
    ],
)
def test_gate_review_ignores_other_models_targeted_and_cancelled_reviews(scenario, given):
    scenario.open()
    scenario.review(60, "no", "yes", **given)
    assert scenario.review_gates() == 0


def test_gate_review_ignores_evaluations_created_after_review(scenario):
    scenario.open()
    scenario.review(60, "no", "yes")
    with scenario.provider.session() as session:
        later = Evaluation.created_at + timedelta(days=1)
        session.execute(update(Evaluation).where(Evaluation.kind == "automatic").values(created_at=later))
    assert scenario.review_gates() == 0


def test_gate_review_ignores_reviews_older_than_90_days(scenario):
    scenario.open()
    scenario.review(60, "no", "yes")
    with scenario.provider.session() as session:
        session.execute(update(Review).values(created_at=utc_now() - timedelta(days=91)))
    assert scenario.review_gates() == 0


def test_gate_review_ignores_abstentions(scenario):
    scenario.open()
    scenario.review(60, "no", abstained("hears"))
    assert scenario.review_gates() == 0


def test_gate_review_of_model_ignores_rule_answers(scenario):
    scenario.open()
    scenario.review(60, "no", judged("hears", "yes", source="rule"))
    assert scenario.review_gates() == 0


def test_input_drift_closes_gate(scenario):
    scenario.open(familiarity=FAMILIAR)
    scenario.review(60, "yes", "yes", familiarity=0.5)
    assert scenario.review_gates() == 1
    assert scenario.causes == ["proved", "input_drift"]


def test_gate_stays_open_without_input_drift(scenario):
    scenario.open(familiarity=FAMILIAR)
    scenario.review(60, "yes", "yes", familiarity=0.79)
    assert scenario.review_gates() == 0


def test_rule_worse_than_chance_becomes_human_only_without_model(scenario):
    scenario.pairs.version = scenario.pairs.publish(RULED)
    for human, machine in (("yes", "no"), ("no", "yes")):
        scenario.review(30, human, machine, model=None)
    assert scenario.review_gates() == 1
    assert scenario.gate == Gate("human_only")
    assert scenario.causes == ["worse_than_chance"]


def test_gate_review_follows_model_restored_directly_in_database(scenario):
    scenario.open(proof(0.8))
    first = scenario.open()
    scenario.open(proof(0.8))
    with scenario.provider.session() as session:
        session.execute(update(Model).where(Model.state == "in_force").values(state="retired"))
        session.execute(update(Model).where(Model.model_id == first).values(state="in_force"))
    assert scenario.review_gates() == 1
    assert scenario.gate == Gate("automatic", 0.0, str(first))


def test_gates_close_when_the_question_offers_other_options_than_were_learned(scenario):
    scenario.open()
    changed = copy.deepcopy(SCORECARD)
    options = [
        {"key": key, "label": key, "value": value} for key, value in (("yes", 1), ("part", 0.5), ("no", 0))
    ]
    changed["sections"][0]["questions"][0] |= {"kind": "single", "options": options}
    with scenario.provider.session() as session:
        versions.put_in_force(session, scenario.client, kind="scorecard", key="care", body=changed)
    assert scenario.review_gates() == 1
    assert scenario.gate == Gate("human_only")
    assert scenario.causes[-1] == "no_model"


def test_gates_close_when_the_model_cannot_be_read(scenario):
    scenario.open()
    with scenario.provider.session() as session:
        session.execute(update(Model).values(fault="it is torn"))
    assert scenario.review_gates() == 1
    assert scenario.gate == Gate("human_only")


def test_gate_closes_if_client_lowers_disagreement_limit(scenario):
    scenario.open()
    with scenario.provider.session() as session:
        client = session.merge(scenario.client)
        change_client(session, client, settings={"disagreement_limit": 0.05})
    assert scenario.review_gates() == 1
    assert scenario.causes == ["proved", "limit_lowered"]


def test_gate_review_stores_recent_evidence_with_gate(scenario):
    scenario.open()
    scenario.review(60, "yes", "yes")
    scenario.review_gates()
    with scenario.provider.session() as session:
        (row,) = session.scalars(select(GateState))
    assert row.evidence["recent"]["answered"] == 60


def test_gate_review_skips_pairs_query_without_new_reviews(scenario):
    scenario.open()
    scenario.review(60, "yes", "yes")
    scenario.review_gates()
    statements = []
    engine = scenario.provider.services.engine
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    scenario.review_gates()
    assert not any("as machine_answers" in each.lower() for each in statements)
    scenario.review(1, "yes", "yes")
    scenario.review_gates()
    assert any("as machine_answers" in each.lower() for each in statements)


def test_gate_review_skips_clients_without_model_gate_or_recent_review(scenario):
    def looks():
        with transaction(scenario.provider.services.engine) as session:
            set_scope(session, tenant_scope(session, scenario.provider.tenant.tenant_id))
            return gate_review._clients_to_review(session, scenario.provider.tenant.tenant_id)

    assert looks() == []
    scenario.pairs.add(1, [said("hears", "yes")], [judged("hears", "yes")])
    assert looks() == [scenario.client.client_id]
    with scenario.provider.session() as session:
        session.execute(update(Review).values(created_at=utc_now() - timedelta(days=91)))
    assert looks() == []
    cap = {"highest": "human_only", "reason": "Wait for the new form."}
    assert scenario.provider.caller().put(f"{GATES}/care/hears", json=cap).status_code == 200
    assert looks() == [scenario.client.client_id]


def test_gate_review_includes_client_with_model_before_any_review(scenario):
    scenario.open()
    assert scenario.review_gates() == 0
    assert scenario.client.client_id in gate_review._last_review


def test_gate_review_error_of_one_client_does_not_affect_other_clients(make_provider, capsys):
    provider = make_provider("northwind", "southsea")
    scenario = GateReviewScenario(provider)
    scenario.open()
    scenario.review(60, "no", "yes")
    with provider.session() as session:
        torn = session.merge(provider.clients["southsea"])
        torn.settings = {"disagreement_limit": "a tenth"}
        versions.put_in_force(session, torn, kind="scorecard", key="care", body=RULED)
        put_in_force(session, torn, 1, {HEARS: proof()})
    assert scenario.review_gates() == 1
    assert "gates_not_kept" in capsys.readouterr().out


def test_training_opens_gates_and_restored_model_keeps_gate_open(make_provider):
    training_fixture = TrainingFixture(make_provider("northwind"))
    manager = training_fixture.provider.caller()
    training_fixture.teach(300)
    training_fixture.train(manager)
    first = manager.get("/v1/models?client=northwind").json["data"][0]["id"]
    training_fixture.teach(60, seed=5)
    training_fixture.train(manager)
    assert manager.post(f"/v1/models/{first}/restore").status_code == 200
    (gate,) = [each for each in manager.get(GATES).json["data"] if each["question"] == "warm"]
    assert (gate["state"], gate["model_id"]) == ("automatic", first)
    assert [each["cause"] for each in gate["history"]] == ["proved_again", "proved_again", "proved"]
