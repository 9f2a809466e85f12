"""Response schema of erasure."""

from marshmallow import Schema, fields


class ErasedSchema(Schema):
    """What was erased, and when."""

    id = fields.UUID()
    erased_at = fields.AwareDateTime()
    evaluations = fields.Integer()
    reviews = fields.Integer()
