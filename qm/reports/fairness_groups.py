"""Groups of interactions, each compared with all others, and which differences exceed chance (pure)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scorecards.statistics.group_differences import MIN_REVIEWS, Difference, group_differences, holm_rejects

FIGURES = ("error", "distance", "human")
"""What is compared: machine minus person, the same without its sign, and what people give."""
STATUSES = {
    "too_small": "Fewer than ten double-scored reviews, in the group or in the rest.",
    "as_chance": "No larger than chance allows.",
    "exceeds_chance": "Larger than chance allows.",
}
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the interactions of a page; `hidden` when nothing of them may be shown.

    `twin` is the place of the other group where a dimension has two: what is true of one is of both.
    """

    dimension: str
    value: str
    inside: Array
    hidden: bool
    twin: int | None = None

    def testable(self, known: Array) -> bool:
        """Whether it, and the rest, are large enough to be compared over the interactions that are known."""
        n = int(self.inside[known].sum())
        return not self.hidden and min(n, int(known.sum()) - n) >= MIN_REVIEWS


@dataclass(frozen=True, slots=True)
class Scores:
    """What both said of each interaction, in points of 100, and with which probability it was drawn.

    `machine` and `human` are over the questions that both answered, nan where there is no score; `whole` is
    what the person gave over the whole form.
    """

    probability: Array
    machine: Array
    human: Array
    whole: Array

    @classmethod
    def of(cls, rows: Sequence[Sequence[float | None]]) -> "Scores":
        """Take rows of probability, the machine's score, the person's, and the person's of the whole form."""
        return cls(*np.array(rows, dtype=np.float64).reshape(-1, 4).T)

    def figure(self, name: str) -> Array:
        """Return one of `FIGURES` of each interaction; nan where it has none.

        >>> scores = Scores.of([(0.5, 60, 70, 50), (0.5, 80, 70, 70), (0.5, None, None, 70)])
        >>> [scores.figure(name).tolist() for name in FIGURES]
        [[-10.0, 10.0, nan], [10.0, 10.0, nan], [50.0, 70.0, 70.0]]
        """
        if name == "human":
            return self.whole
        error: Array = self.machine - self.human
        return error if name == "error" else np.abs(error)

    def known(self, name: str) -> Array:
        """Tell which interactions have the figure."""
        return ~np.isnan(self.figure(name))


@dataclass(frozen=True, slots=True)
class Compared:
    """A row for each group, and how many comparisons were looked at together."""

    rows: list[dict[str, Any]]
    tests: int

    @property
    def flagged(self) -> int:
        """How many groups exceed what chance allows."""
        return sum(row["status"] == "exceeds_chance" for row in self.rows)


def groups_of(
    dimension: str, values: Sequence[str], *, hidden: frozenset[str] = frozenset(), after: int = 0
) -> list[Group]:
    """Return the groups of a dimension, given its value for each interaction.

    `after` is how many groups of other dimensions stand before these on the page.
    """
    present, column = sorted(Counter(values)), np.array(values, dtype=object)
    twins = len(present) == 2
    return [
        Group(dimension, value, column == value, value in hidden, after if twins and place else None)
        for place, value in enumerate(present)
    ]


def compare(groups: Sequence[Group], scores: Scores) -> Compared:
    """Compare every group with everything outside of it, by all figures; flag what chance does not explain.

    All comparisons of the page are looked at together; the two groups of a dimension with two are one.
    """
    known = {name: scores.known(name) for name in FIGURES}
    shown = {
        name: [place for place, group in enumerate(groups) if group.testable(known[name])] for name in FIGURES
    }
    tests = [(place, name) for name in FIGURES for place in shown[name] if groups[place].twin is None]
    rows = [_row(group, known["error"]) for group in groups]
    p_values: dict[tuple[int, str], float] = {}
    for name in FIGURES:
        among = known[name]
        found = group_differences(
            scores.figure(name)[among],
            1 / scores.probability[among],
            [groups[place].inside[among] for place in shown[name]],
            tests=len(tests),
        )
        for place, difference in zip(shown[name], found, strict=True):
            if difference is not None:
                rows[place] |= _named(name, difference)
                p_values[place, name] = difference.p_value
    flags = dict(zip(tests, holm_rejects([p_values[test] for test in tests]), strict=True))
    for place, name in p_values:
        twin = groups[place].twin
        flag = flags[place if twin is None else twin, name]
        rows[place][f"{name}_exceeds"] = flag
        flagged = flag or rows[place]["status"] == "exceeds_chance"
        rows[place]["status"] = "exceeds_chance" if flagged else "as_chance"
    return Compared(rows, len(tests))


def _exceed(count: int) -> str:
    return "exceeds" if count == 1 else "exceed"


def note(compared: Compared, *, rest: str) -> str:
    """Say in a few sentences what the figures rest on; `rest` is what a group is compared with."""
    if not compared.tests:
        return (
            "No group has ten double-scored reviews with as many outside of it: nothing can be compared yet."
        )
    said = (
        f"Of {len(compared.rows)} groups {compared.flagged} {_exceed(compared.flagged)}"
        if compared.flagged
        else "No difference exceeds"
    )
    return (
        f"{said} what chance allows. Each group of at least {MIN_REVIEWS} double-scored reviews is "
        f"compared with {rest}, weighted by 1 / inclusion probability; Holm's correction over these "
        f"{compared.tests} comparisons keeps the chance of any false flag on this page below 5 %. Error and "
        "distance are over the questions that both the machine and the person answered, what people give is "
        "over whole forms."
    )


def _row(group: Group, known: Array) -> dict[str, Any]:
    row = {"dimension": group.dimension, "value": group.value, "suppressed": group.hidden}
    flags: dict[str, Any] = dict.fromkeys((f"{name}_exceeds" for name in FIGURES), False)
    counted = (
        {} if group.hidden else {"n": int(group.inside.sum()), "compared": int(group.inside[known].sum())}
    )
    return {**row, **counted, **flags, "status": "too_small"}


def _named(name: str, found: Difference) -> dict[str, Any]:
    given = asdict(found)
    return {
        name: given.pop("group"),
        f"{name}_difference": given.pop("estimate"),
        **{f"{name}_{part}": value for part, value in given.items()},
    }
