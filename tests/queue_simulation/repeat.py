"""One repeat: simulated days in which people work the queue, and what the reports say at their ends."""

from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace

import numpy as np
from sqlalchemy.orm import Session

from qm.reports import empathy_report, overview_report
from qm.reports.differences import difference_limits
from qm.reports.report_request import Period, ReportRequest, period_name
from qm.reviews import claiming, queue
from tenants.isolation import Scope, set_scope
from tests.queue_simulation.desk import MONDAY, Books, day_of
from tests.queue_simulation.settings import Setting
from tests.queue_simulation.world import CHANNELS, MEASURES, make_world

AWAY_DAYS = 7
ROUNDING = 1e-6


@dataclass(frozen=True)
class Seen:
    """What a report said of one measure at one moment, beside the truth.

    `kind` is `level`, `group`, `change` (of one measure) or `changes` (of all together).
    """

    day: int
    kind: str
    measure: str
    truth: float
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    waits: bool = False
    anytime: tuple[float | None, float | None] = (None, None)

    @property
    def shown(self):
        return self.low is not None

    @property
    def covers(self):
        return self.low - ROUNDING <= self.truth <= self.high + ROUNDING if self.shown else None


@dataclass
class Moment:
    """How far the queue was, and everything that was seen."""

    day: int
    drawn: int
    done: int
    counted: int
    reached: float
    worst: bool | None
    seen: list[Seen] = field(default_factory=list)


