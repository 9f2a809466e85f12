"""What-if over HTTP: stored evaluations against a draft, and nothing is stored."""

import copy
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select, text

from qm.reviews.evaluations import evaluation_columns
from qm.reviews.models import Evaluation
from qm.reviews.readings import EvaluationReading
from scorecards.definitions.form import Form, read_answers
from scorecards.scoring.scoring import score
from tests.api.review_api import PLACE, SCORECARD, ReviewFixture

WHAT_IF = "/v1/clients/northwind/scorecards/care/what-if"
TABLES = ("definitions", "interactions", "evaluations", "reviews", "interaction_facts", "daily_rollups")


def answers(hears="yes", how="well", checks="no"):
    given = {"hears": hears, "how": how, "checks": checks}
    return [{"question": key, "value": value, "evidence": PLACE} for key, value in given.items() if value]


def evaluate(review_fixture, given, *, kind="automatic", slug="northwind", reviewer=None, **changes):
    """Store an interaction with an evaluation of these answers under the published scorecard."""
    interaction = review_fixture.interaction(slug, **changes)
    made = review_fixture.scorecards[slug]
    result = score(Form.from_body(made.body), read_answers(given), channel="chat", intent=None)
    row = evaluation_columns(
        kind=kind,
        scorecard_id=made.definition_id,
        versions={},
        answers=given,
        score=result,
        reviewer_id=reviewer,
    )
    with review_fixture.provider.session() as session:
        session.add(Evaluation(**review_fixture._ids(interaction), **row))
    return interaction


def edited(change):
    body = copy.deepcopy(SCORECARD)
    change(body)
    return body


def heavier_process(body):
    body["sections"][1]["weight"] = 12


def with_new_question(body):
    body["sections"][1]["questions"].append({"key": "fresh", "text": "New?", "kind": "yes_no"})


@pytest.fixture
def review_fixture(provider):
    made = ReviewFixture(provider)
    made.publish("northwind")
    return made


@pytest.fixture
def author(provider):
    return provider.caller("definitions:write", "definitions:read", "interactions:read")


def save(author, body):
    saved = author.put("/v1/clients/northwind/scorecards/care", json=body)
    assert saved.status_code in {200, 201}, saved.text


def asked(caller, query="", **options):
    found = caller.post(f"{WHAT_IF}{query}", **options)
    assert found.status_code == 200, found.text
    return found.json


def faults(found):
    assert found.status_code == 422, found.text
    return {(fault["pointer"], fault["code"]) for fault in found.json["errors"]}


def test_draft_is_compared_with_stored_evaluations(review_fixture, author):
    """3 of 4 points are for listening; with weights 3 and 12 a missed check leaves 20 of 100."""
    both = [evaluate(review_fixture, answers()) for _ in range(2)]
    evaluate(review_fixture, answers(checks="yes"))
    save(author, edited(heavier_process))
    found = asked(author)

    assert (found["source"], found["version"], found["scorecard"]) == ("draft", 2, "care")
    assert found["evaluations"] | {"oldest": None} == {
        "automatic": 3,
        "human": 0,
        "not_applicable": 0,
        "limit": 5000,
        "sampling": "all",
        "oldest": None,
    }
    own = found["automatic"]
    total = own["total"]
    assert (total["n"], total["before"], total["after"], total["difference"]) == (3, 83.33, 46.67, -36.67)
    assert total["low"] < -36.67 < total["high"]
    assert own["pass_share"]["difference"] == -66.67
    assert own["pass_to_fail"]["count"] == 2
    assert set(own["pass_to_fail"]["interactions"]) == {str(each.interaction_id) for each in both}
    assert own["fail_to_pass"] == {"count": 0, "interactions": []}
    assert own["bands"] == [
        {"before": "Good", "after": "Coach", "count": 2},
        {"before": "Good", "after": "Good", "count": 1},
    ]
    assert [(each["key"], each["name"], each["difference"]) for each in own["sections"]] == [
        ("listen_validate", "Listen", 0.0),
        ("process", "Process", 0.0),
    ]
    assert own["quarters"]["before"] == [75.0, 75.0, 75.0, 87.5, 100.0]
    assert found["human"] is None
    assert found["finding"].startswith("The mean total of 3 automatic evaluations ")
    assert "2 would fail that passed, and 0 pass that failed" in found["finding"]


def test_what_if_reports_automatic_and_human_evaluations_separately(review_fixture, author):
    person = review_fixture.person("qm_manager").user_id
    evaluate(review_fixture, answers())
    evaluate(review_fixture, answers(checks="yes"), kind="human", reviewer=person)
    save(author, edited(heavier_process))
    found = asked(author)
    assert (found["evaluations"]["automatic"], found["evaluations"]["human"]) == (1, 1)
    assert (found["automatic"]["total"]["after"], found["human"]["total"]["after"]) == (20.0, 100.0)


