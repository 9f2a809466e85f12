"""Moments of truth over HTTP: which are chosen, in whose words, and what a client's own people may read."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from qm.interactions.models import Interaction
from qm.reviews.models import Evaluation
from scorecards.authoring import versions
from tests.api.reports.test_reports import ReportData, answer, ask, stakeholder
from tests.api.review_api import SCORECARD

JULY = "from=2026-07-01&to=2026-07-31"
PUBLISHED = datetime(2026, 8, 2, tzinfo=UTC)


class Moments(ReportData):
    """Writes reviewed interactions with words, charged or not, published or not."""

    def __init__(self, provider, slug="northwind"):
        super().__init__(provider, slug)
        with provider.session() as session:
            client = session.merge(self.client)
            made, _ = versions.put_in_force(session, client, kind="scorecard", key="care", body=SCORECARD)
            self.scorecard = made.definition_id

    def told(self, empathy, words, *, charged=1, published=PUBLISHED, value="no", **given):
        (interaction_id,) = self.scored(50.0, charged=charged, peak_distress=0.8 * charged, **given)
        self.reviewed([interaction_id], [empathy])
        turns = [
            {"speaker": "customer", "text": f"{words}, said the customer"},
            {"speaker": "agent", "text": f"Ada Byron here. {words}, said I", "agent": "a-7"},
        ]
        answers = [{"question": "hears", "value": value, "evidence": [{"turn": 1, "start": 0, "end": 3}]}]
        with self.provider.session() as session:
            which = Interaction.interaction_id == interaction_id
            session.execute(
                update(Interaction).where(which).values(turns=turns, agent_details={"name": "Ada Byron"})
            )
            judged = {"published_at": published, "scorecard_id": self.scorecard, "answers": answers}
            session.execute(
                update(Evaluation).where(Evaluation.interaction_id == interaction_id).values(**judged)
            )


@pytest.fixture
def moments(provider):
    return Moments(provider)


@pytest.fixture
def caller(provider):
    return provider.caller("reports:read", "clients:read")


def empathies(rows):
    return [row["empathy"] for row in rows]


def test_the_lowest_and_the_highest_of_what_is_charged_and_published_are_told_once(moments, caller):
    for empathy in (10, 20, 30, 40, 80, 90, 100):
        moments.told(float(empathy), f"number {empathy}")
    moments.told(0.0, "calm", charged=0)
    moments.told(1.0, "unpublished", published=None)
    moments.told(1.5, "to be published", published=datetime(2100, 1, 1, tzinfo=UTC))
    moments.told(2.0, "of June", day=-10)

    found = answer(caller, "moments", JULY)

    assert empathies(found["worst"]) == [10, 20, 30]
    assert empathies(found["best"]) == [100, 90, 80]


def test_of_few_none_is_told_twice(moments, caller):
    for empathy in (10.0, 90.0):
        moments.told(empathy, "words")

    found = answer(caller, "moments", JULY)

    assert empathies(found["worst"]) + empathies(found["best"]) == [10, 90]


def test_they_speak_in_the_words_of_customer_and_agent(moments, caller):
    moments.told(10.0, "It broke", channel="voice")

    (moment,) = answer(caller, "moments", JULY)["worst"]

    assert [(quote["speaker"], quote["text"], quote["question"]) for quote in moment["quotes"]] == [
        ("customer", "It broke, said the customer", None),
        ("agent", "Ada Byron here. It broke, said I", "Heard?"),
    ]
    assert (moment["channel"], moment["distress"]) == ("voice", 0.8)


def test_long_turns_are_cut_by_a_sign_that_says_so(moments, caller):
    moments.told(10.0, "x" * 900)

    (moment,) = answer(caller, "moments", JULY)["worst"]

    assert [len(quote["text"]) for quote in moment["quotes"]] == [280, 280]
    assert all(quote["text"].endswith("…") for quote in moment["quotes"])


def test_a_clients_own_people_read_them_without_who_spoke(moments, provider):
    for number in range(6):
        moments.told(10.0 + number, "It broke")

    found = answer(stakeholder(provider), "moments", JULY)

    assert empathies(found["worst"]) == [10, 11, 12]
    assert "Ada" not in str(found)
    assert re.search(r"\ba-7\b", str(found)) is None  # ids hold these signs inside longer words


@pytest.mark.parametrize("how_many", [1, 4])
def test_of_a_month_with_few_interactions_a_clients_own_people_read_none(moments, provider, how_many):
    for _ in range(how_many):
        moments.told(10.0, "It broke")

    found = answer(stakeholder(provider), "moments", JULY)

    assert found["worst"] == found["best"] == []


def test_where_the_client_may_not_read_evaluations_there_are_no_moments(moments, provider):
    for _ in range(6):
        moments.told(10.0, "It broke")
    provider.caller("clients:read", "clients:write").patch(
        "/v1/clients/northwind", json={"settings": {"disputes": {"by_client": False}}}
    )

    assert answer(stakeholder(provider), "moments", JULY)["worst"] == []


def test_moments_of_another_client_are_not_found(make_provider):
    bound = make_provider("northwind", "contoso").caller("reports:read", bound_to=("northwind",))

    assert ask(bound, "moments", client="contoso").status_code == 404
