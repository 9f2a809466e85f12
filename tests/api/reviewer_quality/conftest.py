import pytest

from tests.api.quality_api import QualityDesk


@pytest.fixture
def desk(review_fixture):
    return QualityDesk(review_fixture)
