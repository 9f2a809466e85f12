"""Fairness by client over HTTP: each visible client compared with all other visible clients."""

import copy
import csv
import io
from datetime import datetime

import pytest
from sqlalchemy import event, text

from tests.api.reports.double_scoring import JULY, SCORECARD, Pairs, abstained, judged, said


@pytest.fixture
def all_pairs(make_provider):
    provider = make_provider("northwind", "contoso", "fabrikam")
    return provider, {slug: Pairs(provider, slug) for slug in provider.clients}


def add_noisy_pairs(pairs, times, human, machine, **given):
    for by in (-2, 2):
        pairs.add(times // 2, human, machine + by, **given)


def answer(caller, query=JULY):
    found = caller.get(f"/v1/reports/fairness?{query}")
    assert found.status_code == 200, found.json
    return found.json


def clients(found):
    return {each["value"]: each for each in found["groups"]}


def test_a_client_the_machine_misjudges_is_flagged(all_pairs):
    provider, pairs = all_pairs
    add_noisy_pairs(pairs["northwind"], 20, 70, 72)
    add_noisy_pairs(pairs["contoso"], 20, 70, 72)
    add_noisy_pairs(pairs["fabrikam"], 20, 70, 58)
    found = answer(provider.caller("reports:read"))
    one = clients(found)["fabrikam"]

    assert (one["dimension"], one["n"], one["error"], one["error_rest"], one["error_difference"]) == (
        "client",
        20,
        -12,
        2,
        -14,
    )
    assert one["error_low"] <= -14 <= one["error_high"] < 0
    assert (one["error_exceeds"], one["distance_exceeds"], one["human_exceeds"], one["status"]) == (
        True,
        True,
        False,
        "exceeds_chance",
    )
    assert (found["tests"], found["double_scored"]) == (9, 60)
    assert "all other clients" in found["method_note"]


def test_clients_are_compared_by_human_scores(all_pairs):
    provider, pairs = all_pairs
    for by in (-4, 4):
        pairs["northwind"].add(10, 50 + by, 50 + by)
        pairs["contoso"].add(10, 80 + by, 80 + by)
    one = clients(answer(provider.caller("reports:read")))["northwind"]

    assert (one["human_difference"], one["human_exceeds"], one["error_exceeds"]) == (-30.0, True, False)


def test_client_with_few_reviews_is_listed_as_too_small(all_pairs):
    provider, pairs = all_pairs
    add_noisy_pairs(pairs["northwind"], 20, 70, 70)
    add_noisy_pairs(pairs["contoso"], 20, 70, 70)
    pairs["fabrikam"].add(9, 70, 10)
    one = clients(answer(provider.caller("reports:read")))["fabrikam"]

    assert (one["status"], one["n"], one.get("error")) == ("too_small", 9, None)


def test_an_empty_period_has_no_groups(all_pairs):
    found = answer(all_pairs[0].caller("reports:read"), "measure=empathy")

    assert (found["double_scored"], found["groups"], found["measure"]) == (0, [], "empathy")


def test_abstention_is_not_counted_as_error_of_client(all_pairs):
    """Each client's forms are its own: the one that asks more is scored by itself."""
    provider, pairs = all_pairs
    longer = copy.deepcopy(SCORECARD)
    longer["sections"][0]["questions"].append({"key": "owns", "text": "Owned?", "kind": "yes_no"})
    pairs["contoso"].version = pairs["contoso"].publish(longer)
    heard, owned = said("hears", "yes"), said("owns", "no")
    pairs["northwind"].add(20, [heard], [judged("hears", "yes")])
    pairs["contoso"].add(20, [heard, owned], [judged("hears", "yes"), abstained("owns")])
    pairs["fabrikam"].add(20, [heard, said("tone", "warm")], [judged("hears", "yes"), abstained("tone")])
    found = answer(provider.caller("reports:read"))
    one = clients(found)["contoso"]

    assert (one["error"], one["error_exceeds"], one["human"], one["human_exceeds"]) == (0, False, 50, True)
    assert (found["double_scored"], found["in_part"], found["not_compared"]) == (60, 40, 0)


# Who sees what ---------------------------------------------------------------------------------------


def test_client_bound_caller_sees_only_bound_clients(all_pairs):
    provider, pairs = all_pairs
    for each in pairs.values():
        add_noisy_pairs(each, 20, 70, 70)
    two = provider.caller("reports:read", bound_to=("northwind", "contoso"))
    lead = provider.add_user("team_lead", "northwind")

    assert set(clients(answer(two))) == {"northwind", "contoso"}
    assert answer(two)["double_scored"] == 40
    alone = answer(provider.caller("reports:read", user=lead))
    assert (set(clients(alone)), alone["tests"]) == ({"northwind"}, 0)


def test_report_is_unaffected_by_clients_outside_caller_scope(all_pairs):
    provider, pairs = all_pairs
    add_noisy_pairs(pairs["northwind"], 20, 70, 70)
    add_noisy_pairs(pairs["contoso"], 20, 70, 71)
    caller = provider.caller("reports:read", bound_to=("northwind", "contoso"))
    before = answer(caller)
    add_noisy_pairs(pairs["fabrikam"], 20, 10, 90)

    assert answer(caller) == before


def test_clients_of_other_provider_are_not_reported(all_pairs, make_provider):
    add_noisy_pairs(all_pairs[1]["northwind"], 20, 70, 70)
    other = make_provider("northwind")

    assert answer(other.caller("reports:read"))["groups"] == []


def test_stakeholder_gets_403_for_any_client_binding(all_pairs):
    provider, _ = all_pairs
    for slugs in (("northwind",), ("northwind", "contoso")):
        user = provider.add_user("client_stakeholder", *slugs)
        refused = provider.caller("reports:read", user=user).get(f"/v1/reports/fairness?{JULY}")
        assert (refused.status_code, refused.json["code"]) == (403, "forbidden")


def test_provider_fairness_requires_reports_read_scope(all_pairs):
    assert all_pairs[0].caller("clients:read").get("/v1/reports/fairness").status_code == 403


def test_interaction_with_open_review_is_hidden_from_assigned_reviewer(all_pairs):
    provider, pairs = all_pairs
    manager = provider.add_user("qm_manager")
    add_noisy_pairs(pairs["northwind"], 20, 70, 70)
    (waiting,) = pairs["contoso"].add(1, 70, 70)
    with provider.session() as session:
        session.execute(
            text(
                "insert into reviews (tenant_id, client_id, review_id, interaction_id, state, targeted,"
                " reasons, draft, started_at, reviewer_id, created_at, revision) select tenant_id, client_id,"
                " gen_random_uuid(), interaction_id, 'claimed', true, '[]', '[]', started_at, :who, now(), 1"
                " from reviews where interaction_id = :id"
            ),
            {"who": manager.user_id, "id": waiting},
        )

    assert set(clients(answer(provider.caller("reports:read", user=manager)))) == {"northwind"}
    assert set(clients(answer(provider.caller("reports:read")))) == {"northwind", "contoso"}


# Form and cost ---------------------------------------------------------------------------------------


def test_csv_has_a_row_for_each_client(all_pairs):
    provider, pairs = all_pairs
    add_noisy_pairs(pairs["northwind"], 20, 70, 72)
    add_noisy_pairs(pairs["contoso"], 20, 70, 58)
    found = provider.caller("reports:read").get(f"/v1/reports/fairness?{JULY}&format=csv")
    rows = {(row["dimension"], row["value"]): row for row in csv.DictReader(io.StringIO(found.text))}

    assert rows["client", "contoso"]["error_difference"] == "-14.0"
    assert "fairness-2026-07-01-2026-07-28.csv" in found.headers["Content-Disposition"]


@pytest.mark.parametrize("number", [1, 3])
def test_provider_fairness_uses_one_query(services, all_pairs, number):
    provider, pairs = all_pairs
    for each in list(pairs.values())[:number]:
        add_noisy_pairs(each, 4, 70, 70)
    caller, seen = provider.caller("reports:read"), []

    def note(conn, cursor, statement, parameters, context, executemany):
        if "evaluations" in statement:
            seen.append(statement)

    event.listen(services.engine, "before_cursor_execute", note)
    try:
        answer(caller)
    finally:
        event.remove(services.engine, "before_cursor_execute", note)
    assert len(seen) == 1


def test_each_clients_own_time_zone_makes_its_days(all_pairs):
    provider, pairs = all_pairs
    first_half_hour = datetime.fromisoformat("2026-07-01T00:30:00+10:00")
    for slug in ("northwind", "contoso"):
        pairs[slug].add(3, 70, 70, at=first_half_hour)
    setting = {"settings": {"time_zone": "Australia/Sydney"}}
    assert provider.caller().patch("/v1/clients/northwind", json=setting).status_code == 200
    reader = provider.caller("reports:read")
    assert answer(reader, "from=2026-07-01&to=2026-07-31")["double_scored"] == 3
    assert answer(reader, "from=2026-06-30&to=2026-06-30")["double_scored"] == 3
    for slug, count in (("northwind", 3), ("contoso", 0)):
        for kind in ("agreement", "fairness"):
            found = reader.get(f"/v1/clients/{slug}/reports/{kind}?from=2026-07-01&to=2026-07-31")
            assert found.json["double_scored"] == count
