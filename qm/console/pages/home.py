"""The first page, one per role."""

from qm.console.blueprint import blueprint
from qm.console.page_access import page
from qm.console.rendering import render


@blueprint.route("/")
@page("clients:read")
def home() -> str:
    """Show what there is to do first."""
    return render("home/home.html")
