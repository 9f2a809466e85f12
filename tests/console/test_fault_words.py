"""Faults of the API as pages tell them."""

import pytest

from qm.console.fault_words import plainly, without_echoes
from tenants.http.faults import Fault
from tests.console.test_sampling_page import words_of
from tests.console.test_scorecard_pages import PAGE, newest, publish, shown_form


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ("This field is required.", "This has to be given."),
        ("Length must be between 1 and 200.", "Write 1 to 200 characters."),
        ("Must be one of: automatic, human.", "Choose one of: automatic, human."),
        ("Not a valid integer.", "Expected a number."),
        (
            "It must come after version 2, which began 2020-01-01T00:00:00+00:00.",
            "It has to begin after version 2, which began on 1 Jan 2020, 00:00.",
        ),
        ("What nobody has other words for.", "What nobody has other words for."),
    ],
)
def test_a_fault_is_told_without_words_of_the_api(app, detail, told):
    with app.test_request_context("/"):
        assert plainly(detail) == told


def test_an_empty_field_has_one_fault():
    blank = Fault("/name", "wrong_type", "Expected more than blanks.")
    short = Fault("/name", "wrong_length", "Length must be between 1 and 200.")
    other = Fault("/slug", "wrong_length", "Length must be between 1 and 63.")

    assert without_echoes([short, blank, other]) == [blank, other]


def test_a_name_that_is_taken_is_told_at_its_field(visitor):
    admin = visitor("admin")

    client = admin.post("/clients/new", {"name": "Northwind", "slug": "northwind", "template": "nothing"})
    person = admin.post("/people/invite", {"email": admin.user.email, "name": "Somebody", "role": "reviewer"})

    assert (client.status_code, person.status_code) == (422, 422)
    assert 'id="slug-fault-1"' in client.text
    assert 'id="email-fault-1"' in person.text


def test_the_lines_of_a_text_name_the_field_that_is_wrong(visitor):
    editor = visitor("qm_manager")

    text = "rules:\n  - {kee: a, targets: {resolution: 2d}}\n  - {key: b, targets: {first_response: soon}}\n"
    page = words_of(editor.post("/clients/northwind/sla-policy/text", {"text": text, "opened": "new"}))

    assert "line 2 : key This has to be given." in page
    assert "line 2 : kee There is no field of this name." in page
    assert "line 3 : first_response 'soon' is no duration" in page


def test_a_scorecard_is_told_every_fault_at_once_each_at_its_place(visitor, provider):
    publish(provider)
    manager = visitor("qm_manager")
    listen = "section/listen/weight"
    yes = "option/listen/hears/yes/value"
    typed = shown_form(manager) | {"pass_mark": "many", listen: "-3", yes: "much"}

    page = manager.post(f"{PAGE}/care/edit", typed)

    assert page.status_code == 422
    for name in ("pass_mark", listen, yes):
        assert f'id="{name}-fault"' in page.text, name
    assert "3 things are marked below." in page.text
    assert newest(provider).state == "published"


def test_a_sampling_policy_is_refused_in_percent(visitor):
    typed = {"base_rate": "0", "rate-charged": "140", "rate-low_csat": "30", "quota": "none", "opened": "new"}

    page = visitor("qm_manager").post("/clients/northwind/sampling", typed)

    assert page.status_code == 422
    assert page.text.count("Expected a percentage above 0 and at most 100.") == 2
    assert "Give a limit, or empty the probability." in page.text
    assert "at most 1." not in page.text
