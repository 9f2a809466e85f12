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

import chat_stream
import numpy as np
import psutil
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
SCORECARD = "speed"
MANY, FEW = 40, 8
CLIENTS = 50
WARM_UP = 200
METHODS = 6
NOISE = 0.1
SENTIMENT_OF_WORD = {
    "upset": "negative",
    "frustrat": "negative",
    "broken": "negative",
    "relieved": "positive",
}
LONG_CHAT_TURNS = 20
BATCH = 100

Dialogue = list[tuple[str, str]]


def main() -> None:
    """Fit, then measure everything `runs` times, and print one JSON object."""
    arguments = _arguments()
    chats = chat_stream.ChatStream(1)
    labelled = list(chats.stream(arguments.labels))
    dialogues = list(chats.stream(METHODS * arguments.interactions * (arguments.runs + 1)))
    judges = {count: _build_judge(count) for count in (MANY, FEW)}
    began = time.process_time()
    artefacts = {
        count: serialization.dump(_fit_answer_model(judge, labelled)) for count, judge in judges.items()
    }
    fitting = time.process_time() - began
    sentiment = sentiment_model.dump(_fit_sentiment_model(judges[MANY], labelled))
    models = {count: _load_models(artefacts[count], sentiment) for count, judge in judges.items()}
    found: dict[str, object] = {
        "repeated": chat_stream.repeated_share(dialogues),
        "fitting_seconds": fitting,
        "artefact_bytes": len(artefacts[MANY]),
    }
    found |= _speeds(judges, models, labelled, dialogues, arguments.interactions)
    found["turns"] = _turn_by_turn(judges[MANY], models[MANY], chats)
    found |= _memory(judges[MANY], artefacts[MANY], sentiment, dialogues[:WARM_UP])
    print(json.dumps(found))


def _speeds(
    judges: dict[int, Judge],
    models: dict[int, ClientModels],
    labelled: Sequence[Dialogue],
    dialogues: Sequence[Dialogue],
    size: int,
) -> dict[str, list[float]]:
    """Run each method in turn over a batch that no method has processed before; the first round is cold."""
    gc_tuning.tune(gc_tuning.WORKER_THRESHOLD)
    no_models = ClientModels()
    methods: dict[str, Callable[[Sequence[Dialogue]], object]] = {
        "stack": partial(_judge_batch, judges[MANY], models[MANY]),
        "few": partial(_judge_batch, judges[FEW], models[FEW]),
        "rules": partial(_judge_batch, judges[MANY], no_models),
        "vader": _vader(),
        "words": _pipeline(labelled, characters=False),
        "letters": _pipeline(labelled, characters=True),
    }
    rates: dict[str, list[float]] = {name: [] for name in (*methods, "cold")}
    batches = iter([dialogues[start : start + size] for start in range(0, len(dialogues), size)])
    for run in range(len(dialogues) // size // len(methods)):
        for name, method in methods.items():
            batch = next(batches)
            began = time.process_time()
            method(batch)
            rate = size / (time.process_time() - began)
            if run:
                rates[name].append(rate)
            elif name == "stack":
                rates["cold"].append(rate)
    return rates


def _judge_batch(judge: Judge, models: ClientModels, batch: Sequence[Dialogue]) -> None:
    """Judge as a worker judges its slices: many at once, and with a garbage collection after each."""
    judge.evaluate([_conversation(dialogue) for dialogue in batch], models)
    gc.collect(1)


def _vader() -> Callable[[Sequence[Dialogue]], object]:
    analyser = SentimentIntensityAnalyzer()
    return lambda batch: [analyser.polarity_scores(text) for dialogue in batch for _, text in dialogue]


def _pipeline(labelled: Sequence[Dialogue], *, characters: bool) -> Callable[[Sequence[Dialogue]], object]:
    """Return a plain scikit-learn pipeline: TF-IDF of the agent's turns, 40 linear heads, in batches."""
    vectorizers = [TfidfVectorizer(ngram_range=(1, 2))]
    vectorizers += [TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5))] if characters else []
    texts = [_agent_text(dialogue) for dialogue in labelled]
    features = hstack([each.fit_transform(texts) for each in vectorizers]).tocsr()
    heads = [
        LinearSVC(dual=False, tol=0.01).fit(features, [each in text for text in texts])
        for each in chat_stream.AGENT_KEYWORDS[:2]
    ]
    weights = np.vstack([heads[n % 2].coef_ for n in range(MANY)])

    def classify(batch: Sequence[Dialogue]) -> None:
        for start in range(0, len(batch), BATCH):
            agent_texts = [_agent_text(dialogue) for dialogue in batch[start : start + BATCH]]
            _ = hstack([each.transform(agent_texts) for each in vectorizers]).tocsr() @ weights.T

    return classify


