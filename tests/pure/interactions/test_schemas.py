"""Validation of interactions and events: every fault has a pointer and a code."""

import copy
from datetime import UTC, datetime

import pytest

from qm.interactions.decoding import convert_valid, load_events, load_interaction
from qm.interactions.fields import MAX_CUSTOM_BYTES
from qm.interactions.schemas import MAX_INTERACTION_BYTES
from tenants.http.faults import Invalid
from tenants.http.validation_messages import SchemaMessage, faults_from_messages

SMALLEST = {
    "external_id": "T-1",
    "channel": "chat",
    "started_at": "2026-01-05T09:00:00Z",
    "turns": [{"speaker": "customer", "text": "Hello"}],
}


def interaction(**given):
    return copy.deepcopy(SMALLEST) | given


def turn(minute=None, speaker="customer", text="Hello"):
    said = {"speaker": speaker, "text": text}
    return said if minute is None else said | {"at": f"2026-01-05T09:{minute:02d}:00Z"}


def faults(data, load=load_interaction):
    with pytest.raises(Invalid) as caught:
        load(data)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


def test_the_smallest_interaction_gets_a_value_for_every_key():
    loaded = load_interaction(SMALLEST)
    assert loaded == {
        "external_id": "T-1",
        "channel": "chat",
        "started_at": datetime(2026, 1, 5, 9, tzinfo=UTC),
        "turns": [{"speaker": "customer", "text": "Hello"}],
        "language": None,
        "ended_at": None,
        "updated_at": None,
        "agent": None,
        "customer": None,
        "program": None,
        "queue": None,
        "priority": "normal",
        "intent": None,
        "status": [],
        "outcome": {},
        "handling": {},
        "tags": [],
        "custom": {},
        "redact": [],
    }


def test_times_with_an_offset_become_utc():
    loaded = load_interaction(interaction(started_at="2026-01-05T11:00:00+02:00"))
    assert loaded["started_at"] == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert loaded["started_at"].tzinfo is UTC


def test_null_fields_are_treated_as_missing():
    loaded = load_interaction(
        interaction(
            priority=None,
            agent={"external_id": "a", "team": None},
            outcome={"csat": None},
            turns=[{"at": None, "agent": None, "speaker": "agent", "text": ""}],
        )
    )
    assert loaded["priority"] == "normal"
    assert loaded["agent"] == {"external_id": "a"}
    assert loaded["outcome"] == {}
    assert loaded["turns"] == [{"speaker": "agent", "text": ""}]


