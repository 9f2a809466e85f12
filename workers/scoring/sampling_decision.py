"""The draw of one evaluated interaction by its policy and its facts, before quotas."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scorecards.autoscore.answer_policy import HUMAN_ONLY
from scorecards.sampling.draw_keys import DrawKeys
from scorecards.sampling.inclusion import Inclusion, RiskFacts, draw_number, inclusion_probability, redraw
from scorecards.sla.clocks import Clock, tally
from workers.scoring.judge import EvaluatedTask


@dataclass(frozen=True, slots=True)
class SamplingDecision:
    """The random number in [0, 1) of one interaction, and its inclusion probability before quotas."""

    policy_id: uuid.UUID
    number: float
    inclusion: Inclusion


def sampling_decision(
    evaluated: EvaluatedTask, clocks: Sequence[Clock], now: datetime, keys: DrawKeys
) -> SamplingDecision | None:
    """Return the draw by the policy of the first evaluation: a later version of it never samples again.

    What is not judged by itself, because each of several agents has a part of it, is not drawn.
    """
    if not evaluated.task.conversation.is_judged:
        return None
    definitions, previous = evaluated.task.definitions, evaluated.task.previous
    version, policy = definitions.sampling_version, definitions.sampling
    if previous is not None and previous.policy_id is not None:
        before = Inclusion(previous.rate)
        if version is None or policy is None or version.definition_id != previous.policy_id:
            return SamplingDecision(previous.policy_id, previous.draw or 0.0, before)
    else:
        before = None
    if version is None or policy is None:
        return None
    current = inclusion_probability(policy, _risk_facts(evaluated, clocks, now))
    interaction_id = evaluated.task.row.interaction_id
    key = keys.key_for(interaction_id)
    if key is None:
        raise ValueError("the installation knows every key")
    number = draw_number(key, str(version.definition_id), interaction_id)
    return SamplingDecision(version.definition_id, number, redraw(before, current))


def _risk_facts(evaluated: EvaluatedTask, clocks: Sequence[Clock], now: datetime) -> RiskFacts:
    evaluation, form = evaluated.evaluation, evaluated.task.definitions.form
    automatic = [
        answer
        for answer in evaluation.answers.values()
        if answer.gate != HUMAN_ONLY or (form and form.questions[answer.question].auto is not None)
    ]
    return RiskFacts(
        charged=evaluation.sentiment.charged,
        sla_breach=any(breached for _, breached in tally(clocks, now).values()),
        critical=bool(evaluation.score and evaluation.score.critical),
        abstained=any(answer.abstained for answer in automatic),
        confidence=min((each.confidence for each in automatic if not each.abstained), default=None),
        csat=evaluated.task.conversation.outcome.get("csat"),
        agent_days=evaluated.task.agent_days,
    )
