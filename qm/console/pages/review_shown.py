"""What the pages of a review show: the scorecard with answers, keys and faults, the transcript, the queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import format_datetime, gettext, ngettext
from markupsafe import Markup, escape
from sqlalchemy import func, not_, select
from sqlalchemy.orm import Session

from qm.console.formatting import NOTHING, number, words
from qm.console.pages.review_form import CHOICES, NONE_CHOSEN, NOT_APPLICABLE, write_places
from qm.console.words import REASON_WORDS
from qm.reviews.answer_comparison import answer_value
from qm.reviews.capacity import week_start
from qm.reviews.models import Review
from qm.reviews.quality_checks import behind_own_check
from qm.reviews.queue import visible_reviews
from qm.reviews.representations import review_summaries
from qm.reviews.worked_queues import in_sample
from scorecards.definitions.form import Form, Option, Question
from tenants.credentials import Actor
from tenants.http.faults import Fault
from tenants.models import Client

MAX_COUNTED = 1000
_LISTED = 20


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A question with its number on the form, the answer so far, and its faults."""

    number: int
    question: Question
    section: str
    answer: Mapping[str, Any]
    places: str
    faults: Sequence[str]
    condition: str

    @property
    def is_choice(self) -> bool:
        """Whether one of several options is chosen."""
        return self.question.kind in CHOICES

    @property
    def chosen(self) -> list[str]:
        """The keys that are chosen, N/A included."""
        value = self.answer.get("value")
        given = (value or [NONE_CHOSEN]) if isinstance(value, list | tuple) else [value]
        return (
            [NOT_APPLICABLE] if self.answer.get("na") else [str(each) for each in given if each is not None]
        )

    @property
    def typed(self) -> str:
        """The answer to a question without options, as it is typed."""
        value = self.answer.get("value")
        return f"{value:g}" if isinstance(value, float) else str(value if value is not None else "")

    def key_of(self, place: int, option: Option) -> str:
        """Return the key that chooses an option, printed on it; empty beyond the ninth."""
        if self.question.kind == "yes_no":
            return {"yes": "y", "no": "n"}[option.key]
        return str(place) if place <= 9 else ""


def shown_form(
    form: Form,
    answers: Sequence[Mapping[str, Any]],
    faults: Mapping[str, Sequence[Fault]],
    *,
    channel: str | None,
    intent: str | None,
    typed_places: Mapping[str, str],
) -> list[ShownQuestion]:
    """Return the questions that an interaction may be asked, without those of other channels and intents."""
    by_key = {answer["question"]: answer for answer in answers}
    shown: list[ShownQuestion] = []
    names: set[str] = set()
    for section in form.sections:
        for question in section.questions:
            if not _may_be_asked(question, names, channel, intent):
                continue
            names.add(question.key)
            answer = by_key.get(question.key, {})
            shown.append(
                ShownQuestion(
                    number=len(shown) + 1,
                    question=question,
                    section=section.name,
                    answer=answer,
                    places=typed_places.get(question.key, write_places(answer.get("evidence") or ())),
                    faults=[_sentence(fault) for fault in faults.get(question.key, ())],
                    condition=_condition(form, question),
                )
            )
    return shown


def _may_be_asked(question: Question, names: set[str], channel: str | None, intent: str | None) -> bool:
    condition = question.show_when
    if condition is None:
        return True
    return (
        (not condition.channels or channel in condition.channels)
        and (not condition.intents or intent in condition.intents)
        and (condition.question is None or condition.question in names)
    )


def _condition(form: Form, question: Question) -> str:
    condition = question.show_when
    if condition is None or condition.question is None:
        return ""
    asked = form.questions[condition.question]
    labels = [option.label for option in asked.options if option.key in condition.options]
    return str(
        gettext("Only if “%(question)s” is %(answers)s.", question=asked.text, answers=" / ".join(labels))
    )


