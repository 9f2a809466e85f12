"""Request and response schemas of gates."""

from marshmallow import fields, validate

from qm.learning.effective_gates import WAITING
from scorecards.authoring.fields import StrictSchema, Text
from scorecards.automation.gate import CAUSES, STATES
from scorecards.definitions.form import KINDS
from tenants.http.contract import AnswerSchema

STATE_WORDS = {
    "description": "human_only: the machine abstains; assisted: it suggests; automatic: sure answers stand."
}
WAITING_WORDS = {
    "description": "Why the state holds already that the gate moves to at the learner's next look; null: it "
    "has moved. " + " ".join(f"{name}: {meaning}" for name, meaning in WAITING.items())
}
CAUSE_WORDS = {"description": " ".join(f"{name}: {meaning}" for name, meaning in CAUSES.items())}


class GateCapSchema(StrictSchema):
    """The highest automation level of a question, and why it is set."""

    highest = fields.String(required=True, validate=validate.OneOf(STATES), metadata=STATE_WORDS)
    reason = Text(
        required=True,
        validate=(
            validate.Length(1, 500),
            validate.Regexp(r"(?s)\A.*\S", error="Say why: this stands in the audit log."),
        ),
        metadata={"description": "Kept with the gate and in the audit log."},
    )


class BoundsSchema(AnswerSchema):
    """A coefficient with its 95 % interval."""

    estimate = fields.Float(allow_none=True)
    low = fields.Float(allow_none=True)
    high = fields.Float(allow_none=True)


class GateProofSchema(AnswerSchema):
    """The holdout evaluation of the model in force; shares from 0 to 1."""

    limit = fields.Float(metadata={"description": "The share of disagreement that is promised."})
    delta = fields.Float(metadata={"description": "The chance that the promise is broken."})
    labelled = fields.Integer(metadata={"description": "Reviewed interactions that were drawn by chance."})
    proved_on = fields.Integer(metadata={"description": "An even sample of them, on which all rests."})
    answers = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "What people answered."}
    )
    accuracy = fields.Float(allow_none=True)
    macro_f1 = fields.Float(allow_none=True)
    recall = fields.Dict(keys=fields.String(), values=fields.Float())
    kappa = fields.Float(allow_none=True)
    ece = fields.Float(allow_none=True, metadata={"description": "Expected calibration error, ten bins."})
    alpha = fields.Nested(BoundsSchema, metadata={"description": "Krippendorff's alpha over all answers."})
    ac1 = fields.Nested(BoundsSchema, metadata={"description": "Gwet's AC1 over all answers."})
    standing_alpha = fields.Nested(BoundsSchema, metadata={"description": "Over the answers that stand."})
    standing_ac1 = fields.Nested(BoundsSchema, metadata={"description": "Over the answers that stand."})
    threshold = fields.Float(allow_none=True)
    coverage = fields.Float(allow_none=True, metadata={"description": "Share of answers that stand."})
    accepted = fields.Integer(metadata={"description": "Answers that stand."})
    wrong = fields.Integer(metadata={"description": "Those of them that people answered otherwise."})
    upper = fields.Float(allow_none=True, metadata={"description": "Upper bound of their share."})
    missed = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        metadata={"description": "For each rare answer, upper bound of the share that stands as another."},
    )
    untold = fields.List(fields.String(), metadata={"description": "Answers too rare to promise anything."})
    code = fields.String(allow_none=True, metadata={"description": "Why there is no threshold."})
    words = fields.String()


class RecentAnswersSchema(AnswerSchema):
    """Agreement on recent double-scored interactions; shares from 0 to 1."""

    reviewed = fields.Integer()
    answered = fields.Integer(metadata={"description": "Those in which the machine's answer stood."})
    wrong = fields.Integer(metadata={"description": "Those of them that people answered otherwise."})
    low = fields.Float(metadata={"description": "Lower bound of their share."})
    missed = fields.Dict(keys=fields.String(), values=fields.Float())
    alpha = fields.Nested(BoundsSchema)
    ac1 = fields.Nested(BoundsSchema)
    broken = fields.String(allow_none=True, metadata={"description": "What surely does not hold any more."})


class FamiliarSchema(AnswerSchema):
    """The share of the n-grams of conversations that are in the model's vocabulary."""

    mean = fields.Float()
    sd = fields.Float()
    n = fields.Integer()


class InputsSchema(AnswerSchema):
    """Input drift: whether the vocabulary share has fallen since training."""

    then = fields.Nested(FamiliarSchema)
    now = fields.Nested(FamiliarSchema)
    fall = fields.Float(metadata={"description": "The fall of the mean that is sure."})
    drifted = fields.Boolean()


class GateEvidenceSchema(AnswerSchema):
    """The figures that the state is based on; counts are left out for a client's stakeholders."""

    limit = fields.Float(metadata={"description": "The client's `disagreement_limit`."})
    fallen = fields.String(allow_none=True, metadata={"description": "Why it fell under the model in force."})
    proof = fields.Nested(GateProofSchema, allow_none=True)
    recent = fields.Nested(RecentAnswersSchema, allow_none=True)
    inputs = fields.Nested(InputsSchema, allow_none=True)


class GateMoveSchema(AnswerSchema):
    """One state transition of a gate."""

    number = fields.Integer()
    from_ = fields.String(data_key="from", attribute="from_state", validate=validate.OneOf(STATES))
    to = fields.String(attribute="to_state", validate=validate.OneOf(STATES))
    cause = fields.String(validate=validate.OneOf(tuple(CAUSES)), metadata=CAUSE_WORDS)
    threshold = fields.Float(allow_none=True)
    model_id = fields.UUID(allow_none=True)
    at = fields.AwareDateTime()


class GateSchema(AnswerSchema):
    """The gate of one question: its automation level."""

    scorecard = fields.String()
    question = fields.String()
    text = fields.String()
    kind = fields.String(validate=validate.OneOf(KINDS))
    state = fields.String(validate=validate.OneOf(STATES), metadata=STATE_WORDS)
    waiting = fields.String(allow_none=True, validate=validate.OneOf(tuple(WAITING)), metadata=WAITING_WORDS)
    since = fields.AwareDateTime(allow_none=True, metadata={"description": "Null: it never moved."})
    highest = fields.String(validate=validate.OneOf(STATES), metadata={"description": "The cap."})
    reason = fields.String(allow_none=True, metadata={"description": "Why a manager capped it."})
    threshold = fields.Float(
        allow_none=True, metadata={"description": "Confidence from which answers stand; only if automatic."}
    )
    promise = fields.String(metadata={"description": "What is promised, or why nothing is, in words."})
    model_id = fields.UUID(allow_none=True, metadata={"description": "The model that has learned it."})
    evidence = fields.Nested(GateEvidenceSchema)
    history = fields.List(fields.Nested(GateMoveSchema), metadata={"description": "Newest first."})


class GateListSchema(AnswerSchema):
    """The gates of a client."""

    data = fields.List(fields.Nested(GateSchema))
