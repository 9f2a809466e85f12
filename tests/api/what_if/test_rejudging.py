"""What-if with rejudging: a draft's new questions are answered automatically, and nothing is stored."""

import copy
import uuid
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, text

from qm.reports.report_request import Period
from qm.what_if.judge_sets import build_judge_set
from qm.what_if.rejudging import rejudge
from qm.what_if.sample import SampleQuery, draw_sample
from scorecards.authoring.models import Definition
from scorecards.autoscore.answer_policy import NO_MODELS
from tenants.credentials import Actor
from tenants.isolation import Scope
from tests.api.review_api import SCORECARD, ReviewFixture

WHAT_IF = "/v1/clients/northwind/scorecards/care/what-if"
GREETING = [
    {"speaker": "customer", "text": "I am so upset, my order never came!", "at": "2026-03-02T10:00:00Z"},
    {"speaker": "agent", "text": "Hello! Please state your order number.", "at": "2026-03-02T10:01:00Z"},
]
SILENT = [GREETING[0], {**GREETING[1], "text": "Please state your order number."}]
TABLES = ("definitions", "interactions", "evaluations", "reviews", "audit_entries", "models", "gates")


def card(**changes):
    """Return a scorecard whose one automatic question is whether the agent greets."""
    body = copy.deepcopy(SCORECARD)
    body["sections"][1]["questions"][0]["auto"] = "greets"
    return body | changes


def card_with_sign_off_question():
    """Return it with a new automatic question, which all of these conversations fail."""
    body = card()
    body["sections"][1]["questions"].append(
        {"key": "leaves", "text": "Took leave?", "kind": "yes_no", "auto": "signs_off"}
    )
    return body


@pytest.fixture
def review_fixture(provider):
    made = ReviewFixture(provider)
    made.publish("northwind", card())
    return made


@pytest.fixture
def author(provider):
    return provider.caller("definitions:write", "definitions:read", "interactions:read")


def judged(caller, query="", **options):
    found = caller.post(f"{WHAT_IF}?judge_again=true{query}", **options)
    assert found.status_code == 200, found.text
    return found.json["judged_again"]


def add_interactions(review_fixture, greeting=4, silent=8, **changes):
    return [review_fixture.interaction(turns=GREETING, **changes) for _ in range(greeting)] + [
        review_fixture.interaction(turns=SILENT, **changes) for _ in range(silent)
    ]


def test_rejudging_answers_new_question_and_changes_scores(review_fixture, author):
    """Who greeted had 100 and has 50 of two questions; who did not had 0 and keeps it."""
    add_interactions(review_fixture)
    found = judged(author, json=card_with_sign_off_question())

    assert (found["interactions"], found["of"], found["failed"], found["in_time"]) == (12, 12, 0, True)
    total = found["comparison"]["total"]
    assert (total["before"], total["after"], total["difference"]) == (33.33, 16.67, -16.67)
    assert total["low"] < -16.67 < total["high"]
    assert found["comparison"]["pass_to_fail"]["count"] == 4
    leaves = found["questions"][0]
    assert (leaves["question"], leaves["answered_before"], leaves["answered_after"], leaves["changed"]) == (
        "leaves",
        0,
        12,
        12,
    )
    assert leaves["moves"] == [{"before": None, "after": "no", "count": 12}]
    assert "'leaves' (12 of 12)" in found["finding"]
    assert found["scorecards"] == [{"scorecard": "care", "version": 1, "interactions": 12}]


def test_the_interactions_that_change_most_come_first(review_fixture, author):
    greeting = add_interactions(review_fixture)[:4]
    changed = judged(author, json=card_with_sign_off_question())["most_changed"]

    assert {each["interaction_id"] for each in changed[:4]} == {str(each.interaction_id) for each in greeting}
    assert (changed[0]["difference"], changed[0]["questions"], changed[0]["agent"]) == (
        -50.0,
        ["leaves"],
        "a-7",
    )


def test_what_if_does_not_rejudge_by_default(review_fixture, author):
    add_interactions(review_fixture)
    assert author.post(WHAT_IF, json=card_with_sign_off_question()).json["judged_again"] is None


def test_an_unchanged_scorecard_changes_no_answer(review_fixture, author):
    add_interactions(review_fixture)
    found = judged(author, json=card())

    assert (found["comparison"]["moved"], {each["changed"] for each in found["questions"]}) == (0, {0})
    assert found["finding"].endswith("no answer would change.")


