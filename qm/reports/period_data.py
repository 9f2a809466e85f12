"""What the reports of one period are estimated from, read once where several of them are wanted together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from qm.reports import queries
from qm.reports.differences import total_population
from qm.reports.populations import Population, load_populations
from qm.reports.report_request import ReportRequest
from qm.reports.reviewed_sample import ReviewedSample, load_reviewed_sample
from scorecards.sampling.worked_queue import WorkedQueue


@dataclass(frozen=True, slots=True)
class PeriodData:
    """The reviewed sample of a period, its populations by group and in all, and what is unscored by group."""

    reviewed: ReviewedSample
    groups: Mapping[str, Population]
    unscored: Counter[str]
    population: Population = field(init=False)

    def __post_init__(self) -> None:
        """Add up the groups."""
        object.__setattr__(self, "population", total_population(self.groups))


def load_period_data(
    session: Session,
    request: ReportRequest,
    measures: Sequence[str],
    names: Sequence[str] = (),
    queue: WorkedQueue | None = None,
) -> PeriodData:
    """Read what `measures` are estimated from, by the groups of the request, with further sums by name.

    `queue` is as of `load_reviewed_sample`.
    """
    wanted = tuple(dict.fromkeys(measures))
    reviewed = load_reviewed_sample(session, request, request.dimension, wanted, queue)
    groups = load_populations(
        session, request, request.dimension, measures=wanted, names=names, reached=reviewed.reached
    )
    return PeriodData(reviewed, groups, queries.count_unscored(session, request, request.dimension))
