"""The workbench: answering a review on its page, by forms and in a browser."""

import re
from datetime import timedelta
from functools import partial

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from qm.interactions.models import Interaction
from qm.privacy.erasure import erase_interaction
from qm.reviews.models import Review
from qm.reviews.worked_queues import DRAW_COLUMNS, counted, load_worked_queue
from scorecards.authoring.models import Definition
from tenants.models import new_id
from tests.api.review_api import GOOD, SCORECARD, TURNS, ReviewFixture, run_together
from tests.console.conftest import session_cookie


@pytest.fixture
def desk(provider):
    made = ReviewFixture(provider)
    made.publish("northwind")
    return made


@pytest.fixture
def reviewer(desk, visitor):
    return visitor(user=desk.person())


def claim(visitor):
    """Claim the next review by the page; return its address."""
    sent = visitor.post("/reviews/next")
    assert sent.status_code == 303
    return sent.headers["Location"]


def hidden_fields(text):
    """Return the values that the page sends along with the answers."""
    return {
        name: re.search(rf'name="{name}" value="([^"]*)"', text).group(1).replace("&#34;", '"')
        for name in ("etag", "scorecard")
    }


ANSWERS = {
    "value-hears": "yes",
    "evidence-hears": "T2:0-10",
    "value-how": "well",
    "evidence-how": "T2",
    "value-checks": "no",
    "evidence-checks": "T1",
}


def form_of(visitor, address, **changes):
    return hidden_fields(visitor.get(address).text) | ANSWERS | changes


def faults_at(text, question):
    """Return the faults told at a question."""
    found = re.search(rf'id="q-{question}".*?</fieldset>', text, re.DOTALL).group(0)
    return re.findall(r'class="fault"[^>]*>([^<]*)<', found)


def test_a_review_is_claimed_answered_and_compared_on_pages(desk, reviewer):
    drawn = desk.drawn()

    queue = reviewer.get("/reviews").text
    assert "Review the next one" in queue
    address = claim(reviewer)
    assert address == f"/reviews/{drawn.review_id}"
    shown = reviewer.get(address).text
    assert "Where is my order?" in shown
    assert "Heard?" in shown
    done = reviewer.post(address, form_of(reviewer, address))
    assert (done.status_code, done.headers["Location"]) == (303, address)
    stored = desk.stored(drawn.review_id)
    assert stored.state == "submitted"
    compared = reviewer.get(address).text
    assert "differs" in compared
    assert "You agreed on 1 of 2 questions" in compared
    following = reviewer.post(f"{address}/reasons", {"reason-how": "The words fit the moment."})
    assert following.headers["Location"] == "/reviews"
    assert "The words fit the moment." in reviewer.get(address).text


def test_nothing_of_the_machine_is_on_the_page_before_the_person_submits(desk, reviewer):
    desk.drawn("northwind", "low_confidence")

    address = claim(reviewer)

    shown = reviewer.get(address).text
    assert "Machine" not in shown
    assert "0.9" not in shown
    assert "low" not in re.sub(r"<[^>]+>", " ", shown).lower().split()
    assert "the machine was unsure or alarmed" in shown


def test_what_is_missing_or_impossible_is_told_at_its_question_and_kept(desk, reviewer):
    desk.drawn()
    address = claim(reviewer)

    wrong = form_of(
        reviewer, address, **{"value-hears": "maybe", "evidence-checks": "T9", "note-checks": "Kept."}
    )
    refused = reviewer.post(address, wrong)

    assert refused.status_code == 422
    assert faults_at(refused.text, "hears") == ["&#39;hears&#39; takes one of: yes, no."]
    assert faults_at(refused.text, "checks") == [
        "A place that was marked lies outside the conversation: mark it again."
    ]
    assert "Kept." in reviewer.get(address).text
    empty = reviewer.post(address, hidden_fields(refused.text))
    assert faults_at(empty.text, "hears") == ["This has to be answered."]
    unread = reviewer.post(address, form_of(reviewer, address, **{"evidence-hears": "the second one"}))
    assert unread.status_code == 422
    assert "the second one" in unread.text


