"""The contract of erasure."""

from marshmallow import Schema, fields


class ErasedSchema(Schema):
    """The receipt of an erasure."""

    id = fields.UUID()
    erased_at = fields.AwareDateTime()
    evaluations = fields.Integer()
    reviews = fields.Integer()