def _sentence(fault: Fault) -> str:
    """Return a fault in the words of the page, which knows a question by its text and turns from 1."""
    told = {
        "missing_answer": gettext("This has to be answered."),
        "evidence_required": gettext("Mark the place in the conversation that shows it."),
        "bad_span": gettext("A place that was marked lies outside the conversation: mark it again."),
        "na_not_allowed": gettext("N/A is no answer here."),
        "not_shown": gettext("This is not asked, given the other answers: take the answer back."),
        "reason_required": gettext("Choose a reason for this answer."),
    }
    return str(told.get(fault.code, fault.detail))


def answer_in_words(question: Question | None, answer: Mapping[str, Any] | None) -> str:
    """Return an answer as a person would say it."""
    if question is None or answer is None:
        return NOTHING
    value = answer_value(question, answer)
    if value is None:
        return str(gettext("no answer"))
    if value.na:
        return str(gettext("N/A"))
    given = answer.get("value")
    if isinstance(given, float | int):
        return number(float(given), 0 if float(given).is_integer() else 2)
    keys = given if isinstance(given, list | tuple) else [given]
    options = {option.key: option.label for option in question.options}
    return ", ".join(options.get(str(key), str(key)) for key in keys) or NOTHING


def why_here(summary: Mapping[str, Any]) -> str:
    """Return why a review is in the queue, as words."""
    return " · ".join(str(REASON_WORDS.get(each) or words(each)) for each in summary["reasons"])


def shown_turns(turns: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the turns, numbered from 1, each with the time since the first, or the moment on a later day."""
    first = next((_moment(turn["at"]) for turn in turns if turn.get("at")), None)
    return [
        {
            **turn,
            "number": place,
            "time": _since_first(_moment(turn.get("at")), first),
            "html": _exact(turn["text"]),
        }
        for place, turn in enumerate(turns, 1)
    ]


def _exact(text: str) -> Markup:
    """Return text as HTML that a browser reads back as it is: it would drop carriage returns."""
    return Markup(str(escape(text)).replace("\r", "&#13;"))  # noqa: S704 - escaped just before


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _since_first(at: datetime | None, first: datetime | None) -> str:
    if at is None or first is None:
        return ""
    passed = at - first
    if not timedelta() <= passed < timedelta(days=1):
        return str(format_datetime(at, "d MMM HH:mm"))
    minutes, seconds = divmod(int(passed.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def client_name(session: Session, slug: str) -> str:
    """Return the name of a client as people know it."""
    return session.scalars(select(Client.name).where(Client.slug == slug)).one()


def own_queue(session: Session, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what a person holds and has waiting, what they did this week, and how many wait for anybody."""
    mine = select(Review).where(Review.reviewer_id == actor.user_id)
    open_ones = session.scalars(
        mine.where(Review.state.in_(("claimed", "queued")))
        .order_by(Review.state, Review.created_at, Review.review_id)
        .limit(_LISTED)
    ).all()
    done = Review.state == "submitted", Review.finished_at >= week_start(now)
    recent = session.scalars(
        mine.where(*done).order_by(Review.finished_at.desc(), Review.review_id).limit(_LISTED)
    ).all()
    shown = review_summaries(session, actor, [*open_ones, *recent])
    of_week = select(func.count()).select_from(Review).where(Review.reviewer_id == actor.user_id, *done)
    return {
        "open": shown[: len(open_ones)],
        "recent": shown[len(open_ones) :],
        "done": session.scalar(of_week),
        "waiting": count_waiting(session, actor),
    }


def count_waiting(session: Session, actor: Actor) -> str:
    """Return how many reviews wait for anybody, up to a bound."""
    waiting = (
        select(Review.review_id)
        .where(
            visible_reviews(actor) if "reviews:write" not in actor.scopes else not_(behind_own_check(actor)),
            Review.state == "queued",
            Review.reviewer_id.is_(None),
            Review.targeted | in_sample,
            Review.nobody.is_(None),
        )
        .limit(MAX_COUNTED + 1)
    )
    found = session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    if found > MAX_COUNTED:
        return str(gettext("More than %(number)s reviews wait.", number=MAX_COUNTED))
    if not found:
        return str(gettext("No review waits."))
    return str(ngettext("One review waits.", "%(num)s reviews wait.", found))