def test_an_answer_to_a_question_that_is_not_asked_is_told(desk, reviewer):
    desk.drawn()
    address = claim(reviewer)

    refused = reviewer.post(address, form_of(reviewer, address, **{"value-hears": "no"}))

    assert faults_at(refused.text, "how") == [
        "This is not asked, given the other answers: take the answer back."
    ]


def test_the_script_saves_a_draft_and_a_second_window_is_told(desk, reviewer):
    drawn = desk.drawn()
    address = claim(reviewer)
    first = form_of(reviewer, address)
    other = dict(first)

    saved = reviewer.post(f"{address}/draft", first)
    stale = reviewer.post(f"{address}/draft", other)

    assert saved.status_code == 200
    assert {each["question"] for each in desk.stored(drawn.review_id).draft} == {"hears", "how", "checks"}
    assert (stale.status_code, stale.json["code"], stale.json["etag"]) == (
        412,
        "stale_version",
        saved.json["etag"],
    )
    without_script = reviewer.post(address, other)
    assert without_script.status_code == 409
    assert "changed in another window" in without_script.text
    again = reviewer.post(address, {**other, **hidden_fields(without_script.text)})
    assert again.status_code == 303


def test_words_that_change_meanwhile_are_read_again_and_the_draft_is_kept(desk, reviewer, provider):
    drawn = desk.drawn()
    address = claim(reviewer)
    form = form_of(reviewer, address)
    change_words(provider, drawn)

    saved = reviewer.post(f"{address}/draft", form)
    sent = reviewer.post(address, form)

    assert (saved.status_code, saved.json["code"]) == (412, "conversation_changed")
    assert sent.status_code == 409
    assert "The conversation changed since you began" in sent.text
    assert claim(reviewer) == address
    shown = reviewer.get(address).text
    assert "The conversation changed since you began" not in shown
    assert 'value="T2:0-10"' in shown


def change_words(provider, review):
    with provider.session() as session:
        changed = session.get_one(
            Interaction, (provider.tenant.tenant_id, review.interaction_id, review.client_id)
        )
        changed.turns = [*TURNS, {"speaker": "customer", "text": "One more thing.", "at": None}]


def test_a_version_published_meanwhile_is_shown_with_the_answers_it_still_asks_for(desk, reviewer):
    desk.drawn()
    address = claim(reviewer)
    form = form_of(reviewer, address)
    process = {**SCORECARD["sections"][1], "questions": [{"key": "new", "text": "New?", "kind": "yes_no"}]}
    republish(desk, {**SCORECARD, "sections": [SCORECARD["sections"][0], process]})

    sent = reviewer.post(address, form)

    if sent.status_code == 303:
        pytest.fail("the new version was not taken notice of")
    assert sent.status_code == 409
    assert "A new version of the scorecard was published meanwhile" in sent.text
    assert "New?" in sent.text
    assert 'value="T2:0-10"' in sent.text


def republish(desk, body):
    """Replace the scorecard in force from the beginning, as a first version applies to the past."""
    with desk.provider.session() as session:
        held = session.merge(desk.scorecards["northwind"])
        values = {c.key: getattr(held, c.key) for c in Definition.__table__.columns}
        session.execute(
            update(Definition)
            .where(Definition.definition_id == held.definition_id)
            .values(state="retired", effective_to=held.effective_from)
        )
        session.add(Definition(**values | {"definition_id": new_id(), "version": 2, "body": body}))


