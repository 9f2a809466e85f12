from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.authoring import template_library
from scorecards.authoring.validation import faults_of
from scorecards.autoscore.engine import Judge, shared_annotator
from scorecards.autoscore.playbook.checker import PlaybookChecker
from scorecards.autoscore.playbook.retrieval import PlaybookRetriever
from scorecards.autoscore.text import money, normalization, number_words, sequence_alignment
from scorecards.definitions.conversation import SPEAKERS, Conversation, Turn
from scorecards.definitions.form import Form
from scorecards.definitions.playbook import Playbook

EXAMPLES = yaml.safe_load(
    (Path(__file__).parent / "data" / "playbook_examples.yaml").read_text(encoding="utf-8")
)
CASES = {case["name"]: case for case in EXAMPLES["cases"]}
BOOKS = [Playbook.from_body(body) for body in EXAMPLES["playbooks"]]
READER, PLAYBOOKS = shared_annotator(), PlaybookChecker(BOOKS)
NOW = datetime(2026, 1, 5, tzinfo=UTC)
NAMES = {"C": "customer", "A": "agent", "B": "bot", "S": "system"}


def talk(turns, **facts):
    said = [Turn(NAMES[each[0]], each[3:]) for each in turns]
    return Conversation(facts.pop("channel", "chat"), said, NOW, **facts)


def found_in(case):
    facts = {name: case[name] for name in ("channel", "intent", "language") if name in case}
    return PLAYBOOKS.findings(READER.annotate(talk(case["turns"], **facts)))


def named(part):
    return [case["name"] for case in EXAMPLES["cases"] if part in case]


@pytest.mark.parametrize("name", named("called"))
def test_expected_playbooks_are_triggered(name):
    assert {each.playbook: each.triggered_by for each in found_in(CASES[name])} == CASES[name]["called"]


@pytest.mark.parametrize("name", named("steps"))
def test_steps_are_found_as_a_reviewer_would(name):
    steps = {step.key: step for step in found_in(CASES[name])[0].steps}
    assert {key: steps[key].status for key in CASES[name]["steps"]} == CASES[name]["steps"]
    assert {key: steps[key].seen for key in CASES[name].get("seen", {})} == CASES[name].get("seen", {})


@pytest.mark.parametrize("name", named("used"))
def test_discretion_is_judged_as_a_reviewer_would(name):
    found = {each.key: each for each in found_in(CASES[name])[0].discretion}
    for key, expected in CASES[name]["used"].items():
        each = found[key]
        assert [each.needed, each.used, each.amount, each.within] == expected


@pytest.mark.parametrize("name", named("dead_end"))
def test_dead_end_and_its_alternatives_match_expected(name):
    end = found_in(CASES[name])[0].dead_end
    assert (end is not None) == CASES[name]["dead_end"]
    if end is not None:
        assert list(end.ways) == CASES[name]["ways"]


def test_there_are_enough_hard_cases():
    assert len(CASES) == len(EXAMPLES["cases"]) >= 40


def test_playbooks_of_edge_cases_are_valid():
    assert [fault for body in EXAMPLES["playbooks"] for fault in faults_of("playbook", body)] == []


@pytest.mark.parametrize("name", CASES)
def test_every_finding_says_its_clause_and_words(name):
    for book in found_in(CASES[name]):
        for each in (book, *book.steps, *book.discretion):
            assert each.clause.startswith(book.playbook)
            assert each.detail.endswith(".")


SAID = st.sampled_from(
    [
        "Where is my order? I feel let down.",
        "Sorry for the delay. Let me check your order, it will arrive soon.",
        "Order 4711 opened",
        "I've added a credit of 30 € or $20 for your order of $90.",
        "There's nothing I can do 😢",
        "İ can't. “check your order”",
        "you billed me twice, wrong invoice",
    ]
)
TURNS = st.lists(st.builds(Turn, st.sampled_from(SPEAKERS), st.text(max_size=80) | SAID), max_size=7)


