"""Agreement and override reports over HTTP, checked against hand-calculated figures."""

import base64
import copy
import csv
import io
import uuid

import pytest
from sqlalchemy import event, select, update

from qm.learning.gate_transitions import apply_transitions
from qm.learning.models import Model
from qm.reviews.models import Evaluation, Review
from tests.api.learning.evaluated_models import proof, put_in_force
from tests.api.reports.double_scoring import JULY, SCORECARD, START, Pairs, abstained, judged, said

REPORTS = ("agreement", "agreement/overrides", "fairness")
YES, NO = [said("hears", "yes")], [said("hears", "no")]
FOUND, MISSED = [judged("hears", "yes")], [judged("hears", "no")]


@pytest.fixture
def pairs(provider):
    return Pairs(provider)


@pytest.fixture
def caller(provider):
    return provider.caller("reports:read", "interactions:read")


@pytest.fixture
def reader(provider):
    """A key that may read reports and nothing else."""
    return provider.caller("reports:read")


def ask(caller, report="agreement", query=JULY, client="northwind", **options):
    return caller.get(f"/v1/clients/{client}/reports/{report}?{query}", **options)


def answer(caller, *args, **options):
    found = ask(caller, *args, **options)
    assert found.status_code == 200, found.json
    return found.json


def question(caller, key="hears", query=JULY):
    return {each["question"]: each for each in answer(caller, query=query)["questions"]}[key]


def overrides(caller, query=JULY):
    return answer(caller, "agreement/overrides", query)


def table(found):
    assert found.content_type == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(found.text)))


# Figures ---------------------------------------------------------------------------------------------


def test_agreement_statistics_match_hand_calculation(pairs, caller):
    """Rows machine, columns people: 20, 5; 10, 15: 70 %, kappa 0.4, alpha 1 - 99 * 30 / 4950, AC1."""
    pairs.add(20, YES, FOUND)
    pairs.add(5, NO, FOUND)
    pairs.add(10, YES, MISSED)
    pairs.add(15, NO, MISSED)
    row = question(caller)
    assert (row["n"], row["percent"], row["percent_of_all"], row["kappa"]) == (50, 70.0, 70.0, 0.4)
    assert row["alpha"] == round(1 - 99 * 30 / (100**2 - 55**2 - 45**2), 3) == 0.4
    assert row["alpha_low"] < row["alpha"] < row["alpha_high"]
    # q = 3 with N/A: p_e = (0.55 * 0.45 * 2) / 2
    assert row["ac1"] == round((0.7 - 0.2475) / (1 - 0.2475), 3)
    assert row["confusion"] == [
        {"machine": "yes", "human": "yes", "n": 20},
        {"machine": "yes", "human": "no", "n": 5},
        {"machine": "no", "human": "yes", "n": 10},
        {"machine": "no", "human": "no", "n": 15},
    ]
    assert (row["machine_higher"], row["machine_lower"], row["mean_difference"]) == (5, 10, -10.0)
    assert (row["direction"], row["zone"], row["ac2"]) == ("none", "tentative", None)
    assert row["zone_note"] == "Tentative at best: do not rely on these answers alone."


def test_agreement_reports_direction_of_machine_bias(pairs, caller):
    pairs.add(20, YES, FOUND)
    pairs.add(8, NO, FOUND)
    assert question(caller)["direction"] == "higher"


def test_percent_of_all_weights_reviews_by_inverse_inclusion_probability(pairs, caller):
    pairs.add(10, YES, MISSED, p=0.5)
    pairs.add(10, YES, FOUND, p=0.125)
    row = question(caller)
    assert (row["percent"], row["percent_of_all"]) == (50.0, 80.0)


def test_not_applicable_counts_as_separate_category(pairs, caller):
    pairs.add(6, [said("hears", None)], [judged("hears", None)])
    pairs.add(3, [said("hears", None)], MISSED)
    pairs.add(6, YES, FOUND)
    row = question(caller)
    assert (row["n"], row["both_na"], row["one_na"], row["percent"]) == (15, 6, 3, 80.0)
    assert {"machine": "no", "human": "n/a", "n": 3} in row["confusion"]
    assert row["mean_difference"] == 0.0


