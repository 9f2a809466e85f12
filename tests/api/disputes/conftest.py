import pytest

from tests.api.disputes_api import DisputeDesk


@pytest.fixture
def desk(review_fixture):
    return DisputeDesk(review_fixture)
