"""Response schemas of the results of a session; figures are rounded as they are told and nowhere else."""

from marshmallow import fields, validate

from qm.calibration.deviations import LEANINGS
from qm.calibration.disputes import REASONS
from qm.calibration.models import REFERENCES, SIDES, STATES
from qm.calibration.schemas import said
from scorecards.statistics.agreement import ZONES
from scorecards.statistics.agreement_change import VERDICTS
from tenants.http.contract import AnswerSchema
from tenants.http.response_fields import Rounded

LEVELS = ("nominal", "ordinal", "interval")
RATER_SIDES = (*SIDES, "machine")


class CalibrationAgreementSchema(AnswerSchema):
    """How far people agree, corrected for chance, with 95 % intervals."""

    n = fields.Integer(metadata=said("Interactions that two people or more answered."))
    percent = Rounded(description="Share of pairs of people who gave the same answer, 0 to 100.")
    alpha = Rounded(3, "Krippendorff's alpha.")
    alpha_low = Rounded(3)
    alpha_high = Rounded(3)
    ac1 = Rounded(3, "Gwet's AC1, for skewed answers.")
    ac1_low = Rounded(3, "Lower limit of AC1.")
    ac1_high = Rounded(3, "Upper limit of AC1.")
    zone = fields.String(validate=validate.OneOf(tuple(ZONES)))
    zone_note = fields.String(metadata=said("The zone in words."))


class CalibrationQuestionSchema(CalibrationAgreementSchema):
    """How far people agree on one question, and how the client's people differ from the provider's."""

    scorecard = fields.String(metadata=said("Key of the scorecard."))
    version = fields.Integer(metadata=said("Newest version of the scorecard that was answered."))
    question = fields.String()
    text = fields.String()
    kind = fields.String()
    level = fields.String(
        validate=validate.OneOf(LEVELS), metadata=said("Level of measurement of its answers.")
    )
    client_minus_provider = Rounded(description="Mean points of the client's people minus the provider's.")
    client_minus_provider_low = Rounded(description="Lower limit of that.")
    client_minus_provider_high = Rounded(description="Upper limit of that.")


class CalibrationDeviationSchema(AnswerSchema):
    """How far one rater is from the reference on one question."""

    scorecard = fields.String(metadata=said("Key of the scorecard."))
    question = fields.String()
    mean = Rounded(description="Mean points of 100 above (+) or below (-) the reference.")
    n = fields.Integer(metadata=said("Interactions it rests on."))


class CalibrationRaterSchema(AnswerSchema):
    """One row of the board: a participant, or the machine."""

    number = fields.Integer(metadata=said("Number in the session; 0 is the machine."))
    name = fields.String()
    side = fields.String(validate=validate.OneOf(RATER_SIDES), metadata=said("For whom they take part."))
    is_reference = fields.Boolean(metadata=said("Whether the others are measured from their answers."))
    answered = fields.Integer(metadata=said("Interactions they have answered."))
    severity = Rounded(description="Points of 100 that their scores are above the reference; below 0 severe.")
    severity_low = Rounded(description="Lower limit of the severity.")
    severity_high = Rounded(description="Upper limit of the severity.")
    leaning = fields.String(
        validate=validate.OneOf(LEANINGS),
        metadata=said("`severe` or `lenient` where the interval leaves out 0."),
    )
    deviations = fields.List(
        fields.Nested(CalibrationDeviationSchema), metadata=said("One entry for each question.")
    )


class CalibrationSidesSchema(AnswerSchema):
    """The client's people beside the provider's."""

    client_minus_provider = Rounded(description="Mean score of the client's people minus the provider's.")
    low = Rounded()
    high = Rounded()
    n = fields.Integer(metadata=said("Interactions that both sides answered."))
    leaning = fields.String(
        validate=validate.OneOf(LEANINGS), metadata=said("Of the client's people against the provider's.")
    )
    provider_percent = Rounded(description="Agreement among the provider's people, 0 to 100.")
    client_percent = Rounded(description="Agreement among the client's people, 0 to 100.")


class CalibrationGivenAnswerSchema(AnswerSchema):
    """What one rater answered."""

    number = fields.Integer(metadata=said("Number in the session; 0 is the machine."))
    name = fields.String()
    side = fields.String(validate=validate.OneOf(RATER_SIDES), metadata=said("For whom they take part."))
    value = fields.Raw(allow_none=True, metadata=said("The answer; null for N/A."))
    na = fields.Boolean()
    note = fields.String(metadata=said("What they wrote beside it."))
    evidence = fields.List(fields.Dict())


class CalibrationDisputeSchema(AnswerSchema):
    """A question of one interaction on which people differ, with all answers side by side."""

    number = fields.Integer(metadata=said("Number of the interaction in the session."))
    interaction = fields.UUID(metadata=said("Id of the interaction."))
    external_id = fields.String(
        allow_none=True, metadata=said("Id of its sender; null for a client's people.")
    )
    scorecard = fields.String(metadata=said("Key of the scorecard."))
    question = fields.String()
    text = fields.String()
    percent = Rounded(description="Share of pairs of people who gave the same answer, 0 to 100.")
    answers = fields.List(fields.Nested(CalibrationGivenAnswerSchema))


