"""A manager changes a wording, a base rate and a gate in a real browser; every page is looked at by axe."""

from tenants.models import utc_now
from tests.api.reports.double_scoring import Pairs, judged, said
from tests.console.test_sampling_page import scored  # noqa: F401 - a fixture

CLIENT = "/clients/northwind"


def test_a_manager_changes_a_wording_and_publishes_it(window, provider):
    pairs = Pairs(provider)
    pairs.add(6, [said("hears", "yes")], [judged("hears", "no"), judged("tone", "warm")], at=utc_now())
    opened = window(provider.add_user("qm_manager"))
    page = opened.goto(f"{CLIENT}/scorecards")
    assert opened.faults() == []
    page.get_by_role("link", name="Care").click()
    assert opened.faults() == []
    page.get_by_role("navigation", name="This scorecard").get_by_role("link", name="Edit", exact=True).click()
    assert opened.faults() == []
    page.get_by_label("Wording").first.fill("Did they listen?")
    page.get_by_label("Weight", exact=True).first.fill("heavy")
    page.get_by_role("button", name="Save draft").click()
    page.locator(".fault").first.wait_for()
    opened.errors.clear()  # the browser counts a refused form as one
    assert page.get_by_label("Wording").first.input_value() == "Did they listen?"
    assert opened.faults() == []
    page.get_by_label("Weight", exact=True).first.fill("5")
    page.get_by_role("button", name="Save draft").click()

    page.wait_for_url("**/changes")
    page.locator("#what-if strong").wait_for()
    assert page.locator("del", has_text="Heard?").count() == 1
    assert "The mean total of 6 automatic evaluations" in page.locator("#what-if strong").inner_text()
    assert page.locator("#what-if").get_by_role("row").count() >= 3
    assert opened.faults() == []
    page.get_by_label("I have read what changes").check()
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/care")
    assert page.get_by_text("Version 2 is published.").is_visible()
    assert page.get_by_role("heading", name="Did they listen?").is_visible()
    assert opened.faults() == []


def test_a_manager_adds_moves_and_takes_away_questions(window, provider):
    Pairs(provider)
    manager = provider.add_user("qm_manager")
    opened = window(manager, java_script_enabled=False)
    page = opened.goto(f"{CLIENT}/scorecards/care/edit")
    page.get_by_label("Name of the new section").fill("After care")
    page.get_by_role("button", name="Add the section").click()
    page.wait_for_url("**/edit#after_care")
    page.get_by_label("Wording of the new question").last.fill("Called back?")
    page.get_by_label("Answered by").last.select_option("scale")
    page.get_by_role("button", name="Add the question").last.click()
    page.wait_for_url("**/edit#after_care/called_back")
    page.get_by_label("Wording", exact=True).last.fill("Did they call back?")
    page.get_by_label("Wording", exact=True).last.press("Tab")
    page.get_by_label("Weight of the section").last.press("Enter")
    page.wait_for_url("**/changes**")
    page.goto(f"{opened.address}{CLIENT}/scorecards/care/edit")
    page.get_by_role("button", name="Up After care").click()
    page.wait_for_url("**/edit#after_care")
    page.get_by_role("button", name="Remove Did they call back?").click()
    page.wait_for_url("**/edit#after_care")
    assert page.get_by_text("Section 'after_care' asks nothing.").is_visible()

    opened = window(manager)
    page = opened.goto(f"{CLIENT}/scorecards/care/edit")
    assert page.get_by_role("heading", level=2).first.inner_text() == "After care"
    page.get_by_text("Answers and what they are worth").first.click()
    assert opened.faults() == []
    page.on("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="Remove After care").click()
    page.get_by_text("The draft is saved.").wait_for()
    assert page.get_by_role("heading", name="After care").count() == 0
    assert opened.faults() == []


def test_yaml_is_checked_while_it_is_typed_and_a_fault_leads_to_its_line(window, provider):
    Pairs(provider)
    opened = window(provider.add_user("qm_manager"))
    page = opened.goto(f"{CLIENT}/scorecards/care/text")
    area = page.get_by_label("The definition as YAML")
    assert opened.faults() == []
    question = "    questions: [{key: q, text: Q?, kind: yes_no}]\n"
    area.fill(f"name: Care\nsections:\n  - key: a\n    wieght: 3\n{question}")
    page.locator("#checked a[data-line='4']").click()
    assert page.evaluate("document.getSelection().toString()") == "    wieght: 3"
    assert page.locator(".yaml li.fault-line").all_inner_texts() == ["4"]
    assert opened.faults() == []


def test_a_manager_changes_the_base_rate_and_sees_the_width_move(window, provider, scored):  # noqa: F811
    opened = window(provider.add_user("qm_manager"))
    page = opened.goto(f"{CLIENT}/sampling")
    width = page.locator("#half-width")
    before = width.inner_text()
    assert opened.faults() == []
    page.get_by_label("Base rate").fill("95")
    page.wait_for_function("before => document.querySelector('#half-width').innerText !== before", arg=before)
    assert float(width.inner_text().removeprefix("±")) < float(before.removeprefix("±"))
    page.get_by_role("button", name="See what it changes, and publish").click()
    page.get_by_label("I have read what changes").check()
    assert opened.faults() == []
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/sampling/policy")
    assert page.get_by_text("at least 95.0 %").is_visible()
    page.goto(f"{opened.address}{CLIENT}/sampling/draws")
    assert page.get_by_text("holds").count() > 0
    assert opened.faults() == []


def test_a_manager_moves_a_gate_by_keyboard(window, provider):
    Pairs(provider)
    opened = window(provider.add_user("qm_manager"))
    page = opened.goto(f"{CLIENT}/machine")
    assert opened.faults() == []
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert opened.faults() == []
    page.get_by_label("At most").first.focus()
    page.get_by_label("At most").first.select_option("human_only")
    page.keyboard.press("Tab")
    page.keyboard.type("Not before the audit.")
    page.keyboard.press("Enter")
    page.get_by_text("It holds from now on.").wait_for()
    assert page.get_by_text("Not before the audit.").count() == 1


def test_the_other_pages_of_a_client_have_no_faults(window, provider, scored):  # noqa: F811
    opened = window(provider.add_user("qm_manager"))
    paths = ["", "/brand-voice", "/brand-voice/text", "/playbooks", "/playbooks/new?template=late_delivery"]
    for path in [*paths, "/sla-policy", "/bundle", "/scorecards/care/versions", "/machine/overrides"]:
        opened.goto(f"{CLIENT}{path}")
        assert opened.faults() == [], path
    opened.goto("/choose-client")
    assert opened.faults() == []


def test_what_if_of_a_gate_in_a_browser(window, provider):
    pairs = Pairs(provider)
    pairs.add(8, [said("hears", "yes")], [judged("hears", "no"), judged("tone", "warm")], at=utc_now())
    opened = window(provider.add_user("qm_manager"))
    page = opened.goto(f"{CLIENT}/machine")
    page.get_by_text("What moved it").first.click()
    page.get_by_role("link", name="What if?").first.click()
    page.get_by_role("heading", name="What if it went further").wait_for()
    assert opened.faults() == []