def test_abstentions_are_counted_apart(pairs, caller):
    pairs.add(4, YES, [abstained("hears")])
    pairs.add(1, YES, FOUND)
    pairs.add(2, [], FOUND)
    row = question(caller)
    assert (row["n"], row["abstained"], row["only_one"], row["percent"]) == (1, 4, 2, 100.0)


def test_scale_question_uses_ordinal_agreement_with_partial_credit(pairs, caller):
    pairs.add(10, [said("tone", "warm")], [judged("tone", "warm")])
    pairs.add(10, [said("tone", "cold")], [judged("tone", "cold")])
    pairs.add(5, [said("tone", "plain")], [judged("tone", "warm")])
    row = question(caller, "tone")
    assert (row["level"], row["percent"], row["mean_difference"]) == ("ordinal", 80.0, 10.0)
    assert row["zone"] == "reliable"
    assert row["ac2"] > row["ac1"]
    assert row["alpha"] > row["kappa"]


def test_agreement_zone_requires_ten_answers_and_variation(pairs, caller):
    pairs.add(9, YES, FOUND)
    assert question(caller)["zone"] == "too_few"
    pairs.add(1, YES, FOUND)
    assert (question(caller)["zone"], question(caller)["alpha"]) == ("no_variation", None)


def test_agreement_zone_note_warns_of_wide_interval(pairs, caller):
    pairs.add(6, YES, FOUND)
    pairs.add(6, NO, MISSED)
    row = question(caller)
    assert (row["zone"], row["alpha"], row["alpha_low"]) == ("reliable", 1.0, 0.621)
    assert row["zone_note"].startswith("Reliable, but the interval reaches down to 0.62")


def test_every_question_that_can_be_compared_is_listed(pairs, caller):
    pairs.add(1, YES, FOUND)
    found = answer(caller)
    assert [(each["question"], each["n"]) for each in found["questions"]] == [("hears", 1), ("tone", 0)]


def test_agreement_pools_answers_across_scorecard_versions(pairs, caller):
    pairs.add(2, YES, FOUND)
    changed = copy.deepcopy(SCORECARD)
    changed["sections"][0]["questions"][0]["text"] = "Was the customer heard?"
    pairs.version = pairs.publish(changed)
    pairs.add(3, YES, FOUND)
    row = question(caller)
    assert (row["n"], row["text"]) == (5, "Was the customer heard?")


def test_agreement_excludes_targeted_unfinished_and_other_version_pairs(pairs, caller):
    changed = copy.deepcopy(SCORECARD)
    changed["name"] = "Another"
    pairs.add(1, YES, FOUND)
    pairs.add(2, NO, FOUND, targeted=True)
    pairs.add(2, NO, FOUND, state="claimed")
    pairs.add(3, NO, FOUND, automatic_version=pairs.publish(changed))
    found = answer(caller)
    assert (found["double_scored"], found["other_version"]) == (1, 3)
    assert question(caller)["percent"] == 100.0
    assert overrides(caller)["data"] == []


def test_a_superseded_judgement_is_not_compared(provider, pairs, caller):
    pairs.add(2, NO, FOUND)
    with provider.session() as session:
        session.execute(update(Evaluation).where(Evaluation.kind == "automatic").values(superseded_at=START))
    assert answer(caller)["double_scored"] == 0


def test_filters_and_period_narrow_the_pairs(pairs, caller):
    pairs.add(1, YES, FOUND, channel="email", queue="vip")
    pairs.add(2, NO, FOUND)
    pairs.add(4, NO, FOUND, at=START.replace(month=6))
    assert answer(caller)["double_scored"] == 3
    assert answer(caller, query=f"{JULY}&channel=email")["double_scored"] == 1
    assert answer(caller, query=f"{JULY}&queue=")["double_scored"] == 2


