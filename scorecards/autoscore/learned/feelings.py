"""A tenant's learned sentiment: how a customer felt in one turn."""

from collections.abc import Mapping, Sequence

import numpy as np

from scorecards.autoscore import sentiment
from scorecards.autoscore.learned.artefact import packed, unpacked
from scorecards.autoscore.learned.container import UnreadableModel, opened, sealed
from scorecards.autoscore.learned.table import Numbers, Table
from scorecards.autoscore.reading import Spoken

FEELINGS = ("negative", "neutral", "positive")
SIGNS = ("valence", "distress", "strongest", "weakest", "length")
"""Names of the numbers the lexicon gives for a turn, in order; part of the artefact's format."""

_KIND = "sentiment"
_TABLE = "customer"
_NOTHING = np.float32(1e-12)


class SentimentModel:
    """What a tenant's reviewers taught about feelings; what it answers never changes."""

    def __init__(
        self, version: int, table: Table, offsets: Numbers, meta: Numbers, constant: Numbers
    ) -> None:
        """Keep the margins of two feelings over the first, and what takes them and the signs to feelings."""
        self.version = version
        self.table, self.offsets = table, offsets
        self.meta, self.constant = meta, constant
        seen = len(FEELINGS) - 1 + len(SIGNS)
        shapes = (offsets.shape, meta.shape, constant.shape, table.heads)
        if shapes != ((len(FEELINGS) - 1,), (seen, len(FEELINGS)), (len(FEELINGS),), len(FEELINGS) - 1):
            raise ValueError("the arrays have other shapes than feelings need")

    @property
    def size(self) -> int:
        """Bytes in memory, with the memo at its fullest."""
        return self.table.size + sum(each.nbytes for each in (self.offsets, self.meta, self.constant))

    def feel(self, turn: Sequence[Spoken]) -> dict[str, float]:
        """Return the probability of each feeling in a turn given as its sentences; they sum to 1."""
        rows = self.table.hear([each.plain for each in turn])
        length = np.sqrt(np.maximum(rows[:, -3], _NOTHING).sum())
        margins = rows[:, :-3].sum(axis=0) / length + self.offsets
        seen = np.concatenate([margins, np.array(signs(turn), dtype=np.float32)])
        logits = (seen @ self.meta + self.constant).astype(np.float64)
        odds = np.exp(logits - logits.max())
        return dict(zip(FEELINGS, (odds / odds.sum()).tolist(), strict=True))


def signs(turn: Sequence[Spoken]) -> list[float]:
    """Return the numbers of `SIGNS` for a turn given as its sentences."""
    valences = [each.valence for each in turn]
    value = sentiment.compound(valences)
    return [
        value,
        sentiment.turn_distress(value, [each.distress for each in turn]),
        max(valences, default=0.0),
        min(valences, default=0.0),
        float(np.log1p(sum(len(each.words) for each in turn))),
    ]


def dump(model: SentimentModel) -> bytes:
    """Return the model as bytes; the same model gives the same bytes."""
    facts: Mapping[str, object] = {
        "kind": _KIND,
        "version": model.version,
        "feelings": FEELINGS,
        "signs": SIGNS,
    }
    arrays = {"offsets": model.offsets, "meta": model.meta, "constant": model.constant}
    return sealed(facts, {**packed(_TABLE, model.table), **arrays})


def load(data: bytes) -> SentimentModel:
    """Return the model in these bytes.

    Raises
    ------
    UnreadableModel
        When they are damaged, cut short, of a newer format or need what this release does not know.
    """
    facts, arrays = opened(data)
    try:
        if facts["kind"] != _KIND:
            raise UnreadableModel(f"This is a model of {facts['kind']}, not of {_KIND}.")
        if (tuple(facts["feelings"]), tuple(facts["signs"])) != (FEELINGS, SIGNS):
            raise UnreadableModel("The model was trained on other signs than this release finds.")
        table = unpacked(_TABLE, arrays)
        return SentimentModel(
            int(facts["version"]), table, arrays["offsets"], arrays["meta"], arrays["constant"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableModel(f"The model does not hold together: {error!r}.") from error
