from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from scorecards.autoscore.annotation.transcript import AGENT_PATTERNS
from scorecards.autoscore.customer_patterns import CUSTOMER_PATTERNS
from scorecards.autoscore.engine import Judge
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


@pytest.mark.parametrize("every", short_and_whole(8, 1))
@pytest.mark.parametrize("side", ["agent", "customer"])
def test_pattern_keywords_never_suppress_a_match(side, every):
    customer = side == "customer"
    told = [*EXAMPLES["examples"], *empathy_dialogues.dialogues()]
    said = [turn[3:] for each in told for turn in each["turns"] if turn[0] == side[0].upper()]
    sentences = sorted(
        {normalization.normalise(each[a:b]) for each in said for a, b in normalization.sentences(each)}
    )[::every]
    for pattern in CUSTOMER_PATTERNS if customer else AGENT_PATTERNS:
        anchored = Matcher([pattern], whole_sentence_conditions=customer)
        everywhere = Matcher([replace(pattern, anchors="")], whole_sentence_conditions=customer)
        assert [anchored.scan(each) for each in sentences] == [everywhere.scan(each) for each in sentences]
