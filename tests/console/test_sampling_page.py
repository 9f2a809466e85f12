"""The sampling page: what a policy would draw while one types it, and the proof of every draw."""

import csv
import html
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from scorecards.authoring.bundle_import import load_bundle
from tenants.models import utc_now
from tests.console.test_scorecard_pages import hidden
from tests.jobs.worker_processes import LINES, ScoringFixture, interaction
from workers import context
from workers.scoring import job

PAGE = "/clients/northwind/sampling"
CALM = (("customer", "When do you open on Sundays?"), ("agent", "Hello! We open at ten on Sundays."))
NUMBER = 40
BUNDLE = """
qm_bundle: 1
scorecards: [{key: care, name: Care, template: empathy}]
sampling_policy:
  base_rate: 0.3
  terms: [{when: charged, rate: 0.6}]
  capacity: {reviews_per_reviewer_week: 5}
"""


def words_of(page):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.text)))


@pytest.fixture
def scored(provider):
    """Forty interactions of the last whole week, scored and drawn."""
    with provider.session() as session:
        load_bundle(session, provider.clients["northwind"], text=BUNDLE)
    fixture = ScoringFixture(provider, ())
    monday = utc_now() - timedelta(days=utc_now().weekday() + 7)
    fixture.push(
        [
            interaction(
                f"T-{n}",
                lines=(LINES, CALM)[n % 2],
                at=monday + timedelta(hours=n),
                agent={"external_id": "agent-kim"},
            )
            for n in range(NUMBER)
        ]
    )
    context.start(provider.services)
    while job.score_tenant(str(provider.tenant.tenant_id)):
        pass
    return fixture


