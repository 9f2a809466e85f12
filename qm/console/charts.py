"""Figures as SVG, written on the server: no script, no style of their own, a title for who cannot see them.

Colours are classes of `charts.css`. Every figure has a table of its numbers beside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from qm.console.formatting import number, signed

WIDTH = 720
_MAX_NAME = 38


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of the strip of time: its name, its state, from when to when, when it was due, and its pauses."""

    name: str
    state: str
    start: datetime
    end: datetime
    due: datetime | None
    pauses: Sequence[tuple[datetime, datetime]]


def strip(title: str, bars: Sequence[Bar], first: str, last: str) -> Markup:
    """Return clocks as bars over time; pauses are hatched, a dashed line is the moment that was promised."""
    begin = min(bar.start for bar in bars)
    end = max(max(bar.end, bar.due or bar.end) for bar in bars)
    seconds = max((end - begin).total_seconds(), 1.0)
    left, height = 170, 28

    def x(moment: datetime) -> str:
        return f"{left + (WIDTH - left - 10) * (moment - begin).total_seconds() / seconds:.1f}"

    parts = []
    for row, bar in enumerate(bars):
        top = 8 + row * height
        parts.append(f'<text x="0" y="{top + 14}">{escape(bar.name)}</text>')
        parts.append(_rect(f"clock {bar.state}", x(bar.start), x(bar.end), top, 18))
        parts += [_rect("pause", x(start), x(stop), top + 3, 12) for start, stop in bar.pauses]
        if bar.due is not None:
            parts.append(
                f'<line class="target" x1="{x(bar.due)}" x2="{x(bar.due)}" y1="{top - 4}" y2="{top + 22}"/>'
            )
    bottom = 8 + len(bars) * height
    parts.append(f'<text class="axis" x="{left}" y="{bottom + 12}">{escape(first)}</text>')
    parts.append(
        f'<text class="axis" x="{WIDTH - 10}" y="{bottom + 12}" text-anchor="end">{escape(last)}</text>'
    )
    return svg(title, bottom + 18, parts)


def _rect(name: str, left: str, right: str, top: int, height: int) -> str:
    width = max(float(right) - float(left), 2.0)
    return f'<rect class="{escape(name)}" x="{left}" y="{top}" width="{width:.1f}" height="{height}"/>'


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a figure: its name, the estimate with limits where there is one, its reviews, and its goal.

    `href` leads to the interactions behind it; None for those who may not see them.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    goal: float | None = None
    href: str | None = None


def _upright(x: float, bottom: int, label: str) -> str:
    """Return a line of the grid from above the rows to below them, with what it stands for."""
    return (
        f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="4" y2="{bottom}"/>'
        f'<text class="axis" x="{x:.1f}" y="{bottom + 14}" text-anchor="middle">{escape(label)}</text>'
    )


@dataclass(frozen=True, slots=True)
class Cut:
    """A dashed line between two rows of a figure, with what changes there."""

    name: str


def ranges(title: str, rows: Sequence[Point | Cut | str], legend: str = "") -> Markup:
    """Return estimates as dots with their intervals, one below the other, on the scale from 0 to 100.

    A text among them is the heading of those below it.
    The legend, here as in the other figures, is a line below it that says what the marks are.
    """
    left, right, height = 190, 60, 30

    def x(value: float) -> float:
        return left + (WIDTH - left - right) * value / 100

    bottom = 8 + len(rows) * height
    parts = [_upright(x(value), bottom, str(value)) for value in range(0, 101, 20)]
    for place, row in enumerate(rows):
        middle = 8 + place * height + height / 2
        if isinstance(row, str):
            parts.append(f'<text class="axis" x="0" y="{middle + 7:.1f}">{escape(row)}</text>')
        elif isinstance(row, Cut):
            parts.append(
                f'<text x="0" y="{middle:.1f}">{escape(row.name)}</text>'
                f'<line class="target" x1="0" x2="{WIDTH}" y1="{middle + 7:.1f}" y2="{middle + 7:.1f}"/>'
            )
        else:
            field = (0, middle - height / 2, WIDTH, height)
            label = f"{row.name}: {number(row.value)}"
            parts.append(linked(_estimate(row, middle, x), field, row.href, label))
    return svg(title, bottom + 20, parts, legend)


def _estimate(point: Point, middle: float, x: Callable[[float], float]) -> str:
    """Return the row of an estimate: its name, its goal, its interval, its dot and its number."""
    row = [f'<text x="0" y="{middle + 4:.1f}">{escape(point.name)}</text>']
    if point.goal is not None:
        row.append(
            f'<line class="target" x1="{x(point.goal):.1f}" x2="{x(point.goal):.1f}" '
            f'y1="{middle - 11:.1f}" y2="{middle + 11:.1f}"/>'
        )
    if point.low is not None and point.high is not None:
        row.append(
            f'<line class="whisker" x1="{x(point.low):.1f}" x2="{x(point.high):.1f}" '
            f'y1="{middle:.1f}" y2="{middle:.1f}"/>'
        )
    if point.value is not None:
        row.append(f'<circle class="dot" cx="{x(point.value):.1f}" cy="{middle:.1f}" r="5"/>')
    row.append(
        f'<text x="{WIDTH}" y="{middle + 4:.1f}" text-anchor="end">{escape(number(point.value))}</text>'
    )
    return "".join(row)


