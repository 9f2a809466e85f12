import pytest

from tests.api.coaching_api import Coached


@pytest.fixture
def coached(review_fixture):
    return Coached(review_fixture)


@pytest.fixture
def manager(coached):
    return coached.person("qm_manager")
