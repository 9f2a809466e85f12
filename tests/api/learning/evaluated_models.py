"""Model rows with a holdout evaluation in the model card and an empty artefact."""

from sqlalchemy import select

from qm.learning.models import Model
from scorecards.automation.holdout_evaluation import HoldoutCase, evaluate_holdout
from scorecards.definitions.form import Option, Question
from tenants.models import new_id, utc_now

YES_NO = Question("warm", "?", "yes_no", options=(Option("yes", "Yes", 1.0), Option("no", "No", 0.0)))

CLASSES = {"tone": ("warm", "plain", "cold")}


def proof(share=0.95, n=400, limit=0.1):
    """Prove a question that the machine answers right this often."""
    cases = [
        HoldoutCase(str(place), said, 0.9, said if place % 100 < 100 * share else other, 0.1)
        for place, (said, other) in enumerate([("yes", "no"), ("no", "yes")] * (n // 2))
    ]
    return evaluate_holdout(cases, YES_NO, limit=limit)


def put_in_force(session, client, version, proofs, **card):
    """Put a model in force whose card carries these proofs."""
    for before in session.scalars(select(Model).where(Model.state == "in_force")):
        before.state, before.retired_at = "retired", utc_now()
        session.flush()
    card |= {"questions": [_line(*key, proven) for key, proven in proofs.items()]}
    model = Model(
        tenant_id=client.tenant_id,
        client_id=client.client_id,
        model_id=new_id(),
        kind="answers",
        version=version,
        state="in_force",
        card=card,
        artefact=b"",
        digest=b"",
    )
    session.add(model)
    session.flush()
    return model


def _line(scorecard, question, proven):
    classes = CLASSES.get(question, ("yes", "no"))
    facts = {"classes": list(classes), "unlearned": [], "proof": proven.to_body()}
    return {"scorecard": scorecard, "question": question, **facts}
