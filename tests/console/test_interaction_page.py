"""The page of one interaction: evidence, blindness, hand-picking, erasing."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from qm.console.transcripts import pieces
from qm.facts import rollups
from qm.facts.models import COUNTED, InteractionFacts
from qm.interactions.models import InteractionEvent
from qm.reviews.models import Review
from tests.api.review_api import GOOD, TURNS, ReviewFixture


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


def path(interaction):
    return f"/interactions/{interaction.interaction_id}"


def reviewed(desk, user=None):
    """Return an interaction that somebody has reviewed."""
    reviewer = desk.reviewer() if user is None else user
    review = desk.drawn()
    assert reviewer.post("/v1/reviews/next").json["id"] == str(review.review_id)
    assert reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": GOOD}).status_code == 200
    return review, reviewer


def test_a_manager_sees_machine_and_people_side_by_side_with_evidence_and_where_they_differ(desk, visitor):
    review, reviewer = reviewed(desk)

    shown = visitor("qm_manager").get(path(review)).text

    assert "The machine" in shown
    assert reviewer.user.name in shown
    assert shown.count("they differ") == 1
    assert re.search(r'<mark title="Reviewer: Heard\?[^"]*">I can hear', shown)
    assert 'href="#turn-1"' in shown


def test_who_may_be_the_one_to_review_sees_no_judgement_even_if_they_ask(desk, visitor):
    review = desk.drawn()
    manager = visitor("qm_manager").get(path(review)).text
    assert "The machine" in manager

    for query in ("", "?show=evaluations"):
        shown = visitor("reviewer").get(path(review) + query).text
        assert "The machine" not in shown
        assert "Evaluated by" not in shown
        assert "<mark" not in shown
        assert "you may be the one who does it" in shown


def test_a_reviewer_of_a_free_interaction_is_asked_before_they_see_a_judgement(desk, visitor, provider):
    interaction = desk.interaction()
    desk.judged(interaction)
    user = desk.person()
    reviewer, manager = visitor(user=user), visitor("qm_manager")

    shown = reviewer.get(path(interaction)).text
    assert "The machine" not in shown
    assert "Evaluated by" not in shown
    form = {"user": str(user.user_id)}
    assert manager.post(f"{path(interaction)}/pick", form).status_code == 303
    other = desk.interaction()
    desk.judged(other)

    assert "The machine" in reviewer.get(f"{path(other)}?show=evaluations").text
    refused = manager.post(f"{path(other)}/pick", form)
    assert refused.status_code == 422
    assert "has been shown an evaluation" in refused.text


def test_a_targeted_review_is_due_at_the_end_of_a_day_in_the_readers_zone(desk, visitor, provider):
    interaction = desk.interaction()
    desk.judged(interaction)
    manager, user = visitor("qm_manager"), desk.person()
    with provider.session() as session:
        session.merge(manager.user).time_zone = "Asia/Tokyo"
    pick = f"{path(interaction)}/pick"

    refused = manager.post(pick, {"note": "The refund", "user": str(user.user_id), "due_at": "soon"})
    assert refused.status_code == 422
    assert "Expected a day, such as 2026-01-31." in refused.text
    assert "The refund" in refused.text
    assert manager.post(pick, {"user": str(user.user_id), "due_at": "2036-12-24"}).status_code == 303

    with provider.session() as session:
        (stored,) = session.scalars(select(Review)).all()
        assert stored.due_at.isoformat() == "2036-12-24T14:59:00+00:00"


def test_masked_and_quoted_words_are_marked_and_text_is_never_markup(desk, visitor):
    turns = [
        {"speaker": "customer", "text": "<b>I am [NAME]</b>", "quoted": "> older <i>words</i>"},
        TURNS[1],
    ]
    interaction = desk.interaction(turns=turns)

    shown = visitor("qm_manager").get(path(interaction)).text

    assert '&lt;b&gt;I am <span class="masked"' in shown
    assert "older &lt;i&gt;words" in shown
    assert "nobody judges" in shown


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ([(0, None, None, "a")], [("Hi [NAME]", ("a",))]),
        ([(0, 0, 2, "a"), (0, 1, 5, "b")], [("H", ("a",)), ("i", ("a", "b")), (" [N", ("b",))]),
        ([(0, 5, 99, "a")], [("AME]", ("a",))]),
        ([(3, 0, 2, "a")], []),
    ],
)
def test_pieces_are_the_text_again_with_the_notes_that_cover_them(notes, expected):
    found = pieces("Hi [NAME]", 0, notes)

    assert "".join(piece.text for piece in found) == "Hi [NAME]"
    joined: list[tuple[str, tuple[str, ...]]] = []
    for piece in found:
        if piece.notes and joined and joined[-1][1] == piece.notes:
            joined[-1] = (joined[-1][0] + piece.text, piece.notes)
        elif piece.notes:
            joined.append((piece.text, piece.notes))
    assert joined == expected


def test_later_facts_stand_in_the_order_of_their_arrival(desk, visitor, provider):
    interaction = desk.interaction()
    owner = {name: getattr(interaction, name) for name in ("tenant_id", "client_id", "interaction_id")}
    with provider.session() as session:
        for hours, kind, value in ((2, "csat", 5), (1, "resolved", True)):
            received = desk.now + timedelta(hours=hours)
            at = desk.now - timedelta(hours=hours)
            session.add(InteractionEvent(**owner, at=at, kind=kind, value=value, received_at=received))

    shown = visitor("qm_manager").get(path(interaction)).text
    later = shown[shown.index("Later facts, as they arrived") :]

    assert later.index("resolved") < later.index("satisfaction")
    caller = provider.caller("interactions:read")
    listed = caller.get(f"/v1/interactions/{interaction.interaction_id}/events").json["data"]
    assert [each["kind"] for each in listed] == ["resolved", "csat"]


def test_clocks_are_a_strip_of_time_with_pauses_and_a_table(desk, visitor, provider):
    interaction = desk.interaction()
    start = desk.now - timedelta(hours=6)
    clock = {
        "target": "resolution",
        "number": 1,
        "rule": "all",
        "calendar": "desk",
        "state": "running",
        "started_at": start.isoformat(),
        "due_at": (start + timedelta(hours=1)).isoformat(),
        "stopped_at": None,
        "goal_seconds": 3600,
        "open_seconds": 1800.0,
        "paused_seconds": 60.0,
        "pauses": [[(start + timedelta(hours=2)).isoformat(), (start + timedelta(hours=3)).isoformat()]],
    }
    store_facts(provider, interaction, clocks=[clock])

    shown = visitor("qm_manager").get(path(interaction)).text

    assert "1 clock is late" in shown
    assert shown.count('<rect class="pause"') == 1
    assert 'class="clock breached"' in shown
    assert "Show the numbers" in shown
    api = provider.caller("interactions:read").get(f"/v1/interactions/{interaction.interaction_id}").json
    assert api["clocks"][0]["pauses"][0]["start"] == clock["pauses"][0][0]


def store_facts(provider, interaction, **facts):
    row = dict.fromkeys(column.name for column in InteractionFacts.__table__.columns)
    row |= {"channel": "chat", "priority": "normal", "peak_distress": 0, "clocks": []}
    row |= dict.fromkeys(COUNTED, 0)
    names = ("tenant_id", "client_id", "interaction_id", "started_at")
    row |= {name: getattr(interaction, name) for name in names}
    row |= {"day": interaction.started_at.date(), "rate": 0.0, "drawable_since": interaction.started_at}
    row |= {"threshold": 1.0, "settled": True, "scored": 1, "judged": 1, **facts}
    with provider.session() as session:
        rollups.store_facts(session, [row])


def test_erasing_asks_for_the_external_id_and_leaves_nothing(desk, visitor):
    interaction = desk.interaction(external_id="T-erase")
    admin = visitor("admin")

    refused = admin.post(f"{path(interaction)}/erase", {"external_id": "T-other"})
    assert refused.status_code == 422
    assert admin.get(path(interaction)).status_code == 200
    done = admin.post(f"{path(interaction)}/erase", {"external_id": "T-erase"})

    assert (done.status_code, done.headers["Location"]) == (303, "/clients/northwind/interactions")
    assert admin.get(path(interaction)).status_code == 404
    assert visitor("qm_manager").post(f"{path(desk.interaction())}/erase").status_code == 403


def test_an_interaction_of_another_client_is_as_one_that_is_not_there(desk, visitor, make_provider):
    interaction = desk.interaction()

    for nobody in (visitor("team_lead", "contoso"), visitor("admin", of=make_provider("northwind"))):
        assert nobody.get(path(interaction)).status_code == 404
        assert nobody.post(f"{path(interaction)}/pick").status_code in {403, 404}
    assert visitor("client_stakeholder", "northwind").get(path(interaction)).status_code == 403


def test_one_id_leads_straight_to_what_it_names(desk, visitor, make_provider):
    interaction = desk.interaction(external_id="order/7", customer="c-1")
    desk.interaction(external_id="c-1", customer="c-1")
    review = desk.drawn()
    manager = visitor("qm_manager")

    assert manager.get("/search?q=order/7").headers["Location"] == path(interaction)
    assert manager.get(f"/search?q={review.review_id}").headers["Location"] == f"/reviews/{review.review_id}"
    both = manager.get("/search?q=c-1")
    assert both.status_code == 200
    assert "customer=c-1" in both.text
    assert "2 interactions" in both.text
    assert "Nothing that you may see" in manager.get("/search?q=nowhere").text
    assert manager.get("/search?q=%00").status_code == 422
    for nobody in (visitor("team_lead", "contoso"), visitor("admin", of=make_provider("northwind"))):
        for wanted in ("order/7", "c-1", review.review_id):
            assert "Nothing that you may see" in nobody.get(f"/search?q={wanted}").text


def test_search_does_not_find_an_evaluation_that_is_hidden(desk, visitor):
    waiting = desk.interaction()
    hidden, free = desk.judged(waiting), desk.judged(desk.interaction())
    desk.review_of(waiting)

    reviewer = visitor("reviewer")
    assert "Nothing that you may see" in reviewer.get(f"/search?q={hidden.evaluation_id}").text
    found = reviewer.get(f"/search?q={free.evaluation_id}")
    assert found.headers["Location"] == f"/evaluations/{free.evaluation_id}"
