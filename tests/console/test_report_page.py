"""The report page: true, readable, never blank by default, and of small counts nothing for stakeholders."""

import csv
import io
import re
from datetime import timedelta

import pytest

from scorecards.authoring import versions
from tenants.models import utc_now
from tests.api.reports.test_reports import START, ReportData
from tests.api.review_api import SCORECARD
from tests.whole_words import has_word

REPORT = "/clients/northwind/report"
JULY = "from=2026-07-01&to=2026-07-31"


@pytest.fixture
def data(provider):
    return ReportData(provider)


@pytest.fixture
def july(data):
    """A month with enough reviews for a number, and one late before it with a few interactions."""
    ids = data.scored(*[70.0] * 80)
    data.reviewed(ids[:40], [50.0 + number for number in range(40)])
    return data


def test_a_stakeholder_gets_the_newest_month_that_has_data_and_is_told_so(july, visitor):
    shown = visitor("client_stakeholder", "northwind").get(REPORT).text

    assert "1 Jul 2026 – 31 Jul 2026" in shown
    assert "These are the newest days with interactions" in shown
    assert re.search(r"Empathy is \d+\.\d of 100 \(95 % interval", shown)
    assert "confirmed by people" in shown
    said = re.sub(r"<[^>]+>", "", shown).lower()
    for general in ("names no agent", "never about an agent", "leaves agents any discretion"):
        said = said.replace(general, "")
    assert "agent" not in said


def test_the_page_says_who_made_it_by_which_scorecard_and_every_estimate(july, visitor, provider):
    with provider.session() as session:
        client = session.merge(provider.clients["northwind"])
        versions.put_in_force(session, client, kind="scorecard", key="care", body=SCORECARD)
        targets = {"targets": [{"measure": "empathy", "goal": 60}]}
        versions.put_in_force(session, client, kind="quality_targets", key="default", body=targets)

    shown = visitor("client_stakeholder", "northwind").get(REPORT).text

    basis = shown[shown.index('id="basis"') :]
    assert provider.tenant.name in basis
    assert "Care" in basis
    assert "passes from 70 of 100; Good from 70, Coach from 0" in basis
    estimates = shown[shown.index('id="estimates"') : shown.index('id="sentiment"')]
    assert "empathy" in estimates
    assert "confirmed by people" in estimates
    targets = shown[shown.index('id="targets"') : shown.index("Empathy by month")]
    assert re.search(r"met|missed|cannot be told yet", targets)


def test_the_page_says_the_numbers_of_the_api(july, visitor, provider):
    caller = provider.caller("reports:read", "clients:read")
    api = caller.get(f"/v1/clients/northwind/reports/overview?{JULY}").json
    manager = visitor("qm_manager")

    shown = manager.get(f"{REPORT}?{JULY}").text

    assert api["finding"].replace("'", "&#39;") in shown
    assert f"{api['empathy']['estimate']:.1f}" in shown
    for figure in ("overview", "empathy", "sla", "targets", "sentiment", "trend"):
        assert manager.get(f"{REPORT}/{figure}.json?{JULY}").status_code == 200
        table = manager.get(f"{REPORT}/{figure}.csv?{JULY}").get_data().decode("utf-8-sig")
        assert len(next(csv.reader(io.StringIO(table)))) > 3
    assert manager.get(f"{REPORT}/overview.json?{JULY}").json["empathy"] == api["empathy"]


def test_a_trend_is_whole_months_and_kept_back_where_it_is_of_few(data, visitor):
    for day in (0, -15, -46):
        ids = data.scored(*[70.0] * 60, day=day)
        data.reviewed(ids[:30], [50.0 + number for number in range(30)], day=day)
    data.scored(*[10.0] * 3, day=-92)
    stakeholder = visitor("client_stakeholder", "northwind")

    shown = stakeholder.get(f"{REPORT}?{JULY}").text

    assert "No clear change of empathy" in shown
    trend = stakeholder.get(f"{REPORT}/trend.json?{JULY}").json["series"]
    by_month = {row["period"]: row for row in trend}
    assert by_month["2026-03"]["suppressed"] is True
    assert by_month["2026-03"]["interactions"] is None
    assert by_month["2026-07"]["interactions"] == 60