def test_a_claim_that_was_taken_away_is_told_and_nothing_is_submitted(desk, reviewer, provider, visitor):
    drawn = desk.drawn()
    address = claim(reviewer)
    form = form_of(reviewer, address)
    with provider.session() as session:
        review = session.get_one(Review, (provider.tenant.tenant_id, drawn.review_id))
        review.state, review.reviewer_id, review.claimed_at = "queued", None, None

    assert reviewer.post(f"{address}/draft", form).json["code"] == "not_claimed"
    sent = reviewer.post(address, form)
    assert sent.status_code == 303
    assert "You do not hold this review any more" in reviewer.get(address).text
    other = visitor(user=desk.person())
    assert claim(other) == address
    assert reviewer.post(f"{address}/draft", form).status_code == 404
    assert reviewer.get(address).status_code == 404


def test_skipping_needs_a_reason_and_the_next_review_comes(desk, reviewer):
    drawn, following = desk.drawn(hours_ago=2), desk.drawn(hours_ago=1)
    address = claim(reviewer)

    refused = reviewer.post(f"{address}/skip", {"skip_reason": " "})
    assert refused.status_code == 422
    assert re.search(r'<details id="skip" open>.*Say why this cannot be judged', refused.text, re.DOTALL)
    sent = reviewer.post(f"{address}/skip", {"skip_reason": "Only noise."})

    assert sent.headers["Location"] == f"/reviews/{following.review_id}"
    assert desk.stored(drawn.review_id).skip_reason == "Only noise."


def test_a_mis_clicked_submission_is_taken_back_within_its_window(desk, reviewer, provider):
    drawn = desk.drawn()
    address = claim(reviewer)
    reviewer.post(address, form_of(reviewer, address))

    assert "Reopen" in reviewer.get(address).text
    assert reviewer.post(f"{address}/reopen").headers["Location"] == address
    assert desk.stored(drawn.review_id).state == "claimed"
    assert 'value="T2:0-10"' in reviewer.get(address).text
    reviewer.post(address, form_of(reviewer, address))
    with provider.session() as session:
        review = session.get_one(Review, (provider.tenant.tenant_id, drawn.review_id))
        review.finished_at -= timedelta(hours=1)
    assert "Reopen" not in reviewer.get(address).text
    reviewer.post(f"{address}/reopen")
    assert desk.stored(drawn.review_id).state == "submitted"


def test_text_a_browser_would_change_is_kept_as_it_is(desk, reviewer):
    desk.drawn(turns=[{"speaker": "customer", "text": "<b>a</b>\r\nb & \U0001f600", "at": None}])

    shown = reviewer.get(claim(reviewer)).text

    assert '<p class="text">&lt;b&gt;a&lt;/b&gt;&#13;\nb &amp; \U0001f600</p>' in shown


def test_a_draft_saved_without_a_script_is_not_submitted(desk, reviewer):
    drawn = desk.drawn()
    address = claim(reviewer)

    sent = reviewer.post(address, form_of(reviewer, address, save="1", flagged="on", **{"value-checks": ""}))

    assert sent.status_code == 303
    stored = desk.stored(drawn.review_id)
    assert (stored.state, stored.flagged, len(stored.draft)) == ("claimed", True, 3)
    assert len(GOOD) == 3


def test_a_whole_review_without_a_mouse(desk, window, provider):
    drawn, following = desk.drawn(hours_ago=3), desk.drawn(hours_ago=2)
    shown = window(desk.person())
    page = shown.goto("/reviews")
    assert shown.faults() == []
    page.get_by_role("button", name="Review the next one").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/reviews/{drawn.review_id}")
    page.wait_for_selector(".question.current")
    keys = page.keyboard
    keys.press("y")
    assert page.locator("#q-how").is_visible()
    keys.press("e")
    keys.press("ArrowDown")
    keys.press("Enter")
    keys.press("c")
    keys.type("e j 1 are letters here")
    keys.press("Escape")
    keys.press("j")
    keys.press("1")
    keys.press("e")
    keys.press("Enter")
    keys.press("j")
    keys.press("n")
    keys.press("u")
    assert page.locator("#q-checks .choice:checked").count() == 0
    keys.press("n")
    keys.press("e")
    keys.press("Enter")
    keys.press("f")
    expect(page.locator("#saved")).to_contain_text("Saved")
    assert shown.faults() == []
    keys.press("Control+Enter")
    page.get_by_text("Why do you see it differently?").wait_for()
    assert shown.faults() == []
    keys.type("It fits.")
    keys.press("Control+Enter")
    page.wait_for_url(f"**/reviews/{following.review_id}")
    stored = desk.stored(drawn.review_id)
    assert (stored.state, stored.flagged) == ("submitted", True)
    assert shown.errors == []


