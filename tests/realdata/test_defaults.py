"""What the defaults of golden items and of coaching suggestions mean on the labelled dialogues."""

from datetime import date

import numpy as np
import pytest

from qm.reviewer_quality.figures import Check, CheckedQuestion, agreement
from scorecards.definitions.form import Form
from scorecards.statistics.coached_change import answer_mean
from tenants.clients import DEFAULT_SETTINGS
from tests.realdata.brand_definitions import BRANDS, bundle
from tests.realdata.data_folder import DATA, needed
from tests.realdata.end_to_end import read_labels

pytestmark = needed("maia")
GOLDEN = (10, 20, 30, 40, 60, 80)
SHARE = 0.05
"""What the handbook proposes as the rate of golden items; by default there are none."""
REPEATS = 2000
DAY = date(2026, 11, 2)


@pytest.fixture(scope="module")
def brands():
    """Of each brand its form, and what its dialogues are answered."""
    found = {}
    for brand in BRANDS:
        form = Form.from_body(bundle(brand)["scorecards"][0])
        found[brand.slug] = (form, list(read_labels(DATA / "maia", brand).answers.values()))
    return found


def told_apart(sizes, number, rng, repeats=300):
    """Return how often 95 % and 80 % of answers as known have intervals that do not overlap."""
    apart = 0
    for _ in range(repeats):
        chosen = rng.choice(sizes, number, replace=False)
        good, fair = (measured(chosen, accuracy, rng) for accuracy in (0.95, 0.8))
        apart += good.low > fair.high
    return apart / repeats


def measured(sizes, accuracy, rng):
    return agreement(
        Check(
            "golden",
            DAY,
            [CheckedQuestion("care", "q", "Q?", bool(right)) for right in rng.random(size) < accuracy],
        )
        for size in sizes
    )


def test_how_many_golden_items_tell_two_reviewers_apart(brands):
    sizes = [
        sum(each.value is not None for key, each in found.items() if key in form.questions)
        for form, dialogues in brands.values()
        for found in dialogues
    ]
    rng = np.random.default_rng(1)
    shares = {number: told_apart(sizes, number, rng) for number in GOLDEN}

    print(f"{np.mean(sizes):.1f} answers a dialogue")
    for number, share in shares.items():
        print(f"{number} golden items, {number / SHARE:.0f} reviews: told apart in {100 * share:.0f} %")
    assert list(shares.values()) == sorted(shares.values())
    assert shares[10] < 0.5
    assert shares[80] > 0.9


def points(form, key, label):
    question = form.questions[key]
    return question.values.get(label.value) if label.value is not None else None


def test_how_often_coaching_is_suggested_where_agents_do_not_differ(brands):
    rule = DEFAULT_SETTINGS["coaching_suggestions"]
    rng = np.random.default_rng(2)
    for slug, (form, dialogues) in brands.items():
        for key in form.questions:
            values = [points(form, key, each[key]) for each in dialogues if key in each]
            known = np.array([each for each in values if each is not None])
            if len(known) < rule["after"]:
                continue
            drawn = rng.choice(known, (REPEATS, rule["after"]))
            means = [answer_mean(list(each), [1.0] * rule["after"]).mean for each in drawn]
            share = np.mean([100 * each < rule["below"] for each in means])
            overall = 100 * known.mean()
            print(f"{slug} {key}: mean {overall:.0f}, suggested for {100 * share:.0f} % of agents")
            # An absolute threshold finds the question that nobody does well, and no agent.
            assert (share > 0.5) == (overall < rule["below"])
