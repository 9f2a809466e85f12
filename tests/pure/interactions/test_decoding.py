"""The fast msgspec decoder and the declared marshmallow schema accept and reject the same interactions."""

import copy

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qm.interactions.decoding import convert_valid, load_by_schema, load_interaction
from scorecards.definitions.conversation import CHANNELS, PRIORITIES, SPEAKERS, STATUSES
from tenants.http.faults import Invalid

words = st.text(max_size=20)
names = st.one_of(st.none(), st.text(min_size=1, max_size=10), st.sampled_from([" ", "ü", "x" * 200]))
times = st.builds(
    "2026-01-{:02d}T{:02d}:00:00{}".format,
    st.integers(1, 28),
    st.integers(0, 23),
    st.sampled_from(["Z", "+00:00", "+02:00", "-11:30", ".25Z", ".1234567+01:00"]),
)
odd_times = st.one_of(times, st.sampled_from(["1969-12-31T23:59:59Z", "2026-01-01", "2200-01-01T00:00:00Z"]))
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    words,
    st.sampled_from(["\ud800", "\x00", "\\u0000"]),
)
anything = st.recursive(
    scalars,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(words, below, max_size=3),
    max_leaves=6,
)


def object_of(required, optional):
    return st.fixed_dictionaries(required, optional=optional)


odd_agents = st.sampled_from([" ", "several agents", "Several Agents ", "several agents 2"])
turns = object_of(
    {"speaker": st.sampled_from(SPEAKERS), "text": words},
    {"at": st.none() | times, "agent": names | odd_agents},
)
interactions = object_of(
    {
        "external_id": st.text(min_size=1, max_size=10),
        "channel": st.sampled_from(CHANNELS),
        "started_at": st.just("2026-01-01T00:00:00Z"),
        "turns": st.lists(turns, min_size=1, max_size=4).map(
            lambda said: sorted(said, key=lambda turn: turn.get("at") or "")
        ),
    },
    {
        "language": st.sampled_from(["en", "pt-BR", None]),
        "ended_at": st.none() | times,
        "agent": st.none()
        | object_of({"external_id": st.just("a-7") | odd_agents}, {"name": names, "site": names}),
        "customer": st.none() | object_of({}, {"external_id": names, "segment": names}),
        "program": names,
        "priority": st.none() | st.sampled_from(PRIORITIES),
        "status": st.none()
        | st.lists(object_of({"at": times, "to": st.sampled_from(STATUSES)}, {}), max_size=2),
        "outcome": st.none()
        | object_of({}, {"csat": st.integers(1, 5), "resolved": st.none() | st.booleans()}),
        "handling": st.none() | object_of({}, {"handle_seconds": st.floats(0, 1000) | st.integers(0, 1000)}),
        "tags": st.none() | st.lists(st.text(min_size=1, max_size=5), max_size=3),
        "custom": st.none() | st.dictionaries(words, anything, max_size=2),
        "redact": st.none() | st.lists(st.text(min_size=2, max_size=5), max_size=2),
    },
)


def places(value, path=()):
    if isinstance(value, dict):
        for key, below in value.items():
            yield (*path, key)
            yield from places(below, (*path, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield (*path, index)
            yield from places(below, (*path, index))


@st.composite
def mutated(draw):
    data = copy.deepcopy(draw(interactions))
    for _ in range(draw(st.integers(1, 2))):
        path = draw(st.sampled_from(list(places(data)) or [("turns",)]))
        holder = data
        for key in path[:-1]:
            holder = holder[key]
        what = draw(st.sampled_from(["drop", "replace", "time", "add"]))
        if what == "drop":
            del holder[path[-1]]
        elif what == "add" and isinstance(holder, dict):
            holder[draw(words)] = draw(anything)
        else:
            holder[path[-1]] = draw(odd_times if what == "time" else anything)
    return data


def typed(value):
    """Tell 1 from 1.0 and from True, and one time zone from another; the order of keys says nothing."""
    if isinstance(value, dict):
        return {key: typed(below) for key, below in value.items()}
    if isinstance(value, list):
        return [typed(below) for below in value]
    return repr(value)


def outcome(load, data):
    try:
        return typed(load(copy.deepcopy(data)))
    except Invalid as refused:
        return sorted((fault.pointer, fault.code, fault.detail) for fault in refused.faults)


def assert_same_outcome(data):
    assert outcome(load_interaction, data) == outcome(load_by_schema, data)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(interactions)
def test_fast_and_marshmallow_decoding_agree_on_valid_interactions(data):
    assert_same_outcome(data)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_fast_and_marshmallow_decoding_agree_on_mutated_interactions(data):
    assert_same_outcome(data)


def test_fast_decoder_accepts_a_full_interaction():
    data = {
        "external_id": "T-1001",
        "channel": "chat",
        "language": "en",
        "started_at": "2026-01-05T09:00:00Z",
        "ended_at": "2026-01-05T10:00:00+01:00",
        "agent": {"external_id": "a-7", "name": "Kim", "team": "blue", "site": "Porto"},
        "customer": {"external_id": "c-9", "segment": "gold"},
        "program": "billing",
        "queue": "q",
        "priority": "high",
        "intent": "late_delivery",
        "turns": [{"at": "2026-01-05T09:00:00Z", "speaker": "customer", "agent": None, "text": "Grüße"}],
        "status": [{"at": "2026-01-05T09:00:00Z", "to": "open"}],
        "outcome": {"csat": 4, "nps": 9, "resolved": True, "first_contact": True, "churned": False},
        "handling": {"handle_seconds": 310, "concurrency": 3},
        "tags": ["vip"],
        "custom": {"shop": {"country": "DE"}},
        "redact": ["Olivia Flores"],
    }
    assert convert_valid(data) == load_by_schema(data)


def test_loading_does_not_mutate_the_input():
    data = {
        "external_id": "T-1",
        "channel": "chat",
        "started_at": "2026-01-05T09:00:00Z",
        "agent": {"external_id": "a", "name": None},
        "turns": [{"at": None, "speaker": "agent", "text": "Hi"}],
    }
    before = copy.deepcopy(data)
    load_interaction(data)
    assert data == before