@pytest.mark.parametrize(
    ("fell_by", "said"), [(1.0, "no clear change on the period before"), (30.0, "−30.0")]
)
def test_the_tile_tells_a_change_only_where_it_is_clear(data, visitor, fell_by, said):
    for day, middle in ((-20, 70.0), (0, 70.0 - fell_by)):
        ids = data.scored(*[70.0] * 60, day=day)
        data.reviewed(ids[:50], [middle - 10 + 20 * place / 49 for place in range(50)], day=day)

    shown = visitor("qm_manager").get(f"{REPORT}?from=2026-07-01&to=2026-07-28").text

    tile = shown[shown.index("<h2>Empathy</h2>") : shown.index("SLA clocks met")]
    assert said in tile


def test_of_fewer_than_thirty_reviews_the_range_is_shown_alone(data, visitor):
    ids = data.scored(*[70.0] * 60)
    data.reviewed(ids[:20], [50.0 + number for number in range(20)])

    shown = visitor("qm_manager").get(f"{REPORT}?{JULY}").text

    assert 'class="whisker few"' in shown
    assert "too few to compare" in shown


def test_fewer_than_five_interactions_are_kept_back_from_stakeholders(data, visitor):
    data.scored(*[70.0] * 4)

    shown = visitor("client_stakeholder", "northwind").get(f"{REPORT}?{JULY}").text

    assert "too few interactions" in shown
    assert "70.0" not in shown


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=2026-06-01&to=2026-07-31", 422),
        (f"to={utc_now().date()}", 422),
        ("from=soon", 422),
        ("nonsense=1", 422),
        ("period=2026-07", 303),
    ],
)
def test_a_period_that_may_not_be_asked_for_is_told_at_the_chooser(july, visitor, query, status):
    answer = visitor("client_stakeholder", "northwind").get(f"{REPORT}?{query}")

    assert answer.status_code == status
    if status == 303:
        assert answer.headers["Location"] == f"{REPORT}?from=2026-07-01&to=2026-07-31"
    else:
        assert 'role="alert"' in answer.text


def test_a_month_that_is_none_is_refused(july, visitor):
    assert visitor("qm_manager").get(f"{REPORT}?period=2026-13").status_code == 422


def test_a_manager_gets_four_weeks_up_to_the_newest_data(july, visitor):
    shown = visitor("qm_manager").get(REPORT).text

    last = START.date()
    first = last - timedelta(days=27)
    assert f"{first.day} {first:%b %Y} – {last.day} {last:%b %Y}" in shown


def test_without_data_the_page_says_when_there_will_be_some(visitor):
    assert "when the month has ended" in visitor("client_stakeholder", "northwind").get(REPORT).text
    assert "received and scored" in visitor("qm_manager").get(REPORT).text


def test_reports_of_another_client_are_not_there(july, visitor, make_provider):
    for nobody in (visitor("client_stakeholder", "contoso"), visitor("admin", of=make_provider("fabrikam"))):
        for path in (REPORT, f"{REPORT}/overview.csv", f"{REPORT}/trend.json"):
            assert nobody.get(path).status_code == 404
    assert visitor("reviewer").get(REPORT).status_code == 403


def test_the_health_of_a_number_is_an_endpoint_too(july, provider, visitor):
    caller = provider.caller("reports:read", "clients:read")

    found = caller.get(f"/v1/clients/northwind/reports/health?{JULY}").json

    assert found["width"] == pytest.approx(found["empathy"]["high"] - found["empathy"]["low"], abs=0.11)
    assert found["good_enough"] == (found["width"] <= found["limit"])
    assert (found["missing"] == 0) == found["good_enough"]
    stakeholder = provider.add_user("client_stakeholder", "northwind")
    kept_out = provider.caller("reports:read", "clients:read", user=stakeholder)
    assert kept_out.get("/v1/clients/northwind/reports/health").status_code == 403


@pytest.mark.parametrize("person", [("qm_manager",), ("client_stakeholder", "northwind")])
def test_the_page_says_that_the_interval_does_not_know_how_far_reviewers_differ(july, visitor, person):
    shown = visitor(*person).get(f"{REPORT}?{JULY}").text
    assert "How far reviewers differ is not in the interval" in shown


def test_the_method_note_tells_no_number_that_the_sample_keeps_back(data, visitor):
    ids = data.scored(*[70.0] * 60)
    data.reviewed(ids[:40], [50.0 + number for number in range(40)])
    data.reviewed(ids[40:42], [None, None], state="queued")

    mine = visitor("qm_manager").get(f"{REPORT}?{JULY}").text
    theirs = visitor("client_stakeholder", "northwind").get(f"{REPORT}?{JULY}").text

    assert "42 of 60 interactions were drawn by chance" in mine
    assert "Some of 60 interactions were drawn by chance" in theirs
    assert not has_word(re.search(r"Can I trust it\?.*?</section>", theirs, re.DOTALL).group(), "42")