def test_every_fault_is_named_at_once():
    found = faults(
        {
            "channel": "fax",
            "started_at": "yesterday",
            "surprise": 1,
            "turns": [{"speaker": "parrot", "text": 7}, "x"],
        }
    )
    assert set(found) == {
        ("/external_id", "required"),
        ("/channel", "not_allowed"),
        ("/started_at", "not_a_time"),
        ("/surprise", "unknown_field"),
        ("/turns/0/speaker", "not_allowed"),
        ("/turns/0/text", "wrong_type"),
        ("/turns/1", "wrong_type"),
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"external_id": "x" * 201}, ("/external_id", "wrong_length")),
        ({"external_id": ""}, ("/external_id", "wrong_length")),
        ({"external_id": " \t"}, ("/external_id", "blank")),
        ({"agent": {"external_id": "several agents"}}, ("/agent/external_id", "reserved")),
        ({"agent": {"external_id": " Several  Agents"}}, ("/agent/external_id", "reserved")),
        ({"turns": [{"speaker": "agent", "text": "Hi", "agent": " "}]}, ("/turns/0/agent", "blank")),
        ({"turns": [{"speaker": "agent", "text": "Hi", "agent": "\u2003\t"}]}, ("/turns/0/agent", "blank")),
        (
            {"turns": [{"speaker": "agent", "text": "Hi", "agent": "several agents"}]},
            ("/turns/0/agent", "reserved"),
        ),
        ({"external_id": 7}, ("/external_id", "wrong_type")),
        ({"external_id": "a\x00b"}, ("/external_id", "unclean_text")),
        ({"external_id": "a\ud800b"}, ("/external_id", "unclean_text")),
        ({"language": "english please"}, ("/language", "wrong_format")),
        ({"language": "en\n"}, ("/language", "wrong_format")),
        ({"started_at": "2026-01-05T09:00:00"}, ("/started_at", "not_a_time")),
        ({"started_at": 1767603600}, ("/started_at", "not_a_time")),
        ({"started_at": "0001-01-01T00:00:00+14:00"}, ("/started_at", "out_of_range")),
        ({"started_at": "2026-01-05T24:00:00\ud800"}, ("/started_at", "not_a_time")),
        ({"ended_at": "2026-01-05T08:59:59Z"}, ("/ended_at", "out_of_order")),
        ({"agent": {"name": "Kim"}}, ("/agent/external_id", "required")),
        ({"agent": {"external_id": "a", "nick": "K"}}, ("/agent/nick", "unknown_field")),
        ({"agent": "a-7"}, ("/agent", "wrong_type")),
        ({"priority": "asap"}, ("/priority", "not_allowed")),
        ({"turns": []}, ("/turns", "too_few")),
        ({"turns": {}}, ("/turns", "wrong_type")),
        ({"turns": None}, ("/turns", "null")),
        ({"turns": [turn(5), turn(), turn(4)]}, ("/turns/2/at", "out_of_order")),
        ({"turns": [turn(5), turn(5)]}, ("/turns/1", "duplicate")),
        ({"turns": [turn(4), turn(5), turn(5)]}, ("/turns/2", "duplicate")),
        ({"turns": [{"speaker": "agent", "text": "a\x00"}]}, ("/turns/0/text", "unclean_text")),
        ({"turns": [{"speaker": "agent", "text": "\udfff"}]}, ("/turns/0/text", "unclean_text")),
        ({"turns": [turn()] * 2001}, ("/turns", "too_many")),
        ({"turns": ["wrong"] * 100_000}, ("/turns", "too_many")),
        ({"status": [{"at": "2026-01-05T09:00:00Z", "to": "lost"}]}, ("/status/0/to", "not_allowed")),
        (
            {
                "status": [
                    {"at": "2026-01-05T09:01:00Z", "to": "open"},
                    {"at": "2026-01-05T09:00:00Z", "to": "closed"},
                ]
            },
            ("/status/1/at", "out_of_order"),
        ),
        ({"outcome": {"csat": 6}}, ("/outcome/csat", "out_of_range")),
        ({"outcome": {"csat": "4"}}, ("/outcome/csat", "wrong_type")),
        ({"outcome": {"csat": True}}, ("/outcome/csat", "wrong_type")),
        ({"outcome": {"nps": 9.5}}, ("/outcome/nps", "wrong_type")),
        ({"outcome": {"resolved": 1}}, ("/outcome/resolved", "wrong_type")),
        ({"outcome": {"resolved": "true"}}, ("/outcome/resolved", "wrong_type")),
        ({"handling": {"handle_seconds": -1}}, ("/handling/handle_seconds", "out_of_range")),
        ({"handling": {"handle_seconds": float("nan")}}, ("/handling/handle_seconds", "wrong_type")),
        ({"handling": {"handle_seconds": "310"}}, ("/handling/handle_seconds", "wrong_type")),
        ({"handling": {"concurrency": 10**400}}, ("/handling/concurrency", "out_of_range")),
        ({"tags": ["t"] * 51}, ("/tags", "too_long")),
        ({"tags": [1]}, ("/tags/0", "wrong_type")),
        ({"redact": ["x"]}, ("/redact/0", "wrong_length")),
        ({"custom": []}, ("/custom", "wrong_type")),
        ({"custom": {"a": "x" * MAX_CUSTOM_BYTES}}, ("/custom", "too_large")),
        ({"custom": {"a/b~": {"c": ["\x00"]}}}, ("/custom/a~1b~0/c/0", "unclean_text")),
        ({"custom": {"a": 2**63}}, ("/custom/a", "out_of_range")),
        ({"custom": {"a": float("inf")}}, ("/custom/a", "out_of_range")),
        ({"custom": {"k" * 201: 1}}, ("/custom/" + "k" * 201, "too_long")),
        ({"custom": {"a": [[[[[[1]]]]]]}}, ("/custom/a/0/0/0/0/0/0", "too_deep")),
    ],
)
def test_single_invalid_field_gives_one_fault_with_pointer_and_code(given, expected):
    assert faults(interaction(**given)) == [expected]


def test_extremely_deep_custom_nesting_is_rejected():
    bottom = {}
    deep = bottom
    for _ in range(50_000):
        deep["a"] = {}
        deep = deep["a"]
    assert ("", "too_large") in faults(interaction(custom=bottom))


