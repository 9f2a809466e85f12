from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from scorecards.autoscore.annotation.transcript import AGENT_PATTERNS
from scorecards.autoscore.customer_patterns import CUSTOMER_PATTERNS
from scorecards.autoscore.engine import Judge, shared_annotator
from scorecards.autoscore.matching.alternation import Alternation
from scorecards.autoscore.matching.matcher import Matcher
from scorecards.autoscore.rules.catalogue import CATALOGUE
from scorecards.autoscore.text import normalization
from scorecards.definitions.brand_voice import BrandVoice
from scorecards.definitions.conversation import Conversation, Turn
from scorecards.definitions.form import Form
from scorecards.definitions.playbook import Playbook
from tests.pure.autoscore import empathy_dialogues
from tests.sizes import short_and_whole

EXAMPLES = yaml.safe_load(
    (Path(__file__).parent / "data" / "empathy_examples.yaml").read_text(encoding="utf-8")
)
SPEAKERS = {"C": "customer", "A": "agent", "B": "bot"}
NOW = datetime(2026, 1, 5, tzinfo=UTC)
OVERALL, EACH = 0.95, 0.85


def form():
    asked = [
        {"key": name, "text": "?", "kind": "yes_no", "na_allowed": True, "auto": name} for name in CATALOGUE
    ]
    return Form.from_body({"sections": [{"key": "all", "questions": asked}]})


@pytest.fixture(scope="module")
def outcomes():
    judge = Judge(
        form(),
        BrandVoice.from_body(EXAMPLES["brand_voice"]),
        [Playbook.from_body(body) for body in EXAMPLES["playbooks"]],
        charged_threshold=0.5,
    )
    rows = []
    for example in EXAMPLES["examples"]:
        turns = [Turn(SPEAKERS[said[0]], said[3:]) for said in example["turns"]]
        answers = judge.evaluate([Conversation(example["channel"], turns, NOW)])[0].answers
        for name, expected in example["expect"].items():
            wanted = {True: "yes", False: "no"}.get(expected, expected)
            answer = answers[name]
            got = "abstained" if answer.abstained else "na" if answer.na else answer.value
            rows.append((example["name"], name, wanted, got, answer.reason))
    return rows


def test_rules_agree_with_the_examples(outcomes):
    wrong = [row for row in outcomes if row[2] != row[3]]
    for name, question, wanted, got, reason in wrong:
        print(f"{name}: {question} is {wanted}, judged {got} ({reason})")
    assert 1 - len(wrong) / len(outcomes) >= OVERALL


@pytest.mark.parametrize("judgement", CATALOGUE)
def test_every_judgement_agrees_with_its_examples(outcomes, judgement):
    rows = [row for row in outcomes if row[1] == judgement]
    agreed = Counter(row[2] == row[3] for row in rows)
    assert agreed[True] >= EACH * len(rows) > 0


def test_there_are_enough_examples_over_all_channels():
    channels = Counter(example["channel"] for example in EXAMPLES["examples"])
    assert channels.total() >= 60
    assert set(channels) == {"chat", "email", "voice", "ticket", "social", "sms"}


@pytest.mark.parametrize("side", ["agent", "customer"])
def test_every_pattern_finds_its_own_example(side):
    customer = side == "customer"
    table = CUSTOMER_PATTERNS if customer else AGENT_PATTERNS
    lost = [
        pattern.example
        for pattern in table
        if not Matcher([pattern], whole_sentence_conditions=customer).scan(
            normalization.normalise(pattern.example)
        )
    ]
    assert lost == []


class EveryAlternative:
    """Stands in for the prefilter of a matcher of one pattern and tries all of it on every sentence."""

    def __init__(self, pieces):
        self.numbers = list(range(len(pieces)))

    def candidates(self, _, **__):
        return [(0, self.numbers)]


@pytest.mark.parametrize("every", short_and_whole(8, 1))
@pytest.mark.parametrize("side", ["agent", "customer"])
def test_required_literals_never_suppress_a_match(side, every):
    customer = side == "customer"
    told = [*EXAMPLES["examples"], *empathy_dialogues.dialogues()]
    said = [turn[3:] for each in told for turn in each["turns"] if turn[0] == side[0].upper()]
    sentences = sorted(
        {normalization.normalise(each[a:b]) for each in said for a, b in normalization.sentences(each)}
    )[::every]
    for pattern in CUSTOMER_PATTERNS if customer else AGENT_PATTERNS:
        filtered = Matcher([pattern], whole_sentence_conditions=customer)
        unfiltered = Matcher([pattern], whole_sentence_conditions=customer)
        unfiltered._prefilter = EveryAlternative(Alternation(pattern.expression).pieces)
        assert [filtered.scan(each) for each in sentences] == [unfiltered.scan(each) for each in sentences]


