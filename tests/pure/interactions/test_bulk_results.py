"""The fast serialization of bulk results equals that of the declared marshmallow schema."""

import json
import uuid

import pytest
from marshmallow import Schema

from qm.interactions.route_schemas import BulkResultSchema, ImportResultSchema
from tenants.http.faults import Fault

FAULT = Fault("/turns/0/text", "required", "This is required.")
COUNTS = {"created": 1, "updated": 0, "unchanged": 0, "rejected": 1}
STORED = {"line": 1, "external_id": "é-1", "id": uuid.uuid4(), "status": "created", "errors": ()}
REFUSED = {"line": 2, "external_id": None, "id": None, "status": "rejected", "errors": [FAULT]}


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        (BulkResultSchema(), [STORED, REFUSED]),
        (BulkResultSchema(), []),
        (ImportResultSchema(), [{**STORED, "deviations": [FAULT]}, {**REFUSED, "deviations": ()}]),
    ],
)
def test_fast_bulk_result_dump_equals_marshmallow_dump(schema, data):
    results = {"data": data, **COUNTS}

    assert json.dumps(schema.dump(results)) == json.dumps(Schema.dump(schema, results))
