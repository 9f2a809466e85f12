"""Shared parts of the endpoints: strict request parsing, pagination, entity tags, preconditions."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar, cast
from urllib.parse import unquote_to_bytes, urlencode
from uuid import UUID

import flask_smorest
import msgspec
from flask import Request, Response, request
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, post_dump, validate
from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.orm import Session
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy
from werkzeug.datastructures import MultiDict

from tenants.http.deferred_faults import keep_faults, read_part, when_parts_are_read
from tenants.http.duplicate_keys import duplicate_key_faults
from tenants.http.faults import Fault, Invalid, Malformed
from tenants.http.plain_forms import fields_by_parameter, wrong_form
from tenants.http.strict_fields import NEVER_IN_TEXT
from tenants.http.validation_messages import faults_from_messages, path_segment

T = TypeVar("T")

JSON_TYPES = ("application/json",)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BYTES_TYPE = "application/octet-stream"
MAX_PAGE_SIZE = 200
MAX_WHOLE_NUMBER = 2**63 - 1
# Suffix that compression appends to an entity tag.
_COMPRESSED = re.compile(":(?:gzip|deflate|br|zstd)$")


class UnsupportedMediaType(Exception):
    """The media type of the body is not accepted by this endpoint."""

    def __init__(self, accepted: Sequence[str]) -> None:
        """Take the accepted media types."""
        super().__init__(f"Send one of: {', '.join(accepted)}.")


class StaleVersion(Exception):
    """`If-Match` does not match the present version."""

    def __init__(self) -> None:
        """Set the message."""
        super().__init__("The resource has changed since it was read; read it again.")


def body_of(media_types: Sequence[str]) -> bytes:
    """Return the body of the request if it has one of these media types.

    Raises
    ------
    UnsupportedMediaType
        For any other type.
    """
    if request.mimetype not in media_types:
        raise UnsupportedMediaType(media_types)
    return request.get_data()


def decoded(body: bytes) -> Any:
    """Decode strict JSON: without NaN, lone surrogates, unbounded nesting or keys that are given twice.

    Raises
    ------
    Malformed
        With the position of the syntax error, or when it is nested too deeply.
    Invalid
        With the place of each key that an object gives again.
    """
    body = body.removeprefix(BYTE_ORDER_MARK)
    try:
        value = msgspec.json.decode(body)
        duplicates = duplicate_key_faults(body, value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed([unreadable_json(body, error)]) from error
    if duplicates:
        raise Invalid(duplicates)
    return value


def unreadable_json(body: bytes | memoryview, error: Exception, what: str = "body") -> Fault:
    """Return the fault of JSON that cannot be decoded; `what` was read: a body, or a line of it."""
    if isinstance(error, RecursionError):
        return Fault("", "too_deep", f"The {what} is nested too deeply.")
    try:
        bytes(body).decode()
    except UnicodeDecodeError as wrong:
        detail = f"The {what} is not UTF-8: {wrong.reason} (byte {wrong.start})."
        return Fault("", "not_utf8", detail)
    place = f" (byte {len(body)})" if "truncated" in str(error) else ""
    detail = f"The {what} is not JSON: {error}{place}."
    return Fault("", "not_json", detail)


def _bytes_that_are_no_text(query: bytes) -> Iterator[Fault]:
    """Yield a fault for each parameter that is not UTF-8, which otherwise would be taken as it is written."""
    for part in query.split(b"&"):
        try:
            unquote_to_bytes(part).decode()
        except UnicodeDecodeError:
            name = unquote_to_bytes(part.partition(b"=")[0]).decode("utf-8", "replace")
            yield Fault(f"/query{path_segment(name)}", "bad_characters", "This is not UTF-8.")


def _plain_parameters(
    given: MultiDict[str, str], known: Mapping[str, fields.Field[Any]]
) -> MultiDict[str, str]:
    """Return the parameters without those that are written in no plain form; the faults of these are kept."""
    plain = MultiDict[str, str]()
    for name, value in given.items(multi=True):
        wrong = wrong_form(known[name], value) if name in known else None
        if wrong is None:
            plain.add(name, value)
        else:
            keep_faults([Fault(f"/query{path_segment(name)}", wrong.code, str(wrong))])
    return plain


class _Parser(FlaskParser):
    DEFAULT_UNKNOWN_BY_LOCATION: ClassVar[dict[str, str | None]] = {  # type: ignore[misc]
        "json": RAISE,
        "query": RAISE,
        "form": RAISE,
        "headers": EXCLUDE,
    }

    def parse(self, *args: Any, **options: Any) -> Any:
        """Parse one part of the request; its faults wait for those of the others."""
        return read_part(lambda: super(_Parser, self).parse(*args, **options))

    def load_json(self, req: Request, schema: Schema) -> Any:
        optional = not any(field.required for field in schema.fields.values())
        return {} if optional and not req.get_data() else decoded(body_of(JSON_TYPES))

    def load_querystring(self, req: Request, schema: Schema) -> MultiDictProxy:
        faults = [
            Fault(f"/query{path_segment(name)}", "bad_characters", "NUL and lone surrogates are not allowed.")
            for name, value in req.args.items(multi=True)
            if NEVER_IN_TEXT.search(name + value)
        ]
        faults += _bytes_that_are_no_text(req.query_string)
        known = fields_by_parameter(schema)
        lists = {name for name, field in known.items() if isinstance(field, fields.List)}
        keep_faults(
            Fault(f"/query{path_segment(name)}", "repeated", "This parameter is given more than once.")
            for name, values in req.args.lists()
            if len(values) > 1 and name not in lists
        )
        if faults:
            raise Invalid(faults)
        loaded: MultiDictProxy = self._makeproxy(_plain_parameters(req.args, known), schema)
        return loaded

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> NoReturn:
        faults: list[Fault] = []
        messages_of: Mapping[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
        for location, messages in messages_of.items():
            faults += faults_from_messages(messages, "" if location == "json" else f"/{location}")
        raise Invalid(faults) from error


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A blueprint with strict argument parsing; a body without required fields may be absent."""

    ARGUMENTS_PARSER = _Parser()

    def arguments(self, schema: type[Schema], **options: Any) -> Callable[[T], T]:
        """Parse arguments by one schema instance instead of a new one for every request.

        The faults of all parts of a request that are parsed so are told at once.
        """
        decorate: Callable[[Any], T] = super().arguments(schema(), **options)

        def guarded(view: T) -> T:
            return decorate(when_parts_are_read(cast("Callable[..., Any]", view)))

        return guarded

    if TYPE_CHECKING:  # the library is untyped; its decorators preserve the type of the view
        route: Callable[..., Callable[[T], T]]
        response: Callable[..., Callable[[T], T]]
        alt_response: Callable[..., Callable[[T], T]]
        doc: Callable[..., Callable[[T], T]]


