"""A batch is judged together; an interaction whose evaluation raises is reported and the others are kept."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from scorecards.autoscore.engine import Judge
from scorecards.definitions.conversation import Conversation, Turn
from workers.definitions_cache import CompiledDefinitions
from workers.scoring import judge
from workers.scoring.judge import ScoringTask

RULES = CompiledDefinitions(None, None, Judge(None, None, [], charged_threshold=0.5), None, None, None, {})


@dataclass(frozen=True)
class Row:
    interaction_id: UUID


def task(text):
    conversation = Conversation("chat", [Turn("customer", text)], datetime(2026, 3, 2, tzinfo=UTC))
    return ScoringTask(uuid4(), uuid4(), Row(uuid4()), conversation, conversation, RULES, None, None)


def test_failing_interaction_is_reported_and_the_rest_of_the_batch_is_judged():
    first, spoilt, last = tasks = [task("Where is it?"), task(5), task("Thank you.")]
    failed = {}

    evaluated = judge.evaluate(tasks, failed.__setitem__)

    assert [each.task for each in evaluated] == [first, last]
    assert [(key, type(error)) for key, error in failed.items()] == [
        (spoilt.row.interaction_id, AttributeError)
    ]
