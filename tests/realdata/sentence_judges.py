"""Three classifiers of labelled sentences: rules or lexicon, a TF-IDF baseline, and the product's models."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache

import numpy as np
from scipy.sparse import hstack
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from scorecards.autoscore.annotation.transcript import score_sentiment
from scorecards.autoscore.engine import Judge, shared_annotator
from scorecards.autoscore.models.sentiment_model import SENTIMENT_CLASSES
from scorecards.definitions.conversation import Conversation, Turn
from scorecards.definitions.form import Form, Span
from tests.realdata import maia
from tests.realdata.grading import Opinion
from tests.realdata.labels import Dialogue
from tests.realdata.sentences import EMOTIONS, Corpus, Item, Task
from workers.training.fitting.pipeline import Example, Label, fit
from workers.training.fitting.sentiment import SentimentExample, SentimentSpan, fit_sentiment

Rows = Sequence[int]
Way = Callable[[Task, Rows, Rows], list[Opinion]]

NOW = datetime(2026, 7, 1, tzinfo=UTC)
KEY = ("card", "asked")
UNSURE = 0.5
NEAR_ZERO = 0.05
CALIBRATION = 3
_READER = shared_annotator()


class Ways:
    """The three ways, over one corpus; `seconds` spent fitting are for the caller to take."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._readings = cache(self._read)
        self._asked: dict[str, tuple[Judge, Form]] = {}
        self._examples: dict[tuple[str, int], Example] = {}

    def rules(self, task: Task, _: Rows, test: Rows) -> list[Opinion]:
        """Judge without a single label; where there is no rule, by the commonest class."""
        if task.name == "emotion":
            return [(_lexicon(task.items[row].text), UNSURE) for row in test]
        if task.auto is None:
            return [(task.classes[-1], UNSURE)] * len(test)
        opinions = []
        for row in test:
            verdict = self._example(task, row).rules[KEY]
            yes = verdict.value is not None and (verdict.value >= 1.0) != task.yes_is_the_rules_no
            opinions.append((task.classes[yes], max(UNSURE, verdict.confidence)))
        return opinions

    def plain(self, task: Task, learn: Rows, test: Rows) -> list[Opinion]:
        """Judge by what everybody would try first: TF-IDF of words and letters into a linear machine."""
        names = [task.items[row].label for row in learn]
        if len(set(names)) < 2:
            return [(names[0], 1.0)] * len(test)
        seen, asked = _counted([[task.items[row].text for row in rows] for rows in (learn, test)])
        machine = LinearSVC(C=1.0).fit(seen, names)
        said = machine.predict(asked)
        if min(names.count(each) for each in set(names)) < CALIBRATION:
            return [(str(name), 1.0) for name in said]
        calibrated = CalibratedClassifierCV(LinearSVC(C=1.0), cv=CALIBRATION).fit(seen, names)
        shares = calibrated.predict_proba(asked)
        places = np.searchsorted(machine.classes_, said)
        return [(str(name), float(row[place])) for name, place, row in zip(said, places, shares, strict=True)]

    def ours(self, task: Task, learn: Rows, test: Rows) -> list[Opinion]:
        """Judge as the product does, which stays with its rules while there is too little to learn from."""
        found = (
            self._feelings(task, learn, test) if task.name == "emotion" else self._answers(task, learn, test)
        )
        return self.rules(task, learn, test) if found is None else found

    def _answers(self, task: Task, learn: Rows, test: Rows) -> list[Opinion] | None:
        _, form = self._judge(task)
        examples = [self._example(task, row) for row in learn]
        model = fit(examples, {KEY: form.questions[KEY[1]]}, seed=0, version=1).model
        if KEY not in model.questions:
            return None
        opinions = []
        for row in test:
            asked = self._example(task, row)
            heard = model.encode(asked.case.transcript)
            said = model.predict(KEY, heard, asked.case, asked.rules[KEY])
            opinions.append((said.predicted_class, said.probability_by_class[said.predicted_class]))
        return opinions

    def _feelings(self, task: Task, learn: Rows, test: Rows) -> list[Opinion] | None:
        told: dict[tuple[str, str], list[SentimentSpan]] = {}
        for row in learn:
            item = task.items[row]
            told.setdefault((item.client, item.dialogue), []).append(
                SentimentSpan(self._span(item), item.label)
            )
        examples = [
            SentimentExample(key[1], self._readings(key), tuple(felt), key[0]) for key, felt in told.items()
        ]
        model = fit_sentiment(examples, seed=0, version=1).model
        if model is None:
            return None
        heard = {}
        opinions = []
        for row in test:
            item = task.items[row]
            key = (item.client, item.dialogue)
            if key not in heard:
                heard[key] = model.for_client(key[0]).probabilities(self._readings(key))
            shares = heard[key][self._said(key, self._span(item))].mean(axis=0)
            best = int(shares.argmax())
            opinions.append((SENTIMENT_CLASSES[best], float(shares[best])))
        return opinions

    def _read(self, key: tuple[str, str]):
        turns = [Turn(maia.SPEAKERS[turn["floor"]], _text(turn)) for turn in self._dialogue(key)["turns"]]
        return _READER.annotate(Conversation("chat", turns, NOW))

    def _dialogue(self, key: tuple[str, str]) -> Dialogue:
        return self._corpus.dialogues[key]

    def _span(self, item: Item) -> Span:
        said = maia.sentences(self._dialogue((item.client, item.dialogue))["turns"][item.turn])
        start = sum(len(each) + 1 for each in said[: item.place])
        return Span(item.turn, start, start + len(item.text))

    def _said(self, key: tuple[str, str], span: Span) -> list[int]:
        return [
            row
            for row, each in enumerate(self._readings(key).customer_sentences)
            if each.turn == span.turn and span.start < each.end and each.start < span.end
        ]

    def _judge(self, task: Task) -> tuple[Judge, Form]:
        if task.name not in self._asked:
            question = {"key": KEY[1], "text": "?", "kind": "yes_no", "auto": task.auto}
            sections = [{"key": "only", "questions": [question]}]
            form = Form.from_body({"key": KEY[0], "sections": sections})
            self._asked[task.name] = (Judge(form, None, [], charged_threshold=0.5), form)
        return self._asked[task.name]

    def _example(self, task: Task, row: int) -> Example:
        """Return a conversation of what is judged, behind what the other side had said where that matters."""
        if (task.name, row) not in self._examples:
            item = task.items[row]
            other = "customer" if item.speaker == "agent" else "agent"
            turns = [Turn(other, text) for text in item.before] if task.answers else []
            turns.append(Turn(item.speaker, item.text))
            judge, _ = self._judge(task)
            case, rules = judge.apply_rules(Conversation("chat", turns, NOW))
            label = Label(item.label, (Span(len(turns) - 1),), "people")
            said = {KEY: rules[KEY[1]]}
            self._examples[task.name, row] = Example(item.dialogue, case, said, {KEY: label})
        return self._examples[task.name, row]


def _counted(texts: Sequence[Sequence[str]]):
    words = TfidfVectorizer(ngram_range=(1, 2))
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5))
    learnt = [each.fit_transform(texts[0]) for each in (words, letters)]
    return hstack(learnt).tocsr(), hstack([each.transform(texts[1]) for each in (words, letters)]).tocsr()


def _lexicon(text: str) -> str:
    said = _READER.annotate(Conversation("chat", [Turn("customer", text)], NOW))
    value = score_sentiment(said, charged_threshold=0.5).turns[0]
    return EMOTIONS[1 + int(value >= NEAR_ZERO) - int(value <= -NEAR_ZERO)]


def _text(turn) -> str:
    return "\n".join(maia.sentences(turn))