def test_rejudging_uses_changed_automatic_judgement(review_fixture, author):
    add_interactions(review_fixture)
    draft = card()
    draft["sections"][1]["questions"][0]["auto"] = "signs_off"
    (checks,) = [each for each in judged(author, json=draft)["questions"] if each["question"] == "checks"]

    assert (checks["changed"], checks["moves"]) == (4, [{"before": "yes", "after": "no", "count": 4}])


def test_rejudging_accepts_unpublished_scorecard(review_fixture, author):
    add_interactions(review_fixture)
    body = card_with_sign_off_question() | {"key": "parting", "applies_to": {"channels": ["chat"]}}
    assert author.put("/v1/clients/northwind/scorecards/parting", json=body).status_code in {200, 201}
    found = author.post("/v1/clients/northwind/scorecards/parting/what-if?judge_again=true").json[
        "judged_again"
    ]

    assert found["interactions"] == 12
    assert found["scorecards"] == [{"scorecard": "care", "version": 1, "interactions": 12}]
    assert found["comparison"]["total"]["difference"] == -16.67


def test_rejudging_excludes_interactions_of_other_scorecard(review_fixture, author):
    add_interactions(review_fixture)
    review_fixture.publish("northwind", card(key="emails", applies_to={"channels": ["email"]}))
    add_interactions(review_fixture, channel="email")

    assert judged(author, json=card_with_sign_off_question())["of"] == 12


def test_rejudging_uses_current_definitions_for_both_sides(review_fixture, author):
    """The stored total was another; it does not count, but that it differs is said."""
    for interaction in add_interactions(review_fixture, 1, 0):
        review_fixture.judged(interaction)
    found = judged(author, json=card())

    assert found["stored"] == {"compared": 1, "differing": 1}
    assert found["comparison"]["total"]["difference"] == 0.0


def test_rejudging_compares_both_sides_with_human_answers(review_fixture, author, provider):
    review = review_fixture.drawn(turns=GREETING)
    reviewer = review_fixture.reviewer()
    assert reviewer.post("/v1/reviews/next").status_code == 200
    said = [
        {"question": "hears", "na": True},
        {"question": "checks", "value": "yes", "evidence": [{"turn": 1}]},
    ]
    sent = reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": said})
    assert sent.status_code in {200, 201}, sent.text
    draft = card()
    draft["sections"][1]["questions"][0]["auto"] = "signs_off"
    (checks,) = [each for each in judged(author, json=draft)["questions"] if each["question"] == "checks"]

    assert (checks["agreement"]["n"], checks["agreement"]["before"], checks["agreement"]["after"]) == (
        1,
        100,
        0,
    )


# The sample ------------------------------------------------------------------------------------------


def test_rejudging_sample_is_random_and_deterministic(review_fixture, author):
    made = add_interactions(review_fixture, 20, 20)
    first, again = (judged(author, "&sample=10", json=card_with_sign_off_question()) for _ in range(2))

    assert (first["interactions"], first["of"], first["wanted"]) == (10, 40, 10)
    assert first == again
    assert "10 of 40 interactions" in first["method_note"]
    newest = {str(each.interaction_id) for each in made[-10:]}
    assert {each["interaction_id"] for each in first["most_changed"]} != newest


def test_smaller_sample_is_prefix_of_larger_sample(review_fixture, provider):
    add_interactions(review_fixture, 20, 20)
    with provider.session() as session:
        found = [
            draw_sample(session, sample_query(provider), in_segment=lambda _: True, limit=most).ids
            for most in (5, 15, 99)
        ]

    assert found[0] == found[1][:5]
    assert found[1] == found[2][:15]
    assert len(found[2]) == 40


def test_rejudging_stops_at_time_limit_and_reports_incomplete_sample(review_fixture, provider):
    add_interactions(review_fixture)
    with provider.session() as session:
        bench = build_judge_set(
            session, provider.clients["northwind"], now=datetime.now(UTC), client_models=NO_MODELS
        )
        drawn = draw_sample(session, sample_query(provider), in_segment=lambda _: True, limit=12)
        found = rejudge(session, sample_query(provider), drawn, before=bench, after=bench, seconds=-1)

    assert (len(found.cases), found.of, found.in_time) == (0, 12, False)


def test_period_and_filters_choose_the_interactions(review_fixture, author):
    add_interactions(review_fixture, started_at=datetime(2026, 7, 1, tzinfo=UTC))
    add_interactions(review_fixture, started_at=datetime(2026, 7, 31, 23, 59, tzinfo=UTC), program="billing")
    add_interactions(review_fixture, started_at=datetime(2026, 8, 1, tzinfo=UTC))
    july = "&from=2026-07-01&to=2026-07-31"

    assert judged(author, july, json=card())["of"] == 24
    assert judged(author, f"{july}&program=billing", json=card())["of"] == 12


