"""Compares each group of interactions with all others, by permutation tests with Holm's correction (pure)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scorecards.statistics.group_differences import MIN_REVIEWS, Difference, group_differences, holm_rejects

FIGURES = ("error", "distance", "human")
"""Compared figures: signed error (automatic minus human score), absolute error, and human score."""
STATUSES = {
    "too_small": "Fewer than ten double-scored reviews, in the group or in the rest.",
    "as_chance": "No larger than chance allows.",
    "exceeds_chance": "Larger than chance allows.",
}
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Group:
    """The interactions that share a value of a dimension; no figures are shown of a `suppressed` group.

    `complement` is the index of the other group of a dimension with two: their tests are the same test.
    """

    dimension: str
    value: str
    members: Array
    suppressed: bool
    complement: int | None = None

    def is_testable(self, has_figure: Array) -> bool:
        """Whether the group and the rest each have enough interactions with the figure to be compared."""
        n = int(self.members[has_figure].sum())
        return not self.suppressed and min(n, int(has_figure.sum()) - n) >= MIN_REVIEWS


@dataclass(frozen=True, slots=True)
class Scores:
    """Automatic and human scores of each interaction, from 0 to 100, and its inclusion probability.

    `machine` and `human` are over the questions that both answered, nan where there is no score;
    `human_total` is the human score of the whole form.
    """

    probability: Array
    machine: Array
    human: Array
    human_total: Array

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[float | None]]) -> "Scores":
        """Build from rows of probability, automatic score, human score, and human score of the whole form."""
        return cls(*np.array(rows, dtype=np.float64).reshape(-1, 4).T)

    def figure(self, name: str) -> Array:
        """Return one of `FIGURES` for each interaction; nan where it is undefined.

        >>> scores = Scores.from_rows([(0.5, 60, 70, 50), (0.5, 80, 70, 70), (0.5, None, None, 70)])
        >>> [scores.figure(name).tolist() for name in FIGURES]
        [[-10.0, 10.0, nan], [10.0, 10.0, nan], [50.0, 70.0, 70.0]]
        """
        if name == "human":
            return self.human_total
        error: Array = self.machine - self.human
        return error if name == "error" else np.abs(error)

    def has_figure(self, name: str) -> Array:
        """Return a mask of the interactions for which the figure is defined."""
        return ~np.isnan(self.figure(name))


@dataclass(frozen=True, slots=True)
class GroupComparison:
    """A row for each group, and the number of tests in the multiple-comparison correction."""

    rows: list[dict[str, Any]]
    tests: int

    @property
    def flagged(self) -> int:
        """The number of groups with a significant difference."""
        return sum(row["status"] == "exceeds_chance" for row in self.rows)


def build_groups(
    dimension: str, values: Sequence[str], *, suppressed: frozenset[str] = frozenset(), offset: int = 0
) -> list[Group]:
    """Return the groups of a dimension, given its value for each interaction.

    `offset` is the number of groups of other dimensions that come before these in the report.
    """
    present, column = sorted(Counter(values)), np.array(values, dtype=object)
    complementary = len(present) == 2
    return [
        Group(
            dimension,
            value,
            column == value,
            value in suppressed,
            offset if complementary and place else None,
        )
        for place, value in enumerate(present)
    ]


def compare_groups(groups: Sequence[Group], scores: Scores) -> GroupComparison:
    """Compare every group with all other interactions by all figures, and flag significant differences.

    Holm's correction is over all tests of the report; the two groups of a dimension with two count once.
    """
    masks = {name: scores.has_figure(name) for name in FIGURES}
    testable = {
        name: [place for place, group in enumerate(groups) if group.is_testable(masks[name])]
        for name in FIGURES
    }
    tests = [
        (place, name) for name in FIGURES for place in testable[name] if groups[place].complement is None
    ]
    rows = [_row(group, masks["error"]) for group in groups]
    p_values: dict[tuple[int, str], float] = {}
    for name in FIGURES:
        has_figure = masks[name]
        differences = group_differences(
            scores.figure(name)[has_figure],
            1 / scores.probability[has_figure],
            [groups[place].members[has_figure] for place in testable[name]],
            tests=len(tests),
        )
        for place, difference in zip(testable[name], differences, strict=True):
            if difference is not None:
                rows[place] |= _figure_columns(name, difference)
                p_values[place, name] = difference.p_value
    flags = dict(zip(tests, holm_rejects([p_values[test] for test in tests]), strict=True))
    for place, name in p_values:
        complement = groups[place].complement
        flag = flags[place if complement is None else complement, name]
        rows[place][f"{name}_exceeds"] = flag
        flagged = flag or rows[place]["status"] == "exceeds_chance"
        rows[place]["status"] = "exceeds_chance" if flagged else "as_chance"
    return GroupComparison(rows, len(tests))


def _exceed(count: int) -> str:
    return "exceeds" if count == 1 else "exceed"


def method_note(comparison: GroupComparison, *, rest: str) -> str:
    """Return a few sentences on the method; `rest` names what a group is compared with."""
    if not comparison.tests:
        return (
            "No group has ten double-scored reviews with as many outside of it: nothing can be compared yet."
        )
    finding = (
        f"Of {len(comparison.rows)} groups {comparison.flagged} {_exceed(comparison.flagged)}"
        if comparison.flagged
        else "No difference exceeds"
    )
    return (
        f"{finding} what chance allows. Each group of at least {MIN_REVIEWS} double-scored reviews is "
        f"compared with {rest}, weighted by 1 / inclusion probability; Holm's correction over these "
        f"{comparison.tests} comparisons keeps the chance of any false flag on this page below 5 %. "
        "Error and distance are over the questions that both the machine and the person answered, what "
        "people give is over whole forms."
    )


def _row(group: Group, has_figure: Array) -> dict[str, Any]:
    row = {"dimension": group.dimension, "value": group.value, "suppressed": group.suppressed}
    flags: dict[str, Any] = dict.fromkeys((f"{name}_exceeds" for name in FIGURES), False)
    counted = (
        {}
        if group.suppressed
        else {"n": int(group.members.sum()), "compared": int(group.members[has_figure].sum())}
    )
    return {**row, **counted, **flags, "status": "too_small"}


def _figure_columns(name: str, difference: Difference) -> dict[str, Any]:
    columns = asdict(difference)
    return {
        name: columns.pop("group"),
        f"{name}_difference": columns.pop("estimate"),
        **{f"{name}_{part}": value for part, value in columns.items()},
    }