class CalibrationUnclearSchema(AnswerSchema):
    """A question that needs a better wording, and why."""

    scorecard = fields.String(metadata=said("Key of the scorecard."))
    question = fields.String()
    text = fields.String()
    alpha = Rounded(3, "Krippendorff's alpha.")
    ac1 = Rounded(3, "Gwet's AC1, for skewed answers.")
    reasons = fields.List(
        fields.String(validate=validate.OneOf(REASONS)),
        metadata=said(
            "`low_agreement`: below 0.8. `skewed`: that, but only as nearly all answers are the same, which "
            "AC1 allows for. `unsure`: the interval reaches below. `sides_differ`: client and "
            "provider differ by more than chance. `applicability`: most differ about N/A. `one_person`: "
            "without one person the others agree, so talk to them first."
        ),
    )
    apart = fields.String(allow_none=True, metadata=said("Who that person is."))
    detail = fields.String(metadata=said("What people differ on, in words."))


class CalibrationPastSchema(AnswerSchema):
    """The agreement on a question in one session."""

    calibration = fields.UUID(metadata=said("Id of the session."))
    name = fields.String()
    ended_at = fields.AwareDateTime(allow_none=True, metadata=said("When it ended."))
    version = fields.Integer(metadata=said("Version of the scorecard that was answered."))
    percent = Rounded(description="Share of pairs of people who gave the same answer, 0 to 100.")
    alpha = Rounded(3, "Krippendorff's alpha.")
    n = fields.Integer(metadata=said("Interactions that two people or more answered."))


class CalibrationHistorySchema(AnswerSchema):
    """A question over sessions, and whether its last rewording helped."""

    scorecard = fields.String(metadata=said("Key of the scorecard."))
    question = fields.String()
    sessions = fields.List(fields.Nested(CalibrationPastSchema), metadata=said("Oldest first."))
    reworded = fields.Boolean(metadata=said("Whether its wording changed between these sessions."))
    version_before = fields.Integer(allow_none=True, metadata=said("Last version with the old wording."))
    version_after = fields.Integer(allow_none=True, metadata=said("Version with the new wording."))
    difference = Rounded(description="Percent agreement after the rewording minus before.")
    difference_low = Rounded()
    difference_high = Rounded()
    verdict = fields.String(
        allow_none=True,
        validate=validate.OneOf(VERDICTS),
        metadata=said("`not_shown` where the interval holds 0; `too_few`: fewer than five interactions."),
    )


class CalibrationOverTimeSchema(CalibrationAgreementSchema):
    """How far people agreed in a session of the client, over all questions."""

    calibration = fields.UUID(metadata=said("Id of the session."))
    name = fields.String(metadata=said("What people call it."))
    ended_at = fields.AwareDateTime(allow_none=True, metadata=said("When it ended."))


class CalibrationMissingSchema(AnswerSchema):
    """What the figures lack, and why."""

    erased = fields.Integer(metadata=said("Interactions that were erased since the session was made."))
    changed = fields.Integer(metadata=said("Interactions whose words changed: asked no more."))
    answers_expected = fields.Integer(metadata=said("Participants times interactions."))
    answers_given = fields.Integer(metadata=said("Answered interactions, over all participants."))
    never_answered = fields.List(fields.String(), metadata=said("Participants who answered nothing."))
    not_blind = fields.Integer(
        metadata=said("Answers by people who had reviewed the interaction, or seen it judged.")
    )
    machine = fields.Integer(
        metadata=said("Interactions without the machine's answers under the same version, or hidden still.")
    )
    newer_versions = fields.List(
        fields.String(), metadata=said("Scorecards of which a newer version is published by now.")
    )


class CalibrationResultsSchema(AnswerSchema):
    """What a session found."""

    calibration = fields.UUID(metadata=said("Id of the session."))
    name = fields.String()
    state = fields.String(validate=validate.OneOf(STATES), metadata=said("What the session is now."))
    reference = fields.String(
        validate=validate.OneOf(REFERENCES), metadata=said("What deviations are measured from.")
    )
    suppressed = fields.Boolean(
        metadata=said("Kept back: fewer than five interactions could tell on people.")
    )
    finding = fields.String(metadata=said("What the session found, in a sentence."))
    finding_note = fields.String(metadata=said("The figures behind it."))
    missing = fields.Nested(CalibrationMissingSchema, metadata=said("What the figures lack, and why."))
    overall = fields.Nested(
        CalibrationAgreementSchema,
        allow_none=True,
        metadata=said("Means over the questions; null where kept back."),
    )
    questions = fields.List(fields.Nested(CalibrationQuestionSchema))
    raters = fields.List(
        fields.Nested(CalibrationRaterSchema), metadata=said("Participants, and the machine last.")
    )
    sides = fields.Nested(
        CalibrationSidesSchema, allow_none=True, metadata=said("Null where one side takes no part.")
    )
    disputed = fields.List(
        fields.Nested(CalibrationDisputeSchema),
        metadata=said("The most disputed answers first."),
    )
    unclear = fields.List(
        fields.Nested(CalibrationUnclearSchema),
        metadata=said("Which questions need a better wording, the least agreed on first."),
    )
    history = fields.List(
        fields.Nested(CalibrationHistorySchema), metadata=said("Each question over the client's sessions.")
    )
    sessions = fields.List(
        fields.Nested(CalibrationOverTimeSchema),
        metadata=said("The client's sessions that had ended when this one was made, and it, oldest first."),
    )
