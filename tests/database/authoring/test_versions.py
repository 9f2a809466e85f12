"""Versioning of definitions: effective periods follow one another, published versions are immutable."""

import random
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


def playbook(name):
    step = {"key": "sorry", "text": "Say sorry.", "phrases": ["sorry"]}
    return {"key": "own", "name": name, "trigger": {"intents": ["late"]}, "steps": [step]}


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


def versions_in_force(session, client, at=None):
    found = versions.in_force(session, client_id=client.client_id, at=at)
    return [(each.kind, each.version) for each in found]


def actions(session):
    return [noted.action for noted in session.info.get("audit", ())]


def now():
    return datetime.now(UTC)


def test_first_version_applies_retroactively(session, client):
    put(session, client, voice("warm"))

    assert versions_in_force(session, client, LONG_AGO) == [("brand_voice", 1)]
    assert versions_in_force(session, client) == [("brand_voice", 1)]


def test_second_version_takes_effect_now_and_first_keeps_past(session, client):
    put(session, client, voice("warm"))
    before = now()
    _, outcome = put(session, client, voice("plain"))

    assert outcome == "updated"
    assert versions_in_force(session, client, before) == [("brand_voice", 1)]
    assert versions_in_force(session, client, now()) == [("brand_voice", 2)]


def test_identical_body_creates_no_version(session, client):
    put(session, client, voice("warm"))

    assert put(session, client, voice("warm"))[1] == "unchanged"
    assert len(session.scalars(select(Definition)).all()) == 1


def test_future_version_takes_effect_at_effective_from(session, client):
    put(session, client, voice("warm"))
    put(session, client, voice("plain"), now() + 2 * DAY)

    assert versions_in_force(session, client, now() + DAY) == [("brand_voice", 1)]
    assert versions_in_force(session, client, now() + 3 * DAY) == [("brand_voice", 2)]


def test_future_versions_take_effect_in_sequence(session, client):
    put(session, client, voice("warm"))
    put(session, client, voice("plain"), now() + 2 * DAY)
    put(session, client, voice("brisk"), now() + 4 * DAY)

    found = [versions_in_force(session, client, now() + days * DAY)[0][1] for days in (1, 3, 5)]
    assert found == [1, 2, 3]


def test_version_with_earlier_effective_from_withdraws_future_version(session, client):
    put(session, client, voice("warm"))
    put(session, client, voice("plain"), now() + 2 * DAY)
    put(session, client, voice("brisk"))

    assert versions_in_force(session, client) == [("brand_voice", 3)]
    assert versions_in_force(session, client, now() + 3 * DAY) == [("brand_voice", 3)]
    assert "brand_voice.withdrawn" in actions(session)


def test_first_effective_version_is_retroactive_after_withdrawn_version(session, client):
    put(session, client, voice("warm"), now() + 2 * DAY)
    put(session, client, voice("plain"))

    assert versions_in_force(session, client, LONG_AGO) == [("brand_voice", 2)]


def test_put_in_force_rejects_effective_from_before_version_in_force(session, client):
    put(session, client, voice("warm"))
    put(session, client, voice("plain"))

    with pytest.raises(Invalid) as caught:
        put(session, client, voice("brisk"), now() - DAY)
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [
        ("/effective_from", "before_previous")
    ]


def test_put_in_force_accepts_past_effective_from_after_previous_start(session, client):
    put(session, client, voice("warm"))
    put(session, client, voice("plain"), now() - DAY)

    assert versions_in_force(session, client, now() - 2 * DAY) == [("brand_voice", 1)]
    assert versions_in_force(session, client, now() - DAY / 2) == [("brand_voice", 2)]


@pytest.mark.parametrize("days", [1, 0])
@pytest.mark.parametrize("kind", ["scorecard", "playbook", "brand_voice", "sampling_policy"])
def test_what_was_answered_or_drawn_by_is_not_replaced(session, client, kind, days):
    made, _ = put_kind(session, client, kind, 1, now() - 2 * DAY)
    put_kind(session, client, kind, 2, now() - DAY)
    with pytest.raises(Invalid) as caught:
        put_kind(session, client, kind, 3, made.effective_from - days * DAY)

    assert [fault.code for fault in caught.value.faults] == ["before_previous"]


def put_kind(session, client, kind, number, effective_from=None):
    bodies = {
        "scorecard": card(weight=number),
        "playbook": playbook(f"Own {number}"),
        "brand_voice": voice(f"tone {number}"),
        "sampling_policy": {"base_rate": number / 10},
        "sla_policy": {"rules": [{"key": "all", "targets": {"resolution": f"{number}h"}}]},
    }
    key = "own" if kind in {"scorecard", "playbook"} else "default"
    return versions.put_in_force(
        session, client, kind=kind, key=key, body=bodies[kind], effective_from=effective_from
    )


def test_sla_policy_from_now_on_can_be_corrected_for_the_past(session, client):
    put_kind(session, client, "sla_policy", 1)
    replaced, _ = put_kind(session, client, "sla_policy", 2)
    corrected, outcome = put_kind(session, client, "sla_policy", 3, now() - 9 * DAY)

    assert (corrected.version, outcome) == (3, "updated")
    found = [versions_in_force(session, client, now() - days * DAY) for days in (10, 8, 0)]
    assert found == [[("sla_policy", 1)], [("sla_policy", 3)], [("sla_policy", 3)]]
    assert (replaced.state, replaced.effective_to) == ("retired", replaced.effective_from)
    assert actions(session)[-3:] == ["sla_policy.shortened", "sla_policy.replaced", "sla_policy.published"]


