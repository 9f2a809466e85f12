"""Request and response schemas of models and trainings."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from qm.learning.models import MODEL_KINDS, MODEL_STATES, SENTIMENT, TRAINING_STATES
from scorecards.authoring.fields import StrictSchema, Text
from tenants.http.contract import AnswerSchema, PageArguments
from tenants.http.validation_messages import SchemaMessage

_CLIENT = {"description": "Slug or id of a client."}
_FEW = " Null: too few to be told to a client's stakeholders."
_KIND = {
    "description": "`answers`: what a client's reviewers answered; `sentiment`: how customers felt, for all "
    "clients of the provider together; `canned`: what a client's agents say again and again."
}


class TrainingRequestSchema(StrictSchema):
    """Which model to train."""

    client = Text(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 63),
        metadata={"description": "Slug or id of the client; left out for `sentiment`."},
    )
    kind = fields.String(load_default="answers", validate=validate.OneOf(MODEL_KINDS), metadata=_KIND)

    @validates_schema(skip_on_field_errors=False)
    def check_client(self, data: Mapping[str, Any], **_: Any) -> None:
        """Check that sentiment names no client and everything else does, where both fields are valid."""
        if (
            "client" not in data
            or "kind" not in data
            or (data["kind"] == SENTIMENT) == (data["client"] is None)
        ):
            return
        if data["client"] is None:
            fault = SchemaMessage("required", "This is learned for one client: name it.")
        else:
            detail = "Sentiment is learned from all clients together: leave the client out."
            fault = SchemaMessage("not_wanted", detail)
        raise ValidationError({"client": [fault]})


class _Owned(PageArguments):
    client = Text(load_default=None, validate=validate.Length(1, 63), metadata=_CLIENT)
    kind = fields.String(load_default=None, validate=validate.OneOf(MODEL_KINDS), metadata=_KIND)


class ModelListArguments(_Owned):
    """Filters of the list of models."""

    state = fields.String(load_default=None, validate=validate.OneOf(MODEL_STATES))


class TrainingListArguments(_Owned):
    """Filters of the list of trainings."""

    state = fields.String(load_default=None, validate=validate.OneOf(TRAINING_STATES))


class RefusalReasonSchema(AnswerSchema):
    """Why a question was not learned."""

    code = fields.String()
    detail = fields.String(
        metadata={"description": "A sentence that says what would help; to stakeholders without numbers."}
    )


class RefusalSchema(RefusalReasonSchema):
    """What was not learned, and why."""

    scorecard = fields.String(allow_none=True, metadata={"description": "Null: the training as a whole."})
    question = fields.String(allow_none=True)


class TrainingSchema(AnswerSchema):
    """One training run."""

    id = fields.UUID(attribute="training_id")
    client = fields.String(allow_none=True, metadata={"description": "Its slug; null: all clients."})
    kind = fields.String(validate=validate.OneOf(MODEL_KINDS), metadata=_KIND)
    state = fields.String(validate=validate.OneOf(TRAINING_STATES))
    asked_by = fields.String(
        allow_none=True,
        metadata={"description": "Who asked; `schedule` when new labels had come; not for stakeholders."},
    )
    labels = fields.Integer(
        allow_none=True, metadata={"description": "People's evaluations that were read." + _FEW}
    )
    refusals = fields.List(fields.Nested(RefusalSchema))
    model_id = fields.UUID(allow_none=True, metadata={"description": "The model that it made."})
    error = fields.String(allow_none=True)
    attempts = fields.Integer()
    created_at = fields.AwareDateTime()
    started_at = fields.AwareDateTime(allow_none=True)
    finished_at = fields.AwareDateTime(allow_none=True)


class TrainingPageSchema(AnswerSchema):
    """A page of trainings."""

    data = fields.List(fields.Nested(TrainingSchema))
    next_cursor = fields.String(allow_none=True)


class ModelItemSchema(AnswerSchema):
    """One model version; its artefact is never sent."""

    id = fields.UUID(attribute="model_id")
    client = fields.String(allow_none=True, metadata={"description": "Its slug; null: all clients."})
    kind = fields.String(validate=validate.OneOf(MODEL_KINDS), metadata=_KIND)
    version = fields.Integer()
    state = fields.String(
        validate=validate.OneOf(MODEL_STATES),
        metadata={"description": "A `candidate` was held back; its training's refusals say why."},
    )
    fault = fields.String(
        allow_none=True, metadata={"description": "Why it cannot be read; rules go on alone."}
    )
    digest = fields.String(metadata={"description": "SHA-256 of the artefact."})
    bytes = fields.Integer(allow_none=True, metadata={"description": "Null: only the card is kept."})
    trained_on = fields.Integer(
        allow_none=True,
        metadata={"description": "Evaluations it learned from; interactions for kind `canned`." + _FEW},
    )
    questions = fields.Integer(metadata={"description": "Questions it answers."})
    training_id = fields.UUID(allow_none=True)
    created_at = fields.AwareDateTime()
    in_force_since = fields.AwareDateTime(allow_none=True)
    retired_at = fields.AwareDateTime(allow_none=True)


class ModelPageSchema(AnswerSchema):
    """A page of models."""

    data = fields.List(fields.Nested(ModelItemSchema))
    next_cursor = fields.String(allow_none=True)


class LearnedQuestionSchema(AnswerSchema):
    """How well one question was learned, measured on held-out interactions."""

    scorecard = fields.String()
    question = fields.String()
    classes = fields.List(fields.String())
    unlearned = fields.List(
        fields.String(), metadata={"description": "Options with too few labels; it never gives them."}
    )
    learned_from = fields.Integer(allow_none=True)
    labelled = fields.Integer(allow_none=True, metadata={"description": "Held-out labels." + _FEW})
    proved_on = fields.Integer(
        allow_none=True, metadata={"description": "An even sample of them, on which the rest rests." + _FEW}
    )
    accuracy = fields.Float(allow_none=True)
    macro_f1 = fields.Float(allow_none=True)
    recall = fields.Dict(
        allow_none=True,
        keys=fields.String(),
        values=fields.Float(),
        metadata={"description": "Of each answer. Null for stakeholders where people gave one too rarely."},
    )
    kappa = fields.Float(allow_none=True)
    ece = fields.Float(allow_none=True, metadata={"description": "Expected calibration error, ten bins."})
    rule_accuracy = fields.Float(
        allow_none=True, metadata={"description": "Of the rule alone, where it answered."}
    )
    threshold = fields.Float(allow_none=True)
    coverage = fields.Float(allow_none=True)
    selective_error_upper = fields.Float(allow_none=True)
    words = fields.String()
    refused = fields.Nested(RefusalReasonSchema, allow_none=True)


class FamiliaritySchema(AnswerSchema):
    """The share of the n-grams of held-out conversations that are in the model's vocabulary."""

    mean = fields.Float(allow_none=True)
    sd = fields.Float(allow_none=True)
    n = fields.Integer(allow_none=True)


class OverrideCountSchema(AnswerSchema):
    """How many automatic answers reviewers overrode, and to how many the model now agrees with them."""

    overrides = fields.Integer(allow_none=True)
    followed = fields.Integer(allow_none=True)


class ModelCardSchema(AnswerSchema):
    """The model card: training data and quality measures."""

    data_hash = fields.String()
    seed = fields.Integer()
    versions = fields.Dict(keys=fields.String(), values=fields.String())
    trained_on = fields.Integer(allow_none=True)
    proving = fields.Integer(allow_none=True)
    reviewers = fields.Integer(allow_none=True, metadata={"description": "People who answered." + _FEW})
    seconds = fields.Float()
    familiarity = fields.Nested(FamiliaritySchema, allow_none=True)
    lessons = fields.Nested(OverrideCountSchema, allow_none=True)
    canned_sentences = fields.Integer(
        allow_none=True,
        metadata={"description": "Sentences that agents say again and again; only of kind `canned`."},
    )
    questions = fields.List(fields.Nested(LearnedQuestionSchema), dump_default=list)


class ModelSchema(ModelItemSchema):
    """A model with its card."""

    card = fields.Nested(ModelCardSchema)