def test_agreement_report_without_pairs_has_explanatory_note(pairs, caller):
    found = answer(caller)
    assert (found["double_scored"], found["questions"]) == (0, [])
    assert found["method_note"].startswith("No interaction")


# Rules and models ------------------------------------------------------------------------------------


def learned(value, **more):
    return [judged("hears", value, source="model", **more)]


def by_source(row):
    return {each["source"]: each for each in row["by_source"]}


def pinned(model_id):
    return {"model": [{"key": "sentiment", "id": str(START)}, {"key": "answers", "id": str(model_id)}]}


@pytest.fixture
def rule_and_model_pairs(pairs):
    """Rules that were wrong half the time, and a model that is always right."""
    pairs.add(10, YES, [judged("hears", "yes", source="rule")])
    pairs.add(10, NO, FOUND)
    pairs.add(15, YES, learned("yes"))
    pairs.add(15, NO, learned("no"))


def test_agreement_is_reported_separately_for_rules_and_model(rule_and_model_pairs, caller):
    row = question(caller)
    rule, model = by_source(row)["rule"], by_source(row)["model"]
    assert (row["n"], row["percent"], row["zone"]) == (50, 80.0, "tentative")
    assert (rule["n"], rule["percent"], rule["mean_difference"], rule["zone"]) == (
        20,
        50.0,
        50.0,
        "tentative",
    )
    assert (model["n"], model["percent"], model["alpha"], model["zone"]) == (30, 100.0, 1.0, "reliable")


def test_answers_without_source_count_as_rule_answers(pairs, caller):
    pairs.add(10, YES, FOUND)
    pairs.add(5, YES, [judged("hears", "yes", source="rule")])
    row = question(caller)
    (only,) = row["by_source"]
    assert (only["source"], only["n"]) == ("rule", 15)
    assert {name: row[name] for name in only if name in row} == {
        name: only[name] for name in only if name in row
    }


def test_an_abstention_has_no_source(pairs, caller):
    pairs.add(3, YES, [judged("hears", None, na=False, abstained=True, source=None)])
    assert question(caller)["by_source"] == []


def test_agreement_counts_answers_of_model_in_force_separately(provider, pairs, caller, put_model_in_force):
    put_model_in_force()
    with provider.session() as session:
        now = session.scalars(select(Model.model_id)).one()
    pairs.add(2, YES, learned("yes"), versions=pinned(now))
    pairs.add(3, YES, learned("yes"), versions=pinned(uuid.uuid4()))
    pairs.add(4, YES, FOUND, versions=pinned(now))
    found = by_source(question(caller))
    assert (found["model"]["n"], found["model"]["in_force"]) == (5, 2)
    assert found["rule"]["in_force"] is None


def test_in_force_count_is_zero_without_model_in_force(pairs, caller):
    pairs.add(3, YES, learned("yes"), versions=pinned(uuid.uuid4()))
    assert by_source(question(caller))["model"]["in_force"] == 0


def test_method_note_states_that_gate_state_rests_on_model_in_force(rule_and_model_pairs, caller):
    assert "its state rests on the model in force" in answer(caller)["method_note"]


def test_stakeholder_gets_all_sources_suppressed_if_one_is_small(provider, pairs):
    pairs.add(12, YES, FOUND)
    pairs.add(3, NO, learned("yes"))
    user = provider.add_user("client_stakeholder", "northwind")
    row = question(provider.caller("reports:read", user=user))
    assert row["n"] == 15
    assert [(each["suppressed"], each.get("n"), each.get("percent")) for each in row["by_source"]] == [
        (True, None, None),
        (True, None, None),
    ]


@pytest.mark.parametrize(("new", "old", "shown"), [(3, 9, None), (9, 3, None), (6, 6, 6), (12, 0, 12)])
def test_in_force_count_is_suppressed_for_stakeholder_if_either_part_is_small(
    provider, pairs, put_model_in_force, new, old, shown
):
    put_model_in_force()
    with provider.session() as session:
        now = session.scalars(select(Model.model_id)).one()
    pairs.add(new, YES, learned("yes"), versions=pinned(now))
    pairs.add(old, YES, learned("yes"))
    user = provider.add_user("client_stakeholder", "northwind")
    assert by_source(question(provider.caller("reports:read", user=user)))["model"]["in_force"] == shown


