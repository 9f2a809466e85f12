"""Judges a random sample of stored interactions twice: as they would be now, and as it is asked."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Row
from sqlalchemy.orm import Session

from qm.interactions.conversations import read_conversations
from qm.what_if.answer_changes import RejudgedInteraction
from qm.what_if.comparison import Pair
from qm.what_if.human_answers import HumanAnswers, human_answers_of
from qm.what_if.judge_sets import JudgeSet, Segment, SegmentJudge
from qm.what_if.sample import Sample, SampleQuery
from scorecards.autoscore.engine import AutomaticEvaluation
from scorecards.definitions.conversation import Conversation
from scorecards.definitions.form import PILLARS
from scorecards.scoring.scoring import FormScore

log = structlog.get_logger(__name__)

MAX_SECONDS = 5.0
"""After so long the sample ends where it is; what is judged by then is a random sample as well."""
_AT_A_TIME = 50
_UNCHANGED = 1e-6
_NO_SCORE = FormScore(None, {}, dict.fromkeys(PILLARS), None, None, None, (), ())


@dataclass(frozen=True, slots=True)
class Rejudging:
    """What came of a sample out of `of` interactions.

    `failed` could not be judged; `in_time` is false where the time was over first. `scorecards` counts, by
    key and version, what judges them now (None: nothing). `differing` of `stored` have a stored total that
    the same version of the scorecard would not give now: rules, voice or model have changed since.
    """

    cases: list[RejudgedInteraction]
    of: int
    failed: int
    in_time: bool
    scorecards: Mapping[tuple[str, int] | None, int]
    stored: int
    differing: int


@dataclass(frozen=True, slots=True)
class _Twice:
    """One interaction with both judgements and who made them."""

    row: Row[Any]
    sittings: tuple[SegmentJudge, SegmentJudge]
    judgements: tuple[AutomaticEvaluation, AutomaticEvaluation]


def concerned(bench: JudgeSet, key: str | None) -> Callable[[Segment], bool]:
    """Return whether a bench judges a place by the scorecard with this key, or by any when it is None."""

    def concerns(place: Segment) -> bool:
        form = bench.segment_judge(place).form
        return form is not None and key in {None, form.key}

    return concerns


def rejudge(
    session: Session, asked: SampleQuery, drawn: Sample, *, before: JudgeSet, after: JudgeSet, seconds: float
) -> Rejudging:
    """Judge drawn interactions with both benches, until so many seconds are over."""
    ends, found, failed = time.monotonic() + seconds, list[_Twice](), 0
    in_time = True
    for row, conversation in read_conversations(session, drawn.ids, at_a_time=_AT_A_TIME):
        if time.monotonic() > ends:
            in_time = False
            break
        try:
            found.append(_twice(row, conversation, before, after))
        except Exception as error:  # noqa: BLE001 - one conversation that no rule can bear harms no other
            failed += 1
            log.warning("what_if_failed", interaction=str(row.interaction_id), error=repr(error))
    stored = human_answers_of(session, asked.actor, [each.row.interaction_id for each in found])
    compared = [_stored_total(each, stored) for each in found]
    return Rejudging(
        cases=[_case(each, stored) for each in found],
        of=drawn.of,
        failed=failed,
        in_time=in_time,
        scorecards=Counter(_named(each.sittings[0]) for each in found),
        stored=sum(each is not None for each in compared),
        differing=sum(each is True for each in compared),
    )


def _twice(row: Row[Any], conversation: Conversation, before: JudgeSet, after: JudgeSet) -> _Twice:
    place = row.channel, row.program
    one, other = before.segment_judge(place), after.segment_judge(place)
    (first,) = one.judge.evaluate([conversation], before.client_models)
    (second,) = other.judge.evaluate([conversation], after.client_models)
    return _Twice(row, (one, other), (first, second))


def _case(twice: _Twice, stored: HumanAnswers) -> RejudgedInteraction:
    row, (one, other), (first, second) = twice.row, twice.sittings, twice.judgements
    scorecard = other.form.key if other.form else ""
    same = one.form is not None and one.form.key == scorecard
    asked_before = one.form.questions if one.form is not None and same else {}
    asked_after = other.form.questions if other.form is not None else {}
    people = stored.answers.get(row.interaction_id, {})
    return RejudgedInteraction(
        pair=Pair(row.interaction_id, row.agent, first.score or _NO_SCORE, second.score or _NO_SCORE),
        external_id=row.external_id,
        scorecard=scorecard,
        questions={**asked_before, **asked_after},
        before=first.answers if same else {},
        after=second.answers,
        people={question: said for (card, question), said in people.items() if card == scorecard},
    )


def _named(sitting: SegmentJudge) -> tuple[str, int] | None:
    return (sitting.scorecard.key, sitting.scorecard.number) if sitting.scorecard else None


def _stored_total(twice: _Twice, stored: HumanAnswers) -> bool | None:
    """Return whether the stored total differs; None where another version, or none, gave it."""
    version, total = stored.totals.get(twice.row.interaction_id, (None, None))
    present = twice.sittings[0].scorecard
    if version is None or present is None or present.definition_id != version:
        return None
    now = twice.judgements[0].score.total if twice.judgements[0].score else None
    if now is None or total is None:
        return now is not total
    return abs(now - total) > _UNCHANGED
