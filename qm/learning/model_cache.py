"""A least-recently-used cache of models in worker processes, bounded in bytes.

A model that cannot be read is recorded as faulty, logged and counted; scoring goes on with rules alone.
"""

import uuid
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from qm.learning.artefact_loading import ReadableModel, UnreadableModel, read_artefact
from qm.learning.model_registry import artefact_bytes, record_fault
from qm.learning.models import ANSWERS, Model

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A deserialized model with its id and version."""

    model_id: uuid.UUID
    version: int
    digest: bytes
    model: ReadableModel


class ModelCache:
    """The models of one process, least recently used evicted first; a model never changes under its id."""

    def __init__(self, max_bytes: int) -> None:
        """Start empty; `max_bytes` limits the size of all models, with full score caches.

        The model used last is kept even if it alone exceeds the limit.
        """
        self._max_bytes = max_bytes
        self._models: OrderedDict[uuid.UUID, LoadedModel] = OrderedDict()

    @property
    def size(self) -> int:
        """Upper bound of the bytes that the models take."""
        return sum(each.model.size for each in self._models.values())

    def get(self, session: Session, client_id: uuid.UUID | None, kind: str = ANSWERS) -> LoadedModel | None:
        """Return the model in force of a client, or of the provider if `client_id` is None; None without one.

        Costs one index lookup; the artefact is read only on a cache miss.
        """
        conditions = (
            Model.client_id.is_not_distinct_from(client_id),
            Model.kind == kind,
            Model.state == "in_force",
        )
        return self._load_one(session, *conditions)

    def get_version(self, session: Session, model_id: uuid.UUID) -> LoadedModel | None:
        """Return one version, in force or not; None if it is unreadable or its artefact was deleted."""
        return self._load_one(session, Model.model_id == model_id, Model.artefact.is_not(None))

    def _load_one(self, session: Session, *conditions: ColumnElement[bool]) -> LoadedModel | None:
        columns = (Model.model_id, Model.version, Model.digest, Model.client_id, Model.kind)
        row = session.execute(select(*columns).where(*conditions, Model.fault.is_(None))).one_or_none()
        if row is None:
            return None
        loaded = self._models.get(row.model_id)
        if loaded is None:
            loaded = _read_model(session, row)
            if loaded is None:
                return None
            self._models[row.model_id] = loaded
            self._evict()
        self._models.move_to_end(row.model_id)
        return loaded

    def _evict(self) -> None:
        size = self.size
        while size > self._max_bytes and len(self._models) > 1:
            _, oldest = self._models.popitem(last=False)
            size -= oldest.model.size


def _read_model(session: Session, row: Any) -> LoadedModel | None:
    try:
        model = read_artefact(row.kind, artefact_bytes(session, row.model_id) or b"", row.digest)
    except UnreadableModel as error:
        log.error("model_unreadable", model=str(row.model_id), kind=row.kind, error=error.reason)  # noqa: TRY400
        record_fault(session, row.model_id, client_id=row.client_id, fault=error.reason)
        return None
    return LoadedModel(row.model_id, row.version, row.digest, model)
