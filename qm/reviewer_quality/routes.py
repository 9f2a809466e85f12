"""HTTP routes of golden items and of the quality of reviewers."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify

from qm.reviewer_quality import golden_items, quality_report
from qm.reviewer_quality.access import check_checks_reviewers
from qm.reviewer_quality.representations import item_representations
from qm.reviewer_quality.schemas import (
    GoldenItemListArguments,
    GoldenItemPageSchema,
    GoldenItemRetirementSchema,
    GoldenItemSchema,
    NewGoldenItemSchema,
    ReviewerQualityArguments,
    ReviewerQualitySchema,
)
from qm.reviews.quality_check_models import GoldenItem
from tenants.access import actor, requires, session
from tenants.clients import client_named
from tenants.http.contract import Blueprint, linked, page_of
from tenants.models import Client, utc_now

blueprint = Blueprint(
    "reviewer_quality",
    __name__,
    url_prefix="/v1",
    description="How well people review: golden items, second looks, time, and what is skipped",
)


@blueprint.route("/reviewers/quality")
@requires("reviews:read")
@blueprint.arguments(ReviewerQualityArguments, location="query")
@blueprint.response(200, ReviewerQualitySchema)
def get_reviewer_quality(arguments: dict[str, Any]) -> Any:
    """Read how well people review: everybody as a QM manager or admin, oneself otherwise; by name."""
    name = arguments["client"]
    client = client_named(session(), name) if name else None
    days = {"first": arguments["from_"], "last": arguments["to"]}
    return quality_report.quality_report(session(), actor(), **days, client=client, now=utc_now())


@blueprint.route("/clients/<client>/golden-items")
@requires("reviews:read")
@blueprint.arguments(GoldenItemListArguments, location="query")
@blueprint.response(200, GoldenItemPageSchema)
def list_golden_items(arguments: dict[str, Any], client: Client) -> Any:
    """List the golden items of a client; for QM managers and admins."""
    check_checks_reviewers(actor())
    statement = golden_items.select_items(client, retired=arguments.pop("retired"))
    page = page_of(session(), statement, [GoldenItem.created_at, GoldenItem.golden_item_id], **arguments)
    return linked(page, item_representations(session(), page.data))


@blueprint.route("/clients/<client>/golden-items", methods=["POST"])
@requires("reviews:write")
@blueprint.arguments(NewGoldenItemSchema)
@blueprint.response(201, GoldenItemSchema)
def set_golden_item(body: dict[str, Any], client: Client) -> Response:
    """Make an evaluation the known answer to its interaction; for QM managers and admins."""
    check_checks_reviewers(actor())
    given = {"evaluation_id": body["evaluation"], "note": body["note"]}
    return _item(golden_items.set_item(session(), actor(), client, **given, now=utc_now()), 201)


@blueprint.route("/golden-items/<uuid:golden_item_id>/retire", methods=["POST"])
@requires("reviews:write")
@blueprint.arguments(GoldenItemRetirementSchema)
@blueprint.response(200, GoldenItemSchema)
def retire_golden_item(body: dict[str, Any], golden_item_id: UUID) -> Response:
    """Offer a golden item to nobody any more; what was answered still counts."""
    check_checks_reviewers(actor())
    return _item(golden_items.retire_item(session(), golden_item_id, **body, now=utc_now()))


def _item(item: GoldenItem, status: int = 200) -> Response:
    (shown,) = item_representations(session(), [item])
    answer = jsonify(GoldenItemSchema().dump(shown))
    answer.status_code = status
    return answer
