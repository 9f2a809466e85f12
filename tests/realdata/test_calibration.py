"""Scripted reviewers of known severity on the labelled dialogues: found, and taken out of the number."""

import pytest

from scorecards.definitions.form import Form
from tests.pure.calibration.scripted_reviewers import World, simulate
from tests.realdata.brand_definitions import BRANDS, bundle
from tests.realdata.data_folder import DATA, needed
from tests.realdata.end_to_end import read_labels

pytestmark = needed("maia")
YEAR = 12
"""As many times are the dialogues of the data met in a year."""


@pytest.fixture(scope="module")
def world():
    forms = []
    for brand in BRANDS:
        form = Form.from_body(bundle(brand)["scorecards"][0])
        forms += [
            (form, {key: each.value for key, each in found.items() if key in form.questions})
            for found in read_labels(DATA / "maia", brand).answers.values()
        ]
    return World.of(forms * YEAR, seed=5)


def test_severity_is_recovered_on_real_dialogues(world):
    outcome = simulate(world, repeats=60)

    assert outcome.severity > 0.9
    assert outcome.plain < 0.3
    assert outcome.corrected > 0.88
    assert abs(outcome.corrected_error) < 0.7


@pytest.mark.slow
def test_severity_is_recovered_on_real_dialogues_in_full(world):
    outcome = simulate(world, repeats=2000)
    print(world.severity, outcome)

    assert 0.93 < outcome.severity < 0.99
    assert outcome.corrected > 0.93
    assert abs(outcome.corrected_error) < 0.2
