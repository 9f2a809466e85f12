"""Scorecards on pages: shown, changed by form and as YAML, compared, published, retired."""

import html
import re

import pytest

from scorecards.authoring import version_queries, versions

PAGE = "/clients/northwind/scorecards"
QUESTIONS = [
    {
        "key": "hears",
        "text": "Did the agent hear the customer out?",
        "kind": "yes_no",
        "weight": 3,
        "na_allowed": True,
        "critical": {"rule": "fail_form", "area": "compliance"},
        "help": "Letting them finish.",
    },
    {
        "key": "calms",
        "text": "Did it calm them?",
        "kind": "yes_no",
        "show_when": {"question": "hears", "options": ["yes"], "channels": ["voice"]},
    },
]
CARE = {
    "key": "care",
    "name": "Care",
    "pass_mark": 70,
    "sections": [{"key": "listen", "name": "Listen", "questions": QUESTIONS}],
}


def publish(provider, body=CARE, slug="northwind"):
    with provider.session() as session:
        client = provider.clients[slug]
        versions.put_in_force(session, client, kind="scorecard", key=body["key"], body=body)


def newest(provider, key="care"):
    with provider.session() as session:
        client_id = provider.clients["northwind"].client_id
        found = version_queries.newest_version(session, client_id=client_id, kind="scorecard", key=key)
        session.expunge(found)
        return found


def hidden(answer, name):
    return html.unescape(re.search(rf'name="{name}" value="([^"]*)"', answer.text).group(1))


@pytest.fixture
def manager(visitor, provider):
    publish(provider)
    return visitor("qm_manager")


def shown_form(manager):
    """Return the fields of the form as a browser would send them."""
    page = manager.get(f"{PAGE}/care/edit")
    names = re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"', page.text)
    fields = {"opened": hidden(page, "opened")}
    for name in names:
        area = re.search(rf'<textarea[^>]* name="{re.escape(name)}"[^>]*>([^<]*)</textarea>', page.text)
        value = re.search(rf'<input[^>]* name="{re.escape(name)}" value="([^"]*)"', page.text)
        if area or value:
            fields[name] = html.unescape((area or value).group(1))
    fields.pop("csrf_token")
    fields.pop("question/listen/calms/na_allowed", "")  # a browser sends no box that is not ticked
    hears = "question/listen/hears"
    return fields | {f"{hears}/critical": "fail_form", f"{hears}/area": "compliance"}


def test_a_scorecard_is_shown_with_shares_conditions_and_critical_rules_in_words(manager):
    page = manager.get(f"{PAGE}/care").text
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))

    assert "weight 3 · 75.0 % of the total" in said
    assert "Fails the whole form on No (compliance)" in said
    assert "Asked only when “Did the agent hear the customer out?” is answered Yes, and on voice." in said
    assert "70 of 100 points" in said


def test_a_form_saved_as_it_was_changes_nothing(manager, provider):
    answer = manager.post(f"{PAGE}/care/edit", shown_form(manager))

    assert answer.status_code == 303
    assert newest(provider).body == CARE


def test_a_wording_becomes_a_draft_is_compared_and_published(manager, provider):
    typed = shown_form(manager) | {"question/listen/hears/text": "Did the agent listen?"}
    saved = manager.post(f"{PAGE}/care/edit", typed)
    assert (saved.status_code, newest(provider).state) == (303, "draft")

    changes = manager.get(saved.headers["Location"])
    assert "<del>Did the agent hear the customer out?</del>" in changes.text
    assert "<ins>Did the agent listen?</ins>" in changes.text
    opened = {"opened": hidden(changes, "opened")}
    assert manager.post(f"{PAGE}/care/publish", opened).status_code == 422
    done = manager.post(f"{PAGE}/care/publish", opened | {"confirmed": "on"})

    assert done.status_code == 303
    assert (newest(provider).state, newest(provider).version) == ("published", 2)
    old = manager.get(f"{PAGE}/care?version=1").text
    assert "Did the agent hear the customer out?" in old
    assert "The newest is version 2." in old


