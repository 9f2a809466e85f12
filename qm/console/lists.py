"""The one form of all lists: filters in the address, columns, pages by cursor, saved views, CSV."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Response, make_response, request, url_for
from flask_babel import get_timezone
from marshmallow import Schema, ValidationError

from qm.console.fault_words import without_echoes
from qm.console.formatting import day, words
from qm.console.rendering import render, see
from qm.reports.csv_export import BYTE_ORDER_MARK, CSV, csv_cell
from qm.reports.xlsx_export import in_chunks
from qm.saved_views.models import SavedView
from qm.saved_views.representations import view_representations
from qm.saved_views.views import select_visible
from tenants.access import actor, session
from tenants.days import start_of
from tenants.http.contract import MAX_PAGE_SIZE, Page
from tenants.http.faults import Fault, Invalid
from tenants.http.strict_fields import NEVER_IN_TEXT
from tenants.http.validation_messages import faults_from_messages
from tenants.models import Client

Row = Mapping[str, Any]
PAGE_SIZE = 50
CSV_PAGE_SIZE = MAX_PAGE_SIZE
_OWN_PARAMETERS = frozenset({"columns", "column", "format", "cursor"})
"""Query parameters of lists that are no filters."""
_IN_MEMORY = 1 << 20
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Column:
    """A column: a name of the API (`agent.name` for nested ones), its heading, and how it is written.

    `form` is `text`, `words`, `moment`, `day`, `number`, `count`, `percent`, `role`, `reasons` or `tags`; an
    `optional` one is shown to those who choose it. `texts` are the words for its values, where people know
    another name than the API.
    """

    name: str
    heading: str
    form: str = "text"
    optional: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)

    def shown(self, row: Row) -> Any:
        """Return what a person is shown of a row."""
        value = self.value(row)
        return self.texts.get(value, value) if isinstance(value, str) else value

    def value(self, row: Row) -> Any:
        """Return what a row has under the name."""
        found: Any = row
        for part in self.name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of a list: a query parameter of the API, its label, and its choices or its type of input.

    Where the API takes a moment, `type` is `date`: a day is its beginning in the reader's zone, or with
    `through` its end. One that is `more` is folded away until it is set.
    """

    name: str
    label: str
    choices: Sequence[tuple[str, str]] = ()
    type: str = "text"
    through: bool = False
    more: bool = False

    @property
    def shown(self) -> str:
        """What the filter is set to, in words."""
        value = request.args.get(self.name, "")
        chosen = dict(self.choices).get(value)
        if chosen is not None:
            return words(value) if chosen == value else chosen
        return _day_in_words(value)


