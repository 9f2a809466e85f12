"""What-if analysis of a scorecard before it is published: which scores would change, and by how much."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from qm.reports.arguments import period_from_arguments
from qm.reports.report_request import FILTERS
from qm.reviews.blindness import visible_evaluations
from qm.what_if.answer_mapping import REASONS
from qm.what_if.candidate_models import current_models
from qm.what_if.comparison import compare_scores
from qm.what_if.headline import headline
from qm.what_if.judge_sets import build_judge_set
from qm.what_if.rejudging import MAX_SECONDS, rejudge, segments_judged_by
from qm.what_if.representations import comparison_representation, rejudging_representation, sampling_note
from qm.what_if.rescoring import RescoredEvaluation, Rescoring, RescoringQuery, rescore_evaluations
from qm.what_if.sample import SampleQuery, draw_sample
from scorecards.authoring import version_queries
from scorecards.authoring.models import Definition
from scorecards.authoring.validation import faults_of
from scorecards.definitions.form import Form
from tenants.clients import time_zone_of
from tenants.credentials import Actor
from tenants.http.faults import Conflict, Fault, Invalid, NotFound
from tenants.models import Client, utc_now

KINDS = ("automatic", "human")
Body = Mapping[str, Any]


def scorecard_what_if(
    session: Session,
    actor: Actor,
    client: Client,
    *,
    key: str,
    body: Body | None,
    arguments: Mapping[str, Any],
) -> dict[str, Any]:
    """Rescore the evaluations of a period with the draft, a version or a body of a scorecard.

    Raises
    ------
    Invalid
        With all faults that prevent publishing this scorecard, or when both a version and a body are given.
    Conflict
        When neither version nor body is given and there is no draft.
    """
    versions = _stored_versions(session, client, key)
    source, number, scorecard = _select_scorecard(versions, arguments.get("version"), body)
    faults = faults_of("scorecard", scorecard)
    if faults:
        raise Invalid(faults)
    query = RescoringQuery(
        client=client,
        period=period_from_arguments(arguments, time_zone_of(client)),
        versions=versions,
        filters={name: arguments[name] for name in FILTERS if name in arguments},
        visible=visible_evaluations(actor),
        limit=arguments["limit"],
    )
    rescoring = rescore_evaluations(session, query, Form.from_body(scorecard))
    return {
        "client": client.slug,
        "scorecard": key,
        "from": query.period.first,
        "to": query.period.last,
        "source": source,
        "version": number,
        **_result(rescoring, actor, scorecard, query.limit),
        "judged_again": _rejudge_sample(session, actor, query, (number, scorecard), arguments["sample"])
        if arguments["judge_again"]
        else None,
    }


def _stored_versions(session: Session, client: Client, key: str) -> Sequence[Definition]:
    """Return all versions of a scorecard, newest first, the draft included."""
    statement = version_queries.of_key(client_id=client.client_id, kind="scorecard", key=key)
    return session.scalars(statement.order_by(Definition.version.desc())).all()


def _select_scorecard(
    versions: Sequence[Definition], version: int | None, body: Body | None
) -> tuple[str, int | None, Body]:
    """Return the source of the scorecard to rescore with, its version number if stored, and its body."""
    if not versions:
        raise NotFound(version_queries.noun("scorecard"))
    if body is not None:
        if version is not None:
            detail = "Give a version or a scorecard in the body, not both."
            raise Invalid([Fault("/query/version", "two_scorecards", detail)])
        return "body", None, body
    if version is not None:
        stored = next((each for each in versions if each.version == version), None)
        if stored is None:
            raise NotFound(version_queries.noun("scorecard"))
        return "version", version, stored.body
    if versions[0].state != "draft":
        raise Conflict("There is no draft to ask about; name a version or send a scorecard.", "no_draft")
    return "draft", versions[0].version, versions[0].body


def _result(rescoring: Rescoring, actor: Actor, scorecard: Body, limit: int) -> dict[str, Any]:
    by_kind = {kind: [case for case in rescoring.cases if case.kind == kind] for kind in KINDS}
    comparisons = {kind: compare_scores([case.pair for case in cases]) for kind, cases in by_kind.items()}
    main = "automatic" if by_kind["automatic"] or not by_kind["human"] else "human"
    incomplete = sum(bool(case.missing) for case in by_kind[main])
    names = _section_names(scorecard)
    return {
        "finding": headline(comparisons[main], kind=main, incomplete=incomplete),
        "evaluations": {
            **{kind: len(cases) for kind, cases in by_kind.items()},
            "not_applicable": rescoring.not_applicable,
            "limit": limit,
            "sampling": "all" if rescoring.complete else "newest_first",
            "oldest": rescoring.oldest,
        },
        "unanswerable": count_unanswerable(rescoring.cases),
        "removed": rescoring.removed,
        "reworded": rescoring.reworded,
        **{
            kind: comparison_representation(each, actor, names) if each.evaluations else None
            for kind, each in comparisons.items()
        },
        "method_note": _method_note(rescoring, limit),
    }


def count_unanswerable(cases: Sequence[RescoredEvaluation]) -> dict[str, Any]:
    """Count evaluations without a usable answer, by question and reason."""
    evaluations, reasons = Counter[str](), Counter[tuple[str, str]]()
    interactions: dict[str, set[Any]] = {}
    lacking = [case for case in cases if case.missing]
    for case in lacking:
        for question, reason in case.missing.items():
            evaluations[question] += 1
            reasons[question, reason] += 1
            interactions.setdefault(question, set()).add(case.pair.interaction_id)
    questions = [
        {
            "question": question,
            "evaluations": count,
            "interactions": len(interactions[question]),
            "reasons": [
                {"code": code, "detail": REASONS[code], "evaluations": reasons[question, code]}
                for code in REASONS
                if reasons[question, code]
            ],
        }
        for question, count in evaluations.most_common()
    ]
    touched = {case.pair.interaction_id for case in lacking}
    return {"evaluations": len(lacking), "interactions": len(touched), "questions": questions}


def _section_names(scorecard: Body) -> dict[str, str]:
    return {each["key"]: each.get("name") or each["key"] for each in scorecard.get("sections") or ()}


def _rejudge_sample(
    session: Session, actor: Actor, query: RescoringQuery, draft: tuple[int | None, Body], limit: int
) -> dict[str, Any]:
    """Evaluate a sample with what is in force, and with the draft in place of its scorecard."""
    number, scorecard = draft
    form = Form.from_body(scorecard)
    client_models = current_models(session, query.client.client_id).client_models
    before = build_judge_set(session, query.client, now=utc_now(), client_models=client_models)
    sample_query = SampleQuery(query.client, query.period, query.filters, actor)
    after = before.with_scorecard(form, number)
    sample = draw_sample(session, sample_query, in_segment=segments_judged_by(after, form.key), limit=limit)
    rejudging = rejudge(session, sample_query, sample, before=before, after=after, seconds=MAX_SECONDS)
    return {
        **rejudging_representation(rejudging, actor, _section_names(scorecard)),
        "wanted": limit,
        "method_note": sampling_note(rejudging),
    }


def _method_note(rescoring: Rescoring, limit: int) -> str:
    """Return two or three sentences on the method."""
    if not rescoring.cases:
        return "Only stored answers are scored anew, and there are none. Nothing was stored."
    which = (
        "Every present evaluation of the period made with a version of this scorecard was read"
        if rescoring.complete
        else f"The newest {limit:,} present evaluations of the period were read, not a random sample"
    )
    return (
        f"{which}, and its stored answers were scored anew. A question "
        "without a usable answer is left out of the new score. Differences are exact for these evaluations; "
        "the intervals say how far others like them would move. Nothing was stored."
    )
