import pytest

from tests.api.review_api import ReviewFixture


@pytest.fixture
def review_fixture(provider):
    made = ReviewFixture(provider)
    made.publish("northwind")
    return made
