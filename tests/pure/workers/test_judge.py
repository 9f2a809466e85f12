"""A slice is judged together, and one conversation that no rule can bear harms no other."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from scorecards.autoscore.engine import Judge
from scorecards.definitions.conversation import Conversation, Turn
from workers.definitions_cache import Rules
from workers.scoring import judge
from workers.scoring.judge import Prepared

RULES = Rules(None, None, Judge(None, None, [], charged_threshold=0.5), None, None, None, {})


@dataclass(frozen=True)
class Row:
    interaction_id: UUID


def prepared(said):
    conversation = Conversation("chat", [Turn("customer", said)], datetime(2026, 3, 2, tzinfo=UTC))
    return Prepared(uuid4(), uuid4(), Row(uuid4()), conversation, RULES, None, None)


def test_what_the_rules_trip_over_is_told_of_and_all_others_are_judged():
    first, spoilt, last = work = [prepared("Where is it?"), prepared(5), prepared("Thank you.")]
    failed = {}

    judged = judge.judge(work, failed.__setitem__)

    assert [each.prepared for each in judged] == [first, last]
    assert [(key, type(error)) for key, error in failed.items()] == [
        (spoilt.row.interaction_id, AttributeError)
    ]
