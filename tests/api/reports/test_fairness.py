"""Fairness report (group differences) over HTTP, checked against hand-calculated figures."""

import csv
import io

import pytest
from sqlalchemy import event

from tests.api.reports.double_scoring import JULY, Pairs, abstained, judged, said


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


def add_noisy_pairs(pairs, times, human, machine, **given):
    """Store pairs whose machine scores lie 2 above and below in turn."""
    for by in (-2, 2):
        pairs.add(times // 2, human, machine + by, **given)


def test_a_language_the_machine_misjudges_is_flagged(pairs, caller):
    add_noisy_pairs(pairs, 20, 70, 72, language="en")
    add_noisy_pairs(pairs, 20, 70, 58, language="de")
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


def test_fairness_compares_human_scores_between_groups(pairs, caller):
    for by in (-4, 4):
        pairs.add(10, 50 + by, 50 + by, team="blue")
        pairs.add(10, 80 + by, 80 + by, team="red")
    blue = groups(answer(caller), "team")["blue"]
    assert (blue["human"], blue["human_difference"], blue["human_exceeds"]) == (50.0, -30.0, True)
    assert (blue["error_difference"], blue["error_exceeds"]) == (0.0, False)


def test_small_group_differences_have_status_as_chance(pairs, caller):
    add_noisy_pairs(pairs, 20, 70, 70, site="Porto")
    add_noisy_pairs(pairs, 20, 70, 70.5, site="Cebu")
    found = answer(caller)
    assert {each["status"] for each in groups(found, "site").values()} == {"as_chance"}
    assert found["method_note"].startswith("No difference exceeds")


def test_group_errors_are_weighted_by_inverse_inclusion_probability(pairs, caller):
    add_noisy_pairs(pairs, 10, 70, 70, queue="vip", p=1.0)
    add_noisy_pairs(pairs, 10, 70, 80, queue="vip", p=0.25)
    add_noisy_pairs(pairs, 10, 70, 70, queue="other")
    assert groups(answer(caller), "queue")["vip"]["error"] == 8.0


def test_a_group_of_less_than_ten_is_named_too_small(pairs, caller):
    add_noisy_pairs(pairs, 20, 70, 70)
    pairs.add(9, 70, 10, channel="email")
    rows = groups(answer(caller), "channel")
    assert (rows["email"]["status"], rows["email"]["n"], rows["email"].get("error")) == ("too_small", 9, None)
    assert rows["chat"]["status"] == "too_small"


def test_single_group_is_not_tested(pairs, caller):
    add_noisy_pairs(pairs, 20, 70, 70)
    found = answer(caller)
    assert (found["tests"], {each["status"] for each in found["groups"]}) == (0, {"too_small"})
    assert found["method_note"].startswith("No group")


def test_an_empty_period_has_no_groups(caller):
    found = answer(caller, "measure=empathy")
    assert (found["double_scored"], found["groups"], found["measure"]) == (0, [], "empathy")


def test_fairness_rejects_unknown_measure(caller):
    found = caller.get("/v1/clients/northwind/reports/fairness?measure=mood")
    assert [each["pointer"] for each in found.json["errors"]] == ["/query/measure"]


def test_stakeholders_see_neither_teams_nor_sites_nor_small_groups(provider, pairs):
    add_noisy_pairs(pairs, 20, 70, 70, team="blue", site="Porto")
    pairs.add(4, 70, 70, team="red", channel="email")
    user = provider.add_user("client_stakeholder", "northwind")
    found = answer(provider.caller("reports:read", user=user))
    assert {each["dimension"] for each in found["groups"]} == {"language", "channel", "queue"}
    assert all(each["suppressed"] and each.get("n") is None for each in groups(found, "channel").values())


def test_csv_has_a_row_for_each_group(pairs, caller):
    add_noisy_pairs(pairs, 20, 70, 72, language="en")
    add_noisy_pairs(pairs, 20, 70, 58, language="de")
    found = caller.get(f"/v1/clients/northwind/reports/fairness?{JULY}&format=csv")
    rows = {(row["dimension"], row["value"]): row for row in csv.DictReader(io.StringIO(found.text))}
    assert (rows["language", "de"]["error_difference"], rows["language", "de"]["error_exceeds"]) == (
        "-14.0",
        "yes",
    )


# Questions that the machine left to people --------------------------------------------------------------

HARD = {
    "key": "hard",
    "name": "Hard",
    "sections": [
        {
            "key": "listen",
            "name": "Listen",
            "pillar": "listen_validate",
            "questions": [
                {"key": "hears", "text": "Heard?", "kind": "yes_no", "na_allowed": True},
                {"key": "owns", "text": "Owned?", "kind": "yes_no", "na_allowed": True},
                {"key": "remark", "text": "Anything else?", "kind": "text"},
            ],
        },
        {
            "key": "repair",
            "name": "Repair",
            "questions": [
                {
                    "key": "repairs",
                    "text": "Repaired?",
                    "kind": "yes_no",
                    "show_when": {"question": "hears", "options": ["no"]},
                }
            ],
        },
    ],
}


def person(**answers):
    return [said(key, value) for key, value in answers.items()]


def machine(**answers):
    """Answer as the machine does; "-" where it abstains."""
    return [abstained(key) if value == "-" else judged(key, value) for key, value in answers.items()]


@pytest.fixture
def hard(pairs):
    pairs.version = pairs.publish(HARD)
    return pairs


def add_pairs_with_both_answers(pairs, times, agreeing, **given):
    """Store pairs in turn of which the machine agrees with all it answers, whatever the person gives."""
    for owns in ("yes", "no"):
        left = machine(hears="yes", owns=owns if agreeing else "-")
        pairs.add(times // 2, person(hears="yes", owns=owns), left, **given)


def test_abstention_is_not_counted_as_error(hard, caller):
    add_pairs_with_both_answers(hard, 20, agreeing=True, language="en")
    hard.add(20, person(hears="yes", owns="no"), machine(hears="yes", owns="-"), language="de")
    found = answer(caller)
    german = groups(found, "language")["de"]
    assert (german["error"], german["distance"], german["error_exceeds"], german["distance_exceeds"]) == (
        0,
        0,
        False,
        False,
    )
    assert (german["human"], groups(found, "language")["en"]["human"]) == (50, 75)
    assert (found["double_scored"], found["in_part"], found["not_compared"]) == (40, 20, 0)


def test_error_in_answered_questions_is_flagged_despite_abstentions(hard, caller):
    hard.add(20, person(hears="yes", owns="yes"), machine(hears="yes", owns="-"), language="en")
    hard.add(20, person(hears="yes", owns="yes"), machine(hears="no", owns="-"), language="de")
    german = groups(answer(caller), "language")["de"]
    assert (german["error"], german["error_difference"], german["error_exceeds"]) == (-100, -100, True)
    assert (german["human"], german["human_difference"]) == (100, 0)


def test_empathy_is_compared_over_common_questions_only(hard, caller):
    hard.add(20, person(hears="yes", owns="no"), machine(hears="yes", owns="-"), language="de")
    hard.add(20, person(hears="yes", owns="yes"), machine(hears="yes", owns="yes"))
    german = groups(answer(caller, f"{JULY}&measure=empathy"), "language")["de"]
    assert (german["error"], german["human"]) == (0, 50)


def test_question_asked_of_one_side_only_is_excluded_from_error(hard, caller):
    """The machine was not asked whether it was repaired: what remains is "hears", yes against no."""
    hard.add(20, person(hears="no", owns="yes", repairs="no"), machine(hears="yes", owns="yes"))
    hard.add(20, person(hears="yes", owns="yes"), machine(hears="yes", owns="yes"), language="de")
    found = answer(caller)
    english = groups(found, "language")["en"]
    assert (english["error"], english["human"], found["in_part"]) == (50, 25, 20)


def test_not_applicable_counts_as_answered(hard, caller):
    hard.add(20, person(hears="yes", owns=None), machine(hears="yes", owns="no"))
    hard.add(20, person(hears="yes", owns="yes"), machine(hears="yes", owns="yes"), language="de")
    found = answer(caller)
    assert (groups(found, "language")["en"]["error"], found["in_part"]) == (-50, 0)


def test_text_question_is_ignored_in_comparison(hard, caller):
    hard.add(20, person(hears="yes", owns="no", remark="Well."), machine(hears="yes", owns="no", remark="-"))
    assert answer(caller)["in_part"] == 0


def test_pair_without_common_questions_counts_in_human_scores_only(hard, caller):
    hard.add(12, person(hears="yes", owns="no"), machine(hears="-", owns="-"), language="de")
    hard.add(12, person(hears="yes", owns="yes"), machine(hears="yes", owns="yes"), language="de")
    hard.add(12, person(hears="yes", owns="yes"), machine(hears="yes", owns="yes"))
    found = answer(caller)
    german = groups(found, "language")["de"]
    assert (found["double_scored"], found["in_part"], found["not_compared"]) == (36, 12, 12)
    assert (german["n"], german["compared"], german["error"], german["human"]) == (24, 12, 0, 75)


def test_group_without_machine_answers_is_compared_by_human_scores_only(hard, caller):
    hard.add(20, person(hears="yes", owns="no"), machine(hears="-", owns="-"), language="de")
    hard.add(20, person(hears="yes", owns="yes"), machine(hears="yes", owns="yes"))
    german = groups(answer(caller), "language")["de"]
    assert (german["compared"], german.get("error"), german["error_exceeds"]) == (0, None, False)
    assert (german["human_difference"], german["human_exceeds"]) == (-50, True)


def test_stakeholder_sees_no_counts_of_excluded_pairs(provider, hard):
    add_pairs_with_both_answers(hard, 20, agreeing=True)
    hard.add(3, person(hears="yes", owns="no"), machine(hears="-", owns="-"))
    add_pairs_with_both_answers(hard, 20, agreeing=True, language="de")
    user = provider.add_user("client_stakeholder", "northwind")
    found = answer(provider.caller("reports:read", user=user))
    assert (found["double_scored"], found["in_part"], found["not_compared"]) == (43, None, None)
    assert {each.get("compared") for each in found["groups"]} == {None}


@pytest.mark.parametrize(("agreeing", "most"), [(True, 1), (False, 2)])
@pytest.mark.parametrize("number", [2, 12])
def test_scorecard_forms_are_queried_only_for_partially_compared_pairs(
    services, hard, caller, agreeing, most, number
):
    add_pairs_with_both_answers(hard, number, agreeing=agreeing)
    seen = []

    def note(conn, cursor, statement, parameters, context, executemany):
        if "evaluations" in statement or "definitions" in statement:
            seen.append(statement)

    event.listen(services.engine, "before_cursor_execute", note)
    try:
        answer(caller)
    finally:
        event.remove(services.engine, "before_cursor_execute", note)
    assert len(seen) == most
