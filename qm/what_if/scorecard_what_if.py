"""Answers the question an author has before publishing: who would change, and by how much."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from qm.reports.arguments import period_in
from qm.reports.request import FILTERS, Period
from qm.reviews.blindness import visible_evaluations
from qm.what_if.answer_mapping import REASONS
from qm.what_if.candidate_models import current_models
from qm.what_if.comparison import compare
from qm.what_if.headline import headline
from qm.what_if.judge_sets import judge_set_of
from qm.what_if.rejudging import MAX_SECONDS, concerned, rejudge
from qm.what_if.representations import drawn_note, judged_shown, shown
from qm.what_if.rescoring import RescoredEvaluation, Rescoring, RescoringQuery, rescore
from qm.what_if.sample import SampleQuery, sample
from scorecards.authoring import version_queries
from scorecards.authoring.models import Definition
from scorecards.authoring.validation import faults_of
from scorecards.definitions.form import Form
from tenants.credentials import Actor
from tenants.http.faults import Conflict, Fault, Invalid, NotFound
from tenants.models import Client, utc_now

KINDS = ("automatic", "human")
Body = Mapping[str, Any]


def what_if(
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
        Naming everything that keeps this scorecard from being published, or when two of them are given.
    Conflict
        When neither version nor body is given and there is no draft.
    """
    every = session.scalars(
        version_queries.of_key(client_id=client.client_id, kind="scorecard", key=key).order_by(
            Definition.version.desc()
        )
    ).all()
    source, number, card = _chosen(every, arguments.get("version"), body)
    faults = faults_of("scorecard", card)
    if faults:
        raise Invalid(faults)
    wanted = RescoringQuery(
        client=client,
        period=Period(*period_in(arguments)),
        versions=every,
        filters={name: arguments[name] for name in FILTERS if name in arguments},
        visible=visible_evaluations(actor),
        limit=arguments["limit"],
    )
    found = rescore(session, wanted, Form.from_body(card))
    return {
        "client": client.slug,
        "scorecard": key,
        "from": wanted.period.first,
        "to": wanted.period.last,
        "source": source,
        "version": number,
        **_answer(found, actor, card, wanted.limit),
        "judged_again": _judged_again(session, actor, wanted, (number, card), arguments["sample"])
        if arguments["judge_again"]
        else None,
    }


def _chosen(
    every: Sequence[Definition], version: int | None, body: Body | None
) -> tuple[str, int | None, Body]:
    """Return where the scorecard to rescore with comes from, its number if stored, and its body."""
    if not every:
        raise NotFound(version_queries.noun("scorecard"))
    if body is not None:
        if version is not None:
            detail = "Give a version or a scorecard in the body, not both."
            raise Invalid([Fault("/query/version", "two_scorecards", detail)])
        return "body", None, body
    if version is not None:
        stored = next((each for each in every if each.version == version), None)
        if stored is None:
            raise NotFound(version_queries.noun("scorecard"))
        return "version", version, stored.body
    if every[0].state != "draft":
        raise Conflict("There is no draft to ask about; name a version or send a scorecard.", "no_draft")
    return "draft", every[0].version, every[0].body


def _answer(found: Rescoring, actor: Actor, card: Body, limit: int) -> dict[str, Any]:
    by_kind = {kind: [case for case in found.cases if case.kind == kind] for kind in KINDS}
    comparisons = {kind: compare([case.pair for case in cases]) for kind, cases in by_kind.items()}
    main = "automatic" if by_kind["automatic"] or not by_kind["human"] else "human"
    incomplete = sum(bool(case.missing) for case in by_kind[main])
    names = _section_names(card)
    return {
        "finding": headline(comparisons[main], kind=main, incomplete=incomplete),
        "evaluations": {
            **{kind: len(cases) for kind, cases in by_kind.items()},
            "not_applicable": found.not_applicable,
            "limit": limit,
            "sampling": "all" if found.complete else "newest_first",
            "oldest": found.oldest,
        },
        "unanswerable": unanswerable(found.cases),
        "removed": found.removed,
        "reworded": found.reworded,
        **{
            kind: shown(each, actor, names) if each.evaluations else None
            for kind, each in comparisons.items()
        },
        "method_note": _note(found, limit),
    }


def unanswerable(cases: Sequence[RescoredEvaluation]) -> dict[str, Any]:
    """Count what has no stored answer: by question, with the reasons."""
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


def _section_names(card: Body) -> dict[str, str]:
    return {each["key"]: each.get("name") or each["key"] for each in card.get("sections") or ()}


def _judged_again(
    session: Session, actor: Actor, wanted: RescoringQuery, draft: tuple[int | None, Body], most: int
) -> dict[str, Any]:
    """Judge a sample with what is in force, and with the draft in the place of its scorecard."""
    number, card = draft
    form = Form.from_body(card)
    learned = current_models(session, wanted.client.client_id).client_models
    bench = judge_set_of(session, wanted.client, now=utc_now(), learned=learned)
    asked = SampleQuery(wanted.client, wanted.period, wanted.filters, actor)
    after = bench.with_scorecard(form, number)
    drawn = sample(session, asked, wanted=concerned(after, form.key), most=most)
    judged = rejudge(session, asked, drawn, before=bench, after=after, seconds=MAX_SECONDS)
    return {
        **judged_shown(judged, actor, _section_names(card)),
        "wanted": most,
        "method_note": drawn_note(judged),
    }


def _note(found: Rescoring, limit: int) -> str:
    """Say in two or three sentences what the numbers rest on."""
    if not found.cases:
        return "Only stored answers are scored anew, and there are none. Nothing was stored."
    which = (
        "Every present evaluation of the period made with a version of this scorecard was read"
        if found.complete
        else f"The newest {limit:,} present evaluations of the period were read, not a random sample"
    )
    return (
        f"{which}, and its stored answers were scored anew. A question "
        "without a usable answer is left out of the new score. Differences are exact for these evaluations; "
        "the intervals say how far others like them would move. Nothing was stored."
    )