def test_what_was_refused_is_said_until_it_is_answered(desk, window):
    desk.drawn()
    shown = window(desk.person())
    page = shown.goto("/reviews")
    page.get_by_role("button", name="Review the next one").click()
    page.wait_for_selector(".question.current")
    page.keyboard.press("Control+Enter")
    page.locator("#refused").wait_for()
    page.wait_for_selector(".question.current")

    page.keyboard.press("n")

    assert page.locator("#q-hears .fault").count() == 0
    assert page.locator("#q-checks .fault").count() == 1
    page.keyboard.press("j")
    page.keyboard.press("n")
    assert page.locator(".fault, #refused").count() == 0
    assert page.locator("#q-hears .lacks").is_visible()
    shown.errors.clear()  # that it was refused, by the browser itself
    assert shown.faults() == []


def test_selected_text_is_evidence_and_unsaved_answers_outlive_a_sign_out(desk, window, provider, app):
    drawn = desk.drawn(
        turns=[
            {"speaker": "customer", "text": "\U0001f600 Where is my order?", "at": None},
            {
                "speaker": "agent",
                "text": "I can hear how maddening this is.",
                "at": None,
                "quoted": "> before",
            },
        ]
    )
    person = desk.person()
    shown = window(person)
    shown.goto("/reviews").get_by_role("button", name="Review the next one").click()
    page = shown.page
    page.locator(".question.current").wait_for()
    page.locator("#find").fill("order")
    expect(page.locator("#found")).to_have_text("1 turns")
    page.locator("#find").fill("")
    page.evaluate(
        """() => { const text = document.querySelector('#t1 .text').firstChild;
        const range = document.createRange(); range.setStart(text, 3); range.setEnd(text, 8);
        getSelection().removeAllRanges(); getSelection().addRange(range); }"""
    )
    page.get_by_role("button", name="Mark evidence").first.click()
    expect(page.locator("#q-hears [data-places]")).to_contain_text("T1")
    expect(page.locator("#saved")).to_contain_text("Saved")
    assert desk.stored(drawn.review_id).draft[0]["evidence"] == [{"turn": 0, "start": 2, "end": 7}]
    shown.page.context.clear_cookies()
    page.locator("label", has_text="Yes").first.click()
    page.get_by_role("button", name="Sign in and go on").wait_for()
    assert desk.stored(drawn.review_id).draft[0]["value"] is None
    page.set_viewport_size({"width": 390, "height": 800})
    cookie = session_cookie(app, provider, person)
    page.context.add_cookies([{"name": "qm_session", "value": cookie, "url": shown.address}])
    shown.goto(f"/reviews/{drawn.review_id}")
    expect(page.locator("#saved")).to_contain_text("Saved")
    assert desk.stored(drawn.review_id).draft[0]["value"] == "yes"
    page.get_by_role("link", name="Conversation").click()
    page.get_by_role("button", name="Mark turn 2 as evidence").click()
    expect(page.locator("#q-how [data-places]")).to_contain_text("T2")
    shown.errors = [each for each in shown.errors if "401" not in each]
    assert shown.faults() == []


