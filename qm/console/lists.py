"""The one form of all lists: filters in the address, a table of what the API shows, pages by cursor, CSV."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for

from qm.console.rendering import render
from qm.reports.csv_export import csv_response
from tenants.http.contract import MAX_PAGE_SIZE, Page

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: a name of the API (`agent.name` for nested ones), its heading, and how it is written.

    `form` is `text`, `words`, `moment`, `day`, `number`, `whole`, `percent`,
    `role` or `tags`.
    """

    name: str
    heading: str
    form: str = "text"

    def value(self, row: Row) -> Any:
        """Return what a row has under the name."""
        found: Any = row
        for part in self.name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of a list: a query parameter of the API, its label, and its choices or its type of input."""

    name: str
    label: str
    choices: Sequence[tuple[str, str]] = ()
    type: str = "text"


@dataclass(frozen=True, slots=True)
class Listing:
    """A list page: title, columns, filters, where a row leads, and what to do when nothing is there."""

    title: str
    columns: Sequence[Column]
    filters: Sequence[Filter] = ()
    link: Callable[[Row], str] | None = None
    empty: str = ""
    template: str = "list.html"

    def shown(self, page: Page, rows: Sequence[Row], **more: Any) -> str:
        """Return the page with these rows of a page of the API's list."""
        return render(
            self.template,
            listing=self,
            rows=rows,
            set_filters=[each for each in self.filters if request.args.get(each.name)],
            next_url=self.address(cursor=page.next_cursor) if page.next_cursor else None,
            first_url=self.address(cursor=None) if request.args.get("cursor") else None,
            csv_url=self.address(cursor=None, format="csv"),
            **more,
        )

    def address(self, **changed: str | None) -> str:
        """Return the address of this list with some query parameters changed, or taken away by None."""
        query = {**request.args.to_dict(), **changed}
        kept = {name: value for name, value in query.items() if value is not None}
        return url_for(request.endpoint or "", **{**(request.view_args or {}), **kept})

    def as_csv(self, name: str, pages: Iterator[Sequence[Row]]) -> Response:
        """Return the whole list, every page of it, with the columns as the API names them."""
        names = [column.name for column in self.columns]
        rows = ({column.name: column.value(row) for column in self.columns} for each in pages for row in each)
        return csv_response(name, names, rows, bom=True)


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


PAGE_SIZE = 50
CSV_PAGE_SIZE = MAX_PAGE_SIZE
