"""A new password for who forgot theirs, by mail, without a hint whether an address is known."""

from functools import partial
from typing import Any

from flask import render_template, request

from qm.console.blueprint import blueprint
from qm.console.page_access import check_form
from qm.mail import mailer
from qm.password_letters import recovery_letter
from tenants import clients
from tenants.access import TooManyRequests, access_guard, count_address, public
from tenants.isolation import transaction
from tenants.models import Tenant

_MAX_ADDRESS = 254


@blueprint.route("/sign-in/<tenant>/recover", methods=["GET", "POST"])
@public
def recover(tenant: str) -> Any:
    """Send a link that sets another password to whoever has this address."""
    count_address()
    check_form()
    with transaction(access_guard().engine) as opened:
        provider = clients.enter_tenant(opened, tenant)
    mails, asked = mailer(), request.method == "POST"
    if asked and mails.is_set_up:
        email = request.form.get("email", "").strip().lower()[:_MAX_ADDRESS]
        _count(provider, email)
        # The mail's thread looks whose address it is: the answer takes as long whether it is anybody's.
        of = access_guard().engine, provider.tenant_id, email
        mails.send_later(partial(recovery_letter, *of, mails.address))
    shown = {"tenant": provider, "asked": asked, "sends_mail": mails.is_set_up}
    return render_template("sign_in/recover.html", **shown)


def _count(provider: Tenant, email: str) -> None:
    guard = access_guard()
    for status in (
        guard.recovery_sender_limiter.count(f"recovery-from:{request.remote_addr}"),
        guard.recovery_limiter.count(f"recovery:{provider.tenant_id}:{email}"),
    ):
        if not status.allowed:
            raise TooManyRequests(status.headers())
