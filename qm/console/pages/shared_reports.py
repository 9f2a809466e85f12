"""A frozen report that is opened by a link, without signing in."""

from http import HTTPStatus
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from sqlalchemy.orm import Session

from qm.console.blueprint import blueprint
from qm.console.page_access import check_form
from qm.console.pages.branding import logo_response, look, style_response
from qm.console.pages.snapshots import shown_content
from qm.snapshots.models import ReportShare, ReportSnapshot
from qm.snapshots.sharing import find_share, note_opened, note_refused
from tenants import clients
from tenants.access import TooManyRequests, access_guard, count_address, public
from tenants.http.faults import NotFound
from tenants.isolation import transaction
from tenants.models import utc_now
from tenants.sign_in import password_matches


@blueprint.route("/shared/<tenant>/<token>", methods=["GET", "POST"])
@public
def shared_report(tenant: str, token: str) -> Any:
    """Show the frozen report that a link opens; where it has a password, ask for it each time."""
    count_address()
    check_form()
    with transaction(access_guard().engine) as opened:
        found = _found(opened, tenant, token)
        if found is None:
            return _unlisted(render_template("snapshots/over.html"), HTTPStatus.NOT_FOUND)
        share, snapshot = found
        refused = request.method == "POST" and not _password_fits(share)
        if refused:
            note_refused(opened, share)
        if share.password_hash is not None and (refused or request.method != "POST"):
            page = render_template("snapshots/password.html", refused=refused)
            return _unlisted(page, HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK)
        note_opened(opened, share)
        addresses: dict[str, Any] = {"tenant": tenant, "token": token}
        style, logo = (url_for(f"console.shared_report_{name}", **addresses) for name in ("style", "logo"))
        shown = {**shown_content(snapshot), "look": look(opened, style, logo)}
        return _unlisted(render_template("snapshots/shared.html", **shown), HTTPStatus.OK)


@blueprint.route("/shared/<tenant>/<token>/style.css")
@public
def shared_report_style(tenant: str, token: str) -> Response:
    """Return the provider's colours to whoever has a link."""
    count_address()
    with transaction(access_guard().engine) as opened:
        if _found(opened, tenant, token) is None:
            raise NotFound("shared report")
        return style_response(opened)


@blueprint.route("/shared/<tenant>/<token>/logo")
@public
def shared_report_logo(tenant: str, token: str) -> Response:
    """Return the provider's logo to whoever has a link."""
    count_address()
    with transaction(access_guard().engine) as opened:
        if _found(opened, tenant, token) is None:
            raise NotFound("shared report")
        return logo_response(opened)


def _found(opened: Session, tenant: str, token: str) -> tuple[ReportShare, ReportSnapshot] | None:
    """Return what a link opens; None where it opens nothing, for whatever reason."""
    try:
        clients.enter_tenant(opened, tenant)
        return find_share(opened, token, utc_now())
    except NotFound:
        return None


def _password_fits(share: ReportShare) -> bool:
    """Compare the password that was sent, a few times in a quarter of an hour."""
    if share.password_hash is None:
        return True
    status = access_guard().sign_in_limiter.count(f"share:{share.share_id}")
    if not status.allowed:
        raise TooManyRequests(status.headers())
    return password_matches(share.password_hash, request.form.get("password", ""))


def _unlisted(page: str, status: HTTPStatus) -> Response:
    answer = make_response(page, status)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
