"""Validation of display conditions: references to other questions, and questions that are never shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scorecards.definitions.conversation import CHANNELS
from scorecards.definitions.form import OPTION_KINDS, Question, question_from_body
from tenants.http.faults import Fault

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Reach:
    """The channels and intents on which a question can be shown; None means every intent."""

    channels: frozenset[str]
    intents: frozenset[str] | None

    def narrowed(self, channels: frozenset[str], intents: frozenset[str]) -> "_Reach":
        return _Reach(
            self.channels & channels if channels else self.channels,
            self.intents if not intents else intents if self.intents is None else self.intents & intents,
        )

    def both(self, other: "_Reach") -> "_Reach":
        intents = other.intents if self.intents is None else self.intents
        if self.intents is not None and other.intents is not None:
            intents = self.intents & other.intents
        return _Reach(self.channels & other.channels, intents)

    @property
    def never(self) -> bool:
        return not self.channels or (self.intents is not None and not self.intents)


def condition_faults(body: Body, questions: Sequence[tuple[str, Body]]) -> Iterator[Fault]:
    """Find conditions with invalid references, and those that can never be met.

    A condition may refer to earlier questions only, which rules out cycles.
    """
    channels = frozenset((body.get("applies_to") or {}).get("channels") or CHANNELS)
    everywhere = _Reach(channels, None)
    keys = [question["key"] for _, question in questions]
    earlier: dict[str, Question] = {}
    reach: dict[str, _Reach] = {}
    for pointer, question_body in questions:
        question = question_from_body(question_body)
        place = f"{pointer}/show_when"
        faults = list(_faults(question, question_body, place, earlier, keys))
        yield from faults
        reach[question.key] = everywhere
        if question.show_when is not None and not faults:
            own = everywhere.narrowed(question.show_when.channels, question.show_when.intents)
            reach[question.key] = own.both(reach.get(question.show_when.question or "", own))
            if reach[question.key].never:
                detail = f"'{question.key}' could never be shown on the channels and intents it is asked for."
                yield Fault(place, "never_shown", detail)
        earlier[question.key] = question


def _faults(
    question: Question, body: Body, place: str, earlier: Mapping[str, Question], keys: Sequence[str]
) -> Iterator[Fault]:
    condition = question.show_when
    if condition is None:
        return
    if condition.question is None:
        if condition.options:
            detail = "Say whose answers these options are."
            yield Fault(f"{place}/options", "condition_without_question", detail)
        elif not condition.channels and not condition.intents:
            yield Fault(place, "empty_condition", "This condition asks for nothing; leave it out.")
        return
    if condition.question == question.key:
        yield Fault(f"{place}/question", "shown_by_itself", "A question cannot depend on its own answer.")
    elif condition.question not in keys:
        detail = f"There is no question '{condition.question}'."
        yield Fault(f"{place}/question", "unknown_question", detail)
    elif condition.question not in earlier:
        detail = f"'{condition.question}' is asked later; a condition looks at earlier answers only."
        yield Fault(f"{place}/question", "later_question", detail)
    else:
        yield from _option_faults(body["show_when"], place, earlier[condition.question])


def _option_faults(condition: Body, place: str, other: Question) -> Iterator[Fault]:
    options = condition.get("options") or ()
    if other.kind not in OPTION_KINDS:
        detail = f"'{other.key}' is a {other.kind} question, which has no options to look at."
        yield Fault(f"{place}/question", "question_without_options", detail)
    elif not options:
        yield Fault(f"{place}/options", "condition_without_options", "Say which answers show the question.")
    else:
        for index, key in enumerate(options):
            if other.option(key) is None:
                detail = f"'{other.key}' has no option '{key}'."
                yield Fault(f"{place}/options/{index}", "unknown_option", detail)
