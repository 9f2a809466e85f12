"""What the reports of one period are estimated from, read once where several of them are wanted together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from qm.reports import queries
from qm.reports.differences import total_population
from qm.reports.populations import Population, load_populations
from qm.reports.report_request import ReportRequest
from qm.reports.reviewed_sample import ReviewedSample, load_reviewed_sample


@dataclass(frozen=True, slots=True)
class PeriodData:
    """The reviewed sample of a period, its populations by group, and what is not scored by group."""

    reviewed: ReviewedSample
    groups: Mapping[str, Population]
    unscored: Counter[str]

    @property
    def population(self) -> Population:
        """The population of the whole period."""
        return total_population(self.groups)


def load_period_data(
    session: Session, request: ReportRequest, measures: Sequence[str], names: Sequence[str] = ()
) -> PeriodData:
    """Read what `measures` are estimated from, by the groups of the request, with further sums by name."""
    wanted = tuple(dict.fromkeys(measures))
    reviewed = load_reviewed_sample(session, request, request.dimension, wanted)
    groups = load_populations(
        session, request, request.dimension, measures=wanted, names=names, reached=reviewed.reached
    )
    return PeriodData(reviewed, groups, queries.count_unscored(session, request, request.dimension))