def json_or_file(schema: Any, *, description: str) -> dict[str, Any]:
    """Return the OpenAPI description of a body: JSON, or a file of a type that generators do not know."""
    content = {
        JSON_TYPES[0]: {"schema": schema},
        BYTES_TYPE: {"schema": {"type": "string", "format": "binary"}},
    }
    return {"required": True, "description": description, "content": content}


class AnswerSchema(Schema):
    """An answer that says null where there is nothing to say, so that its properties are always there."""

    @post_dump
    def fill(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add the properties that may be null and have no value."""
        empty = {
            field.data_key or name: None
            for name, field in self.dump_fields.items()
            if field.allow_none and (field.data_key or name) not in data
        }
        return {**data, **empty} if empty else data


class FaultSchema(Schema):
    """One fault of a request."""

    pointer = fields.String(metadata={"description": "JSON pointer to the place."})
    code = fields.String()
    detail = fields.String()


class PageArguments(Schema):
    """Pagination arguments."""

    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(1, MAX_PAGE_SIZE),
        metadata={"description": "Most items on one page."},
    )
    cursor = fields.String(
        load_default=None,
        validate=validate.Length(1, 1000),
        metadata={"description": "`next_cursor` of the page before."},
    )


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and the cursor of the next page, if any."""

    data: Sequence[Any]
    next_cursor: str | None


def page_of(
    session: Session,
    statement: Select[Any],
    key: Sequence[ColumnElement[Any] | Any],
    *,
    limit: int,
    cursor: str | None,
    descending: bool = False,
) -> Page:
    """Return one page of a select of entities, ordered by `key`, a unique tuple of columns.

    Keyset pagination: the cursor is the key of the last item, so new items never shift a page.

    Raises
    ------
    Invalid
        For a cursor that this list did not issue.
    """
    if cursor is not None:
        bound = tuple_(*key)
        values = tuple_(*key_of(cursor, len(key), key))
        statement = statement.where(bound < values if descending else bound > values)
    order = [column.desc() if descending else column.asc() for column in key]
    rows = session.scalars(statement.order_by(*order).limit(limit + 1)).all()
    items = rows[:limit]
    next_cursor = (
        None if len(rows) <= limit else cursor_of([getattr(items[-1], str(column.key)) for column in key])
    )
    return Page(items, next_cursor)


def cursor_of(values: Sequence[Any]) -> str:
    """Encode the key of the last item as a cursor."""
    plain = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def key_of(cursor: str, length: int, key: Sequence[Any]) -> list[Any]:
    """Decode a cursor into values of these columns.

    Raises
    ------
    Invalid
        For a cursor that this list did not issue.
    """
    fault = Invalid([Fault("/query/cursor", "bad_cursor", "This cursor was not given out by this list.")])
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(plain, list) or len(plain) != length:
            raise fault
        return [_READERS[column.type.python_type](text) for text, column in zip(plain, key, strict=True)]
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise fault from error


def _clean_text(value: str) -> str:
    if not isinstance(value, str) or NEVER_IN_TEXT.search(value):
        raise ValueError
    return value


def _whole_number(value: str) -> int:
    number = int(value)
    if abs(number) > MAX_WHOLE_NUMBER:
        raise ValueError
    return number


_READERS: Mapping[type, Any] = {
    UUID: UUID,
    datetime: datetime.fromisoformat,
    str: _clean_text,
    int: _whole_number,
}


def linked(page: Page, data: Sequence[Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Return the body of a list response, its status and the `Link` header to the next page."""
    headers: dict[str, str] = {}
    if page.next_cursor:
        query = request.args.to_dict(flat=False) | {"cursor": [page.next_cursor]}
        headers["Link"] = f'<{request.path}?{urlencode(query, doseq=True)}>; rel="next"'
    return {"data": data, "next_cursor": page.next_cursor}, 200, headers


def tag_of(*parts: object) -> str:
    """Return the entity tag made of parts that identify a resource version."""
    return '"' + "-".join(str(part) for part in parts) + '"'


def check_match(tag: str) -> None:
    """Check the `If-Match` precondition against the present version.

    Raises
    ------
    StaleVersion
        When `If-Match` is present and does not contain `tag`.
    """
    if request.headers.get("If-Match") is None:
        return
    expected = request.if_match
    tags = {_COMPRESSED.sub("", name) for name in expected.as_set()}
    if not expected.star_tag and tag.strip('"') not in tags:
        raise StaleVersion


def tagged(response: Response, tag: str) -> Response:
    """Set the entity tag of a response; a read that matches `If-None-Match` becomes 304."""
    response.headers["ETag"] = tag
    known = {_COMPRESSED.sub("", name) for name in request.if_none_match.as_set(include_weak=True)}
    if request.method in {"GET", "HEAD"} and (request.if_none_match.star_tag or tag.strip('"') in known):
        response.status_code = 304
        response.set_data(b"")
    return response