def test_more_than_a_mebibyte_is_refused():
    heavy = [turn(text="x" * 600) for _ in range(1999)]
    assert faults(interaction(turns=heavy)) == [("", "too_large")]


def test_just_under_a_mebibyte_is_accepted():
    training_fixture = MAX_INTERACTION_BYTES - 500
    assert load_interaction(interaction(turns=[turn(text="x" * training_fixture)]))


def test_identical_turns_without_timestamps_are_not_duplicates():
    assert len(load_interaction(interaction(turns=[turn(), turn()]))["turns"]) == 2


@pytest.mark.parametrize(
    "turns",
    [
        [turn(5), turn(5, "agent"), turn(5)],
        [turn(5), turn(), turn(5)],
        [turn(5, "agent") | {"agent": "a-1"}, turn(5, "agent") | {"agent": "a-2"}],
    ],
)
def test_the_same_words_at_another_place_are_another_turn(turns):
    assert len(load_interaction(interaction(turns=turns))["turns"]) == len(turns)
    assert convert_valid(interaction(turns=turns)) is not None


def test_fault_pointer_of_unencodable_field_name_is_sanitised():
    assert faults(interaction(**{"a\ud800": 1})) == [("/a?", "unknown_field")]


def test_a_field_called_like_marshmallows_own_key_is_an_unknown_field():
    assert faults(interaction(_schema=1)) == [("/_schema", "unknown_field")]


@pytest.mark.parametrize("data", [None, [], "x", 7, True])
def test_interaction_that_is_not_an_object_is_rejected(data):
    assert ("", "wrong_type") in faults(data)


def test_messages_become_faults_with_pointer_code_and_sentence():
    messages = {
        "a": ["Missing data for required field."],
        "b": {3: {"c": [SchemaMessage("odd", "This is odd.")]}},
        "_schema": ["Anything."],
    }
    found = faults_from_messages(messages, "/x")
    assert [(fault.pointer, fault.code, fault.detail) for fault in found] == [
        ("/x/a", "required", "This field is required."),
        ("/x/b/3/c", "odd", "This is odd."),
        ("/x", "invalid", "Anything."),
    ]


def event(kind, value, **given):
    return {"at": "2026-01-06T10:00:00Z", "kind": kind, "value": value} | given


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("status", "closed"),
        ("csat", 1),
        ("nps", 0),
        ("resolved", False),
        ("reopened", True),
        ("churned", True),
        ("repurchased", False),
        ("refunded", True),
        ("discretion_used", {"key": "goodwill", "amount": 12.5, "currency": "USD"}),
        ("discretion_used", {"key": "expedite"}),
    ],
)
def test_an_event_carries_the_value_of_its_kind(kind, value):
    assert load_events(event(kind, value)) == [
        {"at": datetime(2026, 1, 6, 10, tzinfo=UTC), "kind": kind, "value": value}
    ]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("status", "lost", ("/value", "not_allowed")),
        ("csat", 0, ("/value", "out_of_range")),
        ("csat", "4", ("/value", "wrong_type")),
        ("nps", 11, ("/value", "out_of_range")),
        ("resolved", 1, ("/value", "wrong_type")),
        ("refunded", None, ("/value", "null")),
        ("discretion_used", {"key": "g", "amount": 5}, ("/value/currency", "required")),
        ("discretion_used", {"key": "g", "amount": -5, "currency": "USD"}, ("/value/amount", "out_of_range")),
        (
            "discretion_used",
            {"key": "g", "amount": 5, "currency": "usd"},
            ("/value/currency", "wrong_format"),
        ),
        ("discretion_used", "goodwill", ("/value", "wrong_type")),
        ("applause", True, ("/kind", "not_allowed")),
    ],
)
def test_an_event_with_a_wrong_value_is_refused(kind, value, expected):
    assert faults(event(kind, value), load_events) == [expected]


def test_several_events_are_loaded_in_the_order_sent():
    loaded = load_events({"events": [event("csat", 3), event("nps", 3)]})
    assert [each["kind"] for each in loaded] == ["csat", "nps"]


def test_faults_of_several_events_name_their_index():
    assert faults({"events": [event("csat", 3), event("csat", 9)]}, load_events) == [
        ("/events/1/value", "out_of_range")
    ]


@pytest.mark.parametrize(("count", "code"), [(0, "wrong_length"), (101, "too_many")])
def test_the_number_of_events_is_bounded(count, code):
    assert faults({"events": [event("csat", 3)] * count}, load_events) == [("/events", code)]
