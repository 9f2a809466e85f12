"""Entries of the audit log as sentences: who did what to which, and what it was before."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.models import AuditEntry, Client, Credential, User

_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SHORT = 8
NOTHING = "–"


def _phrases() -> Mapping[str, str]:
    """Return what was done, in words; `%(what)s` is what it was done to."""
    return {
        "branding.changed": gettext("changed how reports of %(what)s look"),
        "client.created": gettext("made the client %(what)s"),
        "client.changed": gettext("changed the client %(what)s"),
        "client.removed": gettext("removed the client %(what)s"),
        "client.erased": gettext("erased all that was left of a removed client"),
        "coaching.action_ticked": gettext("ticked an action of %(what)s"),
        "coaching.changed": gettext("changed %(what)s"),
        "coaching.closed": gettext("closed %(what)s"),
        "coaching.planned": gettext("made %(what)s"),
        "corrective_actions.written": gettext("wrote what is done about a report of %(what)s"),
        "credential.issued": gettext("issued the key %(what)s"),
        "credential.revoked": gettext("revoked the key %(what)s"),
        "webhook.changed": gettext("changed %(what)s"),
        "webhook.created": gettext("made %(what)s"),
        "webhook.disabled": gettext("disabled %(what)s"),
        "webhook.removed": gettext("removed %(what)s"),
        "webhook.replayed": gettext("sent an event to %(what)s again"),
        "webhook.rotated": gettext("rotated the secret of %(what)s"),
        "webhook.tested": gettext("sent a test to %(what)s"),
        "dispute.appealed": gettext("appealed the decision on %(what)s"),
        "dispute.decided": gettext("decided on %(what)s"),
        "draw.committed": gettext("committed to the key of a draw of %(what)s"),
        "draw.number_added": gettext("added a number to a draw of %(what)s"),
        "dispute.withdrawn": gettext("took back %(what)s"),
        "dispute.opened": gettext("disputed answers of an evaluation: %(what)s"),
        "evaluation.acknowledged": gettext("said that they have read %(what)s"),
        "gate.capped": gettext("said how far the machine may answer: %(what)s"),
        "gate.moved": gettext("moved the gate of %(what)s"),
        "interaction.erased": gettext("erased %(what)s with all that was known of it"),
        "interaction.events_added": gettext("added later facts to %(what)s"),
        "interaction.set_aside": gettext("set %(what)s aside, which could not be scored"),
        "interactions.received": gettext("sent interactions of %(what)s"),
        "interactions.requeued": gettext("had interactions of %(what)s scored again"),
        "interactions.retried": gettext("gave what was set aside of %(what)s another try"),
        "interactions.scored": gettext("scored interactions of %(what)s"),
        "kudos.declined": gettext("declined %(what)s"),
        "kudos.given": gettext("gave %(what)s"),
        "kudos.taken_back": gettext("took back %(what)s"),
        "library.confirmed": gettext("put %(what)s into the language library"),
        "library.declined": gettext("kept %(what)s out of the language library"),
        "library.withdrawn": gettext("took %(what)s out of the language library"),
        "model.held_back": gettext("held %(what)s back"),
        "model.put_in_force": gettext("put %(what)s in force"),
        "model.restored": gettext("put %(what)s back in force"),
        "password.set": gettext("set a password"),
        "records.exported": gettext("exported raw rows of %(what)s"),
        "report.frozen": gettext("froze a report: %(what)s"),
        "report.voided": gettext("said that %(what)s holds no longer"),
        "report_delivery.failed": gettext("gave up mailing %(what)s"),
        "report_delivery.sent": gettext("mailed %(what)s"),
        "report_schedule.ended": gettext("ended when reports are frozen: %(what)s"),
        "report_schedule.set": gettext("fixed when reports are frozen: %(what)s"),
        "report_share.made": gettext("made a link to a frozen report: %(what)s"),
        "report_share.opened": gettext("opened a frozen report by its link: %(what)s"),
        "report_share.refused": gettext("gave a wrong password for %(what)s"),
        "report_share.revoked": gettext("ended %(what)s"),
        "review.answer_served": gettext("had a hand-picked answer stand for %(what)s"),
        "review.claim_expired": gettext("let the claim on %(what)s expire"),
        "review.claim_returned": gettext("returned %(what)s to the queue"),
        "review.claimed": gettext("took %(what)s"),
        "review.picked": gettext("picked an interaction by hand: %(what)s"),
        "review.reassigned": gettext("kept %(what)s for somebody else"),
        "review.released": gettext("gave %(what)s back to the queue"),
        "review.reopened": gettext("took back the submission of %(what)s"),
        "review.skipped": gettext("skipped %(what)s"),
        "review.submitted": gettext("submitted %(what)s"),
        "session.begun": gettext("signed in"),
        "sign_in_token.issued": gettext("issued a link to set a password to %(what)s"),
        "tenant.created": gettext("made this provider"),
        "training.asked_for": gettext("asked for %(what)s"),
        "training.failed": gettext("failed in %(what)s"),
        "training.finished": gettext("finished %(what)s"),
        "training.refused": gettext("refused %(what)s"),
        "view.changed": gettext("changed %(what)s"),
        "view.deleted": gettext("deleted %(what)s"),
        "view.saved": gettext("saved %(what)s"),
        "user.changed": gettext("changed %(what)s"),
        "user.created": gettext("made %(what)s known"),
        "user.removed": gettext("removed %(what)s"),
    }


def sentences(session: Session, entries: Sequence[AuditEntry]) -> list[dict[str, Any]]:
    """Return entries with who did what as a sentence, and what changed: name, value before, value after."""
    names = _names(session, entries)
    return [
        {
            "number": entry.number,
            "at": entry.at,
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "details": entry.details,
            "digest": entry.digest.hex(),
            "who": _who(entry.actor, names),
            "did": _did(entry, names),
            "changes": [
                (name, _named(was, names), _named(now, names)) for name, was, now in _changes(entry.details)
            ],
            "facts": list(_facts(entry.details, names)),
        }
        for entry in entries
    ]


def _names(session: Session, entries: Iterable[AuditEntry]) -> Mapping[str, str]:
    """Return the names of all people, clients and keys that these entries mention, by id."""
    mentioned = {
        UUID(found)
        for entry in entries
        for text in (entry.actor, entry.subject, str(entry.details))
        for found in _IDS.findall(text)
    }
    tables = (
        (User.user_id, User.name),
        (Client.client_id, Client.name),
        (Credential.credential_id, Credential.name),
    )
    return {
        str(row[0]): row[1]
        for identity, name in tables
        for row in session.execute(select(identity, name).where(identity.in_(mentioned)))
    }


def _who(actor: str, names: Mapping[str, str]) -> str:
    """Return who acts: the person; without one the key by its name, or what works by itself."""
    first = actor.partition(" ")[0]
    kind, _, own_id = first.partition(":")
    if kind == "user":
        return names.get(own_id) or str(gettext("somebody who has left"))
    if kind == "credential":
        return str(gettext("the key “%(name)s”", name=names.get(own_id, own_id[:_SHORT])))
    return str({"worker": gettext("the worker"), "system": gettext("the system")}.get(first, first))


def _did(entry: AuditEntry, names: Mapping[str, str]) -> str:
    kind, _, own_id = entry.subject.partition(":")
    name = names.get(own_id) or entry.details.get("name") or entry.details.get("key")
    what = str(name) if name else f"{kind.replace('_', ' ')} {own_id[:_SHORT]}"
    if kind not in {"client", "user", "credential"} and name:
        what = f"{kind.replace('_', ' ')} {name}"
    phrase = _phrases().get(entry.action)
    if phrase is not None:
        return phrase % {"what": what} if "%(what)s" in phrase else phrase
    noun, _, verb = entry.action.rpartition(".")
    return f"{verb.replace('_', ' ')} {noun.replace('_', ' ')} {what if noun != kind else own_id[:_SHORT]}"


def _changes(details: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield what is not as it was: its name, the value before and after."""
    before, after = details.get("before"), details.get("after", details.get("to"))
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in {**before, **after}:
            was, now = before.get(name), after.get(name)
            if was == now:
                continue
            if isinstance(was, Mapping) and isinstance(now, Mapping):
                yield from _changes({"before": was, "after": now})
            else:
                yield name, was, now
    elif before is not None and after is not None:
        yield "", before, after


def _facts(details: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what else the entry says, with names for ids."""
    told = {"before", "after", "to"} if any(True for _ in _changes(details)) else set()
    for name, value in details.items():
        if name in told or value in (None, [], {}, ""):
            continue
        yield name.replace("_", " "), _named(value, names)


def _named(value: Any, names: Mapping[str, str]) -> str:
    """Return a value in words, with names for ids."""
    if value is None or value == []:
        return NOTHING
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return _IDS.sub(lambda found: names.get(found[0], found[0][:_SHORT]), text)
