"""Models to ask about."""

from tests.jobs.training_fixture import each_model_fitted_once  # noqa: F401 - a fixture