def test_an_unchanged_scorecard_changes_nothing(review_fixture, author):
    for given in (answers(), answers(hears="no", how=None), answers(checks="yes")):
        evaluate(review_fixture, given)
    found = asked(author, json=SCORECARD)
    assert (found["source"], found["version"]) == ("body", None)
    assert (found["automatic"]["moved"], found["automatic"]["total"]["difference"]) == (0, 0.0)
    assert found["unanswerable"] == {"evaluations": 0, "interactions": 0, "questions": []}
    assert found["finding"] == "No total, outcome or band of 3 automatic evaluations would change."


def test_what_if_accepts_version_number(review_fixture, author):
    evaluate(review_fixture, answers())
    found = asked(author, "?version=1")
    assert (found["source"], found["version"], found["automatic"]["moved"]) == ("version", 1, 0)


def test_a_new_question_is_reported_and_left_out(review_fixture, author):
    evaluate(review_fixture, answers())
    save(author, edited(with_new_question))
    found = asked(author)
    (question,) = found["unanswerable"]["questions"]
    assert (question["question"], question["evaluations"], question["interactions"]) == ("fresh", 1, 1)
    assert [each["code"] for each in question["reasons"]] == ["new"]
    assert found["automatic"]["total"]["difference"] == 0.0
    assert found["finding"].endswith("1 of them lacks an answer that it asks for.")


def test_removed_and_reworded_questions_are_named(review_fixture, author):
    evaluate(review_fixture, answers())

    def change(body):
        body["sections"][0]["questions"] = body["sections"][0]["questions"][:1]
        body["sections"][0]["questions"][0]["text"] = "Listened?"

    found = asked(author, json=edited(change))
    assert (found["removed"], found["reworded"]) == (["how"], ["hears"])


def test_evaluations_outside_new_applicability_are_excluded(review_fixture, author):
    evaluate(review_fixture, answers())
    evaluate(review_fixture, answers(), channel="email")
    found = asked(author, json={**SCORECARD, "applies_to": {"channels": ["email"]}})
    assert (found["evaluations"]["automatic"], found["evaluations"]["not_applicable"]) == (1, 1)


def test_what_if_over_limit_reads_newest_evaluations_with_note(review_fixture, author):
    for hours in range(4):
        evaluate(review_fixture, answers(), started_at=review_fixture.now - timedelta(hours=hours + 1))
    found = asked(author, "?limit=3", json=SCORECARD)
    assert (found["evaluations"]["automatic"], found["evaluations"]["sampling"]) == (3, "newest_first")
    oldest = datetime.fromisoformat(found["evaluations"]["oldest"])
    assert oldest == review_fixture.now - timedelta(hours=3)
    assert "newest 3" in found["method_note"]


def test_period_and_filters_choose_the_evaluations(review_fixture, author):
    evaluate(review_fixture, answers(), started_at=datetime(2026, 7, 1, tzinfo=UTC))
    evaluate(
        review_fixture, answers(), started_at=datetime(2026, 7, 31, 23, 59, tzinfo=UTC), program="billing"
    )
    evaluate(review_fixture, answers(), started_at=datetime(2026, 8, 1, tzinfo=UTC))
    july = "?from=2026-07-01&to=2026-07-31"
    assert asked(author, july, json=SCORECARD)["evaluations"]["automatic"] == 2
    assert asked(author, f"{july}&program=billing", json=SCORECARD)["evaluations"]["automatic"] == 1


def test_superseded_evaluations_do_not_count(review_fixture, author):
    found = evaluate(review_fixture, answers())
    with review_fixture.provider.session() as session:
        session.execute(
            text("update evaluations set superseded_at = now() where interaction_id = :id"),
            {"id": found.interaction_id},
        )
    assert asked(author, json=SCORECARD)["evaluations"]["automatic"] == 0


def test_without_evaluations_there_is_nothing_to_compare(review_fixture, author):
    found = asked(author, json=SCORECARD)
    assert (found["automatic"], found["human"]) == (None, None)
    assert found["finding"].startswith("No evaluation of this period")


# Nothing is stored -----------------------------------------------------------------------------------


def test_what_if_stores_nothing(review_fixture, author):
    evaluate(review_fixture, answers())
    save(author, edited(heavier_process))

    def everything():
        with review_fixture.provider.session() as session:
            counts = [session.scalar(text(f"select count(*) from {table}")) for table in TABLES]
            entries = session.scalar(text("select count(*) from audit_entries"))
            contents = session.execute(
                text("select md5(string_agg(e::text, '|' order by evaluation_id)) from evaluations e")
            ).scalar()
            bodies = session.execute(
                text("select md5(string_agg(d::text, '|' order by definition_id)) from definitions d")
            ).scalar()
            return counts, entries, contents, bodies

    before = everything()
    asked(author)
    asked(author, "?version=1")
    asked(author, json=edited(with_new_question))
    assert everything() == before


# Who may ask and see ---------------------------------------------------------------------------------


def test_what_if_requires_definitions_write_scope(review_fixture, provider):
    assert provider.caller("definitions:read").post(WHAT_IF).status_code == 403


