"""One training: read the data, fit outside any transaction, store everything in one commit."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from qm.learning import model_registry
from qm.learning.artefact_loading import UnreadableModel, artefact_digest, read_artefact
from qm.learning.gate_transitions import refresh_gates
from qm.learning.model_cache import ModelCache
from qm.learning.models import CANNED, SENTIMENT, Model, Training
from qm.services import Services
from scorecards.autoscore.annotation.canned_responses import CannedResponses
from scorecards.sampling import holdout
from tenants import audit
from tenants.clients import DEFAULT_SETTINGS
from tenants.isolation import Scope, set_scope
from tenants.models import Client, new_id, utc_now
from workers.database_errors import error_line, is_database_fault
from workers.definitions_cache import DefinitionsCache
from workers.training import answer_model, canned_responses, claims, sentiment
from workers.training.claims import ClaimedTraining, as_learner
from workers.training.dataset import read_dataset
from workers.training.result import CurrentModel, TrainingResult, refusal_record

log = structlog.get_logger(__name__)


class ClaimLost(Exception):
    """The claim on the training is gone: another process has it, or it has ended."""


@dataclass(frozen=True, slots=True)
class _TrainingTask:
    """Everything that was read for a training, in one transaction; `fit` runs it outside of any."""

    client_id: uuid.UUID | None
    kind: str
    read_at: datetime
    version: int
    labels: int
    fit: Callable[[], TrainingResult]


def train(services: Services, claim: ClaimedTraining) -> bool:
    """Run a claimed training; tells whether it came to an end, whatever its result.

    An error is stored with the training, unless the database is at fault: then it is raised, for a retry.
    """
    try:
        task = _read(services, claim)
        result = task.fit()
        _store(services, claim, task, result)
        log.info(
            "trained",
            client=None if task.client_id is None else str(task.client_id),
            kind=task.kind,
            labels=task.labels,
            refused=result.refused,
            tenant=str(claim.tenant_id),
            training=str(claim.training_id),
        )
    except ClaimLost:
        log.warning("training_lost")
        return False
    except Exception as error:
        if is_database_fault(error):
            raise
        log.exception("training_failed", error=error_line(error))
        claims.fail(services.engine, claim, error=error_line(error))
    return True


def _read(services: Services, claim: ClaimedTraining) -> _TrainingTask:
    key = holdout.holdout_key(services.sampling_key)
    with as_learner(services.engine, claim.tenant_id) as session:
        training = _claimed_row(session, claim)
        _restrict_to_client(session, claim, training.client_id)
        version = model_registry.next_version(session, training.client_id, training.kind)
        current = _current_model(session, training)
        fit: Callable[[], TrainingResult]
        if training.kind == SENTIMENT:
            labelled = sentiment.read_sentiment_dataset(session, holdout_key=key)
            count = labelled.evaluations
            fit = partial(sentiment.train_sentiment, labelled, version=version, current=current)
        elif training.kind == CANNED and training.client_id is not None:
            conversations = canned_responses.read_conversations(session, training.client_id)
            count = len(conversations)
            fit = partial(canned_responses.collect_canned_responses, conversations, current=current)
        else:
            client = session.scalars(select(Client).where(Client.client_id == training.client_id)).one()
            dataset = read_dataset(
                session,
                DefinitionsCache(),
                client=client,
                holdout_key=key,
                canned_responses=_canned_responses(session, client),
            )
            count = len(dataset.evaluations)
            limit = float(client.settings.get("disagreement_limit", DEFAULT_SETTINGS["disagreement_limit"]))
            fit = partial(answer_model.train_answers, dataset, version=version, limit=limit, current=current)
        return _TrainingTask(training.client_id, training.kind, utc_now(), version, count, fit)


def _restrict_to_client(session: Session, claim: ClaimedTraining, client_id: uuid.UUID | None) -> None:
    """Set row-level security to the client whose labels are used; sentiment uses those of all clients."""
    if client_id is not None:
        set_scope(session, Scope(claim.tenant_id, (client_id,)))


def _claimed_row(session: Session, claim: ClaimedTraining) -> Training:
    found = session.scalars(
        select(Training).where(
            Training.training_id == claim.training_id,
            Training.claim_token == claim.token,
            Training.state == "running",
        )
    ).one_or_none()
    if found is None:
        raise ClaimLost
    return found


def _current_model(session: Session, training: Training) -> CurrentModel | None:
    """Return the model in force; None if there is none or it cannot be read."""
    model = model_registry.model_in_force(session, training.client_id, training.kind)
    if model is None or model.fault is not None:
        return None
    try:
        found = read_artefact(
            model.kind, model_registry.artefact_bytes(session, model.model_id) or b"", model.digest
        )
    except UnreadableModel as error:
        model_registry.record_fault(session, model.model_id, client_id=model.client_id, fault=error.reason)
        return None
    return CurrentModel(model.model_id, model.card, found)


def _canned_responses(session: Session, client: Client) -> CannedResponses | None:
    """Return the canned responses that this client's rules use."""
    found = ModelCache(0).get(session, client.client_id, CANNED)
    return found.model if found is not None and isinstance(found.model, CannedResponses) else None


