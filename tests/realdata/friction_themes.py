"""The friction themes of the MAIA chats, and how the way they are found compares with others.

    python -m tests.realdata.friction_themes

prints both as Markdown. There are no labels of themes, so two things are measured. *Steady*: two lists found
in four fifths of the chats each, and how far they sort all chats alike (adjusted Rand index). *Telling*: of
the three in ten chats that a list was not found in, how much more alike the agents' words are within a theme
than across themes, in standard deviations; the themes are found in what the customer says alone.
"""

import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import NMF
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_rand_score

from scorecards.arrays import IntArray
from scorecards.definitions.conversation import Turn
from scorecards.definitions.friction_themes import FrictionTheme, FrictionThemes
from scorecards.definitions.theme_phrases import problem_statement, sentences_of
from scorecards.friction.discovery import FoundTheme, discover
from tests.realdata import maia
from tests.realdata.data_folder import DATA

CLUSTERS = 8
REPEATS = 20
Sorter = Callable[[Sequence[str]], IntArray]


@dataclass(frozen=True)
class Chats:
    """The chats of one brand: what customers say first, and all that agents say."""

    brand: str
    statements: list[str]
    agents: list[str]

    @classmethod
    def of(cls, file: Path) -> "Chats":
        """Read a file."""
        found = [
            [Turn(turn["speaker"], turn["text"]) for turn in each["turns"]]
            for each in maia.interactions(maia.dialogues(file))
        ]
        agents = [" ".join(turn.text for turn in turns if turn.speaker == "agent") for turns in found]
        return cls(file.stem, [problem_statement(turns) for turns in found], agents)


def _stems(text: str) -> list[str]:
    found = []
    for terms in sentences_of(text):
        stems = [term.stem for term in terms]
        found += [*stems, *(" ".join(pair) for pair in pairwise(stems))]
    return found


def by_phrases(statements: Sequence[str]) -> Sorter:
    """Find themes as QM does."""
    found = discover(statements)
    themes = FrictionThemes(
        tuple(FrictionTheme(str(n), each.name, phrases=(each.phrase,)) for n, each in enumerate(found))
    )
    return lambda texts: np.array([int(themes.mentioned(text) or -1) for text in texts])


def _by_model(statements: Sequence[str], model: object) -> Sorter:
    words = TfidfVectorizer(analyzer=_stems, min_df=2, max_df=0.5, sublinear_tf=True)
    model.fit(words.fit_transform(statements))
    if isinstance(model, NMF):
        return lambda texts: model.transform(words.transform(texts)).argmax(axis=1)
    return lambda texts: model.predict(words.transform(texts))


def by_factors(statements: Sequence[str]) -> Sorter:
    """Find themes by non-negative matrix factorisation of TF-IDF."""
    return _by_model(statements, NMF(CLUSTERS, init="nndsvd", random_state=0, max_iter=600))


def by_clusters(statements: Sequence[str]) -> Sorter:
    """Find themes by k-means of TF-IDF."""
    return _by_model(statements, KMeans(CLUSTERS, n_init=10, random_state=0))


WAYS: dict[str, Callable[[Sequence[str]], Sorter]] = {
    "first frequent phrase": by_phrases,
    "matrix factorisation": by_factors,
    "k-means": by_clusters,
}


def alike_within(labels: IntArray, texts: Sequence[str]) -> float:
    """Return how much more alike texts of one theme are than others, in standard deviations of all pairs."""
    words = TfidfVectorizer(analyzer=_stems, min_df=2, max_df=0.6, sublinear_tf=True).fit_transform(texts)
    pairs = np.triu_indices(len(texts), 1)
    alike = (words @ words.T).toarray()[pairs]
    same = ((labels[:, None] == labels[None]) & (labels[:, None] >= 0))[pairs]
    return float((alike[same].mean() - alike[~same].mean()) / alike.std()) if same.any() else 0.0


def measured(chats: Chats, find: Callable[[Sequence[str]], Sorter], seed: int = 1) -> tuple[float, float]:
    """Return the steadiness of a way and what its themes tell, each the mean of some repeats."""
    draw, said = random.Random(seed), chats.statements
    steady, telling = [], []
    for _ in range(REPEATS):
        lists = [find(draw.sample(said, 4 * len(said) // 5))(said) for _ in range(2)]
        steady.append(adjusted_rand_score(*lists))
        places = draw.sample(range(len(said)), len(said))
        cut = -(-7 * len(said) // 10)
        labels = find([said[place] for place in places[:cut]])([said[place] for place in places[cut:]])
        telling.append(alike_within(labels, [chats.agents[place] for place in places[cut:]]))
    return statistics.mean(steady), statistics.mean(telling)


def themes_of(chats: Chats) -> list[FoundTheme]:
    """Return the themes of a brand."""
    return discover(chats.statements)


def read(folder: Path) -> list[Chats]:
    """Read every brand."""
    return [Chats.of(file) for file in sorted((folder / "maia").glob("*.json"))]


def tables(brands: Sequence[Chats]) -> Iterator[str]:
    """Yield both tables as Markdown."""
    yield "| client | chats | themes, with their chats | without |"
    yield "|---|---|---|---|"
    for chats in brands:
        found = themes_of(chats)
        told = "; ".join(f"{theme.name} {theme.volume}" for theme in found)
        without = len(chats.statements) - sum(theme.volume for theme in found)
        yield f"| {chats.brand} | {len(chats.statements)} | {told} | {without} |"
    yield ""
    yield f"| client | {' | '.join(f'{way}: steady / telling' for way in WAYS)} |"
    yield f"|---|{'---|' * len(WAYS)}"
    for chats in brands:
        figures = [measured(chats, find) for find in WAYS.values()]
        yield f"| {chats.brand} | {' | '.join(f'{a:.2f} / {b:.2f}' for a, b in figures)} |"


if __name__ == "__main__":
    print("\n".join(tables(read(DATA))))
