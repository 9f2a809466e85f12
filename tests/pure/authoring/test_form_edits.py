"""Changes by form."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from scorecards.authoring.form_edits import edited

QUESTION = {"key": "q", "text": "Was it kind?", "kind": "yes_no", "weight": 2, "na_allowed": True}
BODY = {"name": "Own", "sections": [{"key": "s", "weight": 3, "questions": [QUESTION]}]}
# The form of that body as it is shown.
SHOWN = {
    "name": "Own",
    "pass_mark": "",
    "section/s/name": "",
    "section/s/weight": "3",
    "question/s/q/text": "Was it kind?",
    "question/s/q/help": "",
    "question/s/q/weight": "2",
    "question/s/q/critical": "",
    "question/s/q/area": "customer",
    "question/s/q/na_allowed": "on",
    "option/s/q/yes/label": "",
    "option/s/q/yes/value": "",
    "option/s/q/no/label": "",
    "option/s/q/no/value": "",
}


def question(**typed):
    sent = SHOWN | {name.replace("__", "/"): value for name, value in typed.items()}
    return edited(BODY, sent)["sections"][0]["questions"][0]


def test_a_form_that_was_not_changed_changes_nothing_and_touches_nothing():
    before = copy.deepcopy(BODY)

    assert edited(BODY, SHOWN) == BODY == before


def test_wording_weight_and_line_ends():
    found = question(question__s__q__text=" Was it\r\nwarm? ", question__s__q__weight="2,5")

    assert (found["text"], found["weight"]) == ("Was it\nwarm?", 2.5)


def test_a_box_that_is_not_ticked_is_not_sent():
    typed = {name: value for name, value in SHOWN.items() if not name.endswith("na_allowed")}

    assert edited(BODY, typed)["sections"][0]["questions"][0]["na_allowed"] is False


def test_a_critical_rule_is_set_and_taken_away():
    critical = question(question__s__q__critical="fail_form", question__s__q__area="compliance")

    assert critical["critical"] == {"rule": "fail_form", "area": "compliance"}
    with_rule = {"sections": [{"key": "s", "questions": [critical]}]}
    assert "critical" not in edited(with_rule, SHOWN)["sections"][0]["questions"][0]


def test_the_answers_of_a_yes_no_question_get_a_group_when_they_are_changed():
    assert question(option__s__q__no__value="0.2")["options"] == [{"key": "no", "value": 0.2}]


def test_an_emptied_field_is_taken_away_and_no_number_is_left_for_the_schema_to_refuse():
    assert "weight" not in question(question__s__q__weight="")
    assert question(question__s__q__weight="heavy")["weight"] == "heavy"


@given(st.dictionaries(st.text(max_size=30), st.text(max_size=10), max_size=5))
def test_names_of_nothing_change_nothing(typed):
    assert edited(BODY, {f"elsewhere/{name}": value for name, value in typed.items()}) == BODY
