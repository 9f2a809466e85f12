"""What-if analysis of an answer model: what it would change if it were put in force."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from qm.learning.model_registry import get_model
from qm.learning.models import Model
from qm.reports.arguments import period_from_arguments
from qm.reports.report_request import FILTERS
from qm.what_if.candidate_models import CurrentModels, current_models, load_candidate, with_model
from qm.what_if.judge_sets import JudgeSet, build_judge_set
from qm.what_if.rejudging import MAX_SECONDS, rejudge, segments_judged_by
from qm.what_if.representations import holdout_representation, rejudging_representation, sampling_note
from qm.what_if.sample import SampleQuery, draw_holdout_sample, draw_sample
from scorecards.definitions.form import Form
from tenants.clients import time_zone_of, use_client_scope
from tenants.credentials import Actor
from tenants.models import Client, utc_now

MAX_HELD_OUT = 200


def model_what_if(
    session: Session, actor: Actor, model_id: UUID, *, arguments: Mapping[str, Any], holdout_key: bytes
) -> dict[str, Any]:
    """Evaluate a sample of the client's interactions with this model in place of the one in force.

    `holdout_key` determines the held-out reviews, which no model is trained on (see
    `scorecards.sampling.holdout`): on these, both models are compared with reviewers.

    Raises
    ------
    NotFound
        When the caller sees no such model.
    Conflict
        When it is not an answer model, its artefact was deleted, or it is unreadable.
    """
    model = get_model(session, actor, model_id)
    candidate = load_candidate(session, model)
    client = use_client_scope(session, str(model.client_id))
    current = current_models(session, client.client_id)
    compared_with = current.model
    if compared_with is not None and compared_with.model_id == model.model_id:
        compared_with = None
    before = _judge_set_before(session, client, current, compared_with)
    after = before.with_models(with_model(current.client_models, candidate, model.model_id))
    filters = {name: arguments[name] for name in FILTERS if name in arguments}
    query = SampleQuery(client, period_from_arguments(arguments, time_zone_of(client)), filters, actor)
    sample = draw_sample(
        session, query, in_segment=segments_judged_by(after, None), limit=arguments["sample"]
    )
    holdout_sample = draw_holdout_sample(session, query, key=holdout_key, limit=MAX_HELD_OUT)
    rejudged_sample = rejudge(session, query, sample, before=before, after=after, seconds=MAX_SECONDS)
    rejudged_holdout = rejudge(
        session, query, holdout_sample, before=before, after=after, seconds=MAX_SECONDS / 2
    )
    return {
        "client": client.slug,
        "from": query.period.first,
        "to": query.period.last,
        "model": _model_reference(model),
        "instead_of": _model_reference(compared_with) if compared_with else None,
        **rejudging_representation(rejudged_sample, actor, _section_names(before)),
        "wanted": arguments["sample"],
        "held_out": holdout_representation(rejudged_holdout),
        "method_note": f"{sampling_note(rejudged_sample)} {_method_note(compared_with)}",
    }


def _judge_set_before(
    session: Session, client: Client, current: CurrentModels, compared_with: Model | None
) -> JudgeSet:
    """Return the judge set of the model in force; of rules alone if the candidate itself is in force."""
    answers = None if compared_with is None else current.client_models.answers
    model_id = None if compared_with is None else compared_with.model_id
    client_models = with_model(current.client_models, answers, model_id)
    return build_judge_set(session, client, now=utc_now(), client_models=client_models)


def _section_names(judge_set: JudgeSet) -> dict[str, str]:
    forms = [body for body in judge_set.in_force.values() if isinstance(body, Form)]
    return {section.key: section.name for form in forms for section in form.sections}


def _model_reference(model: Model) -> dict[str, Any]:
    return {"model_id": model.model_id, "version": model.version, "state": model.state}


def _method_note(compared_with: Model | None) -> str:
    compared_name = f"version {compared_with.version}" if compared_with else "the rules alone"
    return (
        f"It is compared with {compared_name}. Questions whose gate is automatic count as assisted on both "
        "sides, because a threshold holds for one model only; questions that people alone judge stay with "
        "people. Models may have learned from reviews of this sample, so agreement there flatters them; "
        "under held_out they are put beside people on reviews that no model ever learns from."
    )
