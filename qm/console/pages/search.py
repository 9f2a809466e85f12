"""Search by external id, over all clients that somebody sees."""

from typing import TYPE_CHECKING, Any

from flask import request, url_for
from marshmallow import ValidationError

from qm.browsing.schemas import SearchArguments
from qm.browsing.search import find
from qm.console.blueprint import blueprint
from qm.console.page_access import page
from qm.console.rendering import render, see
from tenants.access import actor, session
from tenants.http.validation_messages import faults_from_messages

if TYPE_CHECKING:
    from tenants.http.faults import Fault


@blueprint.route("/search")
@page("interactions:read")
def search() -> Any:
    """Go straight to what is called so; where it is several things, show them."""
    wanted = request.args.get("q", "").strip()
    faults: list[Fault] = []
    hits: list[dict[str, Any]] = []
    if wanted:
        try:
            hits = find(session(), actor(), SearchArguments().load({"q": wanted})["q"])
        except ValidationError as error:
            messages: Any = error.normalized_messages()  # type: ignore[no-untyped-call]
            faults = faults_from_messages(messages, "")
    shown = [{**hit, "address": _address(hit)} for hit in hits]
    if len(shown) == 1:
        return see(shown[0]["address"])
    return render("search/search.html", wanted=wanted, hits=shown, faults=faults), 422 if faults else 200


def _address(hit: dict[str, Any]) -> str:
    kind = hit["kind"]
    if kind == "customer":
        return url_for("console.interactions_of_client", client=hit["client"], customer=hit["external_id"])
    if kind == "interaction":
        return url_for("console.interactions_shown", interaction_id=hit["id"])
    return f"/{kind}s/{hit['id']}"
