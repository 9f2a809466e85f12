"""No moment of an interaction lies in the future or before its start, however it comes in."""

import copy
import json
from datetime import UTC, datetime, timedelta

import pytest

from qm.interactions.decoding import convert_valid, load_by_schema, load_events, load_interaction
from qm.interactions.importers.documents import numbered_documents, read_documents
from qm.interactions.importers.vcon.reader import read_vcon
from tenants.http.faults import Invalid
from tests.pure.interactions.test_vcon import WRITTEN, codes, vcon, vcon_with_transcript

START = "2026-06-01T10:00:00Z"
FUTURE = "2031-01-01T00:00:00Z"
BASE = {
    "external_id": "T-1",
    "channel": "ticket",
    "started_at": START,
    "turns": [{"at": START, "speaker": "customer", "text": "It broke."}],
}


def soon(minutes):
    """Return a moment that is nearer when it is looked at than when it was written down."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


def turns(*moments):
    return [
        {"at": at, "speaker": "customer", "text": f"It broke {place} times."}
        for place, at in enumerate(moments)
    ]


def changes(*moments):
    return [{"at": at, "to": "resolved"} for at in moments]


def told(data, load):
    with pytest.raises(Invalid) as caught:
        load(copy.deepcopy(data))
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # A start that is refused is no measure for the rest.
        ({"started_at": FUTURE}, {("/started_at", "in_future")}),
        ({"ended_at": FUTURE}, {("/ended_at", "in_future")}),
        ({"updated_at": FUTURE}, {("/updated_at", "in_future")}),
        ({"turns": turns(START, FUTURE)}, {("/turns/1/at", "in_future")}),
        ({"status": changes(START, FUTURE)}, {("/status/1/at", "in_future")}),
        ({"status": changes("2020-01-01T00:00:00Z")}, {("/status/0/at", "before_start")}),
        (
            {"turns": turns("2025-06-01T10:00:00Z", "2025-06-01T10:01:00Z", START)},
            {("/turns/0/at", "before_start"), ("/turns/1/at", "before_start")},
        ),
        ({"turns": turns("2026-06-01T09:54:59Z")}, {("/turns/0/at", "before_start")}),
        ({"updated_at": "2026-05-31T10:00:00Z"}, {("/updated_at", "before_start")}),
        ({"started_at": soon(24 * 60), "turns": turns(None)}, {("/started_at", "in_future")}),
        (
            {
                "turns": turns("2020-01-01T00:00:00Z", FUTURE),
                "status": changes("2019-01-01T00:00:00Z", FUTURE),
                "ended_at": FUTURE,
                "channel": "fax",
            },
            {
                ("/turns/0/at", "before_start"),
                ("/turns/1/at", "in_future"),
                ("/status/0/at", "before_start"),
                ("/status/1/at", "in_future"),
                ("/ended_at", "in_future"),
                ("/channel", "not_allowed"),
            },
        ),
    ],
)
def test_impossible_moments_are_refused_each_by_name(given, expected):
    data = BASE | given
    found = told(data, load_interaction)
    assert set(found) == expected
    assert len(found) == len(set(found))
    assert told(data, load_by_schema) == found


@pytest.mark.parametrize(
    "given",
    [
        {"turns": turns("2026-06-01T09:55:00Z", START), "status": changes("2026-06-01T09:55:00Z")},
        {"ended_at": soon(4), "updated_at": soon(4), "status": changes(soon(4))},
        {"started_at": soon(4), "turns": turns(soon(4))},
        # A ticket is opened again long after it ended.
        {"ended_at": "2026-06-01T11:00:00Z", "status": changes("2026-11-01T11:00:00Z")},
        {"updated_at": "2026-06-01T09:56:00Z"},
    ],
)
def test_clocks_may_differ_by_five_minutes(given):
    data = BASE | given
    assert convert_valid(copy.deepcopy(data)) == load_by_schema(data)


@pytest.mark.parametrize("kind", ["csat", "resolved"])
def test_events_of_the_future_are_refused(kind):
    value = 4 if kind == "csat" else True
    assert told({"at": FUTURE, "kind": kind, "value": value}, load_events) == [("/at", "in_future")]
    many = {"events": [{"at": at, "kind": kind, "value": value} for at in (START, FUTURE, soon(4), soon(6))]}
    assert told(many, load_events) == [("/events/1/at", "in_future"), ("/events/3/at", "in_future")]


def test_vcon_moments_of_the_future_are_left_out_and_named():
    dialogs = copy.deepcopy(WRITTEN["dialog"])
    dialogs[1]["start"] = FUTURE
    document = vcon(dialog=dialogs, updated_at=FUTURE)
    assert codes(document) == {("/dialog/1/start", "in_future"), ("/updated_at", "in_future")}
    (only,) = read_vcon(document).interactions
    assert "at" not in only["turns"][1]
    assert load_interaction(only)["started_at"] == datetime(2026, 1, 5, 9, tzinfo=UTC)


def test_a_vcon_call_that_lasts_into_the_future_has_no_end():
    start = datetime.now(UTC) - timedelta(minutes=1)
    document = vcon_with_transcript(
        [{"speaker": "agent", "text": "Hello", "start": 0.0}, {"speaker": "agent", "text": "?", "start": 9e5}]
    )
    document["dialog"][0] |= {"start": start.isoformat(), "duration": 1_000_000}
    assert {("/dialog/0/duration", "in_future"), ("/analysis/0/body", "in_future")} <= codes(document)
    (only,) = read_vcon(document).interactions
    assert load_interaction(only)["ended_at"] <= datetime.now(UTC)


def test_a_vcon_turn_before_its_dialog_is_left_without_a_moment_and_named():
    document = vcon_with_transcript(
        [
            {"speaker": "agent", "text": "Hello", "start": "2025-01-05T09:00:00Z"},
            {"speaker": "agent", "text": "There", "start": "2026-01-05T09:00:20Z"},
        ]
    )
    assert ("/analysis/0/body", "before_start") in codes(document)
    (only,) = read_vcon(document).interactions
    loaded = load_interaction(only)
    assert loaded["started_at"] == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert [turn.get("at") for turn in loaded["turns"]] == [None, datetime(2026, 1, 5, 9, 0, 20, tzinfo=UTC)]


def test_vcon_dialogs_a_year_apart_are_named():
    dialogs = copy.deepcopy(WRITTEN["dialog"])
    dialogs[0]["start"] = "2025-01-05T09:00:00Z"
    assert ("/dialog", "far_apart") in codes(vcon(dialog=dialogs))
    assert ("/dialog", "far_apart") not in codes(vcon())


@pytest.mark.parametrize(
    ("given", "expected", "deviations"),
    [
        ({"updated_at": "2026-02-01T00:00:00Z"}, datetime(2026, 2, 1, tzinfo=UTC), set()),
        ({}, datetime(2026, 1, 5, 9, tzinfo=UTC), set()),
        ({"created_at": "2025-01-05T09:00:00Z"}, None, set()),
        (
            {"updated_at": "2020-02-01T00:00:00Z"},
            datetime(2026, 1, 5, 9, tzinfo=UTC),
            {("/updated_at", "before_start")},
        ),
    ],
)
def test_a_vcon_says_which_version_it_is(given, expected, deviations):
    document = vcon(**given)
    assert codes(document) == deviations
    (found,) = read_documents("vcon", numbered_documents(json.dumps(document).encode()))
    assert found.interactions[0]["updated_at"] == expected
