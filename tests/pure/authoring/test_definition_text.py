"""One definition as text: written so that it is read as the same, and read with every fault at its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.authoring import template_library
from scorecards.authoring.definition_text import read_text, write_text
from scorecards.authoring.form_schemas import ScorecardSchema

STORABLE = st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\x00")
WORDS = st.text(STORABLE, min_size=1, max_size=60).filter(str.strip)
TRICKY = st.sampled_from(
    [
        *("yes", "no", "null", "~", "1e3", "0x10", "12:30"),
        *("- a", "# b", "a: b", "'", '"', "{x}", "*a", "&a"),
    ]
)
QUESTION = "sections:\n  - key: a\n    questions:\n      - {key: q, text: T?, kind: yes_no"


@pytest.mark.parametrize("name", list(template_library.scorecards()))
def test_a_ready_made_scorecard_is_read_as_it_was_written(name):
    body = ScorecardSchema().load({"key": "own", "template": name})

    reading = read_text("scorecard", write_text("scorecard", body), key="own")

    assert (reading.body, reading.faults) == (body, [])


@given(phrases=st.lists(WORDS | TRICKY, max_size=4), level=st.floats(1, 20), required=st.booleans())
def test_any_text_that_may_be_stored_is_read_as_it_was_written(phrases, level, required):
    body = {"greeting": {"required": required, "phrases": phrases}, "reading_level": level}

    assert read_text("brand_voice", write_text("brand_voice", body)).given == body


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("name: Own\nsections:\n\t- key: a\n", 3, "malformed"),
        ("name: Own\npass_mark: 70\nname: Twice\n", 3, "duplicate_key"),
        ("name: &a Own\nsections: !!python/object:os.system []\n", 2, "tag"),
        ("sections: *nothing\n", 1, "unknown_alias"),
        ("sections:\n  - key: a\n    wieght: 3\n", 3, "unknown_field"),
        (f"{QUESTION}, weight: heavy}}\n", 4, "wrong_type"),
        (f"{QUESTION},\n         auto: nonsense}}\n", 5, "unknown_judgement"),
        ("[" * 50, 1, "too_deep"),
        ("name: " + "a" * (1 << 20), None, "too_large"),
        ("", None, "empty"),
        ("key: other\nsections: []\n", 1, "other_key"),
    ],
)
def test_bad_text_is_refused_with_its_line(text, line, code):
    reading = read_text("scorecard", text, key="own")

    assert (line, code) in {(each.line, each.code) for each in reading.faults}
    assert "(line" not in reading.faults[0].detail


def test_aliases_cannot_blow_a_text_up():
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )

    assert [each.code for each in read_text("scorecard", bomb, key="own").faults] == ["too_many_parts"]


def test_a_text_with_semantic_faults_may_be_kept_and_one_that_the_schema_refuses_may_not():
    unfinished = "sections:\n  - key: a\n    questions: []\n"
    misspelled = "sectoins: []\n"

    assert read_text("scorecard", unfinished, key="own").body is not None
    assert read_text("scorecard", unfinished, key="own").faults
    assert read_text("scorecard", misspelled, key="own").body is None
