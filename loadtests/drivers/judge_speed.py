"""Judges made-up conversations in one process and prints how long everything took on its processor.

The rest of the stack is real: 40 questions with rules, and models fitted to as many labels as are asked for.
What is compared with it runs in the same process on the same words, in turn with it.
"""

import argparse
import gc
import json
import os
import random
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial

import numpy as np
import psutil
import talk
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from infra import gc_tuning
from scorecards.automation.gate import Gate
from scorecards.autoscore.answer_policy import ClientModels
from scorecards.autoscore.engine import Judge
from scorecards.autoscore.models import sentiment_model, serialization
from scorecards.autoscore.models.answer_model import AnswerModel
from scorecards.autoscore.rules.catalogue import CATALOGUE
from scorecards.definitions.conversation import Conversation, Turn
from scorecards.definitions.form import Form, Span
from workers.training.fitting.pipeline import Example, Label, fit
from workers.training.fitting.sentiment import SentimentExample, SentimentSpan, fit_sentiment

NOW = datetime(2026, 7, 1, tzinfo=UTC)
CARD = "speed"
MANY, FEW = 40, 8
CLIENTS = 50
HEARD = 200
WAYS = 6
NOISE = 0.1
FEELING = {"upset": "negative", "frustrat": "negative", "broken": "negative", "relieved": "positive"}
LONG = 20
BATCH = 100

Said = list[tuple[str, str]]


def main() -> None:
    """Fit, then measure everything `runs` times, and print one JSON object."""
    asked = _arguments()
    made = talk.Talk(1)
    lessons = list(made.stream(asked.labels))
    work = list(made.stream(WAYS * asked.interactions * (asked.runs + 1)))
    judges = {count: _judge(count) for count in (MANY, FEW)}
    began = time.process_time()
    artefacts = {count: serialization.dump(_fitted(judge, lessons)) for count, judge in judges.items()}
    fitting = time.process_time() - began
    felt = sentiment_model.dump(_feelings(judges[MANY], lessons))
    learned = {count: _learned(artefacts[count], felt) for count, judge in judges.items()}
    found = {
        "repeated": talk.repeated(work),
        "fitting_seconds": fitting,
        "artefact_bytes": len(artefacts[MANY]),
    }
    found |= _speeds(judges, learned, lessons, work, asked.interactions)
    found["turns"] = _growing(judges[MANY], learned[MANY], made)
    found |= _memory(judges[MANY], artefacts[MANY], felt, work[:HEARD])
    print(json.dumps(found))


def _speeds(
    judges: dict[int, Judge],
    learned: dict[int, ClientModels],
    lessons: Sequence[Said],
    work: Sequence[Said],
    size: int,
) -> dict[str, list[float]]:
    """Take each way in turn over a batch that nobody has heard; the first round is cold."""
    gc_tuning.tune(gc_tuning.OF_A_SLICE)
    nothing = ClientModels()
    ways: dict[str, Callable[[Sequence[Said]], object]] = {
        "stack": partial(_judged, judges[MANY], learned[MANY]),
        "few": partial(_judged, judges[FEW], learned[FEW]),
        "rules": partial(_judged, judges[MANY], nothing),
        "vader": _vader(),
        "words": _pipeline(lessons, letters=False),
        "letters": _pipeline(lessons, letters=True),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways} | {"cold": []}
    batches = iter([work[start : start + size] for start in range(0, len(work), size)])
    for run in range(len(work) // size // len(ways)):
        for name, way in ways.items():
            batch = next(batches)
            began = time.process_time()
            way(batch)
            rate = size / (time.process_time() - began)
            if run:
                rates[name].append(rate)
            elif name == "stack":
                rates["cold"].append(rate)
    return rates


def _judged(judge: Judge, learned: ClientModels, batch: Sequence[Said]) -> None:
    """Judge as a worker judges its slices: many at once, and looking for garbage behind each."""
    judge.evaluate([_conversation(said) for said in batch], learned)
    gc.collect(1)


def _vader() -> Callable[[Sequence[Said]], object]:
    analyser = SentimentIntensityAnalyzer()
    return lambda batch: [analyser.polarity_scores(text) for said in batch for _, text in said]


def _pipeline(lessons: Sequence[Said], *, letters: bool) -> Callable[[Sequence[Said]], object]:
    """Return scikit-learn's own way: TF-IDF of the agent's side, 40 linear heads, many at once."""
    readers = [TfidfVectorizer(ngram_range=(1, 2))]
    readers += [TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5))] if letters else []
    texts = [_agent(said) for said in lessons]
    seen = hstack([each.fit_transform(texts) for each in readers]).tocsr()
    heads = [
        LinearSVC(dual=False, tol=0.01).fit(seen, [each in text for text in texts]) for each in talk.TOLD[:2]
    ]
    weights = np.vstack([heads[n % 2].coef_ for n in range(MANY)])

    def judged(batch: Sequence[Said]) -> None:
        for start in range(0, len(batch), BATCH):
            asked = [_agent(said) for said in batch[start : start + BATCH]]
            _ = hstack([each.transform(asked) for each in readers]).tocsr() @ weights.T

    return judged


