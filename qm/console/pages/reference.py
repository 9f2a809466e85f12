"""The API reference: what there is by topic, and each operation with its fields, errors and samples."""

from typing import Any

from flask import current_app, request

from qm.console.blueprint import blueprint
from qm.console.rendering import render
from qm.openapi.reference import Reference, read_reference
from tenants.access import public
from tenants.http.faults import NotFound

ADDRESS = "http://127.0.0.1:8000"
"""What samples call until the address of this server takes its place."""
MAX_SOUGHT = 200


@blueprint.route("/docs", endpoint="docs")
@public
def show_reference() -> Any:
    """Show all operations by topic, or those that hold what is looked for."""
    reference = _reference()
    wanted = request.args.get("q", "").strip()[:MAX_SOUGHT]
    found = reference.find(wanted)
    return render("docs/docs.html", reference=reference, wanted=wanted, found=found)


@blueprint.route("/docs/<tag>", endpoint="docs_topic")
@public
def show_topic(tag: str) -> Any:
    """Show the operations of a topic with everything that is known of them."""
    reference = _reference()
    if tag not in reference.tags:
        raise NotFound("topic")
    operations = reference.of_tag(tag)
    return render(
        "docs/topic.html",
        reference=reference,
        tag=tag,
        operations=operations,
        schemas=reference.needed(operations),
        address=ADDRESS,
        here=request.host_url.rstrip("/"),
    )


def _reference() -> Reference:
    """Return the reference, read once from the contract of the application."""
    kept = current_app.extensions
    if "qm.reference" not in kept:
        kept["qm.reference"] = read_reference(kept["qm.openapi"], ADDRESS)
    found: Reference = kept["qm.reference"]
    return found
