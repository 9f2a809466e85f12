"""The population of an estimate: all interactions that could be drawn, by group and sampling rate.

Where several agents spoke in an interaction, the part of each counts in its place.

Left out, by name, are interactions to which no sampling policy applied, those that arrived after the last day
that the reviewers' work has reached, and those that cannot be drawn before the window of a fixed number
closes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qm.facts.models import NOT_YET, InteractionFacts
from qm.reports.queries import Sums, add_sums, count_and_sum_names, filter_period, rollup_sums
from qm.reports.report_request import ReportRequest
from scorecards.statistics.strata import Stratum

LAST_DECIDED = NOT_YET - timedelta(days=1)
"""The last day on which something can be drawn; later ones wait until the window of their quota closes."""

Rates = Mapping[float, Sums]


@dataclass(frozen=True, slots=True)
class Population:
    """Sums of a group over all its interactions, and by sampling rate over those that an estimate covers.

    `later` counts by sampling rate the judged interactions that have not had their turn.
    """

    sums: Sums = field(default_factory=Counter)
    rates: Rates = field(default_factory=dict)
    later: Mapping[float, int] = field(default_factory=dict)

    @property
    def judged(self) -> int:
        """The number of what is judged and may be drawn: interactions, and parts of shared ones."""
        return int(self.sums.get("judged", 0))

    @property
    def covered(self) -> int:
        """The number of judged interactions that an estimate covers."""
        return int(sum(each["judged"] for each in self.rates.values()))

    @property
    def unreached(self) -> int:
        """The number of judged interactions that arrived after what has had its turn."""
        return sum(self.later.values())

    @property
    def undrawable(self) -> int:
        """The number of judged interactions to which no sampling policy applied."""
        return self.judged - self.covered - self.unreached

    def plus(self, other: "Population", sign: int = 1) -> "Population":
        """Return both together; with the sign -1, this one without the other, which is a part of it."""
        rates: dict[float, Counter[str]] = {rate: Counter(sums) for rate, sums in self.rates.items()}
        for rate, sums in other.rates.items():
            rates.setdefault(rate, Counter()).update({name: sign * value for name, value in sums.items()})
        sums = Counter(self.sums)
        sums.update({name: sign * value for name, value in other.sums.items()})
        later = Counter(self.later)
        later.update({rate: sign * count for rate, count in other.later.items()})
        return Population(sums, rates, later)

    def strata(self, measure: str) -> list[Stratum]:
        """Return the strata of a measure."""
        return [
            Stratum(
                rate,
                int(each["judged"]),
                int(each.get(f"{measure}_count", 0)),
                float(each.get(f"{measure}_sum", 0)),
            )
            for rate, each in sorted(self.rates.items())
            if each["judged"]
        ]

    def sizes(self) -> list[Stratum]:
        """Return the strata with what has not had its turn: as they are when nothing waits any more."""
        counts = {rate: int(each["judged"]) + self.later.get(rate, 0) for rate, each in self.rates.items()}
        return [Stratum(rate, count) for rate, count in sorted(counts.items()) if count]

    def everything(self, measure: str) -> Stratum:
        """Return all judged interactions of the group as one stratum."""
        return Stratum(
            1.0,
            self.judged,
            int(self.sums.get(f"{measure}_count", 0)),
            float(self.sums.get(f"{measure}_sum", 0)),
        )


def load_populations(
    session: Session,
    request: ReportRequest,
    *dimensions: str,
    measures: Sequence[str],
    names: Sequence[str] = (),
    reached: datetime | None,
) -> dict[str, Population]:
    """Return the populations by group, with further sums by name; without a dimension the group is ''.

    `reached` is as of `ReviewedSample`.
    """
    summed = ("judged", *count_and_sum_names(*measures))
    wanted = tuple(dict.fromkeys((*summed, "scored", *names)))
    by_rate = rollup_sums(session, request, *dimensions, "rate", names=wanted)
    unreached = _unreached(session, request, dimensions, measures, reached or LAST_DECIDED)
    groups: dict[str, dict[float, Sums]] = {}
    for key, sums in by_rate.items():
        groups.setdefault(str(key[0]) if dimensions else "", {})[float(key[-1])] = sums
    return {
        group: _population(rates, {rate: unreached.get((group, rate), Counter()) for rate in rates}, summed)
        for group, rates in groups.items()
    }


def _population(rates: Rates, unreached: Rates, names: Sequence[str]) -> Population:
    covered = {
        rate: Counter({name: sums[name] - unreached[rate].get(name, 0) for name in names})
        for rate, sums in rates.items()
        if rate
    }
    later = {rate: int(unreached[rate].get("judged", 0)) for rate in covered}
    return Population(add_sums(list(rates.values())), covered, later)


def _unreached(
    session: Session,
    request: ReportRequest,
    dimensions: Sequence[str],
    measures: Sequence[str],
    reached: datetime,
) -> dict[tuple[str, float], Counter[str]]:
    """Return the sums over interactions that arrived after the moment that the work has reached."""
    keys = [getattr(InteractionFacts, name) for name in (*dimensions, "rate")]
    columns = [func.sum(InteractionFacts.judged).label("judged")]
    for name in measures:
        measure = getattr(InteractionFacts, name)
        columns += [func.count(measure).label(f"{name}_count"), func.sum(measure).label(f"{name}_sum")]
    statement = filter_period(select(*keys, *columns), request, InteractionFacts)
    found: dict[tuple[str, float], Counter[str]] = {}
    for row in session.execute(statement.where(InteractionFacts.drawable_since > reached).group_by(*keys)):
        group = request.group_of(row[0]) if dimensions else ""
        sums = {column.name: value or 0 for column, value in zip(columns, row[len(keys) :], strict=True)}
        found.setdefault((group, float(row[len(keys) - 1])), Counter()).update(sums)
    return found
