"""Nothing that calls for empathy: pillars and empathy are N/A, not numbers; no words: no judgement."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

import scorecards.authoring
from scorecards.authoring import template_library
from scorecards.autoscore.engine import Judge
from scorecards.autoscore.rules.catalogue import CATALOGUE
from scorecards.autoscore.rules.empathy import NO_OPPORTUNITY
from scorecards.definitions.conversation import Conversation, Turn
from scorecards.definitions.form import Answer, Form
from scorecards.scoring.scoring import NEEDS_OPPORTUNITY, automatic_score, score
from tests.pure.autoscore import empathy_dialogues as made

TABLE = yaml.safe_load((made.DATA / "opportunity.yaml").read_text(encoding="utf-8"))
TEMPLATE = Path(scorecards.authoring.__file__).parent / "templates" / "empathy.yaml"
BODY = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
FORM = Form.from_body(BODY)


def judged(turns, form=FORM):
    conversation = Conversation(
        "chat", [Turn(made.SPEAKERS[said[0]], said[3:]) for said in turns], datetime(2026, 1, 5, tzinfo=UTC)
    )
    (found,) = Judge(form, None, [], charged_threshold=0.5).evaluate([conversation])
    return found


@pytest.mark.parametrize("turns", TABLE["nothing"], ids=" / ".join)
def test_without_opportunity_pillars_and_empathy_are_not_applicable(turns):
    found = judged(turns)
    assert (found.score.empathy, set(found.score.pillars.values())) == (None, {None})
    assert not found.sentiment.charged
    # What was asked all the same, such as a farewell, is answered and counts for the total.
    assert found.answers["closes_warmly"].value in {"yes", "no"}
    assert found.score.total is not None


@pytest.mark.parametrize("turns", TABLE["silent"], ids=" / ".join)
def test_where_nobody_said_a_word_the_machine_abstains(turns):
    found = judged(turns)
    assert all(answer.abstained for answer in found.answers.values())
    assert (found.score.total, found.score.empathy, found.score.outcome) == (None, None, None)


def form_variants():
    for name, body in template_library.scorecards().items():
        for rule in ("exclude", "pass"):
            yield pytest.param(Form.from_body({**body, "not_applicable": rule}), id=f"{name}-{rule}")


@pytest.mark.parametrize("form", [*form_variants()])
def test_no_scorecard_gives_a_total_where_nobody_said_a_word(form):
    for turns in TABLE["silent"]:
        found = judged(turns, form)
        points = {*found.score.sections.values(), *found.score.pillars.values(), found.score.total}
        assert (points, found.score.outcome, found.score.critical) == ({None}, None, ()), turns


@pytest.mark.parametrize("turns", TABLE["nothing"], ids=" / ".join)
def test_without_opportunity_the_total_is_that_of_the_other_questions(turns):
    found = judged(turns)
    asked_all_the_same = {
        key: answer
        for key, answer in found.answers.items()
        if FORM.questions[key].auto not in NEEDS_OPPORTUNITY
    }
    other = score(FORM, asked_all_the_same, channel="chat", intent=None)
    assert all(found.answers[key].na for key in found.answers.keys() - asked_all_the_same.keys())
    assert (found.score.total, found.score.sections) == (other.total, other.sections)


@pytest.mark.parametrize("turns", TABLE["called_for"], ids=" / ".join)
def test_where_empathy_was_called_for_it_is_a_number(turns):
    found = judged(turns)
    assert found.score.empathy is not None
    assert found.answers["validates_feeling"].value == "no"


def test_there_are_enough_cases_of_both_kinds():
    assert len(TABLE["nothing"]) + len(TABLE["silent"]) >= 40
    assert len(TABLE["called_for"]) >= 25


def test_dialogues_without_opportunity_have_no_empathy():
    """Those tagged so and asked for ownership: some tell of a success or praise, which calls for none."""
    counts = {True: 0, False: 0}
    for each in made.dialogues():
        wanted = str(each["expect"].get("validates_feeling"))
        if each["part"] == "developed" and wanted != "None":
            found = judged(each["turns"])
            assert (found.score.empathy is None) == (wanted == "n/a"), each["id"]
            counts[wanted == "n/a"] += 1
    assert min(counts.values()) >= 10


def test_judgements_that_need_an_opportunity_say_so():
    case, _ = Judge(None, None, [], charged_threshold=0.5).apply_rules(
        Conversation("chat", [Turn("customer", "Do you ship?"), Turn("agent", "Yes.")], datetime.now(UTC))
    )
    reasons = {
        name: CATALOGUE[name].rule(case).reason for name in NEEDS_OPPORTUNITY - {"uses_empathy_library"}
    }
    assert set(reasons.values()) == {NO_OPPORTUNITY}


def answered(**changed):
    values = dict.fromkeys(FORM.questions, "yes")
    given = values | changed
    return {
        key: Answer(key, None if value == "n/a" else value, na=value == "n/a") for key, value in given.items()
    }


NOTHING_CALLED = dict.fromkeys(
    (
        *("validates_feeling", "validates_before_solution", "takes_ownership", "reassures"),
        *("apologises_with_action", "no_sympathy_only"),
    ),
    "n/a",
)


def test_without_opportunity_only_pillars_and_empathy_differ_from_the_answers_score():
    none = automatic_score(FORM, answered(**NOTHING_CALLED), channel="chat", intent=None)
    plain = score(FORM, answered(**NOTHING_CALLED), channel="chat", intent=None)
    assert (none.empathy, none.total) == (None, 100.0)
    assert none == replace(plain, empathy=None, pillars=dict.fromkeys(plain.pillars))


@pytest.mark.parametrize("question", NOTHING_CALLED)
def test_one_answer_that_needs_an_opportunity_shows_that_there_was_one(question):
    some = automatic_score(FORM, answered(**NOTHING_CALLED | {question: "no"}), channel="chat", intent=None)
    assert some.empathy is not None
    assert None not in some.pillars.values()


def test_a_form_that_counts_not_applicable_as_passed_keeps_its_pillars():
    lenient = Form.from_body({**BODY, "not_applicable": "pass"})
    assert automatic_score(lenient, answered(**NOTHING_CALLED), channel="chat", intent=None).empathy == 100.0


def test_a_form_that_asks_nothing_of_the_kind_keeps_its_pillars():
    section = {
        "key": "a",
        "pillar": "listen_validate",
        "questions": [{"key": "q", "text": "?", "kind": "yes_no"}],
    }
    form = Form.from_body({"sections": [section]})
    assert automatic_score(form, {"q": Answer("q", "no")}, channel="chat", intent=None).empathy == 0.0