def test_csv_has_main_figures_of_both_sources(rule_and_model_pairs, caller):
    row = table(ask(caller, query=f"{JULY}&format=csv"))[0]
    assert (row["n"], row["rule_n"], row["rule_percent"], row["rule_alpha"]) == ("50", "20", "50.0", "-0.3")
    assert (row["model_n"], row["model_percent"], row["model_alpha"]) == ("30", "100.0", "1.0")
    assert list(row)[:3] == ["scorecard", "question", "text"]


# Overrides -------------------------------------------------------------------------------------------


def test_override_row_has_both_answers_with_reasons_and_turns(pairs, caller):
    note = {"reasons": ["too_late", "no_wording"], "note": "Only after the fix."}
    (interaction_id,) = pairs.add(1, [said("hears", "no", **note)], [judged("hears", "yes", clause="BV-7")])
    pairs.add(1, YES, FOUND)
    (found,) = overrides(caller)["data"]
    assert found["interaction_id"] == str(interaction_id)
    assert (found["scorecard"], found["version"], found["question"]) == ("care", 1, "hears")
    assert (found["machine_said"], found["human_said"], found["difference"]) == ("yes", "no", 100.0)
    assert (found["machine_reason"], found["machine_clause"]) == ("No wording found.", "BV-7")
    assert (found["machine_turn"], found["human_turn"], found["machine_confidence"]) == (3, 1, 0.8)
    assert (found["human_reasons"], found["human_note"]) == ("too_late, no_wording", "Only after the fix.")


def test_reasons_of_overrides_are_shown_and_counted_by_question(pairs, caller, reader):
    both = [said("hears", "no"), said("tone", "cold")], [judged("hears", "yes"), judged("tone", "warm")]
    pairs.add(2, *both, why={"hears": "Too  late.", "tone": "Curt."})
    pairs.add(1, NO, FOUND, why={"hears": "too late."})
    pairs.add(1, NO, FOUND)
    pairs.add(1, YES, FOUND, why={"hears": "Too late."})
    first = ask(caller, "agreement/overrides", f"{JULY}&limit=1").json
    hears = {"scorecard": "care", "question": "hears", "n": 3}
    tone = {"scorecard": "care", "question": "tone", "n": 2}
    assert first["reasons"] == [hears | {"reason": "Too late."}, tone | {"reason": "Curt."}]
    assert ask(caller, "agreement/overrides", f"{JULY}&cursor={first['next_cursor']}").json["reasons"] is None
    narrowed = ask(caller, "agreement/overrides", f"{JULY}&question=tone").json["reasons"]
    assert narrowed == [tone | {"reason": "Curt."}]
    assert overrides(reader)["reasons"] == [hears | {"reason": None}, tone | {"reason": None}]
    given = [each["override_reason"] for each in overrides(caller)["data"]]
    assert sorted(given, key=str) == ["Curt.", "Curt.", None, "Too  late.", "Too  late.", "too late."]


def test_an_abstention_is_no_override(pairs, caller):
    pairs.add(1, NO, [abstained("hears")])
    assert overrides(caller)["data"] == []


def test_overrides_come_newest_first_page_by_page(pairs, caller):
    both = [said("hears", "no"), said("tone", "cold")], [judged("hears", "yes"), judged("tone", "warm")]
    pairs.add(3, *both)
    seen, query = [], f"{JULY}&limit=1"
    for _ in range(7):
        page = ask(caller, "agreement/overrides", query)
        seen += [(each["external_id"], each["question"]) for each in page.json["data"]]
        if page.json["next_cursor"] is None:
            break
        assert 'rel="next"' in page.headers["Link"]
        query = f"{JULY}&limit=1&cursor={page.json['next_cursor']}"
    assert seen == [(f"T-{number}", key) for number in (3, 2, 1) for key in ("hears", "tone")]


