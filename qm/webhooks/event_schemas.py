"""What each event holds, for the contract: ids and figures, never what somebody said."""

from collections.abc import Mapping

from marshmallow import fields

from qm.webhooks import events
from tenants.http.contract import AnswerSchema


def _said(description: str) -> dict[str, str]:
    return {"description": description}


class _OfClient(AnswerSchema):
    client = fields.String(metadata=_said("Slug of the client."))


class _OfInteraction(_OfClient):
    interaction_id = fields.UUID(metadata=_said("Id of the interaction."))
    external_id = fields.String(metadata=_said("The integrator's own id of the interaction."))


class _OfEvaluation(_OfInteraction):
    evaluation_id = fields.UUID(metadata=_said("Id of the evaluation."))
    score = fields.Float(allow_none=True, metadata=_said("Score, 0-100; null if nothing was scored."))
    critical = fields.List(
        fields.String(), metadata=_said("Keys of the critical questions that failed, all of them.")
    )


class _Figures(_OfEvaluation):
    empathy = fields.Float(allow_none=True, metadata=_said("Empathy, 0-100; null if it was not scored."))
    outcome = fields.String(allow_none=True, metadata=_said("`pass` or `fail`; null without a pass mark."))
    band = fields.String(
        allow_none=True, metadata=_said("Name of the band of the score, if there are bands.")
    )


class InteractionScoredSchema(_Figures):
    """The machine scored an interaction, or scored it anew with another result."""

    channel = fields.String(metadata=_said("Channel of the interaction."))
    started_at = fields.AwareDateTime(metadata=_said("When the interaction began."))


class EvaluationPublishedSchema(_Figures):
    """What a person said of an interaction is published: its agent sees it."""

    published_at = fields.AwareDateTime(metadata=_said("When it was published."))
    replaces = fields.UUID(
        allow_none=True, metadata=_said("Id of the evaluation that it is a new version of, if it is one.")
    )


class CriticalFoundSchema(_OfEvaluation):
    """A critical question failed that had not failed before, by the machine or by a person."""

    kind = fields.String(metadata=_said("Who found it: `automatic`, the machine, or `human`."))
    found = fields.List(fields.String(), metadata=_said("Keys of the critical questions that failed anew."))


class SlaBreachedSchema(_OfInteraction):
    """The time of an SLA clock ran out; told once for each clock."""

    target = fields.String(metadata=_said("Which clock: of first response, next response or resolution."))
    number = fields.Integer(metadata=_said("Its number, from 1 for each target."))
    rule = fields.String(metadata=_said("Key of the rule of the SLA policy."))
    goal_seconds = fields.Integer(metadata=_said("Open seconds that were promised."))
    started_at = fields.AwareDateTime(metadata=_said("When the clock began."))
    due_at = fields.AwareDateTime(metadata=_said("When its time ran out."))
    stopped_at = fields.AwareDateTime(allow_none=True, metadata=_said("When it stopped; null while it runs."))


class GateMovedSchema(_OfClient):
    """The machine may do more, or less, of a question from now on."""

    scorecard = fields.String(metadata=_said("Key of the scorecard."))
    question = fields.String(metadata=_said("Key of the question."))
    from_ = fields.String(data_key="from", metadata=_said("State before."))
    to = fields.String(metadata=_said("State now."))
    cause = fields.String(metadata=_said("Why it moved."))
    threshold = fields.Float(
        allow_none=True, metadata=_said("Confidence from which the machine's answers stand, 0-1.")
    )
    model_id = fields.UUID(allow_none=True, metadata=_said("Id of the model in force, if there is one."))


class ReportFrozenSchema(_OfClient):
    """A report of a period was frozen."""

    snapshot_id = fields.UUID(metadata=_said("Id of the frozen report."))
    from_ = fields.Date(data_key="from", metadata=_said("First day."))
    to = fields.Date(metadata=_said("Last day."))
    content_hash = fields.String(metadata=_said("SHA-256 of what was frozen, in hexadecimal digits."))


class WebhookTestSchema(AnswerSchema):
    """Somebody asked for an event that means nothing."""

    webhook_id = fields.UUID(metadata=_said("Id of the webhook."))


class _Event(AnswerSchema):
    type = fields.String(metadata=_said("Type of the event."))
    timestamp = fields.AwareDateTime(metadata=_said("When it happened."))


class InteractionScoredEventSchema(_Event):
    """The body of `interaction.scored`, as it is sent to webhooks."""

    data = fields.Nested(InteractionScoredSchema, metadata=_said("What happened."))


class EvaluationPublishedEventSchema(_Event):
    """The body of `evaluation.published`, as it is sent to webhooks."""

    data = fields.Nested(EvaluationPublishedSchema, metadata=_said("What happened."))


class CriticalFoundEventSchema(_Event):
    """The body of `critical.found`, as it is sent to webhooks."""

    data = fields.Nested(CriticalFoundSchema, metadata=_said("What happened."))


class SlaBreachedEventSchema(_Event):
    """The body of `sla.breached`, as it is sent to webhooks."""

    data = fields.Nested(SlaBreachedSchema, metadata=_said("What happened."))


class GateMovedEventSchema(_Event):
    """The body of `gate.moved`, as it is sent to webhooks."""

    data = fields.Nested(GateMovedSchema, metadata=_said("What happened."))


class ReportFrozenEventSchema(_Event):
    """The body of `report.frozen`, as it is sent to webhooks."""

    data = fields.Nested(ReportFrozenSchema, metadata=_said("What happened."))


class WebhookTestEventSchema(_Event):
    """The body of `webhook.test`, as it is sent to webhooks."""

    data = fields.Nested(WebhookTestSchema, metadata=_said("What happened."))


EVENT_SCHEMAS: Mapping[str, type[AnswerSchema]] = {
    events.INTERACTION_SCORED: InteractionScoredEventSchema,
    events.EVALUATION_PUBLISHED: EvaluationPublishedEventSchema,
    events.CRITICAL_FOUND: CriticalFoundEventSchema,
    events.SLA_BREACHED: SlaBreachedEventSchema,
    events.GATE_MOVED: GateMovedEventSchema,
    events.REPORT_FROZEN: ReportFrozenEventSchema,
    events.TEST: WebhookTestEventSchema,
}
"""The schema of the whole body of each event."""
