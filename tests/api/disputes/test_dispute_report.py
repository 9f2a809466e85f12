"""The report of disputes, figures worked out by hand; what a client's people see of it."""

from datetime import timedelta

from sqlalchemy import update

from qm.disputes.models import Dispute
from tenants.models import utc_now
from tests.api.disputes_api import CHECKED, HEARD_NO, decided, opened, outcome

ADDRESS = "/v1/clients/northwind/reports/disputes"


def moved(desk, dispute, **times):
    with desk.reviews.provider.session() as session:
        session.execute(update(Dispute).where(Dispute.dispute_id == dispute).values(**times))


def test_disputes_are_counted_by_question_reviewer_initiator_outcome_and_days(desk):
    ada, manager = desk.agent(), desk.manager()
    now = utc_now()
    first = opened(ada, desk.evaluation(), CHECKED, HEARD_NO).json["id"]
    maker = desk.reviewer.user
    decided(manager, first, outcome("checks", "as_proposed"), outcome("hears", "keep"))
    moved(desk, first, opened_at=now - timedelta(days=3), decided_at=now - timedelta(days=1))
    opened(desk.stakeholder(), desk.evaluation(), CHECKED)

    found = manager.get(ADDRESS)

    assert found.status_code == 200, found.json
    body = found.json
    counts = {name: body[name] for name in ("disputes", "answers", "decided", "kept", "as_proposed", "other")}
    assert counts == {"disputes": 2, "answers": 3, "decided": 2, "kept": 1, "as_proposed": 1, "other": 0}
    assert (body["waiting"], body["appealed"], body["lapsed"]) == (1, 0, 0)
    # Wilson's interval of one of two.
    assert (body["changed_share"], body["changed_low"], body["changed_high"]) == (0.5, 0.0945, 0.9055)
    assert (body["days"], body["score_change"]) == (2.0, 25.0)
    groups = {each["value"]: (each["text"], each["answers"], each["decided"]) for each in body["groups"]}
    assert groups == {"checks": ("Checked?", 2, 1), "hears": ("Heard?", 1, 1)}

    def values(group):
        return {
            each["value"]: each["answers"]
            for each in manager.get(f"{ADDRESS}?group_by={group}").json["groups"]
        }

    assert values("initiator") == {"agent": 2, "client": 1}
    assert values("outcome") == {"keep": 1, "as_proposed": 1, "undecided": 1}
    assert values("days") == {"2-3": 2, "undecided": 1}
    assert values("reviewer") == {str(maker.user_id): 2, str(desk.reviewer.user.user_id): 1}
    table = manager.get(f"{ADDRESS}?format=csv")
    assert table.content_type.startswith("text/csv")
    assert "checks" in table.get_data(as_text=True)
    empty = manager.get(f"{ADDRESS}?from=2020-01-01&to=2020-01-31").json
    assert (empty["disputes"], empty["changed_share"], empty["groups"]) == (0, None, [])
    assert manager.get(f"{ADDRESS}?group_by=agent").status_code == 422


def test_a_clients_people_see_no_small_figures_and_no_reviewers(desk):
    ada, manager, stakeholder = desk.agent(), desk.manager(), desk.stakeholder()
    desk.settings(open_per_person=100)
    month = (utc_now().date().replace(day=1) - timedelta(days=1)).replace(day=1)
    last = utc_now().date().replace(day=1) - timedelta(days=1)
    query = f"from={month}&to={last}"
    for number in range(4):
        _of_last_month(desk, ada, manager, month, number)

    few = stakeholder.get(f"{ADDRESS}?{query}").json
    assert (few["suppressed"], few["disputes"], few["groups"], few["days"]) == (True, None, [], None)
    for number in range(4, 12):
        _of_last_month(desk, ada, manager, month, number)
    many = stakeholder.get(f"{ADDRESS}?{query}").json
    assert (many["suppressed"], many["disputes"], many["answers"]) == (False, 12, 12)
    # Twelve are kept but one, which would be one answer: neither is told, nor a share that would tell.
    assert (many["kept"], many["as_proposed"], many["other"], many["changed_share"]) == (None,) * 4
    refused = stakeholder.get(f"{ADDRESS}?{query}&group_by=reviewer")
    assert refused.json["errors"][0]["code"] == "reviewers_not_shown"
    assert desk.stakeholder("contoso").get(f"{ADDRESS}?{query}").status_code == 404


def _of_last_month(desk, ada, manager, month, number):
    dispute = opened(ada, desk.evaluation()).json["id"]
    decided(manager, dispute, outcome("checks", "keep" if number else "as_proposed"))
    at = utc_now().replace(year=month.year, month=month.month, day=10)
    moved(desk, dispute, opened_at=at, decided_at=at + timedelta(days=1))