class Repeat:
    """A client's days."""

    def __init__(self, session: Session, desk, setting: Setting, seed: int):
        self.session, self.desk, self.setting = session, desk, setting
        self.generator = np.random.default_rng([seed, sum(map(ord, setting.name))])
        self.world = make_world(setting, self.generator)
        self.books = Books(session, desk, self.world)
        self.people = desk.reviewers[: setting.reviewers]
        self.away: dict[int, int] = {}
        self.to_do = 0.0
        self.claims = 0

    def run(self) -> list[Moment]:
        """Live through all days; return what the reports said at the days that are asked for."""
        moments = []
        for day in range(self.setting.days):
            self._live(day)
            if day in self.setting.asks:
                moments.append(self.ask(day))
        return moments

    def _live(self, day):
        books, setting, at = self.books, self.setting, MONDAY + timedelta(days=day, hours=12)
        books.arrive(day)
        young = (self.world.day <= day) & (self.world.day >= day - 3) & books.alive
        if setting.raised:
            # Spread over four days, those with low scores first of all.
            chance = setting.raised / 4 * np.where(self.world.human[:, 0] < 45, 1.8, 0.4)
            books.raise_probability(self._some(young, chance), setting.charged, at)
        if setting.pushed_again:
            books.push_again(self._some(young, setting.pushed_again / 4), at)
        if setting.erased:
            books.erase(self._some(young, setting.erased / 4))
        working = day < setting.works_until and not (setting.weekends and day % 7 >= 5)
        if working:
            self._pick(day)
            self._work(day)

    def _some(self, of, chance):
        return np.flatnonzero(of & (self.generator.random(of.size) < chance))

    def _pick(self, day):
        """Pick the worst in sight by hand, as far as the manager can tell."""
        if not self.setting.picked:
            return
        sight = np.flatnonzero((self.world.day <= day) & (self.world.day >= day - 3) & self.books.alive)
        looks = self.world.human[sight, 0] + self.generator.normal(0, 5, sight.size)
        for place in sight[np.argsort(looks)][: 2 * self.setting.picked : 2]:
            if place not in self.picked:
                self.picked.add(place)
                queue.create_hand_picked_review(
                    self.session, self.desk.manager, self.books.ids[place], note=None, user_id=None
                )

    @property
    def picked(self):
        return self.__dict__.setdefault("_picked", set())

    def _work(self, day):
        """Have the people work in turns until the reviews of the day are done."""
        self.to_do += self.setting.per_working_day
        present = [number for number in range(len(self.people)) if self.away.get(number, -1) < day]
        now = MONDAY + timedelta(days=day, hours=14)
        while present and self.to_do >= 1:
            number = present.pop(0)
            now += timedelta(minutes=5)
            if self._review(number, now):
                present.append(number)

    def _review(self, number, now):
        """Have a person do the next review; tell whether they go on."""
        actor, generator, setting = self.people[number], self.generator, self.setting
        self.claims += 1
        review = claiming.claim_next(self.session, actor, client=self.desk.client, now=now)
        if review is None:
            return False
        place = self.books.number[review.interaction_id]
        if number and self.world.foreign[place]:
            queue.release(self.session, actor, review.review_id)
            return True
        if generator.random() < setting.left_open:
            if generator.random() < 0.5:
                self.away[number] = (now - MONDAY).days + AWAY_DAYS
            return False
        self.to_do -= 1
        low = self.world.human[place, 0] < 45
        if generator.random() < max(setting.skipped, setting.skipped_low * low):
            queue.skip(self.session, actor, review.review_id, reason="other", now=now)
            return True
        self.books.submit(actor, review, now)
        return True

    def ask(self, day) -> Moment:
        """Ask for the reports at the end of a day."""
        found = self._report(empathy_report, 0, day)
        sample, reached = found["sample"], found["sample"]["reached"]
        covered = self._covered(0, day, reached)
        assert found["scored"] == self._arrived(0, day).sum()
        truth = self.world.human[covered].mean(axis=0) if covered.any() else np.full(len(MEASURES), np.nan)
        moment = Moment(
            day,
            sample["drawn"],
            sample["reviewed"],
            sample["counted"],
            covered.sum() / max(found["scored"], 1),
            None if sample["worst_low"] is None else sample["worst_low"] <= truth[0] <= sample["worst_high"],
        )
        waits = sample["reviewed"] < covered.sum()
        levels = {row["measure"]: row for row in self._report(overview_report, 0, day)["estimates"]}
        levels |= {"empathy": found["empathy"], **{row["key"]: row for row in found["pillars"]}}
        for name, row in levels.items():
            moment.seen.append(self._seen(day, "level", name, truth[MEASURES.index(name)], row, waits))
        self._groups(moment, day, found, reached)
        self._changes(moment, day)
        return moment

    def _groups(self, moment, day, found, reached):
        """Add the groups of the breakdown, and the difference of each from the one before it."""
        if not self.setting.groups:
            return
        before = None
        for row in found["groups"] or found["series"]:
            group = row.get("value", row.get("period"))
            own = self._covered(0, day, reached) & self._of_group(group)
            waits = row["reviewed"] < own.sum()
            truth = self.world.human[own, 0].mean() if own.any() else np.nan
            moment.seen.append(self._seen(day, "group", "empathy", truth, row, waits))
            now = (truth, SimpleNamespace(**{key: row[key] for key in ("estimate", "low", "high")}))
            if before is not None:
                self._difference(moment, day, now, before)
            before = now

    def _changes(self, moment, day):
        """Add the changes of the second half of the days from the first half."""
        half = self.setting.days // 2
        if day != self.setting.days - 1 or self.setting.days < 14:
            return
        overview = self._report(overview_report, half, day)
        reached = [self._report(empathy_report, *days)["sample"]["reached"] for days in self._halves(day)]
        covered = [
            self._covered(*days, limit) for days, limit in zip(self._halves(day), reached, strict=True)
        ]
        truths = [self.world.human[each].mean(axis=0) if each.any() else None for each in covered]
        if any(each is None for each in truths) or not overview["changes"]:
            return
        rows = []
        for row in overview["changes"]:
            place = MEASURES.index(row["measure"])
            truth = truths[1][place] - truths[0][place]
            rows.append(
                Seen(day, "change", row["measure"], truth, row["difference"], row["low"], row["high"])
            )
        moment.seen += rows
        together = all(row.covers for row in rows)
        moment.seen.append(Seen(day, "changes", "all", 0.0, 0.0, *((-1.0, 1.0) if together else (1.0, 2.0))))
        one, other = (self._report(empathy_report, *days)["empathy"] for days in self._halves(day))
        self._difference(moment, day, (truths[1][0], other), (truths[0][0], one))

    def _difference(self, moment, day, now, before):
        low, high = difference_limits(now[1], before[1])
        if low is not None:
            change = now[1].estimate - before[1].estimate
            moment.seen.append(Seen(day, "difference", "empathy", now[0] - before[0], change, low, high))

    def _halves(self, day):
        half = self.setting.days // 2
        return (0, half - 1), (half, day)

    def _report(self, module, first, last):
        request = ReportRequest(
            self.desk.client,
            Period(day_of(first), day_of(last)),
            self.setting.groups or "week",
            MONDAY + timedelta(days=int(last), hours=20),
        )
        return module.report(self.session, request)

    def _arrived(self, first, last):
        return (self.world.day >= first) & (self.world.day <= last) & self.books.alive

    def _covered(self, first, last, reached):
        arrived = self._arrived(first, last)
        return arrived if reached is None else arrived & np.array(self.books.received <= reached, dtype=bool)

    def _of_group(self, group):
        if self.setting.groups == "channel":
            return self.world.channel == CHANNELS.index(group)
        return np.array([period_name(day_of(day), "week") == group for day in self.world.day])

    @staticmethod
    def _seen(day, kind, measure, truth, row, waits):
        get = row.get if isinstance(row, dict) else lambda name, default=None: getattr(row, name, default)
        anytime = (get("anytime_low", None), get("anytime_high", None))
        if get("low", None) is None:
            return Seen(day, kind, measure, float(truth), waits=waits)
        limits = (get("estimate"), get("low"), get("high"))
        return Seen(day, kind, measure, float(truth), *limits, waits=bool(waits), anytime=anytime)


def run_repeat(desk, setting: Setting, seed: int) -> tuple[list[Moment], int]:
    """Return the moments of one repeat and its number of claims; nothing of it stays in the database."""
    session = Session(desk.provider.services.engine, expire_on_commit=False)
    try:
        set_scope(session, Scope(desk.client.tenant_id, (desk.client.client_id,)))
        repeat = Repeat(session, desk, setting, seed)
        return repeat.run(), repeat.claims
    finally:
        session.rollback()
        session.close()
