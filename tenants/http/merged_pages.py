"""Pages of a list that is merged of several selects, each of which the database has in order.

One select over all clients would have to sort all their rows; of each client it reads the first of an index.
"""

import heapq
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from tenants.http.contract import Page, cursor_of, page_of


def merged_page(
    session: Session,
    statements: Sequence[Select[Any]],
    key: Sequence[Any],
    *,
    limit: int,
    cursor: str | None,
    descending: bool = False,
) -> Page:
    """Return one page of the rows of all statements, ordered by `key`, which is unique over all of them.

    Raises
    ------
    Invalid
        For a cursor that this list did not issue.
    """
    pages = [
        page_of(session, each, key, limit=limit, cursor=cursor, descending=descending) for each in statements
    ]

    def place(row: Any) -> tuple[Any, ...]:
        return tuple(getattr(row, str(column.key)) for column in key)

    rows = list(heapq.merge(*(page.data for page in pages), key=place, reverse=descending))
    more = len(rows) > limit or any(page.next_cursor for page in pages)
    items = rows[:limit]
    return Page(items, cursor_of(place(items[-1])) if more and items else None)
