"""From a filled-in scorecard to the row that is kept, whoever filled it in."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scorecards.definitions.form import PILLARS
from scorecards.scoring.scoring import FormScore


def pinned(versions: Iterable[tuple[str, uuid.UUID, str, int]]) -> dict[str, list[dict[str, Any]]]:
    """Return versions, each as (kind, id, key, number), as an evaluation keeps them."""
    named: dict[str, list[dict[str, Any]]] = {}
    for kind, definition_id, key, number in versions:
        named.setdefault(kind, []).append({"id": str(definition_id), "key": key, "version": number})
    return named


def row_of(
    *,
    kind: str,
    scorecard_id: uuid.UUID | None,
    versions: Mapping[str, Sequence[Mapping[str, Any]]],
    answers: Iterable[Any],
    score: FormScore | None,
    findings: Mapping[str, Any] | None = None,
    reviewer_id: uuid.UUID | None = None,
) -> dict[str, Any]:
    """
    Return the columns of an evaluation, without the ids of what it evaluates.

    Parameters
    ----------
    kind : {'automatic', 'human'}
        Who filled the scorecard in.
    scorecard_id : UUID or None
        The version of the scorecard; None when no scorecard applied and only findings are kept.
    versions : mapping
        Every version the judgement rests on, by kind of definition: ``[{"id", "key", "version"}]``.
    answers : iterable
        The answers with the fields that are stored and shown: mappings, or the machine's own.
    score : FormScore or None
        What the answers come to; points of 100, None where nothing was scored.
    findings : mapping, optional
        What the machine found besides; people give none.
    reviewer_id : UUID, optional
        The person; None for the machine.
    """
    pillars = score.pillars if score else {}
    return {
        "kind": kind,
        "reviewer_id": reviewer_id,
        "scorecard_id": scorecard_id,
        "versions": dict(versions),
        "answers": list(answers),
        "sections": score.sections if score else {},
        "findings": dict(findings or {}),
        "critical": list(score.critical) if score else [],
        "score": score.total if score else None,
        "outcome": score.outcome if score else None,
        "band": score.band if score else None,
        "empathy": score.empathy if score else None,
        **{pillar: pillars.get(pillar) for pillar in PILLARS},
    }
