"""Models in force as workers hold them: read when first needed, remembered, bounded in bytes.

A model that cannot be read is no reason to stop: it is noted, logged and counted, and the rules go on alone.
"""

import uuid
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from qm.learning.artefact_loading import ReadableModel, UnreadableModel, read_artefact
from qm.learning.models import ANSWERS, Model
from qm.learning.registry import artefact_of, note_fault

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model in force, ready to be asked."""

    model_id: uuid.UUID
    version: int
    digest: bytes
    model: ReadableModel


class ModelCache:
    """The models one process holds, the longest unused put away first; a model never changes under its id."""

    def __init__(self, most_bytes: int) -> None:
        """Start empty; `most_bytes` bounds what the models take, memos at their fullest.

        The model in use stays even where it alone takes more.
        """
        self._most_bytes = most_bytes
        self._held: OrderedDict[uuid.UUID, LoadedModel] = OrderedDict()

    @property
    def size(self) -> int:
        """Bytes that the models take at most."""
        return sum(each.model.size for each in self._held.values())

    def get(self, session: Session, client_id: uuid.UUID | None, kind: str = ANSWERS) -> LoadedModel | None:
        """Return the model in force of a client, of the provider where it is None; None: rules alone.

        Costs one look at an index, and the artefact only when it is not held yet.
        """
        wanted = (
            Model.client_id.is_not_distinct_from(client_id),
            Model.kind == kind,
            Model.state == "in_force",
        )
        return self._found(session, *wanted)

    def version(self, session: Session, model_id: uuid.UUID) -> LoadedModel | None:
        """Return one version, in force or not; None when it cannot be read or is no longer kept."""
        return self._found(session, Model.model_id == model_id, Model.artefact.is_not(None))

    def _found(self, session: Session, *wanted: ColumnElement[bool]) -> LoadedModel | None:
        columns = (Model.model_id, Model.version, Model.digest, Model.client_id, Model.kind)
        row = session.execute(select(*columns).where(*wanted, Model.fault.is_(None))).one_or_none()
        if row is None:
            return None
        held = self._held.get(row.model_id)
        if held is None:
            held = _loaded(session, row)
            if held is None:
                return None
            self._held[row.model_id] = held
            self._make_room()
        self._held.move_to_end(row.model_id)
        return held

    def _make_room(self) -> None:
        size = self.size
        while size > self._most_bytes and len(self._held) > 1:
            _, oldest = self._held.popitem(last=False)
            size -= oldest.model.size


def _loaded(session: Session, row: Any) -> LoadedModel | None:
    try:
        model = read_artefact(row.kind, artefact_of(session, row.model_id) or b"", row.digest)
    except UnreadableModel as error:
        log.error("model_unreadable", model=str(row.model_id), kind=row.kind, error=error.reason)  # noqa: TRY400
        note_fault(session, row.model_id, client_id=row.client_id, fault=error.reason)
        return None
    return LoadedModel(row.model_id, row.version, row.digest, model)