def test_rejudging_of_empty_period_has_explanatory_finding(review_fixture, author):
    found = judged(author, json=card())

    assert (found["interactions"], found["of"], found["comparison"]) == (0, 0, None)
    assert found["finding"].startswith("No interaction of this period")


def sample_query(provider):
    client = provider.clients["northwind"]
    scope = Scope(client.tenant_id, (client.client_id,))
    actor = Actor(uuid.uuid4(), None, None, "test", frozenset(), scope, bound=False)
    return SampleQuery(client, Period(datetime(2020, 1, 1).date(), datetime(2100, 1, 1).date()), {}, actor)  # noqa: DTZ001


# Who sees what ---------------------------------------------------------------------------------------


def test_sample_excludes_interactions_with_open_review_of_caller(review_fixture, provider):
    add_interactions(review_fixture)
    review = review_fixture.review_of(review_fixture.interaction(turns=GREETING))
    manager, other = review_fixture.person("qm_manager"), review_fixture.person("qm_manager")
    with provider.session() as session:
        session.execute(
            text("update reviews set state = 'claimed', reviewer_id = :who where review_id = :id"),
            {"who": manager.user_id, "id": review.review_id},
        )

    assert judged(provider.caller("definitions:write", user=manager), json=card())["of"] == 12
    assert judged(provider.caller("definitions:write", user=other), json=card())["of"] == 13


def test_sample_excludes_unscored_interactions(review_fixture, author):
    """Nobody knows yet whether the caller will be asked to judge it blind."""
    add_interactions(review_fixture)
    for state in ("pending", "claimed", "dead"):
        review_fixture.interaction(turns=GREETING, state=state)

    assert judged(author, json=card())["of"] == 12


def test_interaction_details_require_interactions_read_scope(review_fixture, provider):
    add_interactions(review_fixture)
    found = judged(provider.caller("definitions:write"), json=card_with_sign_off_question())

    assert (found["most_changed"], found["comparison"]["agents"]) == (None, None)
    assert found["comparison"]["pass_to_fail"] == {"count": 4, "interactions": None}


def test_rejudging_excludes_interactions_of_other_client(provider, review_fixture):
    add_interactions(review_fixture)
    review_fixture.publish("contoso", card())
    review_fixture.interaction("contoso", turns=GREETING)
    for caller in (
        provider.caller("definitions:write"),
        provider.caller("definitions:write", bound_to=("northwind",)),
    ):
        assert judged(caller, json=card())["of"] == 12


def test_rejudging_stores_nothing(review_fixture, author, provider):
    add_interactions(review_fixture)

    def everything():
        with provider.session() as session:
            return [
                session.execute(
                    text(f"select count(*), md5(string_agg(t::text, '|' order by t::text)) from {table} t")
                ).one()
                for table in TABLES
            ]

    before = everything()
    judged(author, json=card_with_sign_off_question())
    assert everything() == before


# What is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", [0, 501])
def test_sample_size_out_of_range_is_refused(review_fixture, author, sample):
    refused = author.post(f"{WHAT_IF}?judge_again=true&sample={sample}", json=card())

    assert [(each["pointer"], each["code"]) for each in refused.json["errors"]] == [
        ("/query/sample", "out_of_range")
    ]


def test_unreadable_definition_in_force_returns_409(review_fixture, author, provider):
    add_interactions(review_fixture)
    with provider.session() as session:
        client = provider.clients["northwind"]
        session.add(
            Definition(
                tenant_id=client.tenant_id,
                client_id=client.client_id,
                kind="brand_voice",
                key="default",
                version=1,
                state="published",
                body={"banned": 5},
                digest=b"",
                effective_from=review_fixture.now,
            )
        )
    refused = author.post(f"{WHAT_IF}?judge_again=true", json=card())

    assert (refused.status_code, refused.json["code"]) == (409, "unreadable_definition")
    assert "brand_voice" in refused.json["detail"]


# Cost ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 12])
def test_rejudging_query_count_is_independent_of_row_count(services, review_fixture, author, number):
    for place in range(number):
        review_fixture.interaction(turns=GREETING, agent=f"a-{place}")
    seen = []

    def note(conn, cursor, statement, parameters, context, executemany):
        if any(
            name in statement for name in ("evaluations", "definitions", "interaction", "models", "gates")
        ):
            seen.append(statement)

    event.listen(services.engine, "before_cursor_execute", note)
    try:
        judged(author, json=card_with_sign_off_question())
    finally:
        event.remove(services.engine, "before_cursor_execute", note)
    assert len(seen) == 13
