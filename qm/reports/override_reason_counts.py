"""Why reviewers answered other than the machine: the reasons they gave, counted by question."""

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any

from sqlalchemy.orm import Session

from qm.disclosure import SEES_INTERACTIONS
from qm.reports.evaluation_pairs import ScorecardVersion, load_scorecard_versions, select_pairs
from qm.reports.report_request import ReportRequest
from qm.reviews.answer_comparison import pair_answers
from qm.reviews.double_scored import current_machine, human, same_current_version
from tenants.credentials import Actor

MOST = 50
"""So many reasons are told, the most frequent ones."""
_CHUNK_SIZE = 200


def count_reasons(
    session: Session, request: ReportRequest, actor: Actor, *, question: str | None = None
) -> list[dict[str, Any]]:
    """Return how often which reason was given for an override, the most frequent first.

    Reasons are free text: they are the same where they differ in spaces and capitals only. Without the scope
    `interactions:read`, only how many were given is told, as they may quote a customer.
    """
    versions: Mapping[Any, ScorecardVersion] = {}
    statement = select_pairs(
        request, actor, human.scorecard_id, human.answers, current_machine.answers, human.override_reasons
    ).where(same_current_version, human.override_reasons != {})
    given: Counter[tuple[str, str, str]] = Counter()
    spelled: dict[str, str] = {}
    with closing(session.execute(statement.execution_options(yield_per=_CHUNK_SIZE))) as rows:
        for scorecard_id, people_said, machine_said, reasons in rows:
            versions = versions or load_scorecard_versions(session, request, actor)
            scorecard = versions[scorecard_id]
            for pair in pair_answers(scorecard.form, people_said, machine_said):
                key = pair.question.key
                if pair.overridden and key in reasons and question in {None, key}:
                    plain = " ".join(reasons[key].split())
                    # Of several spellings the same one, whatever the order of rows.
                    spelled[plain.casefold()] = min(plain, spelled.get(plain.casefold(), plain))
                    given[scorecard.key, key, plain.casefold()] += 1
    if SEES_INTERACTIONS not in actor.scopes:
        return _rows(_by_question(given.items()), {})
    return _rows(given, spelled)


def count_reasons_once(
    session: Session,
    request: ReportRequest,
    actor: Actor,
    *,
    cursor: str | None,
    question: str | None,
    **_: Any,
) -> list[dict[str, Any]] | None:
    """Return what `count_reasons` does for the first page of a list, and None for the others."""
    return None if cursor else count_reasons(session, request, actor, question=question)


def _by_question(given: Iterable[tuple[tuple[str, str, str], int]]) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for (scorecard, question, _), n in given:
        found[scorecard, question, ""] += n
    return found


def _rows(given: Counter[tuple[str, str, str]], spelled: dict[str, str]) -> list[dict[str, Any]]:
    ordered = sorted(given.items(), key=lambda each: (-each[1], each[0]))
    return [
        {"scorecard": scorecard, "question": question, "reason": spelled.get(reason), "n": n}
        for (scorecard, question, reason), n in ordered[:MOST]
    ]