def test_overrides_filter_by_question(pairs, caller):
    both = [said("hears", "no"), said("tone", "cold")], [judged("hears", "yes"), judged("tone", "warm")]
    pairs.add(2, *both)
    found = overrides(caller, f"{JULY}&question=tone")["data"]
    assert [each["question"] for each in found] == ["tone", "tone"]


@pytest.mark.parametrize("cursor", ["nonsense", "WzEsMiwzXQ", "W10"])
def test_overrides_reject_invalid_cursor(pairs, caller, cursor):
    found = ask(caller, "agreement/overrides", f"{JULY}&cursor={cursor}")
    assert (found.status_code, found.json["errors"][0]["code"]) == (422, "bad_cursor")


# Who may see what ------------------------------------------------------------------------------------


@pytest.mark.parametrize("report", REPORTS)
def test_report_returns_404_for_other_client_or_provider_and_403_without_scope(make_provider, report):
    mine, other = make_provider("northwind", "contoso"), make_provider("fabrikam")
    bound = mine.caller("reports:read", bound_to=("northwind",))
    assert ask(bound, report, client="contoso").status_code == 404
    assert ask(bound, report, client="fabrikam").status_code == 404
    assert ask(bound, report, client=str(other.clients["fabrikam"].client_id)).status_code == 404
    assert ask(mine.caller("clients:read"), report).status_code == 403


def test_figures_of_one_client_never_reach_another(provider, pairs, caller):
    Pairs(provider, "contoso").add(3, NO, FOUND)
    pairs.add(1, YES, FOUND)
    assert (answer(caller)["double_scored"], overrides(caller)["data"]) == (1, [])
    assert answer(caller, client="contoso")["double_scored"] == 3


@pytest.mark.parametrize("role", ["qm_manager", "team_lead"])
def test_interaction_with_open_review_is_hidden_from_assigned_reviewer(provider, pairs, role):
    person = provider.add_user(role, email=f"{role}@example.com")
    (interaction_id,) = pairs.add(1, NO, FOUND)
    pairs.add(1, YES, FOUND)
    caller = provider.caller("reports:read", user=person)
    assert len(overrides(caller)["data"]) == 1
    with provider.session() as session:
        session.add(
            Review(
                **pairs.owner,
                interaction_id=interaction_id,
                state="claimed",
                targeted=True,
                reasons=[],
                started_at=START,
                reviewer_id=person.user_id,
            )
        )
    assert overrides(caller)["data"] == []
    assert answer(caller)["double_scored"] == 1
    assert len(overrides(provider.caller("reports:read"))["data"]) == 1


def test_stakeholder_sees_no_overrides_and_no_small_counts(provider, pairs):
    pairs.add(12, YES, FOUND)
    pairs.add(3, NO, FOUND)
    pairs.add(4, [said("tone", "warm")], [judged("tone", "cold")])
    user = provider.add_user("client_stakeholder", "northwind")
    stakeholder = provider.caller("reports:read", user=user)
    assert ask(stakeholder, "agreement/overrides").status_code == 403
    hears, tone = answer(stakeholder)["questions"]
    assert (hears["n"], hears["percent"], hears["machine_higher"]) == (15, 80.0, None)
    assert (hears["confusion"], tone["suppressed"], tone.get("percent")) == ([], True, None)


def test_stakeholder_report_of_small_period_is_suppressed(provider, pairs):
    pairs.add(4, YES, FOUND)
    user = provider.add_user("client_stakeholder", "northwind")
    found = answer(provider.caller("reports:read", user=user))
    assert (found["suppressed"], found["double_scored"], found["questions"]) == (True, None, [])


def test_overrides_hide_ids_and_notes_without_interactions_read_scope(pairs, caller, reader):
    note = {"reasons": ["too_late"], "note": "She said: my card 4711 is gone."}
    pairs.add(1, [said("hears", "no", **note)], FOUND, why={"hears": "Card 4711 is gone."})
    (full,), (found,) = overrides(caller)["data"], overrides(reader)["data"]
    hidden = ("interaction_id", "external_id", "review_id", "evaluation_id", "human_note", "override_reason")
    assert None not in [full[name] for name in hidden]
    assert found == full | dict.fromkeys(hidden)


