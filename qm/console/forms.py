"""Forms: what was typed as a body of the API's schema, and changes that may be refused."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, make_response, redirect, request, url_for
from flask_babel import get_timezone, gettext
from marshmallow import Schema, ValidationError, fields

from qm.console.fault_words import without_echoes
from tenants import isolation
from tenants.access import session
from tenants.http.contract import StaleVersion
from tenants.http.faults import Conflict, Fault, Invalid
from tenants.http.validation_messages import faults_from_messages

_TAKEN = {"user_exists": "/email", "client_exists": "/slug", "view_exists": "/name", "key_taken": "/key"}
"""The field that has to be another one, by the code of the conflict."""
_NUMBERS = (fields.Integer, fields.Float)


def read_form(schema: type[Schema]) -> dict[str, Any]:
    """Return the form that was sent, loaded by a schema of the API; what was left empty is missing.

    Lists are sent as repeated fields, or as lines of one; check boxes are `on`, and where one stands for what
    is there already, the macro `flag` sends `off` before it, so that a form without the box changes nothing.

    Raises
    ------
    Invalid
        With every fault, at the name of its field.
    """
    loader = schema()
    return load_values(
        schema,
        {
            name: value
            for name, declared in loader.load_fields.items()
            if (value := _typed(declared, request.form.getlist(name))) is not None
        },
    )


def load_values(schema: type[Schema], body: Mapping[str, Any]) -> dict[str, Any]:
    """Return values that a form was turned into, loaded by a schema of the API.

    Raises
    ------
    Invalid
        With every fault, at the name of its field.
    """
    try:
        loaded: dict[str, Any] = schema().load(body)
    except ValidationError as error:
        messages: Mapping[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise Invalid(faults_from_messages(messages, "")) from error
    return loaded


def end_of_day(name: str) -> datetime | None:
    """Return the end, in the reader's zone, of the day that was typed into a field; None for no day.

    Raises
    ------
    Invalid
        For what is no day.
    """
    typed = request.form.get(name, "").strip()
    if not typed:
        return None
    zone = ZoneInfo(str(get_timezone()))
    try:
        return datetime.combine(date.fromisoformat(typed), time(23, 59), zone)
    except ValueError as error:
        detail = gettext("Expected a day, such as 2026-01-31.")
        raise Invalid([Fault(f"/{name}", "bad_date", detail)]) from error


def _typed(declared: fields.Field[Any], sent: Sequence[str]) -> Any:
    if isinstance(declared, fields.Boolean):
        return "on" in sent or "true" in sent if sent else None
    if isinstance(declared, fields.List):
        lines = [line.strip() for text in sent for line in text.splitlines()]
        return [line for line in lines if line]
    text = sent[0].strip() if sent else ""
    if not text:
        return None
    if isinstance(declared, _NUMBERS):
        try:
            return int(text) if isinstance(declared, fields.Integer) else float(text)
        except ValueError:
            return text
    return text


@dataclass(slots=True)
class Attempt:
    """What became of a change: the faults of what was refused, by the pointer of their place."""

    faults: list[Fault] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether the change was refused, and nothing of it is left."""
        return bool(self.faults)

    @property
    def status(self) -> int:
        """The status of the page that shows it."""
        return 422 if self.faults else 200


@contextmanager
def attempt() -> Iterator[Attempt]:
    """Try a change; when it is refused nothing of it is left, and the page can say what was wrong."""
    tried = Attempt()
    try:
        with isolation.attempt(session()):
            yield tried
    except Invalid as error:
        tried.faults = without_echoes(error.faults)
    except (Conflict, StaleVersion) as error:
        code = getattr(error, "code", "stale_version")
        tried.faults = [Fault(_TAKEN.get(code, ""), code, str(error))]


def faults_at(faults: Sequence[Fault], pointer: str) -> list[Fault]:
    """Return the faults of a place and of what is below it."""
    return [fault for fault in faults if fault.pointer == pointer or fault.pointer.startswith(f"{pointer}/")]


def elsewhere(faults: Sequence[Fault], pointers: Sequence[str]) -> list[Fault]:
    """Return the faults that belong to none of these places, to be told at the head of the form."""
    at_place = {id(fault) for pointer in pointers for fault in faults_at(faults, pointer)}
    return [fault for fault in faults if id(fault) not in at_place]


def typed_values() -> Mapping[str, str]:
    """Return what was typed, so that a refused form is shown as it was sent."""
    return request.form


def see(endpoint: str, **values: Any) -> Response:
    """Return the answer to a form that was accepted: look at this page now."""
    answer: Response = make_response(redirect(url_for(endpoint, **values), HTTPStatus.SEE_OTHER))
    return answer