def test_enter_skips_in_the_reason_and_chooses_at_an_option_and_never_submits(desk, window):
    drawn, following = desk.drawn(hours_ago=2), desk.drawn(hours_ago=1)
    shown = window(desk.person())
    page = shown.goto("/reviews")
    page.get_by_role("button", name="Review the next one").click()
    page.locator("#q-hears.current").wait_for()

    page.keyboard.press("Enter")
    expect(page.get_by_label("Yes").first).to_be_checked()
    expect(page.locator("#q-hears .lacks")).to_be_visible()
    expect(page.locator("#answered")).to_have_text("1 of 3 answered")
    page.keyboard.press("e")
    expect(page.locator("#marking")).to_contain_text("1. Heard?")
    page.keyboard.press("Enter")
    expect(page.locator("#q-hears .lacks")).to_be_hidden()
    expect(page.locator("#marking")).to_be_empty()
    page.keyboard.press("s")
    page.keyboard.type("Only noise.")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/reviews/{following.review_id}")

    assert desk.stored(drawn.review_id).skip_reason == "Only noise."
    assert shown.faults() == []


def test_of_a_review_whose_interaction_was_erased_nothing_is_kept_in_the_browser(desk, window, provider):
    drawn = desk.drawn()
    shown = window(desk.person())
    page = shown.goto("/reviews")
    page.get_by_role("button", name="Review the next one").click()
    page.locator("#q-hears.current").wait_for()
    with provider.session() as session:
        erase_interaction(session, drawn.interaction_id)

    page.keyboard.press("c")
    page.keyboard.type("She was upset.")
    page.keyboard.press("Escape")

    expect(page.locator("#trouble")).to_contain_text("its interaction was erased")
    page.keyboard.press("y")
    page.get_by_role("button", name="To the queue").click()
    page.wait_for_url("**/reviews")
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('qm-review'))") == []


def test_two_windows_choose_what_to_keep_and_keys_can_be_switched_off(desk, window):
    drawn = desk.drawn()
    shown = window(desk.person())
    page = shown.goto("/reviews")
    page.get_by_role("button", name="Review the next one").click()
    page.locator(".question.current").wait_for()
    other = page.context.new_page()
    other.goto(page.url)
    other.locator(".question.current").wait_for()
    page.keyboard.press("y")
    expect(page.locator("#saved")).to_contain_text("Saved")
    other.keyboard.press("n")
    other.get_by_role("button", name="Keep what is here").click()
    expect(other.locator("#saved")).to_contain_text("Saved")
    assert desk.stored(drawn.review_id).draft[0]["value"] == "no"
    other.keyboard.press("?")
    other.get_by_label("Use keys of a single letter").uncheck()
    other.get_by_role("button", name="Close").click()
    other.reload()
    other.locator(".question.current").wait_for()
    other.keyboard.press("y")
    assert other.locator("#q-hears .choice:checked").get_attribute("value") == "no"


def test_twenty_reviewers_claim_at_once_on_pages_and_never_the_same_review(desk, visitor):
    drawn = {f"/reviews/{desk.drawn(hours_ago=number + 1).review_id}" for number in range(20)}
    visitors = [visitor(user=desk.person()) for _ in range(20)]
    claimed = []

    def work(one):
        claimed.append(claim(one))

    run_together(*(partial(work, each) for each in visitors))

    assert len(claimed) == 20
    assert set(claimed) == drawn


def test_what_is_claimed_on_pages_is_a_sample_in_the_order_of_its_rank(desk, visitor, provider):
    """After a few claims by pages the queue's thresholds are as the estimator reads them."""
    drawn = [desk.drawn(hours_ago=number) for number in range(6, 0, -1)]
    reviewers = [visitor(user=desk.person()) for _ in range(2)]
    for number in range(4):
        address = claim(reviewers[number % 2])
        assert address == f"/reviews/{drawn[number].review_id}"
        reviewers[number % 2].post(address, form_of(reviewers[number % 2], address))

    with provider.session() as session:
        queue = load_worked_queue(session, drawn[0].client_id)
        rows = session.execute(
            select(*DRAW_COLUMNS, Review.review_id).where(Review.state == "submitted")
        ).all()
        found = counted(session, rows)
    assert queue.thresholds == (drawn[4].draw / drawn[4].inclusion_probability,)
    assert {row.review_id for row, _ in found} == {each.review_id for each in drawn[:4]}
