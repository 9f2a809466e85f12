"""Answers what another model of answers would change, before it is put in force."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from qm.learning.models import Model
from qm.learning.registry import model_with
from qm.reports.arguments import period_in
from qm.reports.request import FILTERS, Period
from qm.what_if.candidate_models import asked_model, current_models, with_model
from qm.what_if.judge_sets import JudgeSet, judge_set_of
from qm.what_if.rejudging import MAX_SECONDS, concerned, rejudge
from qm.what_if.representations import drawn_note, held_out_shown, judged_shown
from qm.what_if.sample import SampleQuery, sample, sample_holdout
from scorecards.definitions.form import Form
from tenants.clients import use_client_scope
from tenants.credentials import Actor
from tenants.models import utc_now

MAX_HELD_OUT = 200


def model_what_if(
    session: Session, actor: Actor, model_id: UUID, *, arguments: Mapping[str, Any], split_key: bytes
) -> dict[str, Any]:
    """Judge a sample of the client's interactions with this model in place of the one in force.

    `split_key` tells which reviews no model learns from (see `scorecards.sampling.holdout`): on those both
    are put beside people.

    Raises
    ------
    NotFound
        When the caller sees no such model.
    Conflict
        When it is no model of answers, is no longer kept, or cannot be read.
    """
    model = model_with(session, actor, model_id)
    candidate = asked_model(session, model)
    client = use_client_scope(session, str(model.client_id))
    standing = current_models(session, client.client_id)
    same = standing.model is not None and standing.model.model_id == model.model_id
    instead = None if same else standing.model
    bench = judge_set_of(
        session,
        client,
        now=utc_now(),
        learned=with_model(
            standing.client_models,
            None if same else standing.client_models.answers,
            instead.model_id if instead else None,
        ),
    )
    filters = {name: arguments[name] for name in FILTERS if name in arguments}
    asked = SampleQuery(client=client, period=Period(*period_in(arguments)), filters=filters, actor=actor)
    after = bench.with_models(with_model(standing.client_models, candidate, model.model_id))
    drawn = sample(session, asked, wanted=concerned(after, None), most=arguments["sample"])
    unseen = sample_holdout(session, asked, key=split_key, most=MAX_HELD_OUT)
    judged = rejudge(session, asked, drawn, before=bench, after=after, seconds=MAX_SECONDS)
    proved = rejudge(session, asked, unseen, before=bench, after=after, seconds=MAX_SECONDS / 2)
    return {
        "client": client.slug,
        "from": asked.period.first,
        "to": asked.period.last,
        "model": _named(model),
        "instead_of": _named(instead) if instead else None,
        **judged_shown(judged, actor, _section_names(bench)),
        "wanted": arguments["sample"],
        "held_out": held_out_shown(proved),
        "method_note": f"{drawn_note(judged)} {_note(instead)}",
    }


def _section_names(bench: JudgeSet) -> dict[str, str]:
    forms = [body for body in bench.in_force.values() if isinstance(body, Form)]
    return {section.key: section.name for form in forms for section in form.sections}


def _named(model: Model) -> dict[str, Any]:
    return {"model_id": model.model_id, "version": model.version, "state": model.state}


def _note(instead: Model | None) -> str:
    other = f"version {instead.version}" if instead else "the rules alone"
    return (
        f"It is compared with {other}. Questions whose gate is automatic count as assisted on both sides, "
        "because a threshold holds for one model only; questions that people alone judge stay with people. "
        "Models may have learned from reviews of this sample, so agreement there flatters them; under "
        "held_out they are put beside people on reviews that no model ever learns from."
    )