@settings(deadline=None)
@given(TURNS, st.sampled_from([None, "late_delivery", "cancel"]))
def test_evidence_of_any_playbook_finding_lies_in_its_turn(turns, intent):
    told = Conversation("chat", turns, NOW, intent=intent)
    for book in PLAYBOOKS.findings(READER.annotate(told)):
        spans = [book.trigger_span, *(step.span for step in book.steps)]
        spans += [span for each in book.discretion for span in (each.span, each.need_span)]
        spans += [book.dead_end.span] if book.dead_end else []
        for span in filter(None, spans):
            assert 0 <= span.start < span.end <= len(turns[span.turn].text)


@settings(deadline=None)
@given(TURNS)
def test_playbook_cache_does_not_change_findings(turns):
    reading = READER.annotate(Conversation("chat", turns, NOW))
    assert PlaybookChecker(BOOKS).findings(reading) == PLAYBOOKS.findings(reading)


@settings(deadline=None)
@given(TURNS)
def test_discretion_within_limit_has_amount_not_above_limit(turns):
    told = Conversation("chat", turns, NOW, intent="late_delivery")
    for each in PLAYBOOKS.findings(READER.annotate(told))[0].discretion:
        if each.within and each.limit is not None:
            assert each.amount is not None
            assert each.amount <= each.limit


PLACES = st.lists(st.lists(st.integers(0, 6).map(lambda turn: (turn, 0)), max_size=3), max_size=5)


@given(PLACES, st.lists(st.integers(1, 9), min_size=5, max_size=5))
def test_sequence_alignment_is_optimal_against_brute_force(places, counts):
    chosen = sequence_alignment.in_order(places, counts[: len(places)])
    kept = [place for place in chosen if place is not None]
    assert kept == sorted(kept)
    assert all(place is None or place in seen for place, seen in zip(chosen, places, strict=True))
    best = 0
    for choice in product(*([None, *seen] for seen in places)):
        there = [place for place in choice if place is not None]
        if there == sorted(there):
            best = max(best, sum(count for count, each in zip(counts, choice, strict=False) if each))
    assert sum(count for count, each in zip(counts, chosen, strict=False) if each) == best


@given(PLACES)
def test_sequence_alignment_keeps_all_ascending_positions(places):
    rising = [[(number, 0), *seen] for number, seen in enumerate(places)]
    assert None not in sequence_alignment.in_order(rising)