@dataclass(frozen=True, slots=True)
class Shift:
    """A row of a figure of changes: where it began and where it ended, from -1 to 1, and the change."""

    name: str
    start: float
    end: float
    change: float
    href: str | None = None


def shifts(title: str, rows: Sequence[Shift], legend: str = "") -> Markup:
    """Return changes as lines from a ring, the beginning, to a dot, the end, on the scale from -1 to 1."""
    left, right, height = 190, 60, 30

    def x(value: float) -> float:
        return left + (WIDTH - left - right) * (value + 1) / 2

    bottom = 8 + len(rows) * height
    parts = [_upright(x(value), bottom, signed(value)) for value in (-1, -0.5, 0, 0.5, 1)]
    for place, row in enumerate(rows):
        middle, kind = 8 + place * height + height / 2, "rise" if row.end >= row.start else "fall"
        told = signed(row.change, 2)
        mark = (
            f'<text x="0" y="{middle + 4:.1f}">{escape(row.name)}</text>'
            f'<line class="shift {kind}" x1="{x(row.start):.1f}" x2="{x(row.end):.1f}" '
            f'y1="{middle:.1f}" y2="{middle:.1f}"/>'
            f'<circle class="ring {kind}" cx="{x(row.start):.1f}" cy="{middle:.1f}" r="5"/>'
            f'<circle class="dot {kind}" cx="{x(row.end):.1f}" cy="{middle:.1f}" r="5"/>'
            f'<text x="{WIDTH}" y="{middle + 4:.1f}" text-anchor="end">{escape(told)}</text>'
        )
        field = (0, middle - height / 2, WIDTH, height)
        parts.append(linked(mark, field, row.href, f"{row.name}: {told}"))
    return svg(title, bottom + 20, parts, legend)


@dataclass(frozen=True, slots=True)
class Share:
    """A row of a Pareto figure: a share, and that of this row and all above it, in per cent."""

    name: str
    share: float
    cumulative: float
    href: str | None = None


def pareto(title: str, rows: Sequence[Share], legend: str = "") -> Markup:
    """Return shares as bars, the largest first, with a line of what they come to together."""
    left, right, height = 260, 90, 30

    def x(value: float) -> float:
        return left + (WIDTH - left - right) * value / 100

    bottom = 8 + len(rows) * height
    parts = [_upright(x(value), bottom, str(value)) for value in range(0, 101, 20)]
    places = [8 + place * height + height / 2 for place in range(len(rows))]
    for row, middle in zip(rows, places, strict=True):
        name = row.name if len(row.name) <= _MAX_NAME else f"{row.name[: _MAX_NAME - 1]}…"
        told = f"{number(row.share)} / {number(row.cumulative)}"
        mark = (
            f'<text x="0" y="{middle + 4:.1f}">{escape(name)}</text>'
            f"{_rect('bar', f'{x(0):.1f}', f'{x(row.share):.1f}', int(middle - 8), 16)}"
            f'<text x="{WIDTH}" y="{middle + 4:.1f}" text-anchor="end">{escape(told)}</text>'
        )
        field = (0, middle - height / 2, WIDTH, height)
        parts.append(linked(mark, field, row.href, f"{row.name}: {number(row.share)} %"))
    line = " ".join(f"{x(row.cumulative):.1f},{middle:.1f}" for row, middle in zip(rows, places, strict=True))
    parts.append(f'<polyline class="line" points="{line}"/>')
    return svg(title, bottom + 20, parts, legend)


def linked(mark: str, field: tuple[float, float, float, float], href: str | None, label: str) -> str:
    """Return a mark as a link over its field (left, top, width, height); as it is without an address."""
    if href is None:
        return mark
    left, top, width, height = field
    return (
        f'<a href="{escape(href)}" aria-label="{escape(label)}">'
        f'<rect class="field" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
        f"{mark}</a>"
    )


def svg(title: str, height: float, parts: Sequence[str], legend: str = "") -> Markup:
    """Return the whole figure; one with links in it is a group, as a picture has nothing to follow in it."""
    inside = "".join(parts)
    if legend:
        height += 20
        inside += f'<text class="axis" x="0" y="{height - 6:.0f}">{escape(legend)}</text>'
    role = "group" if "<a " in inside else "img"
    return Markup(  # noqa: S704 - every text in it is escaped above
        f'<svg class="chart" role="{role}" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>{inside}</svg>'
    )
