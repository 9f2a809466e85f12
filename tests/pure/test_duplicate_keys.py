"""Keys given twice in JSON are found, whatever stands around them, and nothing else is."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.http.duplicate_keys import duplicate_key_faults
from tenants.http.faults import MAX_TOLD

TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(':"\\/~'), max_size=4)
LEAVES = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | TEXTS


class Pairs(list):
    """An object whose keys may be duplicates."""


def documents(keys):
    def nested(inner):
        return st.lists(inner, max_size=3) | st.lists(st.tuples(keys, inner), max_size=4).map(Pairs)

    return st.recursive(LEAVES, nested, max_leaves=12)


def written(value, *, escape):
    """Return JSON of a document, with duplicates, as text with or without escapes."""
    if isinstance(value, Pairs):
        inner = (f"{written(k, escape=escape)}: {written(v, escape=escape)}" for k, v in value)
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(written(each, escape=escape) for each in value) + "]"
    if isinstance(value, str) and escape:
        return '"' + "".join(f"\\u{ord(each):04x}" if ord(each) < 65536 else each for each in value) + '"'
    return json.dumps(value, ensure_ascii=False)


def places(value, pointer=""):
    if isinstance(value, Pairs):
        seen = set()
        for key, inner in value:
            below = pointer + "/" + key.replace("~", "~0").replace("/", "~1")
            if key in seen:
                yield below
            seen.add(key)
            yield from places(inner, below)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, f"{pointer}/{index}")


@given(documents(st.sampled_from("ab:~/") | TEXTS), st.booleans())
def test_exactly_the_duplicates_are_found(document, escape):
    text = written(document, escape=escape)

    found = [fault.pointer for fault in duplicate_key_faults(text, msgspec.json.decode(text))]

    assert sorted(found) == sorted(places(document))


@pytest.mark.parametrize(
    ("text", "pointers"),
    [
        ('{"a":1,"\\u0061":2}', ["/a"]),
        ('{"a":"\\u003a","a":2}', ["/a"]),
        ('{"a":"\\u003A","b":2}', []),
        ('{"":1,"":1}', ["/"]),
        ('{"a":[{"b":1,"b":{"c":1,"c":1}}]}', ["/a/0/b", "/a/0/b/c"]),
        ('{"a":1,"a":1,"a":1}', ["/a", "/a"]),
        ('{"a":1e5,"b":123456789012345678901234567890.5,"A":1}', []),
    ],
)
def test_places_of_duplicates(text, pointers):
    assert [fault.pointer for fault in duplicate_key_faults(text, msgspec.json.decode(text))] == pointers


def test_what_is_not_told_costs_no_pointer():
    text = "{" + ",".join(['"a":1'] * (MAX_TOLD + 50)) + "}"

    pointers = [fault.pointer for fault in duplicate_key_faults(text, msgspec.json.decode(text))]

    assert (len(pointers), set(pointers[:MAX_TOLD]), set(pointers[MAX_TOLD:])) == (
        MAX_TOLD + 49,
        {"/a"},
        {""},
    )