SMALL = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def spelt(value):
    if value >= 1000:
        rest = f" {spelt(value % 1000)}" if value % 1000 else ""
        return f"{spelt(value // 1000)} thousand{rest}"
    if value >= 100:
        rest = f" and {spelt(value % 100)}" if value % 100 else ""
        return f"{spelt(value // 100)} hundred{rest}"
    if value >= 20:
        return TENS[value // 10 - 2] + (f"-{SMALL[value % 10]}" if value % 10 else "")
    return SMALL[value]


@given(st.integers(0, 99_999))
def test_any_amount_in_words_is_read_back(value):
    (found,) = money.amounts(f"you get {spelt(value)} dollars.")
    assert (found.value, found.currency) == (value, "$")


@given(st.lists(st.sampled_from([*SMALL, *TENS, "hundred", "thousand", "and", "a", "house"]), max_size=6))
def test_any_words_are_a_number_or_none(words):
    value = number_words.number(words)
    assert value is None or value >= 0


CENTS = st.integers(0, 99_999_999)
GROUPED = st.sampled_from([(",", "."), (".", ","), ("", "."), ("", ","), (" ", ","), ("'", ".")])
WRITTEN = st.sampled_from(
    [("${}", "$"), ("{} USD", "USD"), ("€ {}", "EUR"), ("{}€", "EUR"), ("GBP{}", "GBP"), ("{} quid", "GBP")]
)


@given(CENTS, GROUPED, WRITTEN)
def test_any_amount_in_figures_is_read_back(cents, separators, written):
    group, point = separators
    form, currency = written
    figures = f"{cents // 100:,}".replace(",", group) + f"{point}{cents % 100:02d}"
    (found,) = money.amounts(normalization.normalise(f"that is {form.format(figures)}, ok"))
    assert (found.value, found.currency) == (cents / 100, currency)


@given(st.integers(1, 100), st.integers(1, 10_000))
def test_percentage_of_an_amount_is_computed(share, whole):
    (found,) = money.amounts(f"you get {share} % of ${whole}")
    assert found.value == pytest.approx(share * whole / 100)


@given(st.text(max_size=150))
def test_amount_and_percentage_spans_are_ordered_and_within_the_text(written):
    plain = normalization.normalise(written)
    end = 0
    for each in money.amounts_and_shares(plain):
        assert end <= each.start < each.end <= len(plain)
        end = each.end


@pytest.mark.parametrize(
    ("written", "currency"), [("US$5", "USD"), ("$5 CAD", "CAD"), ("5p", "GBP"), ("CHF 5.-", "CHF")]
)
def test_a_currency_is_taken_as_narrowly_as_it_is_written(written, currency):
    (found,) = money.amounts(written.lower())
    assert found.currency == currency


def test_percentage_is_not_comparable_with_any_currency():
    (share,) = money.amounts_and_shares("10 % off")
    assert not share.is_in("USD")
    assert not share.is_in(None)
    assert share.is_in("%")


def test_tied_playbooks_trigger_none():
    twins = [Playbook.from_body({**EXAMPLES["playbooks"][3], "key": key}) for key in ("one", "two")]
    reading = READER.annotate(talk(["C: You billed me twice, the invoice is wrong!"]))
    assert PlaybookRetriever(twins[:1]).retrieve(reading, [0])
    assert PlaybookRetriever(twins).retrieve(reading, [0, 1]) == ()


def test_playbook_retrieval_weighs_rare_words_more():
    bodies = [
        {"key": str(n), "name": f"Order {word}", "steps": []}
        for n, word in enumerate(["lost", "broken", "wet"])
    ]
    ranked = PlaybookRetriever([Playbook.from_body(each) for each in bodies]).ranking(
        {"ord": 1.0, "order": 1.0, "miss": 1.0}, [0, 1, 2]
    )
    assert ranked[0].book == 0


READY_MADE = [Playbook.from_body({**body, "key": key}) for key, body in template_library.playbooks().items()]
OPENINGS = {
    "My package is two weeks late now": "late_delivery",
    "I think the parcel got lost": "late_delivery",
    "I still have not received the order": "late_delivery",
    "The item came smashed": "damaged_item",
    "You sent me a defective product": "damaged_item",
    "How do I return the item I bought?": "refund_request",
    "I'd like to be refunded for my order": "refund_request",
    "Our internet has been down since noon": "outage",
    "The amount on this bill is incorrect": "billing_dispute",
    "My bill is much higher than it was": "billing_dispute",
    "Please cancel my subscription": "cancellation",
    "I'd like to terminate the contract": "cancellation",
    "There is a transaction on my card that is unknown to me": "unauthorised_payment",
    "My card was stolen": "unauthorised_payment",
    "I want the fee refunded": "fee_refund",
    "What are your opening hours?": None,
    "Can I change the address of my order?": None,
    "Thank you for the quick help": None,
    "How do I reset my password?": None,
    "I have a question about my order": None,
}


@pytest.mark.parametrize("said", OPENINGS)
def test_playbook_template_is_retrieved_from_paraphrase(said):
    reading = READER.annotate(talk([f"C: {said}"]))
    found = PlaybookRetriever(READY_MADE).retrieve(reading, range(len(READY_MADE)))
    right = OPENINGS[said]
    assert [READY_MADE[each.book].key for each in found] == ([right] if right else [])


@pytest.mark.parametrize("name", named("called"))
def test_playbook_answer_confidence_is_capped_by_trigger_confidence(name):
    case = CASES[name]
    facts = {name: case[name] for name in ("channel", "intent", "language") if name in case}
    questions = [
        {"key": auto, "text": f"{auto}?", "kind": "yes_no", "na_allowed": True, "auto": auto}
        for auto in ("playbook_followed", "discretion_within_limit")
    ]
    form = Form.from_body({"key": "f", "sections": [{"key": "s", "questions": questions}]})
    judged = Judge(form, None, BOOKS, charged_threshold=0.5).evaluate([talk(case["turns"], **facts)])[0]
    called = {each.playbook: each.confidence for each in judged.playbooks}
    for answer in judged.answers.values():
        assert answer.clause not in called or answer.confidence <= called[answer.clause]