Load = Callable[[dict[str, Any], int, str | None], tuple[Page, Sequence[Row]]]
"""Loads a page of a list: the filters as the API reads them, how many rows, and the cursor."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list page: title, columns, filters, where a row leads, and what to do when nothing is there.

    `views` is the name under which views of it are saved; without it there are none.
    """

    title: str
    columns: Sequence[Column]
    filters: Sequence[Filter] = ()
    link: Callable[[Row], str] | None = None
    empty: str = ""
    template: str = "list.html"
    views: str = ""

    def answer(self, schema: type[Schema], load: Load, *, name: str, **more: Any) -> Any:
        """Answer a request for the list: the page, the whole as CSV, or what is wrong with its filters."""
        if (plain := self._plain_address()) is not None:
            return see(plain)
        try:
            arguments = self.arguments(schema)
            if wants_csv():
                return self.as_csv(
                    name, every_page(lambda cursor: load(dict(arguments), CSV_PAGE_SIZE, cursor))
                )
            page, rows = load(arguments, PAGE_SIZE, request.args.get("cursor"))
        except Invalid as error:
            shown = self.shown(Page([], None), [], faults=without_echoes(error.faults), **more)
            return make_response(shown, HTTPStatus.UNPROCESSABLE_ENTITY)
        return self.shown(page, rows, **more)

    def arguments(self, schema: type[Schema]) -> dict[str, Any]:
        """Return the filters of the address, read by the schema of the API's list.

        Raises
        ------
        Invalid
            With every fault, at `/query/` and the name of its filter.
        """
        sent = {name: value for name, value in request.args.items() if name not in _OWN_PARAMETERS}
        unclean = [name for name, value in sent.items() if NEVER_IN_TEXT.search(name + value)]
        if unclean:
            detail = "NUL and lone surrogates are not allowed."
            raise Invalid([Fault(f"/query/{name}", "bad_characters", detail) for name in unclean])
        days = {each.name: each for each in self.filters if each.type == "date"}
        sent = {
            name: _moment_of(value, days[name]) if name in days else value for name, value in sent.items()
        }
        try:
            loaded: dict[str, Any] = schema().load(sent)
        except ValidationError as error:
            messages: Mapping[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
            raise Invalid(faults_from_messages(messages, "/query")) from error
        loaded.pop("limit", None)
        loaded.pop("cursor", None)
        return loaded

    def shown(
        self,
        page: Page,
        rows: Sequence[Row],
        *,
        client: Client | None = None,
        faults: Sequence[Fault] = (),
        **more: Any,
    ) -> str:
        """Return the page with these rows of a page of the API's list."""
        return render(
            self.template,
            listing=self,
            rows=rows,
            client=client,
            faults=faults,
            set_filters=[each for each in self.filters if request.args.get(each.name)],
            next_url=self.address(cursor=page.next_cursor) if page.next_cursor else None,
            first_url=self.address(cursor=None) if request.args.get("cursor") else None,
            csv_url=self.address(cursor=None, format="csv"),
            saved_views=self._saved_views(client),
            **more,
        )

    @property
    def shown_columns(self) -> Sequence[Column]:
        """The columns that the address names, or those that are not optional; the first is always there."""
        named = request.args.get("columns")
        if named is None:
            return [each for each in self.columns if not each.optional]
        wanted = set(named.split(","))
        return [each for each in self.columns if each.name in wanted or each is self.columns[0]]

    @property
    def query(self) -> str:
        """The query of the address without the page that is shown."""
        return urlencode(
            [(name, value) for name, value in request.args.items() if name not in {"cursor", "format"}]
        )

    def address(self, **changed: str | None) -> str:
        """Return the address of this list with some query parameters changed, or taken away by None."""
        query = {**request.args.to_dict(), **changed}
        return _here({name: value for name, value in query.items() if value is not None})

    def as_csv(self, name: str, pages: Iterator[Sequence[Row]]) -> Response:
        """Return the whole list, every page of it and every column, as the API names them.

        It is written down before anything is sent, so that it is whole or an error; what is larger than a
        megabyte is on the disk and not in memory.
        """
        written = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when it has been sent
        text = io.TextIOWrapper(written, "utf-8", newline="", write_through=True)
        text.write(BYTE_ORDER_MARK)
        writer = csv.writer(text)
        writer.writerow([column.name for column in self.columns])
        for rows in pages:
            writer.writerows([_csv_value(column.value(row)) for column in self.columns] for row in rows)
            session().expunge_all()
        text.detach()
        written.seek(0)
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        answer = Response(in_chunks(written), content_type=f"{CSV}; charset=utf-8", headers=headers)
        answer.call_on_close(written.close)
        return answer

    def _plain_address(self) -> str | None:
        """Return the address without what a form sends empty; None where it is plain already."""
        sent = request.args.to_dict()
        columns = request.args.getlist("column")
        plain = {name: value.strip() for name, value in sent.items() if value.strip() and name != "column"}
        if columns:
            chosen = [each.name for each in self.columns if each.name in columns]
            usual = [each.name for each in self.columns if not each.optional]
            plain.pop("columns", None)
            if chosen != usual:
                plain["columns"] = ",".join(chosen)
        if plain == sent and not columns:
            return None
        return _here(plain)

    def _saved_views(self, client: Client | None) -> Sequence[Row]:
        if not self.views:
            return ()
        wanted = select_visible(actor(), of=self.views)
        wanted = wanted.where(SavedView.client_id.is_not_distinct_from(client and client.client_id))
        found = session().scalars(wanted.order_by(SavedView.name, SavedView.view_id)).all()
        return view_representations(session(), actor(), found)


def _here(query: Mapping[str, str]) -> str:
    """Return the address of this page with a query, of which nothing is an option of `url_for`."""
    path = url_for(request.endpoint or "", **(request.view_args or {}))
    return f"{path}?{urlencode(query)}" if query else path


def _day_in_words(value: str) -> str:
    try:
        return day(date.fromisoformat(value))
    except ValueError:
        return value


def _moment_of(value: str, wanted: Filter) -> str:
    """Return a day as the moment at which it begins for the reader, or ends; anything else as it is."""
    try:
        begins = date.fromisoformat(value)
    except ValueError:
        return value
    if wanted.through and begins < date.max:
        begins += timedelta(days=1)
    return start_of(begins, ZoneInfo(str(get_timezone()))).isoformat()


def _csv_value(value: Any) -> Any:
    return csv_cell(" ".join(map(str, value)) if isinstance(value, (list, tuple)) else value)


def every_page(load: Callable[[str | None], tuple[Page, Sequence[Row]]]) -> Iterator[Sequence[Row]]:
    """Yield the rows of every page of a list; `load` takes a cursor."""
    cursor: str | None = None
    while True:
        page, rows = load(cursor)
        yield rows
        if page.next_cursor is None:
            return
        cursor = page.next_cursor


def wants_csv() -> bool:
    """Whether the list is asked for as a table to download."""
    return request.args.get("format") == "csv"
