import pytest

from tests.api.review_api import Desk


@pytest.fixture
def desk(provider):
    made = Desk(provider)
    made.publish("northwind")
    return made
