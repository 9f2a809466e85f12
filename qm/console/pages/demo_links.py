"""Links that sign the example people of `qm demo` in; everywhere else this address is nothing."""

from flask import Response, make_response, redirect

from qm.console.blueprint import blueprint
from qm.console.page_access import remember
from qm.console.pages.sign_in import device_name
from tenants import clients, sign_in
from tenants.access import access_guard, count_address, public
from tenants.http.faults import NotFound
from tenants.isolation import transaction
from tenants.models import ids_are_seeded


@blueprint.route("/demo/<tenant>/<token>")
@public
def demo_link(tenant: str, token: str) -> Response:
    """Sign an example person in."""
    count_address()
    if not ids_are_seeded():
        raise NotFound("page")
    with transaction(access_guard().engine) as opened:
        clients.enter_tenant(opened, tenant)
        user = sign_in.user_of_token(opened, token, ("demo",))
        secret = sign_in.begin_session(opened, user, device=device_name())
    remember(secret)
    answer: Response = make_response(redirect("/", 303))
    return answer
