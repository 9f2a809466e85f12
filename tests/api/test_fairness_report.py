"""Differences between groups over HTTP, against numbers worked out by hand."""

import csv
import io

import pytest

from tests.api.double_scoring import JULY, Pairs


@pytest.fixture
def pairs(provider):
    return Pairs(provider)


@pytest.fixture
def caller(provider):
    return provider.caller("reports:read")


def answer(caller, query=JULY):
    found = caller.get(f"/v1/clients/northwind/reports/fairness?{query}")
    assert found.status_code == 200, found.json
    return found.json


def groups(found, dimension):
    return {each["value"]: each for each in found["groups"] if each["dimension"] == dimension}


def noisy(pairs, times, human, machine, **given):
    """Store pairs whose machine scores lie 2 above and below in turn."""
    for by in (-2, 2):
        pairs.add(times // 2, human, machine + by, **given)


def test_a_language_the_machine_misjudges_is_flagged(pairs, caller):
    noisy(pairs, 20, 70, 72, language="en")
    noisy(pairs, 20, 70, 58, language="de")
    found = answer(caller)
    german = groups(found, "language")["de"]
    assert (german["n"], german["error"], german["error_rest"], german["error_difference"]) == (
        20,
        -12,
        2,
        -14,
    )
    assert german["error_low"] < -14 < german["error_high"] < 0
    assert (german["error_exceeds"], german["human_exceeds"], german["status"]) == (
        True,
        False,
        "exceeds_chance",
    )
    assert found["double_scored"] == 40


def test_what_people_give_is_compared_besides(pairs, caller):
    for by in (-4, 4):
        pairs.add(10, 50 + by, 50 + by, team="blue")
        pairs.add(10, 80 + by, 80 + by, team="red")
    blue = groups(answer(caller), "team")["blue"]
    assert (blue["human"], blue["human_difference"], blue["human_exceeds"]) == (50.0, -30.0, True)
    assert (blue["error_difference"], blue["error_exceeds"]) == (0.0, False)


def test_small_differences_are_as_chance(pairs, caller):
    noisy(pairs, 20, 70, 70, site="Porto")
    noisy(pairs, 20, 70, 70.5, site="Cebu")
    found = answer(caller)
    assert {each["status"] for each in groups(found, "site").values()} == {"as_chance"}
    assert found["method_note"].startswith("No difference exceeds")


def test_groups_are_weighted_by_how_often_they_were_drawn(pairs, caller):
    noisy(pairs, 10, 70, 70, queue="vip", p=1.0)
    noisy(pairs, 10, 70, 80, queue="vip", p=0.25)
    noisy(pairs, 10, 70, 70, queue="other")
    assert groups(answer(caller), "queue")["vip"]["error"] == 8.0


def test_a_group_of_less_than_ten_is_named_too_small(pairs, caller):
    noisy(pairs, 20, 70, 70)
    pairs.add(9, 70, 10, channel="email")
    rows = groups(answer(caller), "channel")
    assert (rows["email"]["status"], rows["email"]["n"], rows["email"].get("error")) == ("too_small", 9, None)
    assert rows["chat"]["status"] == "too_small"


def test_one_group_alone_has_nothing_to_be_compared_with(pairs, caller):
    noisy(pairs, 20, 70, 70)
    found = answer(caller)
    assert (found["tests"], {each["status"] for each in found["groups"]}) == (0, {"too_small"})
    assert found["method_note"].startswith("No group")


def test_an_empty_period_has_no_groups(caller):
    found = answer(caller, "measure=empathy")
    assert (found["double_scored"], found["groups"], found["measure"]) == (0, [], "empathy")


def test_a_measure_that_is_none_is_refused(caller):
    found = caller.get("/v1/clients/northwind/reports/fairness?measure=mood")
    assert [each["pointer"] for each in found.json["errors"]] == ["/query/measure"]


def test_stakeholders_see_neither_teams_nor_sites_nor_small_groups(provider, pairs):
    noisy(pairs, 20, 70, 70, team="blue", site="Porto")
    pairs.add(4, 70, 70, team="red", channel="email")
    user = provider.add_user("client_stakeholder", "northwind")
    found = answer(provider.caller("reports:read", user=user))
    assert {each["dimension"] for each in found["groups"]} == {"language", "channel", "queue"}
    assert all(each["suppressed"] and each.get("n") is None for each in groups(found, "channel").values())


def test_csv_has_a_row_for_each_group(pairs, caller):
    noisy(pairs, 20, 70, 72, language="en")
    noisy(pairs, 20, 70, 58, language="de")
    found = caller.get(f"/v1/clients/northwind/reports/fairness?{JULY}&format=csv")
    rows = {(row["dimension"], row["value"]): row for row in csv.DictReader(io.StringIO(found.text))}
    assert (rows["language", "de"]["error_difference"], rows["language", "de"]["error_exceeds"]) == (
        "-14.0",
        "yes",
    )