def test_overrides_csv_hides_ids_and_notes_without_interactions_read_scope(pairs, reader):
    (interaction_id,) = pairs.add(1, [said("hears", "no", note="my card 4711")], FOUND)
    found = ask(reader, "agreement/overrides", f"{JULY}&format=csv")
    (row,) = table(found)
    assert (row["human_said"], row["human_note"], row["external_id"]) == ("no", "", "")
    assert str(interaction_id) not in found.text


def test_overrides_cursor_does_not_disclose_review_ids(provider, pairs, reader):
    pairs.add(2, NO, FOUND)
    with provider.session() as session:
        reviews = [str(each) for each in session.scalars(select(Review.review_id))]
    cursor = overrides(reader, f"{JULY}&limit=1")["next_cursor"]
    shown = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    assert not [each for each in reviews if each in shown]


def test_override_outcome_is_visible_without_interactions_read_scope(
    pairs, caller, reader, put_model_in_force
):
    pairs.add(1, NO, FOUND)
    put_model_in_force([training_example(overrides(caller)["data"][0])])
    assert overrides(reader)["data"][0]["outcome"] == "learned"


def test_overrides_pagination_is_complete_for_equal_timestamps(provider, pairs, caller):
    pairs.add(6, NO, FOUND)
    with provider.session() as session:
        session.execute(update(Evaluation).values(created_at=START))
    seen, query = [], f"{JULY}&limit=1"
    for _ in range(7):
        page = answer(caller, "agreement/overrides", query)
        seen += [each["external_id"] for each in page["data"]]
        if page["next_cursor"] is None:
            break
        query = f"{JULY}&limit=1&cursor={page['next_cursor']}"
    assert sorted(seen) == [f"T-{number}" for number in range(1, 7)]


# Form and cost ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("report", REPORTS)
def test_report_returns_all_query_errors(caller, report):
    found = ask(caller, report, "from=2026-02-30&group_by=agent&format=xml&channel=pigeon")
    assert {(each["pointer"], each["code"]) for each in found.json["errors"]} == {
        ("/query/from", "not_a_day"),
        ("/query/group_by", "unknown_field"),
        ("/query/format", "not_allowed"),
        ("/query/channel", "not_allowed"),
    }


def test_csv_has_a_row_for_each_question(pairs, caller):
    pairs.add(1, YES, FOUND)
    found = ask(caller, query=f"{JULY}&format=csv")
    assert [(row["question"], row["percent"]) for row in table(found)] == [("hears", "100.0"), ("tone", "")]
    name = "northwind-agreement-2026-07-01-2026-07-28.csv"
    assert found.headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_overrides_csv_escapes_formulas_and_has_next_link(pairs, caller):
    pairs.add(2, [said("hears", "no", note="=1+1")], FOUND)
    found = ask(caller, "agreement/overrides", f"{JULY}&limit=1", headers={"Accept": "text/csv"})
    (row,) = table(found)
    assert (row["human_said"], row["human_note"], row["external_id"]) == ("no", "'=1+1", "T-2")
    assert 'rel="next"' in found.headers["Link"]


@pytest.mark.parametrize(("report", "most"), [("agreement", 6), ("agreement/overrides", 4), ("fairness", 2)])
@pytest.mark.parametrize("number", [1, 12])
def test_report_query_count_is_independent_of_row_count(services, pairs, caller, report, most, number):
    pairs.add(number, NO, FOUND)
    seen = []

    def note(conn, cursor, statement, parameters, context, executemany):
        if any(
            name in statement
            for name in ("interactions", "reviews", "definitions", "gates", "gate_moves", "models")
        ):
            seen.append(statement)

    event.listen(services.engine, "before_cursor_execute", note)
    try:
        answer(caller, report)
    finally:
        event.remove(services.engine, "before_cursor_execute", note)
    assert len(seen) == most


