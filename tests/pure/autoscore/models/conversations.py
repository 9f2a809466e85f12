"""Synthetic conversations labelled by a simulated reviewer who looks for a few fixed sentences."""

import random
from datetime import UTC, datetime

from scorecards.autoscore.annotation.transcript import score_sentiment
from scorecards.autoscore.case import Case
from scorecards.autoscore.engine import shared_annotator
from scorecards.autoscore.rules import empathy
from scorecards.autoscore.rules.catalogue import CATALOGUE
from scorecards.definitions.conversation import Conversation, Turn
from scorecards.definitions.form import Question, Span, question_from_body
from workers.training.fitting.pipeline import Example, Label

NOW = datetime(2026, 1, 5, tzinfo=UTC)
WARM = (
    "I can hear how upsetting this is.",
    "That must be so frustrating for you.",
    "It sounds really stressful.",
)
COLD = ("Please send the form.", "Your ticket is closed.", "We do not handle that here.")
FILLER = (
    "One moment please.",
    "I look at the order now.",
    "The parcel left the warehouse.",
    "Is there a tracking code?",
    "You find it in your account.",
    "Click on the second tab.",
)
ASKED = ("My parcel is late again.", "Where is my order?", "The saddle arrived broken.", "I am really upset.")
CALM = ("How do I change my address?", "Which sizes do you have?", "Do you ship to Norway?")
YES = ("card", "warm")
SCALE = ("card", "care")


def case_of(*turns):
    conversation = Conversation("chat", tuple(Turn(*turn) for turn in turns), NOW)
    reading = shared_annotator().annotate(conversation)
    mood = score_sentiment(reading, charged_threshold=0.5)
    return Case(reading, mood, empathy.opportunity(reading, mood), None, None)


def warm_question(**facts) -> Question:
    body = {"key": "warm", "text": "?", "kind": "yes_no", "na_allowed": True, "auto": "validates_feeling"}
    return question_from_body({**body, **facts})


def care_question() -> Question:
    options = [{"key": f"c{n}", "value": n / 2} for n in range(3)]
    return question_from_body({"key": "care", "text": "?", "kind": "scale", "options": options})


QUESTIONS = {YES: warm_question(), SCALE: care_question()}


def talk(rng):
    """Return the turns of a conversation with how many warm sentences it has, and where."""
    calm = rng.random() < 0.3
    warmth = 0 if calm else rng.choice([0, 1, 2])
    said = [rng.choice(FILLER) for _ in range(3)] + rng.sample(WARM, warmth) + rng.sample(COLD, 2 - warmth)
    rng.shuffle(said)
    turns = [("customer", f"{rng.choice(CALM if calm else ASKED)} It is number {rng.randrange(10**6)}.")]
    spans = []
    for place, sentence in enumerate(said, start=1):
        opening = rng.choice(FILLER)
        turns.append(("agent", f"{opening} {sentence}"))
        if sentence in WARM:
            spans.append(Span(place, len(opening) + 1, len(opening) + 1 + len(sentence)))
    return turns, calm, warmth, tuple(spans)


def examples(count, *, seed=1, reviewer="ann"):
    rng = random.Random(seed)
    return [example(f"{seed}-{number}", rng, reviewer) for number in range(count)]


def example(name, rng, reviewer):
    turns, calm, warmth, spans = talk(rng)
    case = case_of(*turns)
    answer = "n/a" if calm else "yes" if warmth else "no"
    shown = spans if warmth else () if calm else (Span(0),)
    labels = {YES: Label(answer, shown, reviewer), SCALE: Label(f"c{warmth}", spans, reviewer)}
    return Example(name, case, {YES: CATALOGUE["validates_feeling"].rule(case)}, labels)