def test_agents_and_interaction_ids_require_interactions_read_scope(review_fixture, provider, author):
    for _ in range(5):
        evaluate(review_fixture, answers(), agent="a-7")
    draft = edited(heavier_process)
    seen = asked(author, json=draft)["automatic"]
    assert [(each["agent"], each["n"], each["difference"]) for each in seen["agents"]] == [("a-7", 5, -55.0)]
    hidden = asked(provider.caller("definitions:write"), json=draft)["automatic"]
    assert (hidden["agents"], hidden["pass_to_fail"]) == (None, {"count": 5, "interactions": None})


def test_evaluations_with_open_review_of_caller_are_excluded(review_fixture, provider):
    review = review_fixture.drawn()
    evaluate(review_fixture, answers())
    manager = review_fixture.person("qm_manager")
    with provider.session() as session:
        session.execute(
            text("update reviews set state = 'claimed', reviewer_id = :who where review_id = :id"),
            {"who": manager.user_id, "id": review.review_id},
        )
    blind = provider.caller("definitions:write", user=manager)
    other = provider.caller("definitions:write", user=review_fixture.person("qm_manager"))
    assert asked(blind, json=SCORECARD)["evaluations"]["automatic"] == 1
    assert asked(other, json=SCORECARD)["evaluations"]["automatic"] == 2


def test_what_if_returns_404_for_other_client_or_provider(make_provider):
    mine, other = make_provider("northwind", "contoso"), make_provider("fabrikam")
    review_fixture = ReviewFixture(mine)
    for slug in ("northwind", "contoso"):
        review_fixture.publish(slug)
        evaluate(review_fixture, answers(), slug=slug)
    bound = mine.caller("definitions:write", bound_to=("northwind",))
    assert asked(bound, json=SCORECARD)["evaluations"]["automatic"] == 1
    for place in ("contoso", "fabrikam", str(other.clients["fabrikam"].client_id)):
        refused = bound.post(f"/v1/clients/{place}/scorecards/care/what-if", json=SCORECARD)
        assert refused.status_code == 404


# What is refused -------------------------------------------------------------------------------------


def test_what_if_without_draft_returns_409(review_fixture, author):
    refused = author.post(WHAT_IF)
    assert (refused.status_code, refused.json["code"]) == (409, "no_draft")


def test_a_scorecard_or_version_that_does_not_exist_is_not_found(review_fixture, author):
    other = "/v1/clients/northwind/scorecards/other/what-if"
    assert author.post(other, json={**SCORECARD, "key": "other"}).status_code == 404
    assert author.post(f"{WHAT_IF}?version=9").status_code == 404


def test_what_if_reports_all_errors_of_draft(review_fixture, author):
    def break_it(body):
        body["pass_mark"] = 500
        body["sections"][1]["questions"][0]["key"] = "hears"

    save(author, edited(break_it))
    refused = author.post(WHAT_IF)
    assert ("/sections/1/questions/0/key", "duplicate_key") in faults(refused)
    assert any(pointer == "/pass_mark" for pointer, _ in faults(refused))


def test_what_if_rejects_version_together_with_body(review_fixture, author):
    assert faults(author.post(f"{WHAT_IF}?version=1", json=SCORECARD)) == {
        ("/query/version", "two_scorecards")
    }


def test_what_if_reports_query_and_schema_errors(review_fixture, author):
    refused = author.post(f"{WHAT_IF}?limit=0&from=tomorrow&group_by=day")
    assert faults(refused) == {
        ("/query/limit", "out_of_range"),
        ("/query/from", "not_a_day"),
        ("/query/group_by", "unknown_field"),
    }
    assert ("/sections", "wrong_type") in faults(author.post(WHAT_IF, json={"sections": 3}))


# Cost ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 12])
def test_what_if_query_count_is_independent_of_row_count(services, review_fixture, author, number):
    for place in range(number):
        evaluate(review_fixture, answers(), agent=f"a-{place}")
    seen = []

    def note(conn, cursor, statement, parameters, context, executemany):
        if any(name in statement for name in ("evaluations", "definitions", "interactions")):
            seen.append(statement)

    event.listen(services.engine, "before_cursor_execute", note)
    try:
        asked(author, json=edited(heavier_process))
    finally:
        event.remove(services.engine, "before_cursor_execute", note)
    assert len(seen) == 2


def test_an_unknown_client_is_not_found(author):
    assert author.post(f"/v1/clients/{uuid.uuid4()}/scorecards/care/what-if").status_code == 404


def test_interactions_that_an_answer_names_are_no_longer_judged_blind_by_who_asked(review_fixture):
    named = evaluate(review_fixture, answers(hears="yes", how="well", checks="no"))
    person = review_fixture.person("qm_manager")
    manager = review_fixture.provider.caller("definitions:write", "interactions:read", user=person)
    found = manager.post(WHAT_IF, json=edited(heavier_process)).json

    assert str(named.interaction_id) in str(found)
    with review_fixture.provider.session() as session:
        assert session.scalars(select(EvaluationReading.user_id)).all() == [person.user_id]
