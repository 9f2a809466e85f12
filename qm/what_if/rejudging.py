"""Evaluates a random sample of stored interactions with two judge sets: before and after a change."""

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
from qm.what_if.comparison import ScorePair
from qm.what_if.human_answers import HumanAnswers, load_human_answers
from qm.what_if.judge_sets import JudgeSet, Segment, SegmentJudge
from qm.what_if.sample import Sample, SampleQuery
from scorecards.autoscore.engine import AutomaticEvaluation
from scorecards.definitions.conversation import Conversation
from scorecards.definitions.form import PILLARS
from scorecards.scoring.scoring import FormScore

log = structlog.get_logger(__name__)

MAX_SECONDS = 5.0
"""Time limit; the interactions evaluated by then are a random sample too."""
_BATCH_SIZE = 50
_UNCHANGED = 1e-6
_NO_SCORE = FormScore(None, {}, dict.fromkeys(PILLARS), None, None, None, (), ())


@dataclass(frozen=True, slots=True)
class Rejudging:
    """The evaluations of a sample out of `of` interactions.

    `failed` counts interactions that raised an error; `in_time` is false if the time limit ended the sample.
    `scorecards` counts the interactions by scorecard key and version that apply now (None: none applies).
    `differing` of `stored` have a stored total that the same scorecard version would not give now, because
    rules, brand voice or model have changed since.
    """

    cases: list[RejudgedInteraction]
    of: int
    failed: int
    in_time: bool
    scorecards: Mapping[tuple[str, int] | None, int]
    stored: int
    differing: int


@dataclass(frozen=True, slots=True)
class _JudgedTwice:
    """One interaction with both automatic evaluations and their judges."""

    row: Row[Any]
    judges: tuple[SegmentJudge, SegmentJudge]
    evaluations: tuple[AutomaticEvaluation, AutomaticEvaluation]


def segments_judged_by(judge_set: JudgeSet, key: str | None) -> Callable[[Segment], bool]:
    """Return a predicate: whether the scorecard with this key, or any if it is None, applies to a segment."""

    def is_judged(segment: Segment) -> bool:
        form = judge_set.segment_judge(segment).form
        return form is not None and key in {None, form.key}

    return is_judged


def rejudge(
    session: Session, query: SampleQuery, sample: Sample, *, before: JudgeSet, after: JudgeSet, seconds: float
) -> Rejudging:
    """Evaluate the sampled interactions with both judge sets, for at most `seconds`."""
    deadline, judged_twice, failed = time.monotonic() + seconds, list[_JudgedTwice](), 0
    in_time = True
    for row, conversation in read_conversations(session, sample.ids, batch_size=_BATCH_SIZE):
        if time.monotonic() > deadline:
            in_time = False
            break
        try:
            judged_twice.append(_judge_twice(row, conversation, before, after))
        except Exception as error:  # noqa: BLE001 - an error in one conversation must not fail the others
            failed += 1
            log.warning("what_if_failed", interaction=str(row.interaction_id), error=repr(error))
    stored = load_human_answers(session, query.actor, [each.row.interaction_id for each in judged_twice])
    compared = [_differs_from_stored(each, stored) for each in judged_twice]
    return Rejudging(
        cases=[_case(each, stored) for each in judged_twice],
        of=sample.of,
        failed=failed,
        in_time=in_time,
        scorecards=Counter(_scorecard_version(each.judges[0]) for each in judged_twice),
        stored=sum(each is not None for each in compared),
        differing=sum(each is True for each in compared),
    )


def _judge_twice(
    row: Row[Any], conversation: Conversation, before: JudgeSet, after: JudgeSet
) -> _JudgedTwice:
    segment = row.channel, row.program
    judge_before, judge_after = before.segment_judge(segment), after.segment_judge(segment)
    (first,) = judge_before.judge.evaluate([conversation], before.client_models)
    (second,) = judge_after.judge.evaluate([conversation], after.client_models)
    return _JudgedTwice(row, (judge_before, judge_after), (first, second))


def _case(judged: _JudgedTwice, stored: HumanAnswers) -> RejudgedInteraction:
    row, (judge_before, judge_after), (first, second) = judged.row, judged.judges, judged.evaluations
    scorecard = judge_after.form.key if judge_after.form else ""
    same_scorecard = judge_before.form is not None and judge_before.form.key == scorecard
    asked_before = judge_before.form.questions if judge_before.form is not None and same_scorecard else {}
    asked_after = judge_after.form.questions if judge_after.form is not None else {}
    human_answers = stored.answers.get(row.interaction_id, {})
    return RejudgedInteraction(
        pair=ScorePair(row.interaction_id, row.agent, first.score or _NO_SCORE, second.score or _NO_SCORE),
        external_id=row.external_id,
        scorecard=scorecard,
        questions={**asked_before, **asked_after},
        before=first.answers if same_scorecard else {},
        after=second.answers,
        human={question: answer for (key, question), answer in human_answers.items() if key == scorecard},
    )


def _scorecard_version(judge: SegmentJudge) -> tuple[str, int] | None:
    return (judge.scorecard.key, judge.scorecard.number) if judge.scorecard else None


def _differs_from_stored(judged: _JudgedTwice, stored: HumanAnswers) -> bool | None:
    """Return whether the stored total differs; None if there is none by the same scorecard version."""
    version, total = stored.totals.get(judged.row.interaction_id, (None, None))
    judging_version = judged.judges[0].scorecard
    if version is None or judging_version is None or judging_version.definition_id != version:
        return None
    new_total = judged.evaluations[0].score.total if judged.evaluations[0].score else None
    if new_total is None or total is None:
        return new_total is not total
    return abs(new_total - total) > _UNCHANGED
