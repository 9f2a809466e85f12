"""The report on coverage over HTTP: counts by hand, how it was drawn, and what is missing."""

import pytest

from tests.api.reports.test_reports import JULY, ReportData, answer, ask, stakeholder

WHOLE_JULY = "from=2026-07-01&to=2026-07-31"


@pytest.fixture
def data(provider):
    return ReportData(provider)


@pytest.fixture
def caller(provider):
    return provider.caller("reports:read")


def test_who_judged_what_by_hand(data, caller):
    """Two rates. At 0.5: 40, of which 24 reviewed, 2 skipped, 6 waiting; at 0.25: 20, of which 4 reviewed."""
    often, seldom = data.scored(*[60] * 40), data.scored(*[80] * 20, p=0.25)
    data.unscored(20)
    data.scored(*[70] * 10, p=0)
    data.reviewed(often[:24], [50] * 24)
    data.reviewed(often[24:26], [50] * 2, state="skipped")
    data.reviewed(often[26:32], [50] * 6, state="queued")
    data.reviewed(seldom[:4], [90] * 4, p=0.25)
    data.reviewed(seldom[5:7], [10] * 2, targeted=True)

    found = answer(caller, "coverage")

    assert (found["interactions"], found["scored"], found["scored_share"]) == (90, 70, 77.8)
    assert (found["judged"], found["reviewed_share"], found["hand_picked"]) == (70, 40.0, 2)
    sample = found["sample"]
    counts = ("drawn", "reviewed", "skipped", "waiting", "undrawable")
    assert [sample[name] for name in counts] == [36, 28, 2, 6, 10]
    assert found["finding"] == (
        "The machine has judged 77.8 % of 90 interactions. "
        "Of 36 drawn people have reviewed 28; 6 wait, 2 were skipped."
    )
    high, low = found["rates"]
    names = ("rate", "judged", "later", "drawn", "reviewed", "skipped", "waiting")
    assert [high[name] for name in names[3:]] == [32, 24, 2, 6]
    assert (high["judged"] + high["later"], low["judged"] + low["later"]) == (40, 20)
    assert [low[name] for name in ("rate", "drawn", "reviewed", "waiting")] == [0.25, 4, 4, 0]
    assert found["questions"] == {"human_only": 0, "assisted": 0, "automatic": 0}


def test_how_far_machine_and_people_are_apart_is_weighted_to_all(data, caller):
    """24 at p = 0.5 with 10 more by the machine, 4 at p = 0.25 with 10 less: (48 - 16) 10 / 64."""
    often, seldom = data.scored(*[60] * 40), data.scored(*[80] * 20, p=0.25)
    data.reviewed(often[:24], [50] * 24)
    data.reviewed(seldom[:4], [90] * 4, p=0.25)
    data.reviewed(data.scored(None), [40])

    assert answer(caller, "coverage")["agreement"] == {"n": 28, "machine_minus_human": 5.0, "distance": 10.0}


def test_what_is_missing_is_said_with_what_to_do(data, caller):
    def said():
        found = answer(caller, "coverage")
        assert found["agreement"] is None
        return found["finding"]

    assert said().startswith("There is no interaction in this period: choose another one")
    data.unscored(1)
    assert (
        said() == "The machine has judged 0.0 % of 1 interactions. Wait until the workers have scored them."
    )
    data.scored(60, p=0)
    assert said().endswith("so none can be drawn: publish one.")
    (drawn,) = data.scored(70)
    assert said().endswith("take a longer period, or a higher rate.")
    data.reviewed([drawn], [50], state="queued")
    assert said().endswith("Chance has drawn 1 and nobody has reviewed one: review what waits.")


def test_small_counts_are_kept_back_from_stakeholders(data, provider):
    reader = stakeholder(provider)
    data.scored(*[60] * 4)
    found = answer(reader, "coverage", WHOLE_JULY)
    assert (found["suppressed"], found["interactions"], found["rates"]) == (True, None, [])

    ids = data.scored(*[60] * 40)
    data.reviewed(ids[:20], [50] * 20)
    data.reviewed(ids[20:23], [50] * 3, state="skipped")
    found = answer(reader, "coverage", WHOLE_JULY)
    assert found["finding"].endswith("People have reviewed 20 of what chance drew.")
    assert (found["sample"]["drawn"], found["sample"]["skipped"]) == (None, None)
    assert [(row["suppressed"], row["drawn"]) for row in found["rates"]] == [(True, None)]


def test_the_table_is_of_rates_and_filters_narrow_it(data, caller):
    data.reviewed(data.scored(*[60] * 10)[:5], [50] * 5)
    data.scored(*[60] * 6, p=0.125, channel="email")

    lines = ask(caller, "coverage", f"{JULY}&format=csv").get_data(as_text=True).splitlines()
    assert lines[0].startswith("rate,judged,later,drawn,")
    assert [line.split(",")[0] for line in lines[1:]] == ["0.5", "0.125"]
    assert ask(caller, "coverage", f"{JULY}&format=xlsx").data.startswith(b"PK")
    assert answer(caller, "coverage", f"{JULY}&channel=email")["interactions"] == 6


@pytest.mark.parametrize("slug", ["contoso", "nowhere"])
def test_coverage_of_another_client_is_not_found(make_provider, slug):
    bound = make_provider("northwind", "contoso").caller("reports:read", bound_to=("northwind",))

    assert bound.get(f"/v1/clients/{slug}/reports/coverage").status_code == 404
