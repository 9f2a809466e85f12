"""The forms of disputes, read into bodies as the API takes them."""

from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from qm.console.pages.review_form import read_review_form
from qm.disputes.models import DisputeAnswer
from qm.interactions.models import Interaction
from scorecards.definitions.form import Form
from tenants.http.faults import Fault, Invalid

Sent = MultiDict[str, str]


def _typed(sent: Sent, form: Form, interaction: Interaction) -> dict[str, dict[str, Any]]:
    """Return the answers that were typed, by question.

    Raises
    ------
    Invalid
        When a place of the conversation cannot be read.
    """
    typed = read_review_form(
        sent, form, channel=interaction.channel, intent=interaction.intent, complete=False
    )
    faults = [fault.under(f"/{key}") for key, found in typed.faults.items() for fault in found]
    if faults:
        raise Invalid(faults)
    return {each["question"]: each for each in typed.body["answers"]}


def _without_question(answer: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (answer or {}).items() if name != "question"}


def read_dispute(sent: Sent, form: Form, interaction: Interaction) -> dict[str, Any]:
    """Return the body of a new dispute: of every question with another answer, or with a comment."""
    typed = _typed(sent, form, interaction)
    comments = {key: sent.get(f"comment-{key}", "").strip() for key in form.questions}
    return {
        "answers": [
            {"question": key, "proposed": _without_question(typed.get(key)), "comment": comments[key]}
            for key in form.questions
            if key in typed or comments[key]
        ]
    }


def read_decision(
    sent: Sent, form: Form, interaction: Interaction, disputed: Sequence[DisputeAnswer]
) -> dict[str, Any]:
    """Return the body of a decision; what is answered besides is what is asked only now."""
    typed = _typed(sent, form, interaction)
    keys = [each.question for each in disputed]
    answers = []
    for key in keys:
        said = sent.get(f"outcome-{key}", "")
        answer = _without_question(typed.get(key)) if said == "other" else None
        body = {"question": key, "outcome": said, "answer": answer, "comment": sent.get(f"comment-{key}", "")}
        answers += [body] if said else []
    return {
        "answers": answers,
        "further": [answer for key, answer in typed.items() if key not in keys],
        "comment": sent.get("comment", "").strip(),
        "evaluation": sent.get("evaluation") or None,
    }


def at_question(fault: Fault, body: dict[str, Any]) -> Fault:
    """Return a fault of the API at the name of the question that it is about, as the page marks it."""
    parts = fault.pointer.split("/")
    if len(parts) > 2 and parts[1] in {"answers", "further"} and parts[2].isdecimal():
        return Fault(f"/{body[parts[1]][int(parts[2])]['question']}", fault.code, fault.detail)
    return fault