# What became of it ------------------------------------------------------------------------------------


@pytest.fixture
def put_model_in_force(provider, pairs):
    """Put a model in force that proves "hears" and has these lessons."""

    def put(lessons=(), proven=None, **columns):
        client = provider.clients["northwind"]
        proofs = {("care", "hears"): proven or proof()}
        with provider.session() as session:
            model = put_in_force(session, client, 1, proofs)
            model.lessons = list(lessons)
            for name, value in columns.items():
                setattr(model, name, value)
            apply_transitions(session, client, proofs, model)

    return put


def training_example(override, **given):
    names = ("interaction_id", "evaluation_id", "scorecard", "question")
    told = {"machine": override["machine_said"], "human": override["human_said"], "part": "learning"}
    return {name: override[name] for name in names} | told | {"now": override["human_said"]} | given


def test_agreement_shows_gate_state_threshold_and_history(pairs, caller, put_model_in_force):
    pairs.add(10, YES, FOUND)
    put_model_in_force()
    row = question(caller)
    assert (row["state"], row["threshold"]) == ("automatic", 0.0)
    assert [(each["from"], each["to"], each["cause"]) for each in row["history"]] == [
        ("human_only", "automatic", "proved")
    ]
    assert row["since"] == row["history"][0]["at"]


def test_agreement_shows_effective_gate_if_model_is_unreadable(pairs, caller, put_model_in_force):
    pairs.add(10, YES, FOUND)
    put_model_in_force()
    with pairs.provider.session() as session:
        session.execute(update(Model).values(fault="cut short"))
    row = question(caller)
    assert (row["state"], row["waiting"], row["threshold"]) == ("human_only", "model_unreadable", None)
    assert row["history"][0]["to"] == "automatic"


def test_agreement_shows_initial_gate_state_without_transitions(pairs, caller):
    pairs.add(1, YES, FOUND)
    row = question(caller)
    assert (row["state"], row["since"], row["threshold"], row["history"]) == ("human_only", None, None, [])


def test_agreement_csv_has_gate_state_and_threshold(pairs, caller, put_model_in_force):
    pairs.add(10, YES, FOUND)
    put_model_in_force()
    row = table(ask(caller, query=f"{JULY}&format=csv"))[0]
    assert (row["state"], row["threshold"]) == ("automatic", "0.0")


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({}, ("learned", "learning", "no")),
        ({"part": "proving"}, ("learned", "proving", "no")),
        ({"now": "yes"}, ("not_learned", "learning", "yes")),
        ({"now": None}, ("no_model_yet", None, None)),
        ({"human": "n/a"}, ("no_model_yet", None, None)),
        ({"evaluation_id": "0198c2f0-0000-7000-8000-000000000001"}, ("no_model_yet", None, None)),
        ({"question": "tone"}, ("no_model_yet", None, None)),
    ],
)
def test_override_outcome_depends_on_matching_training_example(
    pairs, caller, put_model_in_force, given, outcome
):
    pairs.add(1, NO, FOUND)
    (before,) = overrides(caller)["data"]
    assert before["outcome"] == "no_model_yet"
    put_model_in_force([training_example(before, **given)])
    (after,) = overrides(caller)["data"]
    assert (after["outcome"], after["outcome_part"], after["model_says"]) == outcome


def test_override_outcome_ignores_unreadable_model(pairs, caller, put_model_in_force):
    pairs.add(1, NO, FOUND)
    (before,) = overrides(caller)["data"]
    put_model_in_force([training_example(before)], fault="it is torn")
    assert overrides(caller)["data"][0]["outcome"] == "no_model_yet"


def test_overrides_csv_has_outcomes(pairs, caller, put_model_in_force):
    pairs.add(1, NO, FOUND)
    put_model_in_force([training_example(overrides(caller)["data"][0])])
    (row,) = table(ask(caller, "agreement/overrides", f"{JULY}&format=csv"))
    assert (row["outcome"], row["outcome_part"]) == ("learned", "learning")