def test_what_somebody_else_saved_meanwhile_is_not_overwritten_and_what_was_typed_is_kept(
    manager, visitor, provider
):
    mine = shown_form(manager) | {"question/listen/hears/text": "Mine?"}
    theirs = shown_form(manager) | {"question/listen/hears/text": "Theirs?"}
    assert visitor("admin").post(f"{PAGE}/care/edit", theirs).status_code == 303

    refused = manager.post(f"{PAGE}/care/edit", mine)

    assert refused.status_code == 422
    assert "Somebody else has saved it meanwhile" in refused.text
    assert "Mine?</textarea>" in refused.text
    assert newest(provider).body["sections"][0]["questions"][0]["text"] == "Theirs?"
    again = manager.post(f"{PAGE}/care/edit", mine | {"opened": hidden(refused, "opened")})
    assert again.status_code == 303
    assert newest(provider).body["sections"][0]["questions"][0]["text"] == "Mine?"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("question/listen/hears/weight", "heavy"),
        ("question/listen/hears/text", " "),
        ("option/listen/hears/no/value", "7"),
        ("pass_mark", "many"),
    ],
)
def test_what_the_schema_refuses_is_told_at_its_field_and_kept(manager, provider, field, typed):
    refused = manager.post(f"{PAGE}/care/edit", shown_form(manager) | {field: typed})

    assert refused.status_code == 422
    assert 'class="fault"' in refused.text
    assert typed in refused.text
    assert newest(provider).version == 1


def test_parts_are_added_moved_and_taken_away_by_buttons(manager, provider):
    """A draft at every step, what was typed elsewhere kept, and the API's faults at their places."""

    def press(deed, **typed):
        typed = {name.replace("__", "/"): value for name, value in typed.items()}
        return manager.post(f"{PAGE}/care/edit", shown_form(manager) | typed | {"deed": deed})

    def outline():
        sections = newest(provider).body["sections"]
        return [(each["key"], [one["key"] for one in each["questions"]]) for each in sections]

    added = press("add_section", new__section__name="After care", name="Care 2")
    assert (added.status_code, added.headers["Location"]) == (303, f"{PAGE}/care/edit#after_care")
    assert (newest(provider).state, newest(provider).body["name"]) == ("draft", "Care 2")
    assert "Section &#39;after_care&#39; asks nothing." in manager.get(f"{PAGE}/care/edit").text

    refused = press("add_question/after_care", new__question__listen__text="Kept?")
    assert refused.status_code == 422
    assert "Kept?</textarea>" in refused.text
    assert outline() == [("listen", ["hears", "calms"]), ("after_care", [])]

    asked = {"new__question__after_care__text": "Called back?", "new__question__after_care__kind": "single"}
    assert press("add_question/after_care", **asked).status_code == 303
    assert "needs options to choose from" in manager.get(f"{PAGE}/care/edit").text
    place = "after_care/called_back"
    for label, value in (("Twice", "1"), ("Never", "0")):
        sent = {f"new/answer/{place}/label": label, f"new/answer/{place}/value": value}
        assert press(f"add_answer/{place}", **sent).status_code == 303
    assert press("down/listen/calms").headers["Location"].endswith("#after_care/calms")
    assert press("up/after_care").status_code == 303
    assert outline() == [("after_care", ["calms", "called_back"]), ("listen", ["hears"])]
    early = manager.get(f"{PAGE}/care/edit").text
    assert "&#39;hears&#39; is asked later" in early  # the condition of what was moved before it
    assert press("remove/after_care/calms").status_code == 303
    assert outline() == [("after_care", ["called_back"]), ("listen", ["hears"])]
    assert "Called back?" in manager.get(f"{PAGE}/care").text
    assert press("remove/nothing").status_code == 422


def test_a_new_question_is_not_lost_when_the_draft_is_saved(manager, provider):
    typed = {"new/question/listen/text": "And then?", "new/question/listen/kind": "yes_no"}
    assert manager.post(f"{PAGE}/care/edit", shown_form(manager) | typed).status_code == 303

    assert newest(provider).body["sections"][0]["questions"][-1]["text"] == "And then?"


def test_yaml_is_saved_with_semantic_faults_and_not_published(manager, provider):
    page = manager.get(f"{PAGE}/care/text")
    text = "name: Care\npass_mark: 700\nsections:\n  - {key: listen, questions: []}\n"
    saved = manager.post(f"{PAGE}/care/text", {"opened": hidden(page, "opened"), "text": text})

    assert saved.status_code == 303
    assert newest(provider).body["pass_mark"] == 700
    changes = manager.get(f"{PAGE}/care/changes")
    assert "Nobody can reach 700 of 100 points." in changes.text
    assert "Publish version" not in changes.text
    form = {"opened": hidden(manager.get(f"{PAGE}/care/text"), "opened"), "confirmed": "on"}
    assert manager.post(f"{PAGE}/care/publish", form).status_code == 422


