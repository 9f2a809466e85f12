"""Lists: filters as the API has them, columns, pages, CSV of the whole, saved views, blindness."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest

from qm.console import lists
from tests.api.review_api import ReviewFixture

INTERACTIONS = "/clients/northwind/interactions"


@pytest.fixture
def visitor(visitor, desk):
    """Sign a new person in for every call."""

    def sign(role=None, *slugs, user=None, of=None):
        return visitor(role, of=of) if of else visitor(user=user or desk.person(role, *slugs))

    return sign


@pytest.fixture
def desk(provider):
    made = ReviewFixture(provider)
    made.publish("northwind")
    return made


def table(answer):
    """Return the rows of the CSV, each by the names of its columns."""
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def ids(page):
    return re.findall(r'<td[^>]*><a href="[^"]+">(?:<time[^>]*>)?([^<]+)<', page.text)


def test_filters_are_those_of_the_api_and_each_is_taken_away_by_itself(desk, visitor):
    desk.interaction(external_id="one", channel="email", priority="high")
    desk.interaction(external_id="two", channel="chat")

    shown = visitor("qm_manager").get(f"{INTERACTIONS}?channel=email&priority=high")

    assert ids(shown) == ["one"]
    assert f'href="{INTERACTIONS}?channel=email" aria-label="Take away the filter Priority"' in shown.text


@pytest.mark.parametrize(
    ("query", "place", "words"),
    [
        ("csat=9", "csat", "from 1 to 5"),
        ("from=yesterday", "from", "moment|time"),
        ("score_lt=low", "score_lt", "Expected a number"),
        ("channel=pigeon", "channel", "Choose one of"),
    ],
)
def test_a_bad_filter_is_named_at_its_place_and_nothing_is_listed(desk, visitor, query, place, words):
    desk.interaction(external_id="one")

    shown = visitor("qm_manager").get(f"{INTERACTIONS}?{query}")

    assert shown.status_code == 422
    fault = re.search(rf'id="filter-{place}-fault">([^<]+)<', shown.text)
    assert re.search(words, fault[1])
    assert ids(shown) == []
    assert visitor("qm_manager").get(f"{INTERACTIONS}?{query}&format=csv").status_code == 422


@pytest.mark.parametrize(
    "query", ["nonsense=1", "cursor=nonsense", "channel=%00", "_external=1", "_scheme=x"]
)
def test_what_is_no_filter_is_refused_with_a_message(desk, visitor, query):
    shown = visitor("qm_manager").get(f"{INTERACTIONS}?{query}")

    assert shown.status_code == 422
    assert 'role="alert"' in shown.text or 'class="fault"' in shown.text


def test_a_day_begins_and_ends_in_the_readers_zone(desk, visitor, provider):
    manager = provider.add_user("qm_manager")
    with provider.session() as session:
        session.merge(manager).time_zone = "Australia/Sydney"
    for name, at in (
        ("before", datetime(2026, 6, 30, 13, 59, tzinfo=UTC)),
        ("first", datetime(2026, 6, 30, 14, 0, tzinfo=UTC)),
        ("last", datetime(2026, 7, 1, 13, 59, tzinfo=UTC)),
        ("after", datetime(2026, 7, 1, 14, 0, tzinfo=UTC)),
    ):
        desk.interaction(external_id=name, started_at=at)

    shown = visitor(user=manager).get(f"{INTERACTIONS}?from=2026-07-01&to=2026-07-01")

    assert ids(shown) == ["last", "first"]


def test_what_a_form_leaves_empty_is_not_in_the_address(desk, visitor):
    manager = visitor("qm_manager")
    sent = f"{INTERACTIONS}?channel=chat&agent=&q=+&column=external_id&column=score"

    plain = manager.get(sent)

    assert plain.status_code == 303
    assert plain.headers["Location"] == f"{INTERACTIONS}?channel=chat&columns=external_id%2Cscore"
    shown = manager.get(plain.headers["Location"])
    assert re.findall(r'<th scope="col"[^>]*>([^<]+)<', shown.text) == []
    desk.interaction(external_id="one")
    shown = manager.get(plain.headers["Location"])
    assert len(re.findall(r'<th scope="col"[^>]*>([^<]+)<', shown.text)) == 2


def test_pages_and_csv_hold_every_row_once(desk, visitor, monkeypatch):
    names = [f"n-{number:03}" for number in range(23)]
    for number, name in enumerate(names):
        desk.interaction(external_id=name, started_at=desk.now - timedelta(minutes=number // 2))
    monkeypatch.setattr(lists, "PAGE_SIZE", 5)
    monkeypatch.setattr(lists, "CSV_PAGE_SIZE", 4)
    manager = visitor("qm_manager")

    seen, address = [], INTERACTIONS
    while address:
        page = manager.get(address)
        seen += ids(page)
        after = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = after and after[1].replace("&amp;", "&")

    assert sorted(seen) == names
    rows = table(manager.get(f"{INTERACTIONS}?format=csv&columns=external_id"))
    assert sorted(row["external_id"] for row in rows) == names
    assert {"score", "agent.name", "customer.external_id", "changed_at"} <= rows[0].keys()


def test_csv_runs_no_formula(desk, visitor):
    desk.interaction(external_id="=1+1", agent_details={"name": "@SUM(A1)"})

    row = table(visitor("qm_manager").get(f"{INTERACTIONS}?format=csv"))[0]

    assert (row["external_id"], row["agent.name"]) == ("'=1+1", "'@SUM(A1)")


def test_a_large_csv_is_not_kept_in_memory(desk, visitor, monkeypatch):
    for number in range(6):
        desk.interaction(external_id=f"n-{number}")
    monkeypatch.setattr(lists, "_IN_MEMORY", 100)

    assert len(table(visitor("qm_manager").get(f"{INTERACTIONS}?format=csv"))) == 6


def test_a_reviewer_finds_no_score_of_what_they_have_not_reviewed(desk, visitor):
    """In the list, in its CSV, by a filter, and in the list of evaluations."""
    desk.drawn(external_id="waits")
    free = desk.interaction(external_id="free")
    desk.judged(free)
    reviewer = visitor("reviewer")

    rows = table(reviewer.get(f"{INTERACTIONS}?format=csv"))
    assert {(row["score"], row["empathy"], row["sampled"]) for row in rows} == {("", "", "")}
    assert ids(reviewer.get(f"{INTERACTIONS}?score_lt=10000")) == []
    assert table(reviewer.get("/clients/northwind/evaluations?format=csv")) == []
    manager = visitor("qm_manager")
    assert len(table(manager.get("/clients/northwind/evaluations?format=csv"))) == 1


def test_whoever_was_shown_a_score_in_a_list_has_somebody_else_review_it(desk, visitor, provider):
    interaction = desk.interaction()
    desk.judged(interaction)
    user, other = desk.person("qm_manager"), desk.person()
    manager = visitor(user=user)
    assert len(table(manager.get("/clients/northwind/evaluations?format=csv"))) == 1

    pick = f"/interactions/{interaction.interaction_id}/pick"
    for_oneself = manager.post(pick, {"user": str(user.user_id)})
    for_another = manager.post(pick, {"user": str(other.user_id)})

    assert (for_oneself.status_code, for_another.status_code) == (422, 303)


def test_evaluations_are_filtered_by_critical_answers(desk, visitor, provider):
    flagged, plain = (desk.judged(desk.interaction()) for _ in range(2))
    with provider.session() as session:
        session.merge(flagged).critical = ["checks"]
    manager = visitor("qm_manager")

    def found(query):
        rows = table(manager.get(f"/clients/northwind/evaluations?{query}&format=csv"))
        return {row["id"] for row in rows}

    assert found("critical=true") == {str(flagged.evaluation_id)}
    assert found("critical=false") == {str(plain.evaluation_id)}


def test_what_was_set_aside_is_listed_with_its_reason_and_tried_again(desk, visitor):
    desk.interaction(external_id="broken", state="dead", error="It cannot be read.", attempts=5)
    desk.interaction(external_id="well")
    admin = visitor("admin")

    shown = admin.get("/clients/northwind/set-aside")
    assert ids(shown) == ["broken"]
    assert "It cannot be read." in shown.text
    assert "Try all of them again" not in visitor("qm_manager").get("/clients/northwind/set-aside").text

    admin.post("/clients/northwind/set-aside")
    assert ids(admin.get("/clients/northwind/set-aside")) == []
    assert visitor("qm_manager").post("/clients/northwind/set-aside").status_code == 403


def test_reviews_are_listed_as_their_reader_may_see_them(desk, visitor):
    desk.drawn(external_id="waits")
    done = desk.reviewer()
    review = desk.drawn(external_id="another's")
    assert done.post("/v1/reviews/next").status_code == 200
    reviewer, manager = visitor("reviewer"), visitor("qm_manager")

    assert len(ids(manager.get("/reviews/all"))) == 2
    assert len(ids(visitor(user=done.user).get("/reviews/all"))) == 1
    assert ids(reviewer.get("/reviews/all")) == []
    assert ids(manager.get("/reviews/all?state=claimed&client=northwind")) != []
    assert manager.get("/reviews/all?client=nobody").status_code == 422
    assert f'href="/reviews/{review.review_id}"' in manager.get("/reviews/all").text


def test_a_view_is_saved_used_shared_and_deleted(desk, visitor, provider, make_provider):
    one, other = visitor("qm_manager"), visitor(user=desk.person("qm_manager"))
    form = {"list": "interactions", "client": "northwind", "name": "Late chats"}
    form["query"] = "channel=chat&sla=breached&cursor=abc"

    saved = one.post("/views", form)

    address = f"{INTERACTIONS}?channel=chat&sla=breached"
    assert (saved.status_code, saved.headers["Location"]) == (303, address)
    assert address.replace("&", "&amp;") in one.get(INTERACTIONS).text
    assert "Late chats" not in other.get(INTERACTIONS).text
    view = re.search(r"/views/([0-9a-f-]+)/share", one.get("/views").text)[1]
    assert other.post(f"/views/{view}/share").status_code == 404
    one.post(f"/views/{view}/share")
    assert "Late chats" in other.get(INTERACTIONS).text
    assert "Late chats" not in other.get("/clients/contoso/interactions").text
    bound = visitor("team_lead", "contoso")
    stranger = visitor("admin", of=make_provider("northwind"))
    for nobody in (bound, stranger):
        assert "Late chats" not in nobody.get("/views").text
    assert other.post(f"/views/{view}/delete").status_code == 404
    one.post(f"/views/{view}/delete")
    assert "Late chats" not in one.get("/views").text


@pytest.mark.parametrize("form", [{"name": ""}, {"name": "x" * 81}, {"name": "a", "query": "no query"}])
def test_a_view_that_cannot_be_saved_says_why_and_keeps_what_was_typed(desk, visitor, form):
    shown = visitor("qm_manager").post("/views", {"list": "interactions", "client": "northwind", **form})

    assert shown.status_code == 422
    assert 'role="alert"' in shown.text
    assert INTERACTIONS.split("/")[2] in shown.text


def test_empty_lists_say_what_to_do(visitor):
    manager = visitor("qm_manager")

    assert "Push an interaction" in manager.get(INTERACTIONS).text
    assert "Show all" in manager.get(f"{INTERACTIONS}?channel=chat").text
    assert "sampling policy" in manager.get("/reviews/all").text
    assert "schedule asks" in manager.get("/trainings").text
    assert "Save this view" in manager.get("/views").text


def test_interactions_of_all_clients_are_one_list(desk, visitor):
    at = datetime.now(UTC)
    for number, slug in enumerate(("northwind", "contoso", "northwind")):
        began = at - timedelta(hours=number)
        desk.interaction(slug, external_id=f"T-{number}", started_at=began, channel="email")
    manager = visitor("qm_manager")

    page = manager.get("/interactions")
    assert ids(page) == ["T-0", "T-1", "T-2"]
    assert ids(manager.get("/interactions?client=contoso&channel=email")) == ["T-1"]
    assert manager.get("/interactions?client=invented").status_code == 422
    rows = table(manager.get("/interactions?format=csv"))
    assert [row["client"] for row in rows] == ["northwind", "contoso", "northwind"]
    saved = {"list": "interactions", "name": "Mail", "query": "channel=email"}
    answer = manager.post("/views", saved)
    assert answer.headers["Location"] == "/interactions?channel=email"
    assert "Mail" in manager.get("/interactions").text
    assert 'href="/interactions?q=gone"' in manager.get("/search?q=gone").text

    of_one = visitor("reviewer", "contoso")
    assert of_one.get("/interactions").headers["Location"] == "/clients/contoso/interactions"
    assert ids(of_one.get("/interactions?channel=email")) == ["T-1"]
    assert of_one.get("/interactions?client=northwind").status_code == 422
