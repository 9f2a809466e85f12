"""Column values of human and automatic evaluations."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scorecards.definitions.form import PILLARS
from scorecards.scoring.scoring import FormScore


def pin_versions(versions: Iterable[tuple[str, uuid.UUID, str, int]]) -> dict[str, list[dict[str, Any]]]:
    """Return versions, each as (kind, id, key, number), as stored with an evaluation."""
    named: dict[str, list[dict[str, Any]]] = {}
    for kind, definition_id, key, number in versions:
        named.setdefault(kind, []).append({"id": str(definition_id), "key": key, "version": number})
    return named


def evaluation_columns(
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
        Whether a machine or a reviewer evaluated.
    scorecard_id : UUID or None
        The scorecard version; None if no scorecard applied and there are only findings.
    versions : mapping
        Every definition version used, by kind: ``[{"id", "key", "version"}]``.
    answers : iterable
        The answers with the fields to store: mappings, or `AutomaticAnswer`.
    score : FormScore or None
        The score, from 0 to 100; None if nothing was scored.
    findings : mapping, optional
        Other findings: of the automatic evaluation, or a reviewer's sentiment labels.
    reviewer_id : UUID, optional
        The reviewer; None for automatic evaluations.
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