def _store(services: Services, claim: ClaimedTraining, task: _TrainingTask, result: TrainingResult) -> None:
    """Store the model and the end of the training in one commit, only while the claim holds."""
    with as_learner(services.engine, claim.tenant_id) as session:
        _restrict_to_client(session, claim, task.client_id)
        now = utc_now()
        model = _store_model(session, claim, task, result, now) if result.artefact is not None else None
        refusals = [*result.refusals]
        if result.rejected is not None:
            refusals.insert(0, refusal_record(result.rejected))
        _finish(
            session,
            claim,
            state="refused" if result.refused else "finished",
            refusals=refusals,
            labels=task.labels,
            model_id=model.model_id if model else result.unchanged,
            read_at=task.read_at,
            finished_at=now,
        )
        audit.record(
            session,
            "training.refused" if result.refused else "training.finished",
            f"training:{claim.training_id}",
            client_id=task.client_id,
            kind=task.kind,
            labels=task.labels,
            refused=len(refusals),
            unchanged=result.unchanged is not None,
        )


def _finish(session: Session, claim: ClaimedTraining, **values: Any) -> None:
    done = session.execute(
        update(Training)
        .where(
            Training.training_id == claim.training_id,
            Training.claim_token == claim.token,
            Training.state == "running",
        )
        .values(claim_token=None, lease_until=None, error=None, **values)
        .returning(Training.training_id)
        .execution_options(synchronize_session=False)
    ).all()
    if not done:
        raise ClaimLost


def _store_model(
    session: Session, claim: ClaimedTraining, task: _TrainingTask, result: TrainingResult, now: datetime
) -> Model:
    artefact = result.artefact or b""
    model = Model(
        tenant_id=claim.tenant_id,
        client_id=task.client_id,
        model_id=new_id(),
        kind=task.kind,
        version=task.version,
        state="candidate",
        card=dict(result.card),
        lessons=[dict(each) for each in result.overrides],
        artefact=artefact,
        digest=artefact_digest(artefact),
        training_id=claim.training_id,
    )
    session.add(model)
    session.flush()
    before = None
    if result.rejected is None:
        before = model_registry.put_in_force(session, model, now=now)
        refresh_gates(session, model)
    model_registry.drop_old_artefacts(session, task.client_id, task.kind)
    audit.record(
        session,
        "model.held_back" if result.rejected else "model.put_in_force",
        f"model:{model.model_id}",
        client_id=task.client_id,
        kind=task.kind,
        version=model.version,
        instead_of=before.version if before else None,
        data_hash=model.card["data_hash"],
        digest=model.digest.hex(),
    )
    return model
