"""What is sent to webhooks, as the contract tells it (`webhooks` of OpenAPI 3.1)."""

from typing import Any

from apispec import APISpec

from qm.webhooks.event_schemas import EVENT_SCHEMAS

_HEADERS = (
    ("webhook-id", "Id of the event, the same at every attempt.", "0198c5f2-7d3a-7c1e-9f4b-2a6d8e0c4b17"),
    ("webhook-timestamp", "When this attempt was made, in seconds since 1970.", "1780304400"),
    (
        "webhook-signature",
        "Signatures after Standard Webhooks, with a space between them: each `v1,` and base64.",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ),
)


def add_event_schemas(spec: APISpec) -> None:
    """Add the schema of every event to the components."""
    for event_type, schema in EVENT_SCHEMAS.items():
        spec.components.schema(_component(event_type), schema=schema)


def webhook_paths(document: dict[str, Any]) -> dict[str, Any]:
    """Return the section `webhooks`: one operation for each event."""
    described = document["components"]["schemas"]
    return {
        event_type: {"post": _operation(event_type, described[_data(event_type)]["description"])}
        for event_type in EVENT_SCHEMAS
    }


def _component(event_type: str) -> str:
    return EVENT_SCHEMAS[event_type].__name__.removesuffix("Schema")


def _data(event_type: str) -> str:
    return _component(event_type).removesuffix("Event")


def _operation(event_type: str, description: str) -> dict[str, Any]:
    first, last = event_type.split(".")
    reference = {"$ref": f"#/components/schemas/{_component(event_type)}"}
    return {
        "operationId": f"receive{first.capitalize()}{last.capitalize()}",
        "summary": description,
        "description": "Sent to whoever wants it. Any status from 200 to 299 within 15 seconds will do.",
        "tags": ["webhooks"],
        "security": [],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": told,
                "schema": {"type": "string", "examples": [example]},
            }
            for name, told, example in _HEADERS
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": reference}}},
        "responses": {"204": {"description": "Received."}},
    }
