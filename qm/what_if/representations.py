"""API representations of comparisons; agents and interactions only for callers with access to them."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from qm.disclosure import SEES_INTERACTIONS
from qm.reports.empathy_report import PILLAR_NAMES
from qm.what_if.answer_changes import QuestionChange, most_changed, question_changes
from qm.what_if.comparison import Comparison, Flips, MeanChange, compare_scores
from qm.what_if.headline import headline
from qm.what_if.rejudging import Rejudging
from tenants.credentials import Actor

NOTHING_TO_COMPARE = "No interaction of this period would be judged by it, so there is nothing to compare."


def comparison_representation(
    comparison: Comparison, actor: Actor, names: Mapping[str, str]
) -> dict[str, Any]:
    """Return a comparison as this caller may see it; `names` holds section names by key."""
    sees_interactions = SEES_INTERACTIONS in actor.scopes
    agents = _keyed_rows(comparison.agents, "agent") if sees_interactions and actor.sees_agents else None
    sections = [{**each, "name": names.get(each["key"])} for each in _keyed_rows(comparison.sections, "key")]
    pillars = [{**each, "name": PILLAR_NAMES[each["key"]]} for each in _keyed_rows(comparison.pillars, "key")]
    before, after = comparison.quarters
    return {
        "evaluations": comparison.evaluations,
        "interactions": comparison.interactions,
        "moved": comparison.moved,
        "total": comparison.total,
        "quarters": {"before": before, "after": after},
        "empathy": comparison.empathy,
        "pass_share": comparison.pass_share,
        "sections": sections,
        "pillars": pillars,
        "bands": comparison.bands,
        "pass_to_fail": _flips(comparison.pass_to_fail, sees_interactions=sees_interactions),
        "fail_to_pass": _flips(comparison.fail_to_pass, sees_interactions=sees_interactions),
        "agents": agents,
    }


def rejudging_representation(rejudging: Rejudging, actor: Actor, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the results of evaluating a sample twice, as this caller may see them."""
    comparison = compare_scores([case.pair for case in rejudging.cases])
    questions = question_changes(rejudging.cases)
    sees_interactions = SEES_INTERACTIONS in actor.scopes
    return {
        "finding": _headline(comparison, questions) if rejudging.cases else NOTHING_TO_COMPARE,
        "interactions": len(rejudging.cases),
        "of": rejudging.of,
        "failed": rejudging.failed,
        "in_time": rejudging.in_time,
        "scorecards": [
            {"scorecard": each[0] if each else None, "version": each[1] if each else None, "interactions": n}
            for each, n in rejudging.scorecards.items()
        ],
        "stored": {"compared": rejudging.stored, "differing": rejudging.differing},
        "comparison": comparison_representation(comparison, actor, names) if rejudging.cases else None,
        "questions": [
            {**asdict(each), "share": each.share.estimate, "low": each.share.low, "high": each.share.high}
            for each in questions
        ],
        "most_changed": [
            {**asdict(each), "agent": each.agent if actor.sees_agents else None}
            for each in most_changed(rejudging.cases)
        ]
        if sees_interactions
        else None,
    }


def holdout_representation(rejudging: Rejudging) -> dict[str, Any]:
    """Return the agreement of both sides with reviewers on held-out reviews."""
    return {
        "interactions": len(rejudging.cases),
        "of": rejudging.of,
        "questions": [each for each in question_changes(rejudging.cases) if each.agreement.n],
    }


def sampling_note(rejudging: Rejudging) -> str:
    """Return a note on how the sample was drawn and how much of it was evaluated."""
    if not rejudging.of:
        return "There is no such interaction in this period. Nothing was stored."
    which = (
        f"All {rejudging.of:,} interactions that it concerns were judged twice"
        if len(rejudging.cases) == rejudging.of
        else f"{len(rejudging.cases):,} of {rejudging.of:,} interactions that it concerns, drawn by chance, "
        "were judged twice"
    )
    late = "" if rejudging.in_time else "; the time was over before the sample was"
    return (
        f"{which}{late}: by what is in force now, and with the change. Brand voice and playbooks are those "
        "of today on both sides, so the difference is the change alone; the intervals say how far all "
        "interactions like these would move. Nothing was stored."
    )


def _headline(comparison: Comparison, questions: Sequence[QuestionChange]) -> str:
    totals = headline(comparison, kind="repeated", incomplete=0)
    changing = [each for each in questions if each.changed]
    if not changing:
        return f"{totals[:-1]}; no answer would change."
    first = changing[0]
    return (
        f"{totals[:-1]}; answers to {len(changing)} of {len(questions)} questions would change, most often "
        f"those to '{first.question}' ({first.changed:,} of {first.asked:,})."
    )


def _keyed_rows(changes: Mapping[str, MeanChange], name: str) -> list[dict[str, Any]]:
    return [{name: key, **asdict(change)} for key, change in changes.items()]


def _flips(flips: Flips, *, sees_interactions: bool) -> dict[str, Any]:
    return {"count": flips.count, "interactions": flips.interactions if sees_interactions else None}


def ids_in(shown: Any) -> Iterator[uuid.UUID]:
    """Return every id that an answer names, of interactions and of other things."""
    if isinstance(shown, uuid.UUID):
        yield shown
    elif isinstance(shown, Mapping):
        for each in shown.values():
            yield from ids_in(each)
    elif isinstance(shown, list | tuple):
        for each in shown:
            yield from ids_in(each)