@pytest.mark.parametrize(
    "text",
    [
        "sections:\n\t- tab\n",
        "name: a\nname: b\n",
        "name: *a\n",
        "name: &a [*a]\n",
        "[" * 100,
        "x" * (1 << 20),
        "",
        "- a list\n",
        "name: \x00\n",
        "null\n",
        "sections: [null, 3, {questions: [1, {text: [x]}]}]\n",
        "sections: {a: b}\n",
        "sections: 3\n",
        "sections: null\nname: 7\n",
        "sections: [{questions: 3}, {questions: {a: b}}, {questions: null, key: [1]}]\n",
        "sections: text\n",
    ],
)
def test_bad_yaml_is_refused_and_kept_while_typed_and_when_saved(manager, provider, text):
    opened = hidden(manager.get(f"{PAGE}/care/text"), "opened")

    checked = manager.post(f"{PAGE}/care/check", {"text": text})
    saved = manager.post(f"{PAGE}/care/text", {"opened": opened, "text": text})

    assert (checked.status_code, saved.status_code) == (200, 422)
    assert "fault" in checked.text
    assert text.replace("&", "&amp;")[:40].replace("\x00", "") in saved.text.replace("\x00", "")
    assert newest(provider).version == 1


def test_a_fault_is_told_at_its_line_and_at_its_question(manager):
    text = (
        "sections:\n  - key: listen\n    questions:\n"
        "      - {key: hears, text: Heard?, kind: yes_no, auto: nonsense}\n"
    )
    checked = manager.post(f"{PAGE}/care/check", {"text": text}).text

    assert 'data-line="4"' in checked
    assert checked.index("Heard?") < checked.rindex('class="fault"')


def test_a_new_scorecard_from_a_template_and_one_from_nothing(manager, provider):
    made = manager.post(PAGE, {"name": "On the phone!", "template": "empathy", "key": ""})
    empty = manager.post(PAGE, {"name": "Own", "template": "", "key": "own"})
    taken = manager.post(PAGE, {"name": "Own", "template": "", "key": "own"})
    nameless = manager.post(PAGE, {"name": "", "template": "empathy", "key": ""})

    assert (made.status_code, empty.status_code) == (303, 303)
    assert made.headers["Location"] == f"{PAGE}/on_the_phone/edit"
    assert manager.get(f"{PAGE}/own").status_code == 200
    assert (taken.status_code, nameless.status_code) == (422, 422)
    assert "There is a scorecard" in taken.text


def test_what_if_tells_whether_anything_would_change(manager, provider):
    none = manager.get(f"{PAGE}/care/what-if").text
    assert "There is no draft" in none

    manager.post(f"{PAGE}/care/edit", shown_form(manager) | {"question/listen/hears/weight": "9"})
    page = manager.get(f"{PAGE}/care/what-if").text
    part = manager.get(f"{PAGE}/care/what-if", headers={"HX-Request": "true"}).text

    assert "there is nothing to compare" in page
    assert "<html" in page
    assert "<html" not in part


def test_a_retired_scorecard_stays_readable(manager, provider):
    assert manager.post(f"{PAGE}/care/retire", {}).status_code == 422
    assert manager.post(f"{PAGE}/care/retire", {"confirmed": "on"}).status_code == 303
    assert newest(provider).state == "retired"
    assert manager.get(f"{PAGE}/care").status_code == 200
    assert manager.post(f"{PAGE}/care/retire", {"confirmed": "on"}).status_code == 422


def test_a_day_that_is_none_is_refused_at_its_place(manager, provider):
    manager.post(f"{PAGE}/care/edit", shown_form(manager) | {"name": "Other"})
    opened = hidden(manager.get(f"{PAGE}/care/changes"), "opened")
    for typed in ("tomorrow", "2026-13-01T00:00", "9999-12-31T23:59", "0001-01-01T00:00"):
        form = {"opened": opened, "confirmed": "on", "effective_from": typed}
        refused = manager.post(f"{PAGE}/care/publish", form)
        assert refused.status_code == 422
        assert 'id="effective_from-fault-1"' in refused.text


def test_a_stakeholder_reads_and_cannot_change(visitor, provider):
    publish(provider)
    stakeholder = visitor("client_stakeholder", "northwind")

    assert stakeholder.get(f"{PAGE}/care").status_code == 200
    assert "Edit" not in re.sub(r"<(script|link)[^>]*>", "", stakeholder.get(f"{PAGE}/care").text)
    for method, path in (("get", "edit"), ("get", "text"), ("post", "edit"), ("post", "publish")):
        assert getattr(stakeholder, method)(f"{PAGE}/care/{path}").status_code == 403


@pytest.mark.parametrize("version", ["0", "99", "-1", "x", "99999999999999999999", "1.5"])
def test_a_version_that_is_none_is_not_found(manager, version):
    assert manager.get(f"{PAGE}/care?version={version}").status_code == 404


@pytest.mark.parametrize("key", ["none", "No Key", "..", "%00", "a" * 200])
def test_a_scorecard_that_is_none_is_not_found(manager, key):
    for path in ("", "/edit", "/text", "/changes", "/versions", "/what-if"):
        assert manager.get(f"{PAGE}/{key}{path}").status_code == 404
