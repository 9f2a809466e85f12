"""One training: read the labels, fit outside any transaction, store everything in one commit."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from qm.learning import registry
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
    """The training is no longer ours: it was given to another process, or ended."""


@dataclass(frozen=True, slots=True)
class _TrainingTask:
    """Everything that was read for a training, in one transaction."""

    client_id: uuid.UUID | None
    kind: str
    at: datetime
    version: int
    labels: int
    teach: Callable[[], TrainingResult]


def train(services: Services, held: ClaimedTraining) -> bool:
    """Run a claimed training; tells whether it came to an end, whatever it found.

    What goes wrong is kept with the training, unless the database is to blame: then it is tried again.
    """
    try:
        read = _read(services, held)
        made = read.teach()
        _store(services, held, read, made)
        whose = None if read.client_id is None else str(read.client_id)
        log.info(
            "trained", client=whose, kind=read.kind, labels=read.labels, refused=made.refused, **_names(held)
        )
    except ClaimLost:
        log.warning("training_lost")
        return False
    except Exception as error:
        if is_database_fault(error):
            raise
        log.exception("training_failed", error=error_line(error))
        claims.fail(services.engine, held, error=error_line(error))
    return True


def _names(held: ClaimedTraining) -> dict[str, str]:
    return {"tenant": str(held.tenant_id), "training": str(held.training_id)}


def _read(services: Services, held: ClaimedTraining) -> _TrainingTask:
    key = holdout.holdout_key(services.sampling_key)
    with as_learner(services.engine, held.tenant_id) as session:
        training = _ours(session, held)
        _narrow(session, held, training.client_id)
        version = registry.next_version(session, training.client_id, training.kind)
        present = _present(session, training)
        teach: Callable[[], TrainingResult]
        if training.kind == SENTIMENT:
            felt = sentiment.read_sentiment_dataset(session, split_key=key)
            count = felt.evaluations
            teach = partial(sentiment.train_sentiment, felt, version=version, present=present)
        elif training.kind == CANNED and training.client_id is not None:
            spoken = canned_responses.read_sentences(session, training.client_id)
            count = len(spoken)
            teach = partial(canned_responses.collect_canned_responses, spoken, present=present)
        else:
            client = session.scalars(select(Client).where(Client.client_id == training.client_id)).one()
            memo = _memo(session, client)
            labels = read_dataset(session, DefinitionsCache(), client=client, split_key=key, memo=memo)
            count = len(labels.evaluations)
            limit = float(client.settings.get("disagreement_limit", DEFAULT_SETTINGS["disagreement_limit"]))
            teach = partial(answer_model.train_answers, labels, version=version, limit=limit, present=present)
        return _TrainingTask(training.client_id, training.kind, utc_now(), version, count, teach)


def _narrow(session: Session, held: ClaimedTraining, client_id: uuid.UUID | None) -> None:
    """Stay inside the walls of the client whose people teach; sentiment is taught by all clients."""
    if client_id is not None:
        set_scope(session, Scope(held.tenant_id, (client_id,)))


def _ours(session: Session, held: ClaimedTraining) -> Training:
    found = session.scalars(
        select(Training).where(
            Training.training_id == held.training_id,
            Training.claim_token == held.token,
            Training.state == "running",
        )
    ).one_or_none()
    if found is None:
        raise ClaimLost
    return found


def _present(session: Session, training: Training) -> CurrentModel | None:
    """Return the model in force; one that cannot be read is compared with nothing."""
    model = registry.model_in_force(session, training.client_id, training.kind)
    if model is None or model.fault is not None:
        return None
    try:
        found = read_artefact(
            model.kind, registry.artefact_bytes(session, model.model_id) or b"", model.digest
        )
    except UnreadableModel as error:
        registry.record_fault(session, model.model_id, client_id=model.client_id, fault=error.reason)
        return None
    return CurrentModel(model.model_id, model.card, found)


def _memo(session: Session, client: Client) -> CannedResponses | None:
    """Return what the rules of this client know of canned sentences."""
    found = ModelCache(0).get(session, client.client_id, CANNED)
    return found.model if found is not None and isinstance(found.model, CannedResponses) else None


def _store(services: Services, held: ClaimedTraining, read: _TrainingTask, made: TrainingResult) -> None:
    """Store model, card, lessons and the training's end together, only while the training is ours."""
    with as_learner(services.engine, held.tenant_id) as session:
        _narrow(session, held, read.client_id)
        now = utc_now()
        model = _stored(session, held, read, made, now) if made.artefact is not None else None
        refusals = [*made.refusals]
        if made.rejected is not None:
            refusals.insert(0, refusal_record(made.rejected))
        _finish(
            session,
            held,
            state="refused" if made.refused else "finished",
            refusals=refusals,
            labels=read.labels,
            model_id=model.model_id if model else made.unchanged,
            read_at=read.at,
            finished_at=now,
        )
        audit.record(
            session,
            "training.refused" if made.refused else "training.finished",
            f"training:{held.training_id}",
            client_id=read.client_id,
            kind=read.kind,
            labels=read.labels,
            refused=len(refusals),
            unchanged=made.unchanged is not None,
        )


def _finish(session: Session, held: ClaimedTraining, **values: Any) -> None:
    done = session.execute(
        update(Training)
        .where(
            Training.training_id == held.training_id,
            Training.claim_token == held.token,
            Training.state == "running",
        )
        .values(claim_token=None, lease_until=None, error=None, **values)
        .returning(Training.training_id)
        .execution_options(synchronize_session=False)
    ).all()
    if not done:
        raise ClaimLost


def _stored(
    session: Session, held: ClaimedTraining, read: _TrainingTask, made: TrainingResult, now: datetime
) -> Model:
    artefact = made.artefact or b""
    model = Model(
        tenant_id=held.tenant_id,
        client_id=read.client_id,
        model_id=new_id(),
        kind=read.kind,
        version=read.version,
        state="candidate",
        card=dict(made.card),
        lessons=[dict(each) for each in made.lessons],
        artefact=artefact,
        digest=artefact_digest(artefact),
        training_id=held.training_id,
    )
    session.add(model)
    session.flush()
    before = None
    if made.rejected is None:
        before = registry.put_in_force(session, model, now=now)
        refresh_gates(session, model)
    registry.drop_old_artefacts(session, read.client_id, read.kind)
    audit.record(
        session,
        "model.held_back" if made.rejected else "model.put_in_force",
        f"model:{model.model_id}",
        client_id=read.client_id,
        kind=read.kind,
        version=model.version,
        instead_of=before.version if before else None,
        data_hash=model.card["data_hash"],
        digest=model.digest.hex(),
    )
    return model