def _growing(judge: Judge, learned: ClientModels, made: talk.Talk) -> list[float]:
    """Judge conversations anew after each of their 20 turns; return milliseconds, turn by turn."""
    took = []
    for _ in range(50):
        said = made.conversation(LONG)
        for end in range(1, LONG + 1):
            began = time.perf_counter()
            judge.evaluate([_conversation(said[:end])], learned)
            took.append(1000 * (time.perf_counter() - began))
    return took


def _memory(judge: Judge, answers: bytes, felt: bytes, work: Sequence[Said]) -> dict[str, float]:
    """Hold the models of 50 clients, all heard out, and tell what they say they take and what they do."""
    process = psutil.Process(os.getpid())
    gc.collect()
    before = process.memory_info().rss
    held = [_learned(answers, felt) for _ in range(CLIENTS)]
    for learned in held:
        _judged(judge, learned, work)
    gc.collect()
    taken = process.memory_info().rss - before
    models = [learned.answers for learned in held if learned.answers]
    return {"resident_bytes": taken, "stated_bytes": float(sum(each.size for each in models))}


def _learned(answers: bytes, felt: bytes) -> ClientModels:
    model = serialization.load(answers)
    gates = {key: Gate("automatic", 0.6) for key in model.questions}
    return ClientModels(model, "measured", gates, sentiment_model.load(felt))


def _fitted(judge: Judge, lessons: Sequence[Said]) -> AnswerModel:
    chance = random.Random(2)
    form = judge.form
    assert form is not None
    questions = {(CARD, key): question for key, question in form.questions.items()}
    examples = []
    for number, said in enumerate(lessons):
        case, rules = judge.apply_rules(_conversation(said))
        labels = {key: _label(said, told, chance) for key, told in zip(questions, talk.TOLD, strict=False)}
        ruled = {(CARD, key): verdict for key, verdict in rules.items()}
        examples.append(Example(f"{number:06}", case, ruled, labels))
    fitted = fit(examples, questions, seed=1, version=1)
    if fitted.refused:
        raise RuntimeError(f"not learned: {fitted.refused}")
    return fitted.model


def _label(said: Said, told: str, chance: random.Random) -> Label:
    """Answer yes where the agent says the words; one answer in ten is another one, and one in ten is N/A."""
    shown = [Span(n) for n, (speaker, text) in enumerate(said) if speaker == "agent" and told in text]
    if chance.random() < NOISE:
        return Label("n/a", (), "people")
    yes = bool(shown) != (chance.random() < NOISE)
    return Label("yes", tuple(shown), "people") if yes else Label("no", (), "people")


def _feelings(judge: Judge, lessons: Sequence[Said]) -> sentiment_model.SentimentModel:
    examples = []
    for number, said in enumerate(lessons[:400]):
        case, _ = judge.apply_rules(_conversation(said))
        felt = [
            SentimentSpan(Span(n), next((name for word, name in FEELING.items() if word in text), "neutral"))
            for n, (speaker, text) in enumerate(said)
            if speaker == "customer"
        ]
        examples.append(SentimentExample(f"{number:06}", case.transcript, tuple(felt)))
    fitted = fit_sentiment(examples, seed=1, version=1)
    if fitted.model is None:
        raise RuntimeError(f"not learned: {fitted.refused}")
    return fitted.model


def _judge(count: int) -> Judge:
    autos = [*CATALOGUE]
    asked = [
        {"key": f"q{n}", "text": "?", "kind": "yes_no", "na_allowed": True, "auto": autos[n % len(autos)]}
        for n in range(count)
    ]
    form = Form.from_body({"key": CARD, "sections": [{"key": "all", "questions": asked}]})
    return Judge(form, None, [], charged_threshold=0.5)


def _conversation(said: Iterable[tuple[str, str]]) -> Conversation:
    return Conversation("chat", tuple(Turn(*each) for each in said), NOW)


def _agent(said: Said) -> str:
    return "\n".join(text for speaker, text in said if speaker == "agent")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interactions", type=int, required=True, help="in each run")
    parser.add_argument("--labels", type=int, required=True)
    parser.add_argument("--runs", type=int, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