def test_the_policy_is_told_in_sentences_and_tried_while_one_types(scored, visitor):
    manager = visitor("qm_manager")

    shown = words_of(manager.get(PAGE))
    assert "at least 30.0 %" in shown
    assert "With 60.0 % , where the customer is emotionally charged" in shown.replace("%,", "% ,")

    def live(**typed):
        page = manager.post(f"{PAGE}/dry-run", {"quota": "none"} | typed)
        assert page.status_code == 200
        found = re.search(r'id="half-width">± ([\d.]+)', page.text)
        return float(re.search(r'id="per-week">([\d.]+)', page.text).group(1)), found and float(
            found.group(1)
        )

    few, wide = live(base_rate="30")
    many, narrow = live(base_rate="90")
    assert (few, many) == (3.0, 9.0)
    assert narrow < wide
    assert live(base_rate="30 %") == live(base_rate="30,0")
    assert (
        "the queue grows"
        in manager.post(f"{PAGE}/dry-run", {"base_rate": "100", "capacity": "1", "quota": "none"}).text
    )
    bound = {"base_rate": "30", "quota": "agent_week", "max": "2"}
    assert "agent-kim" in manager.post(f"{PAGE}/dry-run", bound).text
    low = manager.post(f"{PAGE}/dry-run", {"base_rate": "1", "rate-charged": "90", "quota": "none"}).text
    assert "no interval could be relied on" in re.sub(r"\s+", " ", low)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"base_rate": ""}, "base_rate"),
        ({"base_rate": "0"}, "base_rate"),
        ({"base_rate": "101"}, "base_rate"),
        ({"base_rate": "nan"}, "base_rate"),
        ({"base_rate": "inf"}, "base_rate"),
        ({"base_rate": "some"}, "base_rate"),
        ({"base_rate": "5", "quota": "fixed", "size": "-3"}, "size"),
        ({"base_rate": "5", "quota": "agent_week", "min": "9", "max": "2"}, "max"),
        ({"base_rate": "5", "capacity": "1.5"}, "capacity"),
        ({"base_rate": "5", "rate-low_csat": "20"}, "threshold-low_csat"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_kept(visitor, provider, typed, field):
    manager = visitor("qm_manager")

    refused = manager.post(PAGE, {"deed": "review", **typed})
    part = manager.post(f"{PAGE}/dry-run", typed)

    assert refused.status_code == 422
    place = rf'name="{field}"[^>]*value="{re.escape(typed.get(field, ""))}"[^>]*aria-invalid="true"'
    assert re.search(place, refused.text), field
    assert 'class="fault"' in part.text


def test_a_policy_is_published_from_the_form_after_it_was_confirmed(scored, visitor):
    manager = visitor("qm_manager")

    opened = {"opened": hidden(manager.get(PAGE), "opened")}
    reviewed = manager.post(PAGE, opened | {"deed": "review", "base_rate": "40", "quota": "none"})
    assert "<del>0.3</del> → <ins>0.4</ins>" in reviewed.text
    source = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", reviewed.text, re.DOTALL).group(1)
    form = {"opened": hidden(reviewed, "opened"), "text": html.unescape(source), "deed": "publish"}
    assert manager.post(f"{PAGE}/policy/text", form).status_code == 422
    assert manager.post(f"{PAGE}/policy/text", form | {"confirmed": "on"}).status_code == 303

    assert "at least 40.0 %" in words_of(manager.get(PAGE))


def test_every_draw_is_proven_and_one_that_was_changed_is_found_out(scored, visitor, provider):
    reader = visitor("team_lead")
    rows = list(csv.DictReader(io.StringIO(reader.get(f"{PAGE}/draws?format=csv").text.lstrip("\ufeff"))))

    assert len(rows) == NUMBER
    assert {row["proven"] for row in rows} == {"yes"}
    for row in rows:
        below = float(row["draw"]) < float(row["inclusion_probability"])
        assert row["drawn"] == ("yes" if below else "no")

    with provider.session() as session:
        session.execute(text("update interaction_facts set draw = draw / 2 where interaction_id = :id"),
                        {"id": scored.row("T-3").interaction_id})  # fmt: skip
    page = reader.get(f"{PAGE}/draws?external_id=T-3")
    assert "does not hold" in page.text
    assert page.text.count("<tr>") == 2


def test_who_is_still_to_review_sees_no_probability_that_the_machine_decided(scored, visitor, provider):
    blind, seeing = visitor("reviewer"), visitor("team_lead")

    def rates(reader):
        table = reader.get(f"{PAGE}/draws?format=csv").text
        return {row["rate"] for row in csv.DictReader(io.StringIO(table.lstrip("\ufeff")))}

    assert rates(blind) == {""}
    assert rates(seeing) == {"0.3", "0.6"}
    assert "emotionally charged" not in blind.get(f"{PAGE}/draws").text
    assert "emotionally charged" in seeing.get(f"{PAGE}/draws").text


def test_draws_over_http_are_those_of_the_page(scored, provider):
    caller = provider.caller("interactions:read")

    first = caller.get("/v1/clients/northwind/sampling/draws?limit=30").json
    second = caller.get(f"/v1/clients/northwind/sampling/draws?limit=30&cursor={first['next_cursor']}").json
    drawn = caller.get("/v1/clients/northwind/sampling/draws?drawn=true").json["data"]
    one = caller.get("/v1/clients/northwind/sampling/draws?external_id=T-3").json["data"]

    names = [each["external_id"] for each in first["data"] + second["data"]]
    assert (len(names), len(set(names)), second["next_cursor"]) == (NUMBER, NUMBER, None)
    assert all(each["proven"] for each in first["data"] + second["data"])
    assert {each["drawn"] for each in drawn} == {True}
    assert [each["external_id"] for each in one] == ["T-3"]
    assert provider.caller("definitions:read").get("/v1/clients/northwind/sampling/draws").status_code == 403


def test_a_stakeholder_reads_the_policy_and_sees_neither_draws_nor_agents(scored, visitor):
    stakeholder = visitor("client_stakeholder", "northwind")

    page = stakeholder.get(PAGE)
    assert "at least 30.0 %" in words_of(page)
    assert "agent-kim" not in page.text
    assert stakeholder.post(f"{PAGE}/dry-run", {"base_rate": "5"}).status_code == 403
    assert stakeholder.get(f"{PAGE}/draws").status_code == 403


@pytest.mark.parametrize("query", ["cursor=x", "drawn=perhaps", "external_id=" + "a" * 300])
def test_a_filter_that_is_none_is_told(visitor, query):
    answer = visitor("qm_manager").get(f"{PAGE}/draws?{query}")

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_so_many_interactions_that_typing_would_wait_are_left_to_the_command_line(
    scored, visitor, monkeypatch
):
    monkeypatch.setattr("qm.console.pages.sampling.MAX_LIVE", NUMBER - 1)
    page = visitor("qm_manager").post(f"{PAGE}/dry-run", {"base_rate": "5", "quota": "none"})

    assert "qm sample dry-run" in page.text
