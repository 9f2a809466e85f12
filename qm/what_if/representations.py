"""Comparisons as a caller may see them: who and which only for those who may look them up."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from qm.disclosure import SEES_INTERACTIONS
from qm.reports.empathy import PILLAR_NAMES
from qm.what_if.answer_changes import QuestionChange, most_changed, question_changes
from qm.what_if.comparison import Change, Comparison, Flips, compare
from qm.what_if.headline import headline
from qm.what_if.rejudging import Rejudging
from tenants.credentials import Actor

NONE_JUDGED = "No interaction of this period would be judged by it, so there is nothing to compare."


def shown(comparison: Comparison, actor: Actor, names: Mapping[str, str]) -> dict[str, Any]:
    """Return a comparison as this caller may see it; `names` are those of sections."""
    sees = SEES_INTERACTIONS in actor.scopes
    agents = _named(comparison.agents, "agent") if sees and actor.sees_agents else None
    named = [{**each, "name": names.get(each["key"])} for each in _named(comparison.sections, "key")]
    pillars = [{**each, "name": PILLAR_NAMES[each["key"]]} for each in _named(comparison.pillars, "key")]
    before, after = comparison.quarters
    return {
        "evaluations": comparison.evaluations,
        "interactions": comparison.interactions,
        "moved": comparison.moved,
        "total": comparison.total,
        "quarters": {"before": before, "after": after},
        "empathy": comparison.empathy,
        "pass_share": comparison.pass_share,
        "sections": named,
        "pillars": pillars,
        "bands": comparison.bands,
        "pass_to_fail": _flips(comparison.pass_to_fail, sees=sees),
        "fail_to_pass": _flips(comparison.fail_to_pass, sees=sees),
        "agents": agents,
    }


def judged_shown(judged: Rejudging, actor: Actor, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what came of judging a sample twice, as this caller may see it."""
    comparison = compare([case.pair for case in judged.cases])
    questions = question_changes(judged.cases)
    sees = SEES_INTERACTIONS in actor.scopes
    return {
        "finding": _finding(comparison, questions) if judged.cases else NONE_JUDGED,
        "interactions": len(judged.cases),
        "of": judged.of,
        "failed": judged.failed,
        "in_time": judged.in_time,
        "scorecards": [
            {"scorecard": each[0] if each else None, "version": each[1] if each else None, "interactions": n}
            for each, n in judged.scorecards.items()
        ],
        "stored": {"compared": judged.stored, "differing": judged.differing},
        "comparison": shown(comparison, actor, names) if judged.cases else None,
        "questions": [
            {**asdict(each), "share": each.share.estimate, "low": each.share.low, "high": each.share.high}
            for each in questions
        ],
        "most_changed": [
            {**asdict(each), "agent": each.agent if actor.sees_agents else None}
            for each in most_changed(judged.cases)
        ]
        if sees
        else None,
    }


def held_out_shown(judged: Rejudging) -> dict[str, Any]:
    """Return how far both sides agree with people on reviews that neither has learned from."""
    return {
        "interactions": len(judged.cases),
        "of": judged.of,
        "questions": [each for each in question_changes(judged.cases) if each.agreement.n],
    }


def drawn_note(judged: Rejudging) -> str:
    """Say how the sample was drawn, and how far it came."""
    if not judged.of:
        return "There is no such interaction in this period. Nothing was stored."
    which = (
        f"All {judged.of:,} interactions that it concerns were judged twice"
        if len(judged.cases) == judged.of
        else f"{len(judged.cases):,} of {judged.of:,} interactions that it concerns, drawn by chance, were "
        "judged twice"
    )
    late = "" if judged.in_time else "; the time was over before the sample was"
    return (
        f"{which}{late}: by what is in force now, and with the change. Brand voice and playbooks are those "
        "of today on both sides, so the difference is the change alone; the intervals say how far all "
        "interactions like these would move. Nothing was stored."
    )


def _finding(comparison: Comparison, questions: Sequence[QuestionChange]) -> str:
    said = headline(comparison, kind="repeated", incomplete=0)
    changing = [each for each in questions if each.changed]
    if not changing:
        return f"{said[:-1]}; no answer would change."
    most = changing[0]
    return (
        f"{said[:-1]}; answers to {len(changing)} of {len(questions)} questions would change, most often "
        f"those to '{most.question}' ({most.changed:,} of {most.asked:,})."
    )


def _named(changes: Mapping[str, Change], name: str) -> list[dict[str, Any]]:
    return [{name: key, **asdict(change)} for key, change in changes.items()]


def _flips(flips: Flips, *, sees: bool) -> dict[str, Any]:
    return {"count": flips.count, "interactions": flips.interactions if sees else None}