def annotated(speaker, signal, text):
    transcript = shared_annotator().annotate(Conversation("chat", [Turn(speaker, text)], NOW))
    by_signal = transcript.agent_annotations if speaker == "agent" else transcript.customer_annotations
    return [text[each.start : each.end] for each in by_signal.get(signal, ())]


@pytest.mark.parametrize(
    ("speaker", "signal", "text", "marked"),
    [
        ("agent", "reassurance", "Please don't worry, you're all set!", "you're all set"),
        ("agent", "reassurance", "It's all over now.", "It's all over now"),
        ("agent", "reassurance", "You can be sure of that.", "You can be sure"),
        ("agent", "reassurance", "They are okay.", "They are okay"),
        ("agent", "feeling", "Waiting times would test anyone's patience.", "times would test anyone"),
        ("agent", "feeling", "That is a lot to bear.", "a lot to bear"),
        ("agent", "blame", "You probably chose the wrong size.", "You probably chose the wrong"),
        ("agent", "blame", "I'm afraid you're mistaken.", "you're mistaken"),
        ("agent", "deflection", "My hands are tied.", "hands are tied"),
        ("agent", "deflection", "As our policies say, water damage is excluded.", "As our policies say"),
        ("agent", "ownership", "We've let you down.", "We've let you down"),
        ("agent", "ownership", "I should not have closed it.", "I should not have"),
        ("agent", "ownership", "You can always reach me.", "reach me"),
        ("agent", "reflection", "Have I got everything that matters to you here?", "Have I got"),
        ("agent", "looking", "I am reviewing your order.", "I am reviewing"),
        ("agent", "solution", "Right, canceled.", "Right, canceled"),
        ("agent", "solution", "There are no extra charges.", "no extra charges"),
        ("agent", "solution", "The app is working again.", "working again"),
        ("agent", "solution", "The couriers will be at your door.", "couriers will be at"),
        ("agent", "next_step", "The driver'll ring first.", "'ll ring"),
        ("agent", "promise", "They'll e-mail the form.", "They'll e-mail"),
        ("agent", "promise", "We're hoping to ship it.", "We're hoping to ship"),
        ("agent", "date", "It takes 10min.", "10min"),
        ("agent", "warm_close", "See you on the train!", "See you on"),
        ("agent", "warm_close", "You were fantastic.", "You were fantastic"),
        ("agent", "verification", "This is for data protection.", "for data protection"),
        ("customer", "stakes", "My son had a seizure.", "seizure"),
        ("customer", "failure", "I did not hear anything.", "did not hear"),
        ("customer", "failure", "It was shipped with only three screws.", "shipped with only"),
        ("customer", "failure", "Your team really let me down.", "Your team really let me down"),
        ("customer", "failure", "Only two came.", "Only two came"),
        ("customer", "failure", "I have told the whole story.", "told the whole story"),
        ("customer", "repeated", "I keep telling you.", "keep telling"),
        ("customer", "sarcasm", "Thanks for the endless queue.", "Thanks for the endless"),
        ("customer", "asks_when", "When's the refund?", "When's"),
    ],
)
def test_wording_that_a_list_of_keywords_once_kept_from_its_pattern_is_annotated(
    speaker, signal, text, marked
):
    assert marked in annotated(speaker, signal, text)


@pytest.mark.parametrize(
    ("speaker", "signal", "text"),
    [
        ("agent", "reassurance", "Let us know when you're all set."),
        ("agent", "reassurance", "The bank will hold your money."),
        ("agent", "reassurance", "The update will make it faster."),
        ("agent", "reflection", "Let me see if I can find it."),
        ("agent", "reflection", "If I hear anything, I'll write."),
        ("agent", "feeling", "I see that the vase must have been shattered."),
        ("agent", "next_step", "That'll be 20 euros."),
        ("agent", "ownership", "I shouldn't have any trouble."),
        ("agent", "ownership", "You can personally check it online."),
        ("agent", "solution", "We are working now on the outage."),
        ("agent", "solution", "I see no charges."),
        ("agent", "check_back", "I can't answer when it comes."),
        ("agent", "warm_close", "I see you on our list."),
        ("agent", "blame", "Other customers can see it."),
        ("customer", "failure", "You made me so happy."),
        ("customer", "failure", "Your page says only two left."),
        ("customer", "repeated", "I have to tell you how good it is."),
        ("customer", "sarcasm", "No problem, take your time."),
        ("customer", "sarcasm", "Thanks for the long explanation."),
    ],
)
def test_similar_wording_of_another_meaning_is_not_annotated(speaker, signal, text):
    assert annotated(speaker, signal, text) == []
