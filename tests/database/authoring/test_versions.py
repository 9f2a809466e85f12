"""Versions take over from each other in time, and what was published stays as it was."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from scorecards.authoring import versions
from scorecards.authoring.models import Definition
from tenants.http.faults import Conflict, Invalid, NotFound
from tenants.isolation import acting_as, transaction

DAY = timedelta(days=1)
LONG_AGO = datetime(1990, 6, 1, tzinfo=UTC)


def voice(*tone):
    return {"tone": list(tone)}


def card(name="Own", weight=1):
    question = {"key": "read_back", "text": "Was the order read back?", "kind": "yes_no", "weight": weight}
    return {"key": "own", "name": name, "sections": [{"key": "process", "questions": [question]}]}


@pytest.fixture
def session(provider):
    with provider.session() as opened:
        yield opened


@pytest.fixture
def client(provider):
    return provider.clients["northwind"]


def put(session, client, body, effective_from=None):
    return versions.put_in_force(
        session, client, kind="brand_voice", key="default", body=body, effective_from=effective_from
    )


def holding(session, client, at=None):
    found = versions.in_force(session, client_id=client.client_id, at=at)
    return [(each.kind, each.version) for each in found]


def actions(session):
    return [noted.action for noted in session.info.get("audit", ())]


def now():
    return datetime.now(UTC)


def test_the_first_version_judges_everything_before_it_too(session, client):
    put(session, client, voice("warm"))

    assert holding(session, client, LONG_AGO) == [("brand_voice", 1)]
    assert holding(session, client) == [("brand_voice", 1)]


def test_a_second_version_takes_over_now_and_leaves_the_past_to_the_first(session, client):
    put(session, client, voice("warm"))
    before = now()
    _, outcome = put(session, client, voice("plain"))

    assert outcome == "updated"
    assert holding(session, client, before) == [("brand_voice", 1)]
    assert holding(session, client, now()) == [("brand_voice", 2)]


def test_the_same_body_makes_no_version(session, client):
    put(session, client, voice("warm"))

    assert put(session, client, voice("warm"))[1] == "unchanged"
    assert len(session.scalars(select(Definition)).all()) == 1


def test_a_version_for_later_leaves_the_present_one_in_force_until_then(session, client):
    put(session, client, voice("warm"))
    put(session, client, voice("plain"), now() + 2 * DAY)

    assert holding(session, client, now() + DAY) == [("brand_voice", 1)]
    assert holding(session, client, now() + 3 * DAY) == [("brand_voice", 2)]


def test_versions_for_later_follow_one_another(session, client):
    put(session, client, voice("warm"))
    put(session, client, voice("plain"), now() + 2 * DAY)
    put(session, client, voice("brisk"), now() + 4 * DAY)

    found = [holding(session, client, now() + days * DAY)[0][1] for days in (1, 3, 5)]
    assert found == [1, 2, 3]


def test_a_version_that_has_not_begun_gives_way_to_one_for_an_earlier_moment(session, client):
    put(session, client, voice("warm"))
    put(session, client, voice("plain"), now() + 2 * DAY)
    put(session, client, voice("brisk"))

    assert holding(session, client) == [("brand_voice", 3)]
    assert holding(session, client, now() + 3 * DAY) == [("brand_voice", 3)]
    assert "brand_voice.withdrawn" in actions(session)


def test_the_first_version_in_force_judges_everything_even_after_one_that_never_began(session, client):
    put(session, client, voice("warm"), now() + 2 * DAY)
    put(session, client, voice("plain"))

    assert holding(session, client, LONG_AGO) == [("brand_voice", 2)]


def test_a_moment_before_the_version_in_force_is_refused(session, client):
    put(session, client, voice("warm"))
    put(session, client, voice("plain"))

    with pytest.raises(Invalid) as caught:
        put(session, client, voice("brisk"), now() - DAY)
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [
        ("/effective_from", "before_previous")
    ]


def test_a_version_may_take_over_in_the_past_after_the_one_before_it(session, client):
    put(session, client, voice("warm"))
    put(session, client, voice("plain"), now() - DAY)

    assert holding(session, client, now() - 2 * DAY) == [("brand_voice", 1)]
    assert holding(session, client, now() - DAY / 2) == [("brand_voice", 2)]


def test_what_is_retired_judges_nothing_afterwards(session, client):
    put(session, client, voice("warm"))
    before = now()
    versions.retire(session, client, kind="brand_voice", key="default")

    assert holding(session, client, before) == [("brand_voice", 1)]
    assert holding(session, client, now()) == []


def test_retiring_ends_what_was_to_begin_later_too(session, client):
    put(session, client, voice("warm"))
    put(session, client, voice("plain"), now() + 2 * DAY)
    versions.retire(session, client, kind="brand_voice", key="default")

    assert holding(session, client, now() + DAY) == []
    assert holding(session, client, now() + 3 * DAY) == []


def test_what_is_retired_can_come_back_as_a_new_version(session, client):
    put(session, client, voice("warm"))
    versions.retire(session, client, kind="brand_voice", key="default")
    gap = now()
    made, outcome = put(session, client, voice("warm"))

    assert (made.version, outcome) == (2, "created")
    assert holding(session, client, gap) == []
    assert holding(session, client, now()) == [("brand_voice", 2)]


def test_what_is_retired_cannot_be_retired_again(session, client):
    put(session, client, voice("warm"))
    versions.retire(session, client, kind="brand_voice", key="default")

    with pytest.raises(Conflict):
        versions.retire(session, client, kind="brand_voice", key="default")


def test_what_never_was_cannot_be_retired(session, client):
    with pytest.raises(NotFound):
        versions.retire(session, client, kind="brand_voice", key="default")


def test_a_draft_judges_nothing(session, client):
    versions.save_draft(session, client, kind="scorecard", key="own", body=card())

    assert holding(session, client) == []


def test_saving_the_same_draft_again_changes_nothing(session, client):
    versions.save_draft(session, client, kind="scorecard", key="own", body=card())
    again = versions.save_draft(session, client, kind="scorecard", key="own", body=card())

    assert again.revision == 1
    assert actions(session) == ["scorecard.drafted"]


def test_publishing_names_everything_that_is_wrong_with_a_draft(session, client):
    body = {**card(weight=-1), "pass_mark": 400}
    versions.save_draft(session, client, kind="scorecard", key="own", body=body)

    with pytest.raises(Invalid) as caught:
        versions.publish(session, client, kind="scorecard", key="own")
    pointers = {fault.pointer for fault in caught.value.faults}
    assert {"/pass_mark", "/sections/0/questions/0/weight"} <= pointers


def test_publishing_without_a_draft_is_refused(session, client):
    versions.save_draft(session, client, kind="scorecard", key="own", body=card())
    versions.publish(session, client, kind="scorecard", key="own")

    with pytest.raises(Conflict):
        versions.publish(session, client, kind="scorecard", key="own")


def test_a_draft_is_kept_when_another_body_is_put_in_force(session, client):
    versions.save_draft(session, client, kind="scorecard", key="own", body=card("First"))
    versions.publish(session, client, kind="scorecard", key="own")
    draft = versions.save_draft(session, client, kind="scorecard", key="own", body=card("Being written"))
    made, _ = versions.put_in_force(session, client, kind="scorecard", key="own", body=card("From a bundle"))

    assert (made.version, draft.version, draft.state) == (2, 3, "draft")
    assert draft.body["name"] == "Being written"


def test_every_change_stands_in_the_audit_log(session, client):
    versions.save_draft(session, client, kind="scorecard", key="own", body=card())
    versions.publish(session, client, kind="scorecard", key="own")
    versions.retire(session, client, kind="scorecard", key="own")

    assert actions(session) == ["scorecard.drafted", "scorecard.published", "scorecard.retired"]


@pytest.mark.parametrize(
    "statement",
    [
        "update definitions set body = '{}'",
        "update definitions set digest = ''",
        "update definitions set key = 'other'",
        "update definitions set kind = 'playbook'",
        "update definitions set version = 9",
        "update definitions set effective_from = now()",
        "update definitions set state = 'draft', effective_from = null",
        "delete from definitions",
    ],
)
def test_the_database_keeps_what_was_published(provider, client, statement):
    with provider.session() as session:
        put(session, client, voice("warm"))

    with pytest.raises(DBAPIError, match="a published definition"), provider.session() as session:
        session.execute(text(statement))


def test_the_database_lets_a_draft_change_and_go(provider, client):
    with provider.session() as session:
        versions.save_draft(session, client, kind="scorecard", key="own", body=card())
    with provider.session() as session:
        session.execute(text("update definitions set body = '{}'"))
        assert session.execute(text("delete from definitions")).rowcount == 1


def test_another_clients_definitions_are_out_of_sight(provider, client):
    with provider.session() as session:
        put(session, client, voice("warm"))
        scope = session.info["scope"]

    with acting_as(
        provider.services.engine, scope.narrowed(provider.clients["contoso"].client_id)
    ) as session:
        assert session.scalars(select(Definition)).all() == []


def test_nothing_is_seen_without_a_scope(provider, client):
    with provider.session() as session:
        put(session, client, voice("warm"))

    with transaction(provider.services.engine) as session:
        assert session.scalars(select(Definition)).all() == []


def test_holding_the_definitions_does_not_hold_up_rows_that_refer_to_the_client(provider, client):
    row = {"tenant_id": client.tenant_id, "client_id": client.client_id}
    with provider.session() as holder:
        versions.hold(holder, client)
        with provider.session() as other:
            other.execute(text("set local lock_timeout = '1s'"))
            statement = (
                "insert into definitions (tenant_id, client_id, definition_id, kind, key, version, state,"
                " body, digest, revision, created_at) values (:tenant_id, :client_id, gen_random_uuid(),"
                " 'scorecard', 'own', 1, 'draft', '{}', '', 1, now())"
            )
            assert other.execute(text(statement), row).rowcount == 1


def test_versions_published_at_once_get_numbers_of_their_own(provider, client):
    start = threading.Barrier(6)

    def publish(number):
        start.wait()
        with provider.session() as session:
            return put(session, client, voice(f"tone {number}"))[1]

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(publish, range(6)))

    assert sorted(outcomes) == ["created", *["updated"] * 5]
    with provider.session() as session:
        found = session.scalars(select(Definition).order_by(Definition.version)).all()
        assert [each.version for each in found] == [1, 2, 3, 4, 5, 6]
        assert [each.effective_to for each in found[:-1]] == [each.effective_from for each in found[1:]]
