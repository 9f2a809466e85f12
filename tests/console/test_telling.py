"""What the API says in English, on the pages of somebody who reads German."""

import re
from importlib.metadata import version

import pytest
from flask_babel import force_locale, gettext

from qm.console.machine_sentences import MACHINE_SENTENCES
from qm.console.report_sentences import REPORT_SENTENCES
from qm.console.sentence import NUMBERS
from qm.console.telling import told
from scorecards.autoscore.engine import Judge
from scorecards.definitions.brand_voice import BrandVoice
from scorecards.definitions.conversation import Conversation, Turn
from scorecards.definitions.playbook import Playbook
from tests.api.reports.test_reports import ReportData
from tests.pure.autoscore.test_judgement_examples import EXAMPLES, NOW, SPEAKERS, form

JULY = "from=2026-07-01&to=2026-07-31"
ENGLISH = re.compile(r"\b(?:the|is|are|of|and|were|which|with|this|that|has|by|no)\b", re.IGNORECASE)
_QUOTED = re.compile("'[^']*'")
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@pytest.fixture
def german(app):
    with app.test_request_context(), force_locale("de"):
        yield


@pytest.mark.parametrize("sentence", [*REPORT_SENTENCES, *MACHINE_SENTENCES])
def test_every_sentence_is_found_again_in_what_the_api_says(german, sentence):
    names = _PLACEHOLDER.findall(sentence)
    english = {name: "1,234.5" if name in NUMBERS else "Xyz" for name in names}
    wanted = {name: "1.234,5" if name in NUMBERS else "Xyz" for name in names}

    said = sentence % english if names else sentence

    assert told(f"{said}.") == f"{gettext(sentence, **wanted)}."
    assert told(said) != said or not re.search("[a-z]{3}", said)


def test_no_reason_that_the_rules_give_stays_english(german):
    judge = Judge(
        form(),
        BrandVoice.from_body(EXAMPLES["brand_voice"]),
        [Playbook.from_body(body) for body in EXAMPLES["playbooks"]],
        charged_threshold=0.5,
    )
    reasons = set()
    for example in EXAMPLES["examples"]:
        turns = [Turn(SPEAKERS[said[0]], said[3:]) for said in example["turns"]]
        answers = judge.evaluate([Conversation(example["channel"], turns, NOW)])[0].answers
        reasons |= {answer.reason for answer in answers.values() if answer.reason}
    names = [step["name"] for book in EXAMPLES["playbooks"] for step in book["steps"]]

    shown = {reason: told(reason) for reason in reasons}
    for name in names:  # the client's own words stay
        shown = {reason: _QUOTED.sub("", text.replace(name, "")) for reason, text in shown.items()}

    assert len(shown) > 100
    assert {reason: text for reason, text in shown.items() if ENGLISH.search(text)} == {}


def test_goals_that_changed_keep_their_days(german):
    said = (
        "SLA promise missed: chat next response 80.0 % in time against 95.0 % (2026-07-02 to 2026-07-04)"
        " and 70.0 % in time against 90.0 %. "
    )

    assert told(said) == (
        "SLA-Zusage verfehlt: chat: nächste Antwort zu 80,0 % rechtzeitig statt zu 95,0 %"
        " (2 Juli 2026 bis 4 Juli 2026) und zu 70,0 % rechtzeitig statt zu 90,0 %. "
    )


def test_what_nobody_translated_stays_as_it_is(german):
    assert told("A sentence of tomorrow. The agent greets the customer.") == (
        "A sentence of tomorrow. Der Agent grüßt den Kunden."
    )


def test_in_english_nothing_changes(app):
    with app.test_request_context(), force_locale("en"):
        assert told("Empathy is 1.5 of 100.") == "Empathy is 1.5 of 100."


@pytest.mark.parametrize("reviews", [0, 5, 20, 40])
def test_a_german_report_has_no_english_sentence_and_no_decimal_point(provider, visitor, reviews):
    data = ReportData(provider)
    for day in (0, -31):
        ids = data.scored(*[70.5] * 80, day=day)
        data.reviewed(ids[:reviews], [50.5 + number for number in range(reviews)], day=day)
    user = provider.add_user("qm_manager")
    with provider.session() as session:
        session.merge(user).locale = "de"

    page = visitor(user=user).get(f"/clients/northwind/report?{JULY}").text

    main = re.search(r"<main.*</main>", page, re.DOTALL)[0]
    text = re.sub(r"<[^>]+>", "\n", main).replace(version("qm"), "")
    assert [line for line in text.splitlines() if ENGLISH.search(line)] == []
    assert re.findall(r"\d\.\d\b", text) == []
