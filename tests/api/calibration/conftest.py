import pytest

from tests.api.calibration_api import Desk


@pytest.fixture
def desk(review_fixture):
    return Desk(review_fixture)
