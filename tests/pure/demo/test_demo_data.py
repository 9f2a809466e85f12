"""The demo data is plausible and deterministic, and its ground truth is never pushed."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import combinations
from statistics import correlation, fmean

import pytest

from infra.demo.companies import CLIENTS, WEEKS, bundle_text, company
from infra.demo.customers import TEST_CARDS
from infra.demo.generator import interactions, interactions_with_truth
from infra.demo.phrase_book import phrase_book
from infra.demo.reviewers import REVIEWERS, answers, severity
from qm.interactions.decoding import load_interaction
from qm.interactions.redaction.redactor import Redactor
from scorecards.authoring.bundle import read_bundle
from scorecards.authoring.judgement_names import JUDGEMENTS
from scorecards.autoscore.engine import Judge
from scorecards.definitions import applicability
from scorecards.definitions.brand_voice import BrandVoice
from scorecards.definitions.conversation import Conversation, StatusEvent, Turn
from scorecards.definitions.form import Form, read_answers
from scorecards.definitions.playbook import Playbook
from scorecards.sampling import inclusion
from scorecards.sampling import policy as sampling_policy
from scorecards.scoring import scoring
from scorecards.scoring.answer_validation import answer_faults
from scorecards.sla import clocks as sla

END = datetime(2026, 7, 15, 16, tzinfo=UTC)
MAIN = (
    "validates_feeling",
    "takes_ownership",
    "apologises_with_action",
    "offers_solution",
    "avoids_blame",
    "promises_with_date",
)

each_client = pytest.mark.parametrize("client", CLIENTS)


@cache
def demo_cases(client):
    return list(interactions_with_truth(client, count=600, seed=4, end=END))


@cache
def definitions(client):
    bundle = read_bundle(bundle_text(client))
    bodies = {
        kind: [body for each, _, body in bundle.definitions if each == kind]
        for kind, _, _ in bundle.definitions
    }
    return bundle.settings, bodies


@cache
def forms(client):
    return [Form.from_body(body) for body in definitions(client)[1]["scorecard"]]


def form_for(client, payload):
    return applicability.choose(forms(client), payload["channel"], payload["program"])


def conversation(payload):
    loaded = load_interaction(payload)
    redactor = Redactor(loaded["redact"])
    turns = [
        Turn(turn["speaker"], redactor.redact(turn["text"])[0], turn["at"], turn.get("agent"))
        for turn in loaded["turns"]
    ]
    status = [StatusEvent(event["at"], event["to"]) for event in loaded["status"]]
    same = (
        "channel",
        "started_at",
        "ended_at",
        "language",
        "program",
        "queue",
        "priority",
        "intent",
        "outcome",
    )
    return Conversation(
        turns=turns, status=status, agent=loaded["agent"]["external_id"], **{k: loaded[k] for k in same}
    )


@cache
def automatic_evaluations(client):
    settings, bodies = definitions(client)
    voice = BrandVoice.from_body(bodies["brand_voice"][0])
    books = [Playbook.from_body(body) for body in bodies["playbook"]]
    judges = {
        form.key: Judge(form, voice, books, charged_threshold=settings["charged_threshold"])
        for form in forms(client)
    }
    return [
        judges[form_for(client, payload).key].evaluate([conversation(payload)])[0]
        for payload, _ in demo_cases(client)[:300]
    ]


@cache
def demo_reviews(client):
    found = []
    for number, (payload, truth) in enumerate(demo_cases(client)[:300]):
        form = form_for(client, payload)
        found.append((form, read_answers(answers(form, truth, REVIEWERS[number % len(REVIEWERS)], 1))))
    return found


def kappa(pairs):
    count = len(pairs)
    agree = sum(one == other for one, other in pairs) / count
    left, right = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    chance = sum(left[each] * right[each] for each in left) / count**2
    return (agree - chance) / (1 - chance)


@each_client
def test_demo_data_is_deterministic_for_a_seed(client):
    once, again = (json.dumps(list(interactions(client, count=60, seed=9, end=END))) for _ in range(2))
    assert once == again


def test_demo_data_differs_between_seeds():
    one, other = (next(interactions("harbor", count=20, seed=seed, end=END)) for seed in (1, 2))
    assert one["turns"] != other["turns"]


@each_client
def test_every_interaction_is_accepted(client):
    for payload, _ in demo_cases(client):
        assert load_interaction(payload)["external_id"] == payload["external_id"]


@each_client
def test_demo_payload_has_no_ground_truth_fields(client):
    payload, truth = demo_cases(client)[0]
    assert set(payload) <= {
        "external_id", "channel", "language", "started_at", "ended_at", "agent", "customer", "program",
        "queue", "priority", "intent", "turns", "status", "outcome", "handling", "tags", "custom", "redact",
    }  # fmt: skip
    assert tuple(turn["text"] for turn in payload["turns"]) == tuple(truth.turns)


@each_client
def test_interactions_lie_within_the_weeks_before_the_end(client):
    payloads = [load_interaction(payload) for payload, _ in demo_cases(client)]
    assert all(payload["ended_at"] <= END for payload in payloads)
    assert min(payload["started_at"] for payload in payloads) >= END - timedelta(weeks=WEEKS + 1)
    assert len({payload["external_id"] for payload in payloads}) == len(payloads)


@each_client
def test_no_two_conversations_are_the_same_word_for_word(client):
    texts = [" ".join(truth.turns) for _, truth in demo_cases(client)]
    assert len(set(texts)) == len(texts)


@each_client
def test_demo_text_has_no_unfilled_template_slots(client):
    said = " ".join(text for _, truth in demo_cases(client) for text in truth.turns)
    assert not set("{}<>|[]") & set(said)


@each_client
def test_demo_weekend_and_night_volume_is_low(client):
    zone = company(client).zone
    starts = [load_interaction(payload)["started_at"].astimezone(zone) for payload, _ in demo_cases(client)]
    weekend = sum(start.weekday() >= 5 for start in starts) / len(starts)
    night = sum(start.hour < 6 for start in starts) / len(starts)
    assert 0.1 < weekend < 0.26
    assert night < 0.06


@each_client
def test_demo_shares_of_feelings_and_empathy_opportunities_are_plausible(client):
    felt = fmean(truth.negative_mood for _, truth in demo_cases(client))
    called_for = fmean(truth.opportunity for _, truth in demo_cases(client))
    assert 0.4 < felt < 0.7
    assert felt < called_for < 0.85


@each_client
def test_demo_first_response_breaches_are_plausible_and_highest_for_email(client):
    policy = company(client).policy
    late = {}
    for channel in company(client).channels:
        clocks = [
            clock
            for payload, _ in demo_cases(client)
            if payload["channel"] == channel
            for clock in sla.clocks(policy, conversation(payload), now=END)
            if clock.target == "first_response"
        ]
        late[channel] = fmean(clock.state == "breached" for clock in clocks)
    assert max(late, key=late.get) == "email"
    assert 0.1 < late["email"] < 0.35
    assert late["chat"] < 0.12


@each_client
def test_demo_csat_correlates_with_ground_truth_quality(client):
    rated = [
        (payload["outcome"]["csat"], truth.quality)
        for payload, truth in demo_cases(client)
        if "csat" in payload["outcome"]
    ]
    assert 0.4 < correlation(*zip(*rated, strict=True)) < 0.95
    assert {rating for rating, _ in rated} == {1, 2, 3, 4, 5}


@each_client
def test_demo_personal_data_is_present_and_masked(client):
    kinds = Counter()
    for payload, _ in demo_cases(client):
        redactor = Redactor(payload["redact"])
        for turn in payload["turns"]:
            masked, found = redactor.redact(turn["text"])
            kinds.update(found)
            assert "@example" not in masked
            assert not any(card in masked for card in TEST_CARDS)
            assert "555-01" not in masked
            assert "7700 900" not in masked
    assert min(kinds[kind] for kind in ("EMAIL", "PHONE", "CARD", "NAME")) >= 3


@each_client
def test_demo_agents_all_appear_and_differ_in_quality(client):
    by_agent = {}
    for _, truth in demo_cases(client):
        by_agent.setdefault(truth.agent, []).append(truth.quality)
    assert set(by_agent) == {agent.external_id for agent in company(client).agents}
    means = [fmean(each) for each in by_agent.values()]
    assert max(means) - min(means) > 0.15


@each_client
def test_demo_ground_truth_covers_every_scorecard_judgement(client):
    facts = set(demo_cases(client)[0][1].facts)
    asked = {question.auto or question.key for form in forms(client) for question in form.questions.values()}
    assert facts >= JUDGEMENTS
    assert asked - facts == ({"coach_note"} if client == "harbor" else set())


@each_client
def test_demo_ground_truth_evidence_refers_to_existing_turns(client):
    for _, truth in demo_cases(client):
        assert all(0 <= fact.turn < len(truth.turns) for fact in truth.facts.values())


@each_client
def test_reviewers_hand_in_complete_answers_with_evidence(client):
    for (payload, truth), (form, given) in zip(demo_cases(client), demo_reviews(client), strict=False):
        assert not answer_faults(
            form,
            given,
            channel=payload["channel"],
            intent=payload["intent"],
            turns=truth.turns,
            evidence_required=True,
        )


@each_client
def test_every_reviewer_can_fill_in_every_scorecard(client):
    payload, truth = demo_cases(client)[0]
    for form in forms(client):
        for reviewer in (*REVIEWERS, "somebody else"):
            given = read_answers(answers(form, truth, reviewer, 3))
            assert not answer_faults(
                form,
                given,
                channel=payload["channel"],
                intent=payload["intent"],
                turns=truth.turns,
                evidence_required=True,
            )


@each_client
def test_demo_reviewer_accuracy_against_ground_truth_is_91_to_96_percent(client):
    right = [
        (given[key].value == "yes") == (truth.facts[question.auto].value == 1)
        for (_, truth), (form, given) in zip(demo_cases(client), demo_reviews(client), strict=False)
        for key, question in form.questions.items()
        if question.auto and question.kind == "yes_no" and truth.facts[question.auto].value is not None
    ]
    assert 0.91 < fmean(right) < 0.96


@each_client
def test_demo_strict_reviewers_give_fewer_yes_answers(client):
    assert [severity(name) for name in REVIEWERS] == sorted(
        (severity(name) for name in REVIEWERS), reverse=True
    )
    shares = []
    for reviewer in (REVIEWERS[0], REVIEWERS[-1]):
        given = [
            answer
            for payload, truth in demo_cases(client)[:250]
            for answer in answers(form_for(client, payload), truth, reviewer, 2)
        ]
        shares.append(fmean(answer["value"] == "yes" for answer in given if not answer["na"]))
    assert shares[0] < shares[1]


@each_client
def test_demo_machine_human_score_correlation_is_between_0_40_and_0_85(client):
    pairs = []
    for (payload, _), judgement, (form, given) in zip(
        demo_cases(client), automatic_evaluations(client), demo_reviews(client), strict=False
    ):
        human = scoring.score(form, given, channel=payload["channel"], intent=payload["intent"])
        if judgement.score.total is not None and human.total is not None:
            pairs.append((judgement.score.total, human.total))
    assert len(pairs) > 250
    assert 0.4 < correlation(*zip(*pairs, strict=True)) < 0.85


@each_client
@pytest.mark.parametrize("judgement", MAIN)
def test_demo_machine_kappa_on_main_judgements_is_above_chance(client, judgement):
    pairs = []
    for (_, truth), found, (form, _) in zip(
        demo_cases(client), automatic_evaluations(client), demo_reviews(client), strict=False
    ):
        for key, question in form.questions.items():
            if question.auto == judgement and key in found.answers and not found.answers[key].abstained:
                value = truth.facts[judgement].value
                pairs.append(
                    (found.answers[key].value, None if value is None else "yes" if value == 1 else "no")
                )
    assert 0.25 < kappa(pairs) < 0.97


@each_client
def test_demo_sampling_policy_samples_a_tenth_to_a_seventh_and_keeps_its_floor(client):
    policy = sampling_policy.from_body(definitions(client)[1]["sampling_policy"][0])
    first = {}
    rates = []
    for (payload, _), found in zip(demo_cases(client), automatic_evaluations(client), strict=False):
        talk = conversation(payload)
        since = first.setdefault(talk.agent, talk.started_at)
        clocks = sla.tally(sla.clocks(company(client).policy, talk, now=END), END)
        facts = inclusion.RiskFacts(
            charged=found.sentiment.charged,
            sla_breach=any(breached for _, breached in clocks.values()),
            critical=bool(found.score.critical),
            csat=talk.outcome.get("csat"),
            agent_days=(talk.started_at - since).days,
        )
        rates.append(inclusion.inclusion_probability(policy, facts).probability)
    assert 0.08 < fmean(rates) < 0.15
    assert inclusion.floor_warning(policy, fmean(rates)) is None


@each_client
def test_demo_playbook_trigger_intents_occur_in_the_stories(client):
    _, bodies = definitions(client)
    intents = {story.intent for story in phrase_book(client).stories}
    assert all(intents & set(body["trigger"]["intents"]) for body in bodies["playbook"])


def test_demo_clients_share_no_sign_off():
    for one, other in combinations([phrase_book(client).agent["sign_off"] for client in CLIENTS], 2):
        assert not set(one) & set(other)
