"""The report on calibration over HTTP: figures of the sessions, by hand, who sees what, what is missing."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from qm.calibration.models import Calibration, CalibrationParticipant
from tenants.models import utc_now
from tests.api.calibration_api import Desk, said
from tests.api.reports.test_reports import answer, ask
from tests.whole_words import has_word


@pytest.fixture
def desk(review_fixture):
    return Desk(review_fixture)


@pytest.fixture
def readers(desk, provider):
    """People of the desk with keys to read reports."""

    def reader(name, *scopes):
        return provider.caller("reports:read", *scopes, user=getattr(desk, name).user)

    return reader


@pytest.fixture
def today():
    return f"from={utc_now().date()}&to={utc_now().date()}"


def session_of(desk, interactions, ben, *names, **changes):
    """Make a session in which ada says yes of everything, and ben what is given; it is closed."""
    made = desk.make(interactions, *(names or ("ada", "ben")), **changes)
    desk.answer_all("ada", made, interactions)
    desk.answer_all("ben", made, interactions, ben)
    desk.close(made)
    return made


def test_the_newest_session_has_the_figures_of_its_results_and_the_machine_is_a_row(desk, today, readers):
    interactions = desk.judged(6)
    session_of(desk, interactions, None, name="First")
    made = session_of(desk, interactions, lambda place: said("yes" if place < 4 else "no"), name="Second")
    results = desk.results("manager", made).json
    found = answer(readers("manager", "calibration:read"), "calibration", today)

    newest, first = found["sessions"]
    assert (newest["name"], newest["calibration"], first["name"]) == ("Second", made, "First")
    for name in ("n", "percent", "alpha", "alpha_low", "alpha_high"):
        assert newest[name] == pytest.approx(results["overall"][name], abs=0.06)
    raters = {each["number"]: each for each in newest["raters"]}
    for rater in results["raters"]:
        own = raters[rater["number"]]
        assert own["severity"] == pytest.approx(rater["severity"], abs=0.06)
        assert (own["name"], own["leaning"]) == (rater["name"], rater["leaning"])
    assert (raters[0]["name"], newest["machine_severity"]) == ("Machine", raters[0]["severity"])
    assert newest["machine_leaning"] == raters[0]["leaning"]
    assert found["more_sessions"] == 0


def test_disputed_questions_are_counted_over_sessions_by_hand(desk, today, readers):
    """`hears`: 6 of 6 agree in one session, 4 of 6 in the other: 10 of 12."""
    interactions = desk.judged(6)
    session_of(desk, interactions, None)
    session_of(desk, interactions, lambda place: said("yes" if place < 4 else "no"))
    found = answer(readers("manager", "calibration:read"), "calibration", today)

    rows = {row["question"]: row for row in found["disputed"]}
    assert (rows["hears"]["sessions"], rows["hears"]["n"], rows["hears"]["percent"]) == (2, 12, 83.3)
    assert "checks" not in rows
    assert found["finding"].startswith("In the newest of 2 sessions, 'November', alpha was ")
    lines = ask(readers("manager"), "calibration", f"{today}&format=csv").get_data(as_text=True).splitlines()
    assert len(lines) == 3
    assert has_word(lines[0], "machine_severity")
    assert "raters" not in lines[0].split(",")
    assert ask(readers("manager"), "calibration", f"{today}&format=xlsx").data.startswith(b"PK")


def test_what_is_missing_is_said_and_only_ended_sessions_of_the_period_are_in_it(desk, today, readers):
    manager, interactions = readers("manager", "calibration:read"), desk.judged(6)
    assert answer(manager, "calibration", today)["finding"].startswith("No calibration session ended")
    made = desk.make(interactions, "ada", "ben")
    desk.answer_all("ada", made, interactions)
    assert answer(manager, "calibration", today)["sessions"] == []
    desk.close(made)
    assert answer(manager, "calibration", today)["finding"].startswith("In no session of this period")
    assert answer(manager, "calibration", "from=2026-01-01&to=2026-01-31")["sessions"] == []


def test_people_see_the_sessions_they_may_and_clients_no_names_of_the_provider(
    desk, today, readers, provider
):
    interactions = desk.judged(6)
    session_of(desk, interactions, None, name="Without the client")
    made = desk.make(interactions, "ada", "ben", "cleo", name="With the client")
    for name in ("ada", "ben", "cleo"):
        desk.answer_all(name, made, interactions)
    desk.close(made)

    rows = answer(readers("manager"), "calibration", today)["sessions"]
    assert [row["name"] for row in rows] == ["With the client", "Without the client"]
    assert [each["name"] for each in rows[1]["raters"]] == ["Reviewer 1", "Reviewer 2", "Machine"]
    assert ask(desk.ada, "calibration", today).status_code == 403
    assert (
        ask(readers("cleo"), "calibration", today).status_code == 422
    )  # a client's people read whole months
    assert answer(readers("cleo", "calibration:read"), "calibration", "")["sessions"] == []
    with provider.session() as session:
        last_month = utc_now().replace(day=1) - timedelta(days=10)
        session.execute(update(Calibration).values(closed_at=last_month))
    (row,) = answer(readers("cleo", "calibration:read"), "calibration", "")["sessions"]
    names = {each["side"]: each["name"] for each in row["raters"]}
    assert row["name"] == "With the client"
    assert names["provider"].startswith("Reviewer ")
    assert names["machine"] == "Machine"
    with provider.session() as session:
        seen = select(CalibrationParticipant.results_seen_at).where(
            CalibrationParticipant.user_id == desk.cleo.user.user_id
        )
        assert None not in session.scalars(seen).all()


@pytest.mark.parametrize("slug", ["contoso", "nowhere"])
def test_calibration_of_another_client_is_not_found(make_provider, slug):
    bound = make_provider("northwind", "contoso").caller("reports:read", bound_to=("northwind",))

    assert bound.get(f"/v1/clients/{slug}/reports/calibration").status_code == 404
