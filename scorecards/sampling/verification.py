"""Verifies the draws of an export: every random number, every decision, every review that follows (pure)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from scorecards.sampling.draw_keys import DrawKeys, installation_keys
from scorecards.sampling.inclusion import draw_number
from scorecards.sampling.quota_verification import QuotaTally
from scorecards.sampling.quotas import effective_probability

CODES: Mapping[str, str] = {
    "other_draw": "the stored draw is not the number that key, policy and id give",
    "bad_probability": "the inclusion probability is not above 0 and at most 1",
    "other_probability": "the inclusion probability is not that of rate and threshold",
    "other_threshold": "the threshold is not that of the closed window, or not 1 where no quota applies",
    "not_settled": "the window is closed, but the probability is not final",
    "over_maximum": "more are drawn in an open window than the policy allows",
    "other_decision": "drawn is not what draw < inclusion probability says",
    "no_review": "drawn, but without a review that was drawn",
    "two_reviews": "more than one drawn review is in force",
    "not_drawn": "a drawn review of an interaction whose facts are not drawn, or missing",
    "other_numbers": "the review has another probability, draw or policy than the facts",
    "twice": "the facts stand twice in the export",
}
COMMITMENTS = "draw_commitments"
"""The record with what was committed to for each month, before all others."""
_NUMBERS = ("inclusion_probability", "draw", "policy_id")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it must be: its interaction, a key of `CODES`, and the numbers."""

    interaction_id: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at, and every difference.

    Attributes
    ----------
    interactions : int
        Scored interactions.
    not_judged : int
        Of these, those that nothing draws: where several agents spoke, the parts of each are drawn in place
        of the whole, and parts of agents who turned out not to have spoken stay in the record.
    without_policy : int
        Of the others, those that no sampling policy decided on.
    drawn : int
        Of these, those with a draw below their inclusion probability.
    reviews, targeted, outdated, pushed_out, withdrawn : int
        Drawn reviews in force; reviews picked by hand; drawn reviews that were replaced; reviews of what a
        quota pushed out again; cancelled reviews of what is no longer judged by itself, because other agents
        are known to have spoken.
    windows : int
        Closed windows of quotas.
    without_key : int
        Draws whose number could not be worked out, because the key of their month is not known.
    differences : tuple of Difference
    """

    interactions: int
    not_judged: int
    without_policy: int
    drawn: int
    reviews: int
    targeted: int
    outdated: int
    pushed_out: int
    withdrawn: int
    windows: int
    without_key: int
    differences: tuple[Difference, ...]


class _Tally:
    """What has been read so far; only what was drawn, or differs, is kept."""

    def __init__(self, keys: DrawKeys) -> None:
        self.keys = keys
        self.without_key = 0
        self.interactions = self.without_policy = 0
        self.targeted = self.outdated = self.pushed_out = self.withdrawn = 0
        self.quotas = QuotaTally()
        self.drawn: dict[str, Mapping[str, Any]] = {}
        self.not_judged: set[str] = set()
        self.reviews: dict[str, list[Mapping[str, Any]]] = {}
        self.differences: list[Difference] = []

    def differs(self, record: Mapping[str, Any], code: str, detail: str = "") -> None:
        """Keep one difference."""
        text = f"{CODES[code]}: {detail}" if detail else CODES[code]
        self.differences.append(Difference(record["interaction_id"], code, text))

    def add_facts(self, facts: Mapping[str, Any]) -> None:
        """Recompute one draw and one decision."""
        self.interactions += 1
        interaction_id, p, draw = facts["interaction_id"], facts["inclusion_probability"], facts["draw"]
        is_judged = facts.get("judged") != 0
        if not is_judged:
            self.not_judged.add(interaction_id)
        if p is None or draw is None or facts["policy_id"] is None:
            self.without_policy += is_judged
            if facts["sampled"]:
                self.differs(facts, "other_decision", f"drawn without a policy (p {p}, draw {draw})")
            return
        self._check_number(facts, draw)
        if not 0 < p <= 1 and not (p == 0 and not facts["settled"]):
            self.differs(facts, "bad_probability", str(p))
        elif p != effective_probability(facts["rate"], facts["threshold"]):
            rate, threshold = facts["rate"], facts["threshold"]
            self.differs(facts, "other_probability", f"{p}, rate {rate}, threshold {threshold}")
        self.quotas.add_facts(facts)
        if bool(facts["sampled"]) != (draw < p):
            self.differs(facts, "other_decision", f"drawn {bool(facts['sampled'])}, draw {draw}, p {p}")
        if facts["sampled"] or draw < p:
            if interaction_id in self.drawn:
                self.differs(facts, "twice")
            self.drawn[interaction_id] = facts

    def _check_number(self, facts: Mapping[str, Any], draw: float) -> None:
        key = self.keys.key_for(facts["interaction_id"])
        if key is None:
            self.without_key += 1
            return
        number = draw_number(key, facts["policy_id"], facts["interaction_id"])
        if number != draw:
            self.differs(facts, "other_draw", f"{draw} instead of {number}")

    def add_review(self, review: Mapping[str, Any]) -> None:
        """Count one review, and keep it if it was drawn and is in force."""
        if review["targeted"]:
            self.targeted += 1
        elif review["state"] == "outdated":
            self.outdated += 1
        elif review["draw"] is not None and review["draw"] >= review["inclusion_probability"]:
            self.pushed_out += 1
        else:
            self.reviews.setdefault(review["interaction_id"], []).append(review)

    def set_withdrawn_aside(self) -> None:
        """Count the cancelled reviews of what is not judged; they are not in force."""
        for interaction_id in self.not_judged & self.reviews.keys():
            found = self.reviews.pop(interaction_id)
            in_force = [review for review in found if review["state"] != "cancelled"]
            self.withdrawn += len(found) - len(in_force)
            if in_force:
                self.reviews[interaction_id] = in_force


def verify(records: Iterable[Mapping[str, Any]], key: bytes | DrawKeys) -> Verification:
    """Recompute every draw of an export, and compare decisions and reviews with it.

    Parameters
    ----------
    records
        Records of an export, of which `facts`, `reviews`, `sampling_windows` and sampling policies count.
    key
        The sampling key of the installation, to which the commitments of the export are added; or the keys
        that were revealed to the client.

    Returns
    -------
    Verification
        Without differences when every stored draw is `draw_number` of policy and interaction, every
        probability that of rate and threshold, every threshold that of the window of a quota, when exactly
        those with draw < inclusion probability are drawn, and when each of them, and no other, has exactly
        one drawn review in force, with the same probability, draw and policy.

    Examples
    --------
    >>> key, one = b"sixteen bytes at least", "0198c2f0-0000-7000-8000-000000000001"
    >>> numbers = {"interaction_id": one, "inclusion_probability": 0.1, "draw": 0.5, "policy_id": "7"}
    >>> quota = {"rate": 0.1, "threshold": 1.0, "settled": True, "agent": "anna", "day": "2026-06-01"}
    >>> found = verify([{"record": "facts", "sampled": 0, **numbers, **quota}], key)
    >>> [each.code for each in found.differences]
    ['other_draw']
    """
    tally = _Tally(DrawKeys(key) if isinstance(key, bytes) else key)
    for record in records:
        if record["record"] == COMMITMENTS:
            if isinstance(key, bytes):
                tally.keys = installation_keys(key, UUID(record["client_id"]), record["months"])
        elif record["record"] == "facts":
            tally.add_facts(record)
        elif record["record"] == "reviews":
            tally.add_review(record)
        else:
            tally.quotas.add_definition(record)
    tally.set_withdrawn_aside()
    for interaction_id, code, detail in tally.quotas.differences():
        tally.differs({"interaction_id": interaction_id}, code, detail)
    return Verification(
        tally.interactions,
        len(tally.not_judged),
        tally.without_policy,
        len(tally.drawn),
        sum(map(len, tally.reviews.values())),
        tally.targeted,
        tally.outdated,
        tally.pushed_out,
        tally.withdrawn,
        len(tally.quotas.windows),
        tally.without_key,
        (*tally.differences, *_unmatched(tally)),
    )


def _unmatched(tally: _Tally) -> Iterator[Difference]:
    """Return the differences between what was drawn and the reviews that were drawn."""
    for interaction_id, facts in tally.drawn.items():
        found = tally.reviews.get(interaction_id, [])
        if len(found) != 1:
            code = "two_reviews" if found else "no_review"
            detail = ", ".join(f"{each['review_id']} {each['state']}" for each in found)
            yield Difference(interaction_id, code, f"{CODES[code]}: {detail}" if detail else CODES[code])
        for review in found:
            if any(review[name] != facts[name] for name in _NUMBERS):
                numbers = ", ".join(f"{name} {review[name]} and {facts[name]}" for name in _NUMBERS)
                yield Difference(interaction_id, "other_numbers", f"{CODES['other_numbers']}: {numbers}")
    for interaction_id, found in tally.reviews.items():
        if interaction_id not in tally.drawn:
            detail = ", ".join(f"{each['review_id']} {each['state']}" for each in found)
            yield Difference(interaction_id, "not_drawn", f"{CODES['not_drawn']}: {detail}")
