"""People: who works here, what they may do, and how they come in."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, flash, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from qm.console.blueprint import blueprint
from qm.console.forms import Attempt, attempt, read_form, see
from qm.console.lists import CSV_PAGE_SIZE, PAGE_SIZE, Column, Filter, Listing, every_page, wants_csv
from qm.console.page_access import page
from qm.console.rendering import render
from qm.console.words import ROLE_WORDS, role_choices
from qm.mail import mailer
from qm.password_letters import invitation_letter
from qm.reviews.leaving import holdings
from tenants import credentials, sign_in, user_requests, users
from tenants.access import access_guard, actor, public_address, session
from tenants.http.contract import Page
from tenants.http.deferred_faults import FAULTS, FaultCollector
from tenants.http.faults import NotFound
from tenants.isolation import after_commit
from tenants.models import Client, Credential, User
from tenants.schemas import NewUserSchema, UserChangeSchema

_LISTING = Listing(
    _("People"),
    (
        Column("name", _("Name")),
        Column("role", _("Role"), "role"),
        Column("clients", _("Clients"), "tags"),
        Column("languages", _("Languages"), "tags"),
        Column("skills", _("Skills"), "tags"),
        Column("team", _("Team")),
        Column("weekly_capacity", _("Reviews a week"), "count"),
        Column("signed_in_at", _("Last signed in"), "moment"),
        Column("disabled_at", _("Disabled since"), "moment"),
        Column("email", _("E-mail address")),
    ),
    filters=(
        Filter("role", _("Role"), tuple(ROLE_WORDS.items())),
        Filter("disabled", _("Disabled"), (("true", _("yes")), ("false", _("no")))),
    ),
    link=lambda row: f"/people/{row['user_id']}",
    empty=_("Nobody works here yet. Invite the first."),
    template="people/people.html",
)
_NULLABLE = ("team", "agent", "weekly_capacity", "time_zone", "locale")


@blueprint.route("/people")
@page("admin")
def people() -> Any:
    """Show everybody who works here."""
    load = partial(_people_page, limit=CSV_PAGE_SIZE if wants_csv() else PAGE_SIZE)
    if wants_csv():
        return _LISTING.as_csv("people", every_page(load))
    return _LISTING.shown(*load(request.args.get("cursor")))


def _people_page(cursor: str | None, limit: int) -> tuple[Page, list[dict[str, Any]]]:
    role = request.args.get("role") or None
    disabled = {"true": True, "false": False}.get(request.args.get("disabled", ""))
    found = users.page_of_users(session(), role=role, disabled=disabled, limit=limit, cursor=cursor)
    return found, users.shown_people(session(), found.data)


@blueprint.route("/people/invite", methods=["GET", "POST"])
@page("admin")
def people_invite() -> Any:
    """Invite somebody: make them known, and show the link by which they set a password."""
    tried = Attempt()
    if request.method == "POST":
        with attempt() as tried:
            body = read_form(NewUserSchema)
            made = user_requests.create_person(session(), actor(), body, FaultCollector(body.pop(FAULTS, ())))
            link = sign_in.password_link(session(), made, public_address())
        if not tried.failed:
            return render("people/link.html", person=made, link=link, mailed=_mail_invitation(made))
    shown = render("people/invite.html", faults=tried.faults, typed=request.form, **_choices())
    return shown, tried.status


def _mail_invitation(user: User) -> bool:
    mails = mailer()
    if mails.is_set_up:
        of = user.tenant_id, user.user_id
        write = partial(invitation_letter, access_guard().engine, *of, mails.address)
        after_commit(session(), partial(mails.send_later, write))
    return mails.is_set_up


def _choices() -> dict[str, Any]:
    found = session().scalars(select(Client).order_by(Client.name)).all()
    return {"clients": [(client.slug, client.name) for client in found], "roles": role_choices()}


@blueprint.route("/people/<uuid:user_id>", methods=["GET", "POST"])
@page("admin")
def people_person(user_id: UUID) -> Any:
    """Show one person, and change what they may do."""
    user = users.load_user(session(), user_id)
    tried = Attempt()
    if request.method == "POST":
        with attempt() as tried:
            user_requests.change_person(session(), actor(), user, _change(user))
        if not tried.failed:
            flash(gettext("Saved."))
            return see("console.people_person", user_id=user_id)
    return _person_page(user, tried), tried.status


def _change(user: User) -> dict[str, Any]:
    """Return the form as a change: what was left empty is taken away."""
    body = {"name": "", "email": "", **dict.fromkeys(_NULLABLE), **read_form(UserChangeSchema)}
    if user.user_id == actor().user_id:
        body = {name: value for name, value in body.items() if name not in {"role", "clients"}}
    return body


def _person_page(user: User, tried: Attempt, **more: Any) -> str:
    shown = users.shown_people(session(), [user])[0]
    return render(
        "people/person.html",
        person=shown,
        typed=request.form if tried.failed else None,
        faults=tried.faults,
        is_self=user.user_id == actor().user_id,
        holdings=holdings(session(), user),
        sessions=sign_in.sessions_of(session(), user),
        **_choices(),
        **more,
    )


@blueprint.route("/people/<uuid:user_id>/link", methods=["POST"])
@page("admin")
def people_link(user_id: UUID) -> Any:
    """Make a link by which the person sets a password."""
    user = users.load_user(session(), user_id)
    with attempt() as tried:
        link = sign_in.password_link(session(), user, public_address())
    if tried.failed:
        return _person_page(user, tried), tried.status
    return render("people/link.html", person=user, link=link, mailed=False)


@blueprint.route("/people/<uuid:user_id>/disable", methods=["GET", "POST"])
@page("admin")
def people_disable(user_id: UUID) -> Any:
    """Say what ends with a person's access, and end it, or give it back."""
    user = users.load_user(session(), user_id)
    if request.method == "GET":
        held = holdings(session(), user)
        return render("people/disable.html", person=user, holdings=held, is_self=_is_self(user))
    wanted = request.form.get("deed") != "enable"
    with attempt() as tried:
        user_requests.change_person(session(), actor(), user, {"disabled": wanted})
    if tried.failed:
        return _person_page(user, tried), tried.status
    flash(gettext("%(name)s is disabled.", name=user.name) if wanted else gettext("Enabled again."))
    return see("console.people_person", user_id=user_id)


def _is_self(user: User) -> bool:
    return user.user_id == actor().user_id


@blueprint.route("/people/<uuid:user_id>/remove", methods=["POST"])
@page("admin")
def people_remove(user_id: UUID) -> Any:
    """Remove a person who leaves."""
    user = users.load_user(session(), user_id)
    with attempt() as tried:
        user_requests.remove_person(session(), actor(), user)
    if tried.failed:
        return _person_page(user, tried), tried.status
    flash(gettext("Name, address and access are gone; what they did stays."))
    return see("console.people")


@blueprint.route("/people/<uuid:user_id>/end/<uuid:credential_id>", methods=["POST"])
@page("admin")
def people_end(user_id: UUID, credential_id: UUID) -> Response:
    """End a key or a browser session of a person."""
    user = users.load_user(session(), user_id)
    theirs = select(Credential.credential_id).where(
        Credential.user_id == user.user_id, Credential.credential_id == credential_id
    )
    if session().scalar(theirs) is None:
        raise NotFound("key or session")
    credentials.revoke(session(), credential_id=credential_id)
    flash(gettext("It has ended."))
    return see("console.people_person", user_id=user_id)
