"""Bulk SQL: insert_rows round-trips values as arrays, any_of matches many ids in one comparison."""

import pytest
from sqlalchemy import select

from qm.reviews.evaluations import evaluation_columns
from qm.reviews.models import Evaluation
from tenants.bulk_sql import id_array, insert_rows
from tenants.models import new_id, utc_now
from tests.api.review_api import ReviewFixture


@pytest.fixture
def review_fixture(provider):
    return ReviewFixture(provider)


def evaluation_of(interaction, **values):
    row = evaluation_columns(kind="human", scorecard_id=None, versions={}, answers=[], score=None)
    return {
        "tenant_id": interaction.tenant_id,
        "client_id": interaction.client_id,
        "interaction_id": interaction.interaction_id,
        "evaluation_id": new_id(),
        "created_at": utc_now(),
        **row,
        **values,
    }


def stored(review_fixture, rows):
    with review_fixture.provider.session() as session:
        insert_rows(session, Evaluation, rows)
    with review_fixture.provider.session() as session:
        wanted = id_array([row["evaluation_id"] for row in rows])
        found = session.scalars(select(Evaluation).where(Evaluation.evaluation_id == wanted))
        by_id = {each.evaluation_id: each for each in found}
    return [by_id[row["evaluation_id"]] for row in rows]


def test_insert_rows_mixes_integers_floats_and_null_in_one_column(review_fixture):
    rows = [evaluation_of(review_fixture.interaction(), score=score) for score in (70, 71.25, None)]

    assert [each.score for each in stored(review_fixture, rows)] == [70.0, 71.25, None]


def test_insert_rows_stores_all_null_column(review_fixture):
    assert stored(review_fixture, [evaluation_of(review_fixture.interaction())])[0].outcome is None


def test_insert_rows_preserves_json_and_timestamps(review_fixture):
    row = evaluation_of(review_fixture.interaction(), answers=[{"question": "é", "evidence": [{"turn": 1}]}])

    found = stored(review_fixture, [row])[0]

    assert (found.answers, found.created_at) == (row["answers"], row["created_at"])


def test_insert_rows_accepts_empty_list(review_fixture):
    with review_fixture.provider.session() as session:
        insert_rows(session, Evaluation, [])

        assert session.scalars(select(Evaluation)).all() == []


def test_any_of_empty_list_matches_nothing(review_fixture):
    stored(review_fixture, [evaluation_of(review_fixture.interaction())])
    with review_fixture.provider.session() as session:
        assert session.scalars(select(Evaluation).where(Evaluation.evaluation_id == id_array([]))).all() == []


def test_insert_rows_of_other_provider_violates_rls(review_fixture, make_provider):
    stranger = make_provider("fabrikam")
    row = evaluation_of(review_fixture.interaction(), tenant_id=stranger.tenant.tenant_id)
    with pytest.raises(Exception, match="row-level security"), review_fixture.provider.session() as session:
        insert_rows(session, Evaluation, [row])
