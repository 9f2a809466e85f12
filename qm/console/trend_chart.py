"""The figure of an estimate over time: a line in its ribbon, its goal, and what is not known of it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from qm.console.charts import WIDTH, Point, linked, svg
from qm.console.formatting import number

_LEFT, _RIGHT, _TOP, _HEIGHT = 40, 12, 10, 190


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where things are drawn: so many places side by side, values from lowest to highest."""

    places: int
    lowest: float
    highest: float

    def x(self, place: int) -> float:
        step = (WIDTH - _LEFT - _RIGHT) / max(self.places, 1)
        return _LEFT + step * (place + 0.5)

    def y(self, value: float) -> float:
        return _TOP + _HEIGHT * (1 - (value - self.lowest) / (self.highest - self.lowest))


def trend(
    title: str,
    points: Sequence[Point],
    few: Collection[str] = (),
    *,
    goal: str = "",
    unknown: str = "",
    legend: str = "",
) -> Markup:
    """Return estimates over time as a line in its 95 % ribbon, on a scale that holds all limits.

    Of the points named in `few` the range alone is shown, in grey: too little is known to compare them.
    The goal of the last point is a dashed line under this name; `unknown` stands where there is no number.
    """
    aim = points[-1].goal if points else None
    limits = [each for point in points for each in (point.low, point.high, point.value) if each is not None]
    limits += [] if aim is None else [aim]
    lowest = max(0.0, (min(limits, default=0.0) // 10) * 10)
    highest = min(100.0, (max(limits, default=100.0) // 10 + 1) * 10)
    scale = _Scale(len(points), lowest, highest)
    parts = [*_grid(scale), *_goal(scale, aim, goal)]
    for place, point in enumerate(points):
        parts += _alone(scale, place, point, unknown, is_few=point.name in few)
    for run in _runs(points, few):
        parts += _run(scale, run)
    shown = max(1, len(points) // 8 + (len(points) % 8 > 0))
    parts += [
        f'<text class="axis" x="{scale.x(place):.1f}" y="{_TOP + _HEIGHT + 18}" text-anchor="middle">'
        f"{escape(point.name)}</text>"
        for place, point in enumerate(points)
        if place % shown == 0
    ]
    return svg(title, _TOP + _HEIGHT + 26, parts, legend)


def _goal(scale: _Scale, aim: float | None, name: str) -> Sequence[str]:
    if aim is None:
        return ()
    return (
        f'<line class="target" x1="{_LEFT}" x2="{WIDTH}" y1="{scale.y(aim):.1f}" y2="{scale.y(aim):.1f}"/>',
        f'<text class="axis" x="{_LEFT + 4}" y="{scale.y(aim) - 5:.1f}">{escape(name)}</text>',
    )


def _alone(scale: _Scale, place: int, point: Point, unknown: str, *, is_few: bool) -> Sequence[str]:
    """Return what a point without a comparable number shows: its range in grey, or that there is none."""
    x = f"{scale.x(place):.1f}"
    if is_few and point.low is not None and point.high is not None:
        low, high = scale.y(point.low), scale.y(point.high)
        return (f'<line class="whisker few" x1="{x}" x2="{x}" y1="{low:.1f}" y2="{high:.1f}"/>',)
    if unknown and point.low is None and point.value is None:
        middle = _TOP + _HEIGHT / 2
        return (f'<text class="axis" x="{x}" y="{middle:.1f}" text-anchor="middle">{escape(unknown)}</text>',)
    return ()


def _run(scale: _Scale, run: Sequence[tuple[int, Point]]) -> Sequence[str]:
    """Return points beside each other: ribbon and line, and each with its interval."""

    def line(value: Callable[[Point], float | None]) -> list[str]:
        return [f"{scale.x(place):.1f},{scale.y(value(point) or 0):.1f}" for place, point in run]

    upper, lower = line(lambda point: point.high), line(lambda point: point.low)[::-1]
    parts = []
    if len(run) > 1:
        parts.append(f'<polygon class="ribbon" points="{" ".join(upper + lower)}"/>')
        parts.append(f'<polyline class="line" points="{" ".join(line(lambda point: point.value))}"/>')
    for place, point in run:
        x, (low, high, value) = scale.x(place), (point.low, point.high, point.value)
        mark = (
            f'<line class="whisker" x1="{x:.1f}" x2="{x:.1f}" '
            f'y1="{scale.y(low or 0):.1f}" y2="{scale.y(high or 0):.1f}"/>'
            f'<circle class="dot" cx="{x:.1f}" cy="{scale.y(value or 0):.1f}" r="4"/>'
        )
        field = (x - 14, _TOP, 28, _HEIGHT)
        parts.append(linked(mark, field, point.href, f"{point.name}: {number(value)}"))
    return parts


def _grid(scale: _Scale) -> list[str]:
    step = 10 if scale.highest - scale.lowest <= 50 else 20
    parts = []
    for value in range(int(scale.lowest), int(scale.highest) + 1, step):
        y = scale.y(value)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="axis" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value}</text>')
    return parts


def _runs(points: Sequence[Point], few: Collection[str]) -> list[list[tuple[int, Point]]]:
    """Return the points that have an estimate with limits, those beside each other together."""
    runs: list[list[tuple[int, Point]]] = [[]]
    for place, point in enumerate(points):
        if None in (point.value, point.low, point.high) or point.name in few:
            runs.append([])
        else:
            runs[-1].append((place, point))
    return [run for run in runs if run]
