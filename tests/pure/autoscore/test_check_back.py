"""Whether an agent checks back: statements that look like questions do not."""

from datetime import UTC, datetime

import pytest

from scorecards.autoscore.engine import shared_annotator
from scorecards.definitions.conversation import Conversation, Turn

ANNOTATOR = shared_annotator()


def checks_back(text):
    said = [Turn("customer", "My kettle broke."), Turn("agent", text)]
    found = ANNOTATOR.annotate(Conversation("chat", said, datetime(2026, 1, 5, tzinfo=UTC)))
    return "check_back" in found.agent_annotations


@pytest.mark.parametrize(
    "text",
    [
        "I can see how upsetting that is.",
        "I can certainly see how annoying this must be.",
        "I see how that happened.",
        "We can see when it was sent.",
        "I do see how much it matters to you.",
        "It is awful to see how long this took.",
        "I'm disappointed to hear that you had to wait.",
        "That must be hard to hear when you need it.",
        "It is upsetting to see that it broke.",
        "Now I see once more what went wrong.",
    ],
)
def test_statements_check_nothing_back(text):
    assert not checks_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "Let me know how it goes.",
        "Please see if it works now.",
        "Could you see how it behaves tomorrow?",
        "I'm calling to see how it is going.",
        "I will write tomorrow to hear if it came.",
        "Tell me when it arrives.",
    ],
)
def test_checking_back_is_still_found(text):
    assert checks_back(text)


def test_what_an_agent_tells_of_somebody_is_judged():
    assert checks_back("On Monday he wrote:\nLet me know if it works again, I will look in on Friday.")