@pytest.mark.parametrize("days", [0, 1])
def test_sla_policy_gives_way_to_one_of_the_same_moment_or_an_earlier_one(session, client, days):
    put_kind(session, client, "sla_policy", 1)
    since = now() - 5 * DAY
    put_kind(session, client, "sla_policy", 2, since)
    put_kind(session, client, "sla_policy", 3, since - days * DAY)

    assert versions_in_force(session, client, since) == [("sla_policy", 3)]
    assert versions_in_force(session, client, since - 2 * DAY) == [("sla_policy", 1)]


def test_retired_sla_policy_that_is_replaced_keeps_when_it_was_retired(session, client):
    retired, _ = put_kind(session, client, "sla_policy", 1, now() - 2 * DAY)
    versions.retire(session, client, kind="sla_policy", key="default")
    before = retired.retired_at
    put_kind(session, client, "sla_policy", 2, now() - 3 * DAY)

    assert retired.retired_at == before
    assert versions_in_force(session, client, now() - DAY) == [("sla_policy", 2)]


@pytest.mark.parametrize("seed", range(4))
def test_of_sla_policies_the_last_entered_that_has_begun_is_in_force_at_every_moment(session, client, seed):
    chance, entered, start = random.Random(seed), [], now()
    for number in range(1, 13):
        moment = chance.choice([None, *(start + days * DAY for days in range(-6, 7))])
        made, _ = put_kind(session, client, "sla_policy", number, moment)
        entered.append((made.effective_from, number))

    for hours in range(-24 * 8, 24 * 8, 12):
        at = start + timedelta(hours=hours, minutes=30)
        begun = [number for since, number in entered if since <= at]
        assert versions_in_force(session, client, at) == [("sla_policy", number) for number in begun[-1:]]


def test_retired_definition_is_no_longer_in_force(session, client):
    put(session, client, voice("warm"))
    before = now()
    versions.retire(session, client, kind="brand_voice", key="default")

    assert versions_in_force(session, client, before) == [("brand_voice", 1)]
    assert versions_in_force(session, client, now()) == []


def test_retire_cancels_future_versions(session, client):
    put(session, client, voice("warm"))
    put(session, client, voice("plain"), now() + 2 * DAY)
    versions.retire(session, client, kind="brand_voice", key="default")

    assert versions_in_force(session, client, now() + DAY) == []
    assert versions_in_force(session, client, now() + 3 * DAY) == []


def test_retired_definition_can_be_recreated_as_new_version(session, client):
    put(session, client, voice("warm"))
    versions.retire(session, client, kind="brand_voice", key="default")
    gap = now()
    made, outcome = put(session, client, voice("warm"))

    assert (made.version, outcome) == (2, "created")
    assert versions_in_force(session, client, gap) == []
    assert versions_in_force(session, client, now()) == [("brand_voice", 2)]


def test_retire_of_retired_definition_raises_conflict(session, client):
    put(session, client, voice("warm"))
    versions.retire(session, client, kind="brand_voice", key="default")

    with pytest.raises(Conflict):
        versions.retire(session, client, kind="brand_voice", key="default")


def test_retire_of_unknown_definition_raises_not_found(session, client):
    with pytest.raises(NotFound):
        versions.retire(session, client, kind="brand_voice", key="default")


def test_draft_is_not_in_force(session, client):
    versions.save_draft(session, client, kind="scorecard", key="own", body=card())

    assert versions_in_force(session, client) == []


def test_saving_the_same_draft_again_changes_nothing(session, client):
    versions.save_draft(session, client, kind="scorecard", key="own", body=card())
    again = versions.save_draft(session, client, kind="scorecard", key="own", body=card())

    assert again.revision == 1
    assert actions(session) == ["scorecard.drafted"]


def test_publish_reports_all_errors_of_draft(session, client):
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


def test_draft_publish_and_retire_are_audited(session, client):
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
def test_trigger_rejects_update_or_delete_of_published_definition(provider, client, statement):
    with provider.session() as session:
        put(session, client, voice("warm"))

    with pytest.raises(DBAPIError, match="a published definition"), provider.session() as session:
        session.execute(text(statement))


def test_database_allows_update_and_delete_of_draft(provider, client):
    with provider.session() as session:
        versions.save_draft(session, client, kind="scorecard", key="own", body=card())
    with provider.session() as session:
        session.execute(text("update definitions set body = '{}'"))
        assert session.execute(text("delete from definitions")).rowcount == 1


def test_rls_hides_definitions_of_other_client(provider, client):
    with provider.session() as session:
        put(session, client, voice("warm"))
        scope = session.info["scope"]

    with acting_as(
        provider.services.engine, scope.narrowed(provider.clients["contoso"].client_id)
    ) as session:
        assert session.scalars(select(Definition)).all() == []


def test_rls_returns_no_rows_without_tenant_setting(provider, client):
    with provider.session() as session:
        put(session, client, voice("warm"))

    with transaction(provider.services.engine) as session:
        assert session.scalars(select(Definition)).all() == []


def test_definitions_lock_does_not_block_inserts_referencing_client(provider, client):
    row = {"tenant_id": client.tenant_id, "client_id": client.client_id}
    with provider.session() as holder:
        versions.lock_definitions(holder, client)
        with provider.session() as other:
            other.execute(text("set local lock_timeout = '1s'"))
            statement = (
                "insert into definitions (tenant_id, client_id, definition_id, kind, key, version, state,"
                " body, digest, revision, created_at) values (:tenant_id, :client_id, gen_random_uuid(),"
                " 'scorecard', 'own', 1, 'draft', '{}', '', 1, now())"
            )
            assert other.execute(text(statement), row).rowcount == 1


def test_concurrent_publications_get_distinct_version_numbers(provider, client):
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
