"""End-to-end run on real data, from push to report, over HTTP with real servers and worker processes.

Which dialogues are drawn differs from run to run: interactions get new ids, and the draw is keyed by them. So
what is asserted of a draw holds in every run but about one in ten thousand.
"""

import csv
import io
import tempfile
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from scorecards.statistics.strata import MIN_STRATUM_REVIEWS
from tests.realdata import end_to_end, maia, printing, server, truths
from tests.realdata.abcd import clicked, right_playbook
from tests.realdata.brand_definitions import BRANDS, INTERVAL_LIMIT
from tests.realdata.data_folder import DATA, needed
from tests.realdata.end_to_end import CALLS, KINDS, SHOP

pytestmark = needed("maia", "abcd", "vcon")
SLUGS = [brand.slug for brand in BRANDS]
EVERYBODY = [*SLUGS, SHOP, CALLS]
PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "real-data.md"
FIRST_RESPONSE = 30


@pytest.fixture(scope="module")
def found():
    # pytest closes its own folders to others, but root's servers run as another user.
    with tempfile.TemporaryDirectory(prefix="qm-real-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with server.running(Path(folder)) as callers:
            return end_to_end.walk(callers, DATA)


@pytest.fixture(scope="module")
def resampled_estimates(found):
    return {slug: truths.redrawn(found, slug) for slug in SLUGS}


def test_all_maia_dialogues_are_created_and_none_rejected(found):
    created = {slug: found.pushes[slug]["created"] for slug in SLUGS}
    assert sum(created.values()) == 221
    assert (
        sum(len(turn["turns"]) for each in found.brands.values() for turn in each.dialogues.values()) == 4736
    )
    assert not any(push["rejected"] for push in found.pushes.values())


@pytest.mark.parametrize("slug", EVERYBODY)
def test_the_workers_score_everything(found, slug):
    assert Counter(each["state"] for each in found.interactions[slug]).keys() == {"scored"}
    overview = found.reports[slug]["overview"]
    assert overview["interactions"] == overview["scored"] == len(found.interactions[slug])


def test_every_vcon_is_imported_with_deviations_reported(found):
    files = found.imported["data"]
    assert len(files) == found.imported["created"] == 30
    assert all(each["status"] == "created" and each["deviations"] and not each["errors"] for each in files)


@pytest.mark.parametrize("slug", SLUGS)
def test_exactly_the_sampled_interactions_are_reviewed(found, slug):
    drawn = {each["id"] for each in found.interactions[slug] if each["sampled"]}
    reviewed = {each["interaction"]["id"] for each in found.reviews[slug] if each["state"] == "submitted"}
    assert drawn == reviewed
    assert len(found.reviews[slug]) == len(drawn) == found.reports[slug]["empathy"]["reviewed"]


@pytest.mark.parametrize("brand", BRANDS, ids=SLUGS)
def test_review_inclusion_probability_equals_policy_rate(found, brand):
    charged = {each["id"]: each["charged"] for each in found.interactions[brand.slug]}
    for review in found.reviews[brand.slug]:
        rate = brand.charged_rate if charged[review["interaction"]["id"]] else brand.base_rate
        assert review["inclusion_probability"] == rate


def test_submitted_review_score_equals_ground_truth_of_labels(found):
    for review in found.submitted.values():
        truth = found.brands[review["client"]].truths[review["interaction"]["external_id"]]
        evaluation = review["evaluation"]
        assert evaluation["score"] == pytest.approx(truth.score)
        assert evaluation["empathy"] == pytest.approx(truth.empathy)
        assert {
            pillar: each for pillar, each in evaluation["pillars"].items() if each is not None
        } == pytest.approx({pillar: each for pillar, each in truth.pillars.items() if each is not None})


def test_the_evidence_of_a_review_is_the_labelled_sentence(found):
    for review in found.submitted.values():
        brand, name = found.brands[review["client"]], review["interaction"]["external_id"]
        stored = [turn["text"] for turn in review["turns"]]
        for answer in review["evaluation"]["answers"]:
            places = brand.answers[name][answer["question"]].places
            for place, span in zip(places, answer["evidence"], strict=True):
                said = maia.sentences(brand.dialogues[name]["turns"][place.turn])
                assert span["turn"] == place.turn
                if "start" in span:
                    assert stored[span["turn"]][span["start"] : span["end"]] == said[place.sentence]


@pytest.mark.parametrize("slug", SLUGS)
def test_empathy_estimate_interval_is_within_client_limit(found, slug):
    each = truths.figures(found, slug)[0].reported
    assert each["status"] == "verified"
    assert each["low"] <= each["estimate"] <= each["high"] <= each["low"] + INTERVAL_LIMIT + 0.1


@pytest.mark.parametrize("slug", SLUGS)
def test_the_human_only_estimate_is_the_weighted_mean_of_the_labels(found, slug):
    scored = found.brands[slug].truths
    pairs = [
        (scored[each["interaction"]["external_id"]].empathy, each["inclusion_probability"])
        for each in found.reviews[slug]
    ]
    brand = found.brands[slug].brand
    rates = (brand.base_rate, brand.charged_rate)
    sizes = Counter(rates[each["charged"]] for each in found.interactions[slug])
    reviews = Counter(probability for _, probability in pairs)
    assert all(reviews[rate] >= min(MIN_STRATUM_REVIEWS, sizes[rate]) for rate in sizes)
    reported = found.reports[slug]["empathy"]["empathy"]["human_only"]["estimate"]
    assert reported == pytest.approx(truths.stratified_mean(pairs, sizes), abs=0.051)


@pytest.mark.parametrize("slug", EVERYBODY)
def test_the_machine_only_figure_is_the_mean_of_all_interactions(found, slug):
    mean = truths.mean([each["empathy"] for each in found.interactions[slug]])
    assert found.reports[slug]["empathy"]["empathy"]["machine_only"] == pytest.approx(mean, abs=0.051)


@pytest.mark.parametrize("slug", SLUGS)
def test_estimate_is_within_three_interval_half_widths_of_ground_truth(found, slug):
    figure = truths.figures(found, slug)[0]
    below = figure.reported["estimate"] - figure.reported["low"]
    above = figure.reported["high"] - figure.reported["estimate"]
    assert -3 * below <= figure.truth - figure.reported["estimate"] <= 3 * above


def test_reports_are_nearer_to_the_truth_than_the_machine_alone(found):
    whole = [truths.figures(found, slug)[0] for slug in SLUGS]
    assert sum(each.error for each in whole) < sum(each.machine_error for each in whole)


@pytest.mark.parametrize("slug", SLUGS)
def test_resampled_interval_coverage_is_at_least_90_percent(resampled_estimates, slug):
    assert resampled_estimates[slug].coverage >= 0.9


@pytest.mark.parametrize("slug", SLUGS)
def test_effective_sample_size_is_at_least_90_percent_of_reviews(resampled_estimates, slug):
    assert resampled_estimates[slug].effective >= 0.9


@pytest.mark.parametrize("slug", [SHOP, CALLS])
def test_report_without_reviews_is_unverified(found, slug):
    empathy = found.reports[slug]["empathy"]["empathy"]
    assert (empathy["status"], empathy["method"], empathy["low"]) == ("unverified", "machine_only", None)


@pytest.mark.parametrize("slug", EVERYBODY)
def test_report_breakdowns_sum_to_its_totals(found, slug):
    for kind in ("overview", "empathy"):
        report = found.reports[slug][kind]
        for name in ("interactions", "scored", "reviewed"):
            assert sum(week[name] for week in report["series"]) == report[name]
    sla = found.reports[slug]["sla"]
    for state in ("met", "breached"):
        assert sum(row[state] for row in sla["targets"]) == sla[state]


@pytest.mark.parametrize("slug", EVERYBODY)
def test_csv_report_totals_equal_json_report(found, slug):
    for kind in KINDS:
        rows = list(csv.DictReader(io.StringIO(found.tables[slug][kind])))
        report, name = found.reports[slug][kind], "met" if kind == "sla" else "interactions"
        assert sum(int(row[name]) for row in rows) == report[name]


@pytest.mark.parametrize("slug", SLUGS)
def test_first_response_counts_match_generated_timestamps(found, slug):
    (target,) = [row for row in found.reports[slug]["sla"]["targets"] if row["target"] == "first_response"]
    pushed = maia.interactions(found.brands[slug].dialogues)
    # Where the agent speaks first nobody waits for a first response.
    waits = [_first_response_seconds(each) for each in pushed if each["turns"][0]["speaker"] == "customer"]
    met = sum(wait <= FIRST_RESPONSE for wait in waits)
    assert (target["met"], target["breached"]) == (met, len(waits) - met)


def _first_response_seconds(interaction):
    """Return the seconds from the customer's first word to the agent's first."""
    asked, *later = interaction["turns"]
    answer = next(turn for turn in later if turn["speaker"] == "agent")
    return (datetime.fromisoformat(answer["at"]) - datetime.fromisoformat(asked["at"])).total_seconds()


def test_every_abcd_dialogue_triggers_only_its_subflow_playbook(found):
    for dialogue in found.shop.dialogues:
        called = found.playbooks[str(dialogue["convo_id"])]
        assert [each["playbook"] for each in called] == [right_playbook(dialogue)]
        assert called[0]["triggered_by"] == "intent"


def test_at_least_half_of_clicked_abcd_steps_are_done_in_text(found):
    known, seen = Counter(), Counter()
    for dialogue in found.shop.dialogues:
        steps = printing.steps_done(found, str(dialogue["convo_id"]), right_playbook(dialogue))
        taken = {step: status for step, status in steps.items() if step in clicked(dialogue)}
        known.update(taken.keys())
        seen.update(step for step, status in taken.items() if status == "done")
    assert known.total() == 8
    assert seen.total() >= 4
    assert {"pull-up-account", "validate-purchase"} <= seen.keys()


def test_docs_page_has_ground_truth_figures_independent_of_sampling(found, resampled_estimates):
    print("\n\n" + printing.tables(found, resampled_estimates))
    page = PAGE.read_text(encoding="utf-8")
    for slug in SLUGS:
        for figure in truths.figures(found, slug):
            assert f"| {slug} | {figure.name} | {figure.truth:.1f} |" in page