def _turn_by_turn(judge: Judge, models: ClientModels, chats: chat_stream.ChatStream) -> list[float]:
    """Judge conversations again after each of their 20 turns; return the milliseconds of every judgement."""
    milliseconds = []
    for _ in range(50):
        dialogue = chats.conversation(LONG_CHAT_TURNS)
        for end in range(1, LONG_CHAT_TURNS + 1):
            began = time.perf_counter()
            judge.evaluate([_conversation(dialogue[:end])], models)
            milliseconds.append(1000 * (time.perf_counter() - began))
    return milliseconds


def _memory(
    judge: Judge, answers: bytes, sentiment: bytes, dialogues: Sequence[Dialogue]
) -> dict[str, float]:
    """Load and use the models of 50 clients; return the memory they state and the memory they take."""
    process = psutil.Process(os.getpid())
    gc.collect()
    before = process.memory_info().rss
    loaded = [_load_models(answers, sentiment) for _ in range(CLIENTS)]
    for models in loaded:
        _judge_batch(judge, models, dialogues)
    gc.collect()
    taken = process.memory_info().rss - before
    answer_models = [models.answers for models in loaded if models.answers]
    return {"resident_bytes": taken, "stated_bytes": float(sum(each.size for each in answer_models))}


def _load_models(answers: bytes, sentiment: bytes) -> ClientModels:
    model = serialization.load(answers)
    gates = {key: Gate("automatic", 0.6) for key in model.questions}
    return ClientModels(model, "measured", gates, sentiment_model.load(sentiment))


def _fit_answer_model(judge: Judge, labelled: Sequence[Dialogue]) -> AnswerModel:
    rng = random.Random(2)
    form = judge.form
    assert form is not None
    questions = {(SCORECARD, key): question for key, question in form.questions.items()}
    examples = []
    for number, dialogue in enumerate(labelled):
        case, rules = judge.apply_rules(_conversation(dialogue))
        labels = {
            key: _label(dialogue, keyword, rng)
            for key, keyword in zip(questions, chat_stream.AGENT_KEYWORDS, strict=False)
        }
        rule_answers = {(SCORECARD, key): verdict for key, verdict in rules.items()}
        examples.append(Example(f"{number:06}", case, rule_answers, labels))
    fitted = fit(examples, questions, seed=1, version=1)
    if fitted.refused:
        raise RuntimeError(f"not learned: {fitted.refused}")
    return fitted.model


def _label(dialogue: Dialogue, keyword: str, rng: random.Random) -> Label:
    """Answer yes where the agent says the keyword; one answer in ten is wrong, and one in ten is N/A."""
    evidence = [
        Span(n) for n, (speaker, text) in enumerate(dialogue) if speaker == "agent" and keyword in text
    ]
    if rng.random() < NOISE:
        return Label("n/a", (), "people")
    yes = bool(evidence) != (rng.random() < NOISE)
    return Label("yes", tuple(evidence), "people") if yes else Label("no", (), "people")


def _fit_sentiment_model(judge: Judge, labelled: Sequence[Dialogue]) -> sentiment_model.SentimentModel:
    examples = []
    for number, dialogue in enumerate(labelled[:400]):
        case, _ = judge.apply_rules(_conversation(dialogue))
        spans = [
            SentimentSpan(Span(n), _sentiment_of(text))
            for n, (speaker, text) in enumerate(dialogue)
            if speaker == "customer"
        ]
        examples.append(SentimentExample(f"{number:06}", case.transcript, tuple(spans)))
    fitted = fit_sentiment(examples, seed=1, version=1)
    if fitted.model is None:
        raise RuntimeError(f"not learned: {fitted.refused}")
    return fitted.model


def _sentiment_of(text: str) -> str:
    return next((name for word, name in SENTIMENT_OF_WORD.items() if word in text), "neutral")


def _build_judge(count: int) -> Judge:
    autos = [*CATALOGUE]
    questions = [
        {"key": f"q{n}", "text": "?", "kind": "yes_no", "na_allowed": True, "auto": autos[n % len(autos)]}
        for n in range(count)
    ]
    form = Form.from_body({"key": SCORECARD, "sections": [{"key": "all", "questions": questions}]})
    return Judge(form, None, [], charged_threshold=0.5)


def _conversation(dialogue: Iterable[tuple[str, str]]) -> Conversation:
    return Conversation("chat", tuple(Turn(*each) for each in dialogue), NOW)


def _agent_text(dialogue: Dialogue) -> str:
    return "\n".join(text for speaker, text in dialogue if speaker == "agent")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interactions", type=int, required=True, help="in each run")
    parser.add_argument("--labels", type=int, required=True)
    parser.add_argument("--runs", type=int, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
